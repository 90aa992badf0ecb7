// -lang=go1.8
package main

type A = int // ERROR "type alias requires go1\.9 or later \(-lang was set to go1\.8; check go\.mod\)"

type B = struct{ A } // ERROR "type alias requires go1\.9 or later \(-lang was set to go1\.8; check go\.mod\)"

func main() {
	type C = string // ERROR "type alias requires go1\.9 or later \(-lang was set to go1\.8; check go\.mod\)"
	var a A
	var b B
	var c C
	_, _, _ = a, b, c
}
