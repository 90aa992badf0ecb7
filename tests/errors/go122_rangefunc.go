// -lang=go1.22
package main

import "iter"

func seq(yield func(int) bool)     {}
func seq2(yield func(int, string) bool) {}
func seq0(yield func() bool)       {}

type Set[T comparable] = map[T]bool // ERROR "generic type alias requires go1\.23 or later \(-lang was set to go1\.22; check go\.mod\)"

func main() {
	for range 3 {
	}
	for i := range 3.0 { // ERROR "cannot range over 3\.0 \(untyped float constant 3\)"
		_ = i
	}
	for range seq { // ERROR "cannot range over seq \(value of type func\(yield func\(int\) bool\)\): requires go1\.23 or later \(-lang was set to go1\.22; check go\.mod\)"
	}
	for i := range seq { // ERROR "cannot range over seq \(value of type func\(yield func\(int\) bool\)\): requires go1\.23 or later \(-lang was set to go1\.22; check go\.mod\)"
		_ = i
	}
	for i, s := range seq2 { // ERROR "cannot range over seq2 \(value of type func\(yield func\(int, string\) bool\)\): requires go1\.23 or later \(-lang was set to go1\.22; check go\.mod\)"
		_, _ = i, s
	}
	for range seq0 { // ERROR "cannot range over seq0 \(value of type func\(yield func\(\) bool\)\): requires go1\.23 or later \(-lang was set to go1\.22; check go\.mod\)"
	}
	var it iter.Seq[int]
	for i := range it { // ERROR "cannot range over it \(variable of func type iter\.Seq\[int\]\): requires go1\.23 or later \(-lang was set to go1\.22; check go\.mod\)"
		_ = i
	}
	var s Set[int]
	_ = s
}
