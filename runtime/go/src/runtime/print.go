package runtime

import "unsafe"

// hex makes print write a number in hexadecimal.
type hex uint64

// printlock keeps the goroutine on its P while a print statement is under way, so that the
// pieces of one statement seldom mix with others'.
func printlock()   { procPin() }
func printunlock() { procUnpin() }

func gwrite(b []byte) { rtWriteErr(unsafe.Pointer(unsafe.SliceData(b)), len(b)) }

func printsp() { printstring(" ") }
func printnl() { printstring("\n") }

func printbool(v bool) {
	if v {
		printstring("true")
	} else {
		printstring("false")
	}
}

func printstring(s string) { rtWriteErr(unsafe.Pointer(unsafe.StringData(s)), len(s)) }

func printuint(v uint64) {
	var buf [20]byte
	i := len(buf)
	for {
		i--
		buf[i] = byte('0' + v%10)
		v /= 10
		if v == 0 {
			break
		}
	}
	gwrite(buf[i:])
}

func printint(v int64) {
	if v < 0 {
		printstring("-")
		v = -v
	}
	printuint(uint64(v))
}

func printhex(v uint64) {
	const digits = "0123456789abcdef"
	var buf [18]byte
	i := len(buf)
	for {
		i--
		buf[i] = digits[v&15]
		v >>= 4
		if v == 0 {
			break
		}
	}
	i--
	buf[i] = 'x'
	i--
	buf[i] = '0'
	gwrite(buf[i:])
}

func printpointer(p unsafe.Pointer) { printhex(uint64(uintptr(p))) }
func printuintptr(p uintptr)        { printhex(uint64(p)) }

// printfloat prints v as +d.dddddde+ddd.
func printfloat(v float64) {
	switch {
	case v != v:
		printstring("NaN")
		return
	case v+v == v && v > 0:
		printstring("+Inf")
		return
	case v+v == v && v < 0:
		printstring("-Inf")
		return
	}
	const digits = 7
	var buf [digits + 7]byte
	buf[0] = '+'
	exp := 0
	if v == 0 {
		if 1/v < 0 {
			buf[0] = '-'
		}
	} else {
		if v < 0 {
			v = -v
			buf[0] = '-'
		}
		for v >= 10 {
			exp++
			v /= 10
		}
		for v < 1 {
			exp--
			v *= 10
		}
		round := 5.0
		for i := 0; i < digits; i++ {
			round /= 10
		}
		v += round
		if v >= 10 {
			exp++
			v /= 10
		}
	}
	for i := 0; i < digits; i++ {
		d := int(v)
		buf[i+2] = byte(d + '0')
		v = (v - float64(d)) * 10
	}
	buf[1] = buf[2]
	buf[2] = '.'
	buf[digits+2] = 'e'
	buf[digits+3] = '+'
	if exp < 0 {
		exp = -exp
		buf[digits+3] = '-'
	}
	buf[digits+4] = byte(exp/100) + '0'
	buf[digits+5] = byte(exp/10)%10 + '0'
	buf[digits+6] = byte(exp%10) + '0'
	gwrite(buf[:])
}

func printfloat64(v float64) { printfloat(v) }
func printfloat32(v float32) { printfloat(float64(v)) }

func printcomplex(c complex128) {
	printstring("(")
	printfloat(real(c))
	printfloat(imag(c))
	printstring("i)")
}

func printcomplex128(c complex128) { printcomplex(c) }
func printcomplex64(c complex64)   { printcomplex(complex128(c)) }

func printslice(s []byte) {
	printstring("[")
	printint(int64(len(s)))
	printstring("/")
	printint(int64(cap(s)))
	printstring("]")
	printpointer(unsafe.Pointer(unsafe.SliceData(s)))
}

func printeface(e eface) {
	printstring("(")
	printpointer(unsafe.Pointer(e._type))
	printstring(",")
	printpointer(e.data)
	printstring(")")
}

func printiface(i iface) {
	printstring("(")
	printpointer(unsafe.Pointer(i.tab))
	printstring(",")
	printpointer(i.data)
	printstring(")")
}

//go:linkname write
func write(fd uintptr, p unsafe.Pointer, n int32) int32 { return int32(rtWriteFd(fd, p, int(n))) }
