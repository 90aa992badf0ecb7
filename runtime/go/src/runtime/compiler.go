// Helpers that only compiled code calls.

package runtime

import (
	"internal/abi"
	"unsafe"
)

// atomicwb is the write barrier of an atomic operation that has replaced the pointer old.
//
//go:nosplit
func atomicwb(old unsafe.Pointer) { rtGCShade(old) }

//golift:rust golift_gc_shade
func rtGCShade(old unsafe.Pointer)

// unreachableMethod stands in method tables for methods that nothing can call.
func unreachableMethod() {
	throw("unreachable method called. linker bug?")
}

// panicrangestate reports a range-over-func iterator that misbehaves.
//
//go:noinline
func panicrangestate(state int) {
	switch abi.RF_State(state) {
	case abi.RF_DONE:
		panic(rangeDoneError)
	case abi.RF_PANIC:
		panic(rangePanicError)
	case abi.RF_EXHAUSTED:
		panic(rangeExhaustedError)
	case abi.RF_MISSING_PANIC:
		panic(rangeMissingPanicError)
	}
	throw("unexpected state set by panicking range loop")
}

var (
	rangeDoneError         error = errorString("range function continued iteration after function for loop body returned false")
	rangePanicError        error = errorString("range function continued iteration after loop body panic")
	rangeExhaustedError    error = errorString("range function continued iteration after whole loop exit")
	rangeMissingPanicError error = errorString("range function recovered a loop body panic and did not resume panicking")
)

// complex128div divides complex numbers with the results of C99 Annex G for infinities and zeros.
func complex128div(n, m complex128) complex128 {
	a, b, c, d := real(n), imag(n), real(m), imag(m)
	var e, f float64
	// Smith's method keeps intermediate values in range.
	if cabs(c) >= cabs(d) {
		ratio := d / c
		denom := c + ratio*d
		e = (a + b*ratio) / denom
		f = (b - a*ratio) / denom
	} else {
		ratio := c / d
		denom := d + ratio*c
		e = (a*ratio + b) / denom
		f = (b*ratio - a) / denom
	}
	if e != e && f != f {
		switch {
		case c == 0 && d == 0 && (a == a || b == b):
			inf := copysign64(posInf(), c)
			e, f = inf*a, inf*b
		case (isInf64(a) || isInf64(b)) && isFinite64(c) && isFinite64(d):
			a, b = inf2one64(a), inf2one64(b)
			e = posInf() * (a*c + b*d)
			f = posInf() * (b*c - a*d)
		case (isInf64(c) || isInf64(d)) && isFinite64(a) && isFinite64(b):
			c, d = inf2one64(c), inf2one64(d)
			e = 0 * (a*c + b*d)
			f = 0 * (b*c - a*d)
		}
	}
	return complex(e, f)
}

func cabs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}

func posInf() float64 {
	bits := uint64(0x7ff) << 52
	return *(*float64)(unsafe.Pointer(&bits))
}

func isInf64(x float64) bool { return x == posInf() || x == -posInf() }

func isFinite64(x float64) bool { return x-x == 0 }

func copysign64(x, sign float64) float64 {
	const mask = 1 << 63
	bits := *(*uint64)(unsafe.Pointer(&x))&^mask | *(*uint64)(unsafe.Pointer(&sign))&mask
	return *(*float64)(unsafe.Pointer(&bits))
}

// inf2one64 maps infinities to 1 and all else to 0, with the sign kept.
func inf2one64(x float64) float64 {
	if isInf64(x) {
		return copysign64(1, x)
	}
	return copysign64(0, x)
}
