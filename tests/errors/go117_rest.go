// -lang=go1.16
package main

import "unsafe"

func main() {
	s := []int{1, 2, 3, 4}
	_ = (*[4]int)(s) // ERROR "cannot convert s \(variable of type \[\]int\) to type \*\[4\]int: conversion of slice to array pointer requires go1\.17 or later \(-lang was set to go1\.16; check go\.mod\)"
	_ = [4]int(s) // ERROR "cannot convert s \(variable of type \[\]int\) to type \[4\]int: conversion of slice to array requires go1\.20 or later \(-lang was set to go1\.16; check go\.mod\)"
	var p *int
	_ = unsafe.Add(unsafe.Pointer(p), 1) // ERROR "unsafe\.Add requires go1\.17 or later \(-lang was set to go1\.16; check go\.mod\)"
	_ = unsafe.Slice(p, 1) // ERROR "unsafe\.Slice requires go1\.17 or later \(-lang was set to go1\.16; check go\.mod\)"
	_ = unsafe.SliceData(s) // ERROR "unsafe\.SliceData requires go1\.20 or later \(-lang was set to go1\.16; check go\.mod\)"
	_ = unsafe.String((*byte)(nil), 0) // ERROR "unsafe\.String requires go1\.20 or later \(-lang was set to go1\.16; check go\.mod\)"
	_ = unsafe.StringData("") // ERROR "unsafe\.StringData requires go1\.20 or later \(-lang was set to go1\.16; check go\.mod\)"
	_ = min(1, 2) // ERROR "built-in min requires go1\.21 or later \(-lang was set to go1\.16; check go\.mod\)"
	_ = max(1, 2) // ERROR "built-in max requires go1\.21 or later \(-lang was set to go1\.16; check go\.mod\)"
	clear(s) // ERROR "clear requires go1\.21 or later \(-lang was set to go1\.16; check go\.mod\)"
	for range 10 { // ERROR "cannot range over 10 \(untyped int constant\): requires go1\.22 or later \(-lang was set to go1\.16; check go\.mod\)"
	}
	for i := range 10 { // ERROR "cannot range over 10 \(untyped int constant\): requires go1\.22 or later \(-lang was set to go1\.16; check go\.mod\)"
		_ = i
	}
	for range func(func() bool) {} { // ERROR "cannot range over func\(func\(\) bool\) \{\} \(value of type func\(func\(\) bool\)\): requires go1\.23 or later \(-lang was set to go1\.16; check go\.mod\)"
	}
	_ = new(5) // ERROR "new\(5\) requires go1\.26 or later \(-lang was set to go1\.16; check go\.mod\)"
}
