// -lang=go1.16
//
//go:build go1.22 || ignore

package main

func id[T any](x T) T { return x } // ERROR "type parameter requires go1\.18 or later \(-lang was set to go1\.16; check go\.mod\)" "predeclared any requires go1\.18 or later \(-lang was set to go1\.16; check go\.mod\)"

func main() {
	for range 3 { // ERROR "cannot range over 3 \(untyped int constant\): requires go1\.22 or later \(-lang was set to go1\.16; check go\.mod\)"
	}
	_ = id(1) // ERROR "implicit function instantiation requires go1\.18 or later \(-lang was set to go1\.16; check go\.mod\)"
	_ = new(5) // ERROR "new\(5\) requires go1\.26 or later \(-lang was set to go1\.16; check go\.mod\)"
}
