// -lang=go1.20
package main

import "slices"

func apply[T any](f func(T) T, x T) T { return f(x) }

func same[T any](x T) T { return x }

func pair[K, V any](k K, v V) {}

func main() {
	var f func(int) int = same // ERROR "implicitly instantiated function in assignment requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)"
	var g func(string) int = pair // ERROR "implicitly instantiated function in assignment requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)" "type func\(string\) int of g does not match func\(k K, v V\) \(cannot infer K and V\)"
	f = same // ERROR "implicitly instantiated function in assignment requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)"
	_ = apply(same, 1) // ERROR "implicitly instantiated function as argument requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)"
	_ = apply[int](same, 1) // ERROR "implicitly instantiated function as argument requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)"
	_ = apply(same[int], 1)
	h := pair[int] // ERROR "cannot infer V \(declared at \./go120_functions\.go:10:14\)"
	var k func(int, string) = pair[int] // ERROR "partially instantiated function in assignment requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)"
	_, _, _ = h, k, g
	pair(1, 2.0)
	_ = slices.Index([]int{1}, 1)
	_ = min(1, 2) // ERROR "built-in min requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)"
	_ = max(1, 2.5) // ERROR "built-in max requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)"
	clear(map[int]int{}) // ERROR "clear requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)"
	func(a, b int) {}(f(1), min(3, 4)) // ERROR "built-in min requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)"
	return
}

func mixed[T any](x, y T) {}

func untyped() {
	mixed(1, 2.0)
	mixed('a', 1)
	mixed(1, 2)
}

func result() func(int) int { return same } // ERROR "implicitly instantiated function in assignment requires go1\.21 or later \(-lang was set to go1\.20; check go\.mod\)"
