// -lang=go1.17
package main

import (
	"cmp"
	"fmt"
	"sync/atomic"
)

type A cmp.Ordered // ERROR "using type constraint cmp\.Ordered requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

type B = cmp.Ordered // ERROR "using type constraint cmp\.Ordered requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

type C fmt.Stringer

type D interface {
	fmt.Stringer
	~int // ERROR "embedding interface element ~int requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"
}

type E interface{ int | string } // ERROR "embedding interface element int \| string requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

func f(x cmp.Ordered) {} // ERROR "cannot use type cmp\.Ordered outside a type constraint: interface contains type constraints"

var p atomic.Pointer[int] // ERROR "type instantiation requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

func main() {
	_ = cmp.Compare(1, 2) // ERROR "implicit function instantiation requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"
	_ = cmp.Compare[int] // ERROR "function instantiation requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"
	var any int
	any++
	type comparable bool
	var _ comparable
	p.Load()
}
