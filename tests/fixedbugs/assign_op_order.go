// What an assignment operation does to a map, a field or nothing before the operation panics.

package main

import "fmt"

func try(name string, f func(), m any) {
	defer func() { fmt.Println(name, recover(), m) }()
	f()
}

func index(s []int, i int) int { return s[i] }

//go:noinline
func neg() int { return -1 }

func pan() int { panic("pan") }

type T struct{ a, b int }

type E struct{ x [4]int }

func main() {
	n := neg()
	{
		m := map[int]int{}
		try("shl", func() { m[1] <<= n }, m)
		try("shr", func() { m[1] >>= n }, m)
		try("shlv", func() { m[1] <<= neg() }, m)
		try("div", func() { m[1] /= n + 1 }, m)
		try("rem", func() { m[1] %= n + 1 }, m)
		try("add", func() { m[1] += pan() }, m)
		try("idx", func() { m[1] += index(nil, 3) }, m)
		var s []int
		try("idx2", func() { m[1] += s[3] }, m)
		try("idx3", func() { m[s[1]] += pan() }, m)
		try("idx4", func() { m[s[1]] <<= n }, m)
		var p *int
		try("ptr", func() { m[2] -= *p }, m)
		try("ptr2", func() { m[*p] -= pan() }, m)
		var a any = "x"
		try("conv", func() { m[2] |= a.(int) }, m)
		try("and", func() { m[3] &^= 1 << n }, m)
		try("inc", func() { m[4]++ }, m)
		try("key", func() { m[pan()] <<= n }, m)
		try("assign", func() { m[5] = 1 << n }, m)
		try("assign2", func() { m[5] = m[6] / (n + 1) }, m)
		try("two", func() { m[7], m[8] = 1, 1<<n }, m)
		try("two2", func() { m[7], s[8] = 1, 1 }, m)
		try("sub", func() { m[9] += m[10] << n }, m)
		try("sub", func() { m[9] += 1; m[9] <<= n; m[9] = 4 }, m)
	}
	{
		var m map[int]int
		try("nil shl", func() { m[1] <<= n }, m)
		try("nil shr", func() { m[1] >>= n }, m)
		try("nil div", func() { m[1] /= n + 1 }, m)
		try("nil rem", func() { m[1] %= n + 1 }, m)
		try("nil add", func() { m[1] += pan() }, m)
		try("nil add1", func() { m[1] += 1 }, m)
		try("nil div1", func() { m[1] /= 1 }, m)
		try("nil inc", func() { m[1]++ }, m)
		try("nil key", func() { m[pan()]++ }, m)
		try("nil set", func() { m[1] = pan() }, m)
		try("nil set", func() { m[1] = 1 << n }, m)
	}
	{
		m := map[any]int{}
		k := any([]int{})
		try("hash shl", func() { m[k] <<= n }, m)
		try("hash div", func() { m[k] /= n + 1 }, m)
		try("hash add", func() { m[k] += pan() }, m)
		try("hash add1", func() { m[k] += 1 }, m)
		try("hash set", func() { m[k] = pan() }, m)
		try("hash set", func() { m[k] = 1 << n }, m)
		var nm map[any]int
		try("hash nil", func() { nm[k] += 1 }, nm)
		try("hash nil div", func() { nm[k] /= n + 1 }, nm)
	}
	{
		m := map[int]uint8{}
		try("u8 shl", func() { m[1] <<= n }, m)
		try("u8 div", func() { m[1] /= uint8(n + 1) }, m)
		f := map[int]float64{}
		try("float", func() { f[1] /= 0 }, f)
		var nf map[int]float64
		try("nil float", func() { nf[1] /= float64(pan()) }, nf)
		s := map[int]string{}
		try("str", func() { s[1] += "a"[n:] }, s)
		try("str", func() { s[1] += string(rune(pan())) }, s)
		i := map[int]any{}
		try("iface", func() { i[1] = i[2].(int) }, i)
		sl := map[int][]int{}
		try("append", func() { sl[1] = append(sl[1], pan()) }, sl)
		try("append", func() { sl[1] = append(sl[1], 1<<n) }, sl)
		try("append", func() { sl[1] = append(sl[1], sl[1][2]) }, sl)
		try("append make", func() { sl[1] = append(sl[1], make([]int, n)...) }, sl)
		try("make", func() { sl[1] = make([]int, n) }, sl)
		try("slice", func() { sl[1] = sl[1][1:] }, sl)
		try("array", func() { sl[1] = sl[1][1:] }, sl)
		var nsl map[int][]int
		try("append nil", func() { nsl[1] = append(nsl[1], pan()) }, nsl)
		try("append nil", func() { nsl[1] = append(nsl[1], 1<<n) }, nsl)
		try("append make nil", func() { nsl[1] = append(nsl[1], make([]int, n)...) }, nsl)
		mp := map[int]*T{}
		try("field", func() { mp[1].a <<= n }, mp)
		try("field", func() { mp[1].a += pan() }, mp)
		c := map[int]complex128{}
		try("cplx", func() { c[1] /= complex(float64(n+1), 0) }, c)
		ar := map[int][3]int{}
		try("arr", func() { ar[1] = [3]int(sl[1]) }, ar)
		mm := map[int]map[int]int{}
		try("mm", func() { mm[1][2] <<= n }, mm)
		try("mm", func() { mm[1][2] += pan() }, mm)
		try("mm", func() { mm[1][2] /= n + 1 }, mm)
		st := map[T]int{}
		try("st", func() { st[T{1, pan()}] <<= n }, st)
		try("st", func() { st[T{1, 2}] <<= n }, st)
		ss := map[string]int{}
		b := []byte("k")
		try("ss", func() { ss[string(b)] <<= n }, ss)
		try("ss", func() { ss[string(b)] += func() int { b[0] = 'z'; return 1 }() }, ss)
		try("ss", func() { ss[string(b)] /= n + 1 }, ss)
		big := map[int][200]int{}
		try("big", func() { big[1] = [200]int{3: 1 << n} }, len(big))
	}
	{
		// A count of 64 bits on 8; constants; an operation that changes the map itself.
		m := map[int]int{1: 1}
		try("chg", func() { m[1] += func() int { m[1] = 10; return 1 }() }, m)
		try("chg2", func() { m[1] <<= func() int { m[1] = 100; return 1 }() }, m)
		try("chg3", func() { m[1] /= func() int { m[1] = 100; return 2 }() }, m)
		try("chg4", func() { m[1] = m[1] + func() int { m[1] = 100; return 2 }() }, m)
		try("chg5", func() { delete(m, 1); m[1] += func() int { m = map[int]int{1: 7}; return 2 }() }, m)
	}
}
