// -lang=go1.19
package main

type S struct{ x any }

func eq[T comparable](a, b T) bool { return a == b }

type M[K comparable] map[K]int

func scope[T any](T T) {} // ERROR "T redeclared in this block"

type G[G any] struct{ g G }

func (g G[T]) m(T T) {} // ERROR "T redeclared in this block"

func main() {
	eq[any](1, 2) // ERROR "any to satisfy comparable requires go1\.20 or later \(-lang was set to go1\.19; check go\.mod\)"
	eq(S{}, S{}) // ERROR "S to satisfy comparable requires go1\.20 or later \(-lang was set to go1\.19; check go\.mod\)"
	eq([1]error{}, [1]error{}) // ERROR "\[1\]error to satisfy comparable requires go1\.20 or later \(-lang was set to go1\.19; check go\.mod\)"
	eq(1, 2)
	var _ M[any] // ERROR "any to satisfy comparable requires go1\.20 or later \(-lang was set to go1\.19; check go\.mod\)"
	var _ M[[2]int]
	_ = [2]int([]int{1, 2}) // ERROR "cannot convert \[\]int\{…\} \(value of type \[\]int\) to type \[2\]int: conversion of slice to array requires go1\.20 or later \(-lang was set to go1\.19; check go\.mod\)"
	_ = (*[2]int)([]int{1, 2})
	var _ map[any]int
}
