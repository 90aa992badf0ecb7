package runtime

import (
	"internal/abi"
)

// Error identifies an error of the run-time system.
type Error interface {
	error

	// RuntimeError is a no-op that tells such errors from others.
	RuntimeError()
}

type errorString string

func (errorString) RuntimeError()   {}
func (e errorString) Error() string { return "runtime error: " + string(e) }

// errorAddressString is a memory fault with its address.
type errorAddressString struct {
	msg  string
	addr uintptr
}

func (errorAddressString) RuntimeError()   {}
func (e errorAddressString) Error() string { return "runtime error: " + e.msg }

// Addr is the address that faulted.
func (e errorAddressString) Addr() uintptr { return e.addr }

// plainError prints without the usual prefix.
type plainError string

func (plainError) RuntimeError()   {}
func (e plainError) Error() string { return string(e) }

// A TypeAssertionError explains a failed type assertion.
type TypeAssertionError struct {
	_interface    *_type
	concrete      *_type
	asserted      *_type
	missingMethod string
}

func (*TypeAssertionError) RuntimeError() {}
func (e *TypeAssertionError) Error() string {
	const prefix = "interface conversion: "
	want := typeString(e.asserted)
	from := "interface"
	if e._interface != nil {
		from = typeString(e._interface)
	}
	if e.concrete == nil {
		return prefix + from + " is nil, not " + want
	}
	have := typeString(e.concrete)
	if e.missingMethod != "" {
		return prefix + have + " is not " + want + ": missing method " + e.missingMethod
	}
	s := prefix + from + " is " + have + ", not " + want
	if have == want {
		if pkgPath(e.concrete) != pkgPath(e.asserted) {
			return s + " (types from different packages)"
		}
		return s + " (types from different scopes)"
	}
	return s
}

// A PanicNilError is what recover returns after panic(nil).
type PanicNilError struct {
	_ [0]func() // not comparable
}

func (*PanicNilError) Error() string {
	return "runtime error: panic called with nil argument"
}
func (*PanicNilError) RuntimeError() {}

// boundsError is a failed index or slice expression. x may be unsigned, then signed is false.
type boundsError struct {
	x      int64
	y      int
	signed bool
	code   abi.BoundsErrorCode
}

func (boundsError) RuntimeError() {}

func (e boundsError) Error() string {
	const index, bounds = "runtime error: index out of range [", "runtime error: slice bounds out of range ["
	x, y := uitoa(uint64(e.x)), uitoa(uint64(e.y))
	neg := e.signed && e.x < 0
	if neg {
		x = "-" + uitoa(uint64(-e.x))
	}
	switch e.code {
	case abi.BoundsIndex:
		if neg {
			return index + x + "]"
		}
		return index + x + "] with length " + y
	case abi.BoundsSliceAlen, abi.BoundsSliceAcap:
		if neg {
			return bounds + ":" + x + "]"
		}
		if e.code == abi.BoundsSliceAlen {
			return bounds + ":" + x + "] with length " + y
		}
		return bounds + ":" + x + "] with capacity " + y
	case abi.BoundsSliceB:
		if neg {
			return bounds + x + ":]"
		}
		return bounds + x + ":" + y + "]"
	case abi.BoundsSlice3Alen, abi.BoundsSlice3Acap:
		if neg {
			return bounds + "::" + x + "]"
		}
		if e.code == abi.BoundsSlice3Alen {
			return bounds + "::" + x + "] with length " + y
		}
		return bounds + "::" + x + "] with capacity " + y
	case abi.BoundsSlice3B:
		if neg {
			return bounds + ":" + x + ":]"
		}
		return bounds + ":" + x + ":" + y + "]"
	case abi.BoundsSlice3C:
		if neg {
			return bounds + x + "::]"
		}
		return bounds + x + ":" + y + ":]"
	}
	return "runtime error: cannot convert slice with length " + x + " to array or pointer to array with length " + y
}

func uitoa(v uint64) string {
	var buf [20]byte
	i := len(buf)
	for {
		i--
		buf[i] = byte('0' + v%10)
		v /= 10
		if v == 0 {
			return string(buf[i:])
		}
	}
}

// What the compiler's bounds checks call; U: the index is unsigned. Compiled code does not pass the arguments but leaves them in g.bounds, so that
// they can be in any register where the check is made.

func panicBounds(signed bool, code abi.BoundsErrorCode) {
	gp := getg()
	panic(boundsError{int64(gp.bounds[0]), int(gp.bounds[1]), signed, code})
}

