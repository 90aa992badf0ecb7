package runtime

import (
	"internal/strconv"
	"unsafe"
)

// hex makes print write a number in hexadecimal.
type hex uint64

// printlock makes other goroutines wait with their print statements, and keeps this one on its thread.
func printlock()   { rtPrintLock() }
func printunlock() { rtPrintUnlock() }

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

// Sign, 17 digits, point, e, sign, three digits.
const floatBytes = 24

func printfloat64(v float64) {
	var buf [floatBytes]byte
	printbytes(strconv.AppendFloat(buf[:0], v, 'g', -1, 64))
}

func printfloat32(v float32) {
	var buf [floatBytes]byte
	printbytes(strconv.AppendFloat(buf[:0], float64(v), 'g', -1, 32))
}

func printcomplex128(c complex128) {
	var buf [2*floatBytes + 3]byte
	printbytes(strconv.AppendComplex(buf[:0], c, 'g', -1, 128))
}

func printcomplex64(c complex64) {
	var buf [2*floatBytes + 3]byte
	printbytes(strconv.AppendComplex(buf[:0], complex128(c), 'g', -1, 64))
}

func printbytes(b []byte) { printstring(unsafe.String(unsafe.SliceData(b), len(b))) }

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
