// -lang=go1.21
//
//go:build go1.23

package main

func seq(yield func(int) bool) {}

type V[T any] = []T

func main() {
	for range 3 {
	}
	for range seq {
	}
	_ = new(5) // ERROR "new\(5\) requires go1\.26 or later \(file declares //go:build go1\.23\)"
}
