// -lang=go1.24
//
//go:build go1.18 && linux

package main

func main() {
	for range 3 { // ERROR "cannot range over 3 \(untyped int constant\): requires go1\.22 or later \(-lang was set to go1\.24; check go\.mod\)"
	}
	_ = min(1, 2)
	clear([]int{})
	_ = [2]int([]int{1, 2})
}