func panicIndex(x int, y int)        { panicBounds(true, abi.BoundsIndex) }
func panicIndexU(x uint, y int)      { panicBounds(false, abi.BoundsIndex) }
func panicSliceAlen(x int, y int)    { panicBounds(true, abi.BoundsSliceAlen) }
func panicSliceAlenU(x uint, y int)  { panicBounds(false, abi.BoundsSliceAlen) }
func panicSliceAcap(x int, y int)    { panicBounds(true, abi.BoundsSliceAcap) }
func panicSliceAcapU(x uint, y int)  { panicBounds(false, abi.BoundsSliceAcap) }
func panicSliceB(x int, y int)       { panicBounds(true, abi.BoundsSliceB) }
func panicSliceBU(x uint, y int)     { panicBounds(false, abi.BoundsSliceB) }
func panicSlice3Alen(x int, y int)   { panicBounds(true, abi.BoundsSlice3Alen) }
func panicSlice3AlenU(x uint, y int) { panicBounds(false, abi.BoundsSlice3Alen) }
func panicSlice3Acap(x int, y int)   { panicBounds(true, abi.BoundsSlice3Acap) }
func panicSlice3AcapU(x uint, y int) { panicBounds(false, abi.BoundsSlice3Acap) }
func panicSlice3B(x int, y int)      { panicBounds(true, abi.BoundsSlice3B) }
func panicSlice3BU(x uint, y int)    { panicBounds(false, abi.BoundsSlice3B) }
func panicSlice3C(x int, y int)      { panicBounds(true, abi.BoundsSlice3C) }
func panicSlice3CU(x uint, y int)    { panicBounds(false, abi.BoundsSlice3C) }

// What conversions to arrays call, with arguments as usual.
func panicSliceConvert(x int, y int) { panic(boundsError{int64(x), y, true, abi.BoundsConvert}) }

func goPanicIndex(x int, y int)   { panicIndex(x, y) }
func goPanicIndexU(x uint, y int) { panicIndexU(x, y) }

var (
	divideError   = error(errorString("integer divide by zero"))
	overflowError = error(errorString("integer overflow"))
	shiftError    = error(errorString("negative shift amount"))
	memoryError   = error(errorString("invalid memory address or nil pointer dereference"))
	floatError    = error(errorString("floating point error"))
)

//go:linkname divideError
//go:linkname overflowError

func panicdivide()   { panic(divideError) }
func panicoverflow() { panic(overflowError) }
func panicshift()    { panic(shiftError) }

//golift:noreturn
func panicmem() { panic(memoryError) }

func panicnil()   { panic(memoryError) }
func panicfloat() { panic(floatError) }

func panicmemAddr(addr uintptr) {
	panic(errorAddressString{msg: "invalid memory address or nil pointer dereference", addr: addr})
}

// panicwrap is called by the wrapper of a value method whose receiver pointer is nil.
func panicwrap(msg string) { panic(plainError(msg)) }

// --- fatal errors ------------------------------------------------------------------------------

// throw: the runtime is broken. fatal: the program is.
//
//go:linkname throw
func throw(s string) { fatalerror(s, true) }

//golift:noreturn
//go:linkname fatal
func fatal(s string) { fatalerror(s, false) }

// fatalerror ends the program. With system, all goroutines and the runtime's own frames are shown.
func fatalerror(s string, system bool) {
	rtStartPanic()
	print("fatal error: ")
	printindented(s)
	print("\n")
	printsignal(getg())
	rtThrow(system)
}

//go:linkname sync_throw sync.throw
func sync_throw(s string) { throw(s) }

//go:linkname sync_fatal sync.fatal
func sync_fatal(s string) { fatal(s) }

//go:linkname internal_sync_throw internal/sync.throw
func internal_sync_throw(s string) { throw(s) }

//go:linkname internal_sync_fatal internal/sync.fatal
func internal_sync_fatal(s string) { fatal(s) }

//go:linkname maps_fatal internal/runtime/maps.fatal
func maps_fatal(s string) { fatal(s) }

//go:linkname rand_fatal crypto/rand.fatal
func rand_fatal(s string) { fatal(s) }

//go:linkname sysrand_fatal crypto/internal/sysrand.fatal
func sysrand_fatal(s string) { fatal(s) }

//go:linkname fips_fatal crypto/internal/fips140.fatal
func fips_fatal(s string) { fatal(s) }

//go:linkname cgroup_throw internal/runtime/cgroup.throw
func cgroup_throw(s string) { throw(s) }
