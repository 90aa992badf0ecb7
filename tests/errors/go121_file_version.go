// -lang=go1.24
//
//go:build go1.21

package main

func seq(yield func(int) bool) {}

type V[T any] = []T // ERROR "generic type alias requires go1\.23 or later \(file declares //go:build go1\.21\)"

func main() {
	for range 3 { // ERROR "cannot range over 3 \(untyped int constant\): requires go1\.22 or later \(file declares //go:build go1\.21\)"
	}
	for range seq { // ERROR "cannot range over seq \(value of type func\(yield func\(int\) bool\)\): requires go1\.23 or later \(file declares //go:build go1\.21\)"
	}
	_ = min(1, 2)
	_ = new(5) // ERROR "new\(5\) requires go1\.26 or later \(file declares //go:build go1\.21\)"
}
