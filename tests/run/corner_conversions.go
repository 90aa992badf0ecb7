// Conversions between numeric types, shifts, constant arithmetic, and how print shows numbers.
package main

import (
	"fmt"
	"math"
)

//go:noinline
func id[T any](x T) T { return x }

type number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~int | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint | ~uintptr | ~float32 | ~float64
}

func all[T number](x T) {
	fmt.Println(int8(x), int16(x), int32(x), int64(x), uint8(x), uint16(x), uint32(x), uint64(x), float32(x), float64(x))
}

type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

func shifts[T integer](x T) {
	for _, n := range []uint{0, 1, 7, 8, 15, 16, 31, 32, 63, 64, 65, 1 << 40} {
		fmt.Print(x<<n, " ", x>>n, " ")
	}
	for _, n := range []int8{0, 3, 127} {
		fmt.Print(x<<n, " ", x>>n, " ")
	}
	fmt.Println()
}

func division[T integer](a, b T) {
	fmt.Println(a/b, a%b, -a, ^a, a*b, a-b, a&^b, a^b)
}

type celsius float32

const (
	huge   = 1 << 200
	small  = huge >> 198
	third  = 1.0 / 3
	mask   = ^0
	umask  = ^uint8(5)
	r      = 'a' + 1.0
	mix    = 2 * 3i * 4i
	str    = "a" + "\xff\u00e9"
	bits   = 5.0 << 3
	neg    = -7 / 2
	rem    = -7 % 3
	truth  = len(str) == 4 && !(1 > 2)
	float  = 0x1p-2 + 0b11 + 0o17 + 1_000
	maxUns = math.MaxUint64
)

func main() {
	for _, x := range []int64{0, 1, -1, 127, 128, -129, 65535, 1 << 31, -1 << 31, math.MaxInt64, math.MinInt64, 1<<53 + 1} {
		all(id(x))
	}
	for _, x := range []uint64{0, 255, 1 << 32, math.MaxUint64, 1<<63 + 1, 1<<63 + 1025} {
		all(id(x))
	}
	for _, x := range []float64{0, 0.5, -0.5, 1.99, -1.99, 100.7} {
		x := id(x)
		fmt.Println(int8(x), int16(x), int32(x), int64(x), float32(x), int(x))
	}
	fmt.Println(uint64(id(1.8446744073709550e19)), uint64(id(9.3e18)), uint32(id(float32(4e9))), int64(id(float32(-9.2e18))))
	fmt.Println(float32(id(16777217)), float32(id(1e-46)), float32(id(3.5e38)), float64(id(float32(0.1))))
	shifts(id(int8(-77)))
	shifts(id(uint8(200)))
	shifts(id(int16(-30000)))
	shifts(id(uint32(0xdeadbeef)))
	shifts(id(int32(-5)))
	shifts(id(int64(math.MinInt64)))
	shifts(id(uint64(math.MaxUint64)))
	division(id(int8(-128)), id(int8(-1)))
	division(id(int16(-32768)), id(int16(-1)))
	division(id(int32(math.MinInt32)), id(int32(-1)))
	division(id(int64(math.MinInt64)), id(int64(-1)))
	division(id(uint8(200)), id(uint8(7)))
	division(id(int32(-7)), id(int32(2)))
	fmt.Println(small, third, mask, umask, r, mix, len(str), bits, neg, rem, truth, float, uint64(maxUns))
	fmt.Println(string(rune(id(0x10ffff))) == "\U0010ffff", string(rune(id(-1))), string(rune(id(0xd800))), []byte(string(rune(id(0x20ac)))))
	fmt.Println(celsius(id(36.6)), math.Float32bits(float32(celsius(id(36.6)))))
	z := id(0.0)
	fmt.Println(1/z, -1/z, z/z, -z, 1/(-z), math.Signbit(-z), z == -z, z/z == z/z, z/z != z/z, z/z < 1, z/z >= 1)
	c := id(complex(1, -2))
	fmt.Println(c*c, c/c, c == complex(1, -2), real(c), imag(c), -c, complex64(c)*complex64(c))
	zero := id(complex(0, 0))
	fmt.Println(c/zero, zero/zero, complex(math.Inf(1), 0)*c)
	fmt.Println(math.FMA(id(0.1), 10, -1), id(0.1)*10-1)
	var i8 int8 = 127
	i8++
	var u16 uint16
	u16--
	fmt.Println(i8, u16, id(uint8(3))-5, 7&^id(5), id(6)|1, ^id(uint16(0)))
	fmt.Println(int64(id(uint32(1<<31)))<<id(1), uint8(id(1))<<7>>7, int8(id(1))<<7>>7, 1<<id(3) == 8, float64(int(1)<<id(uint8(3))))
}
