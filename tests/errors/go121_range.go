// -lang=go1.21
package main

func seq(yield func(int) bool) {}

func main() {
	for range 3 { // ERROR "cannot range over 3 \(untyped int constant\): requires go1\.22 or later \(-lang was set to go1\.21; check go\.mod\)"
	}
	for i := range 3 { // ERROR "cannot range over 3 \(untyped int constant\): requires go1\.22 or later \(-lang was set to go1\.21; check go\.mod\)"
		_ = i
	}
	n := 5
	for i := range n { // ERROR "cannot range over n \(variable of type int\): requires go1\.22 or later \(-lang was set to go1\.21; check go\.mod\)"
		_ = i
	}
	for range seq { // ERROR "cannot range over seq \(value of type func\(yield func\(int\) bool\)\): requires go1\.23 or later \(-lang was set to go1\.21; check go\.mod\)"
	}
	for i := range seq { // ERROR "cannot range over seq \(value of type func\(yield func\(int\) bool\)\): requires go1\.23 or later \(-lang was set to go1\.21; check go\.mod\)"
		_ = i
	}
	const c = 2
	for range c { // ERROR "cannot range over c \(untyped int constant 2\): requires go1\.22 or later \(-lang was set to go1\.21; check go\.mod\)"
	}
	for i := range 1.0 { // ERROR "cannot range over 1\.0 \(untyped float constant 1\)"
		_ = i
	}
	type T int
	for i := range T(4) { // ERROR "cannot range over T\(4\) \(constant 4 of int type T\): requires go1\.22 or later \(-lang was set to go1\.21; check go\.mod\)"
		_ = i
	}
}
