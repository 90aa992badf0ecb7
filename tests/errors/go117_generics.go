// -lang=go1.17
package main

import "cmp"

type List[T any] struct { next *List[T] } // ERROR "type parameter requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)" "predeclared any requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)" "type instantiation requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

type Number interface { ~int | ~float64 } // ERROR "embedding interface element ~int \| ~float64 requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

type Named interface { int } // ERROR "embedding non-interface type int requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

type Embeds interface { comparable } // ERROR "predeclared comparable requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

type Imported interface { cmp.Ordered } // ERROR "embedding constraint interface cmp\.Ordered requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

type Plain struct{}

func (p Plain) With[U any](u U) {} // ERROR "generic method requires go1\.27 or later \(-lang was set to go1\.17; check go\.mod\)" "predeclared any requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

func Map[T, U any](s []T, f func(T) U) []U { return nil } // ERROR "type parameter requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)" "predeclared any requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

var x any // ERROR "predeclared any requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

var l List[int] // ERROR "type instantiation requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

func (l *List[T]) Len() int { return 0 } // ERROR "type instantiation requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

type Alias[T any] = []T // ERROR "generic type alias requires go1\.23 or later \(-lang was set to go1\.17; check go\.mod\)" "predeclared any requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"

func main() {
	_ = Map[int, string] // ERROR "function instantiation requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"
	Map([]int{1}, func(int) string { return "" }) // ERROR "implicit function instantiation requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"
	Map[int]([]int{1}, func(int) string { return "" }) // ERROR "function instantiation requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"
	var c comparable // ERROR "predeclared comparable requires go1\.18 or later \(-lang was set to go1\.17; check go\.mod\)"
	_, _ = x, c
}
