// -lang=go1.12
package main

type E interface{ M() }

type F interface {
	E // ERROR "duplicate method M"
	M()
}

func main() {
	_ = 1_000 // ERROR "underscore in numeric literal requires go1\.13 or later \(-lang was set to go1\.12; check go\.mod\)"
	_ = 0b101 // ERROR "binary literal requires go1\.13 or later \(-lang was set to go1\.12; check go\.mod\)"
	_ = 0o17 // ERROR "0o/0O-style octal literal requires go1\.13 or later \(-lang was set to go1\.12; check go\.mod\)"
	_ = 0x1p-2 // ERROR "hexadecimal floating-point literal requires go1\.13 or later \(-lang was set to go1\.12; check go\.mod\)"
	_ = 017
	_ = 1_0.5_0 // ERROR "underscore in numeric literal requires go1\.13 or later \(-lang was set to go1\.12; check go\.mod\)"
	s := 3
	_ = 1 << s // ERROR "invalid operation: signed shift count s \(variable of type int\) requires go1\.13 or later \(-lang was set to go1\.12; check go\.mod\)"
	var i int8 = 2
	_ = uint(1) >> i // ERROR "invalid operation: signed shift count i \(variable of type int8\) requires go1\.13 or later \(-lang was set to go1\.12; check go\.mod\)"
	_ = 1 << uint(s)
	_ = 0x_1 // ERROR "underscore in numeric literal requires go1\.13 or later \(-lang was set to go1\.12; check go\.mod\)"
	_ = 0_7i // ERROR "underscore in numeric literal requires go1\.13 or later \(-lang was set to go1\.12; check go\.mod\)"
}
