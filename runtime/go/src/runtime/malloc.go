package runtime

import (
	"internal/abi"
	"internal/goarch"
	"internal/runtime/math"
	"unsafe"
)

// zerobase is where objects of size zero live.
var zerobase uintptr

//go:linkname zeroVal
var zeroVal [abi.ZeroValSize]byte

func mallocgc(size uintptr, typ *_type, needzero bool) unsafe.Pointer {
	if size == 0 {
		return unsafe.Pointer(&zerobase)
	}
	if p := rtMallocFast(size, typ, needzero); p != nil {
		return p
	}
	return mallocSlow(size, typ, needzero)
}

// mallocSlow first runs a collection if the runtime wants one.
//
//go:noinline
func mallocSlow(size uintptr, typ *_type, needzero bool) unsafe.Pointer {
	flags := uintptr(0)
	if needzero {
		flags = 1
	}
	p, sampled := rtMallocSlow(size, typ, flags)
	if uintptr(p) == 1 {
		gcStart(gcHeap, rtGCCycles())
		p, sampled = rtMallocSlow(size, typ, flags|2)
	}
	if sampled != 0 {
		profileAlloc(p, sampled, getfp())
	}
	return p
}

func newobject(typ *_type) unsafe.Pointer {
	size := typ.Size_
	if size == 0 {
		return unsafe.Pointer(&zerobase)
	}
	if p := rtMallocFast(size, typ, true); p != nil {
		return p
	}
	return mallocSlow(size, typ, true)
}

//go:linkname maps_newobject internal/runtime/maps.newobject
func maps_newobject(typ *_type) unsafe.Pointer { return newobject(typ) }

//go:linkname reflect_unsafe_New reflect.unsafe_New
func reflect_unsafe_New(typ *_type) unsafe.Pointer { return mallocgc(typ.Size_, typ, true) }

//go:linkname reflectlite_unsafe_New internal/reflectlite.unsafe_New
func reflectlite_unsafe_New(typ *_type) unsafe.Pointer { return mallocgc(typ.Size_, typ, true) }

func newarray(typ *_type, n int) unsafe.Pointer {
	if n == 1 {
		return mallocgc(typ.Size_, typ, true)
	}
	mem, overflow := math.MulUintptr(typ.Size_, uintptr(n))
	if overflow || mem > maxAlloc || n < 0 {
		panic(plainError("runtime: allocation size out of range"))
	}
	return mallocgc(mem, typ, true)
}

//go:linkname reflect_unsafe_NewArray reflect.unsafe_NewArray
func reflect_unsafe_NewArray(typ *_type, n int) unsafe.Pointer { return newarray(typ, n) }

//go:linkname maps_newarray internal/runtime/maps.newarray
func maps_newarray(typ *_type, n int) unsafe.Pointer { return newarray(typ, n) }

// --- writes of memory with pointers: with the write barrier ----------------------------------

// moveWithPointers is memmove for memory that may hold pointers and is not new.
func moveWithPointers(dst, src unsafe.Pointer, n uintptr) {
	if !rtMoveUnnoted(dst, src, n) {
		moveNoting(dst, src, n)
	}
}

// moveNoting first looks at the memory: in the leaf a fault would not be the program's.
//
//go:noinline
func moveNoting(dst, src unsafe.Pointer, n uintptr) {
	if n != 0 {
		touch(dst, n)
		touch(src, n)
		rtMoveNoting(dst, src, n)
	}
}

func touch(p unsafe.Pointer, n uintptr) {
	_ = *(*byte)(p)
	_ = *(*byte)(add(p, n-1))
}

// memclrHasPointers clears memory that may hold pointers and is not new.
func memclrHasPointers(ptr unsafe.Pointer, n uintptr) {
	if !rtClearUnnoted(ptr, n) {
		clearNoting(ptr, n)
	}
}

//go:noinline
func clearNoting(ptr unsafe.Pointer, n uintptr) {
	if n != 0 {
		touch(ptr, n)
		rtClearNoting(ptr, n)
	}
}

func typedmemmove(typ *_type, dst, src unsafe.Pointer) {
	if dst != src {
		moveTyped(typ, dst, src, typ.Size_)
	}
}

func moveTyped(typ *_type, dst, src unsafe.Pointer, n uintptr) {
	if typ.PtrBytes == 0 {
		memmove(dst, src, n)
	} else {
		moveWithPointers(dst, src, n)
	}
}

func typedmemclr(typ *_type, ptr unsafe.Pointer) { clearTyped(typ, ptr, typ.Size_) }

func clearTyped(typ *_type, ptr unsafe.Pointer, n uintptr) {
	if typ.PtrBytes == 0 {
		memclrNoHeapPointers(ptr, n)
	} else {
		memclrHasPointers(ptr, n)
	}
}

func typedslicecopy(typ *_type, dstPtr unsafe.Pointer, dstLen int, srcPtr unsafe.Pointer, srcLen int) int {
	n := min(dstLen, srcLen)
	if n > 0 && dstPtr != srcPtr {
		moveTyped(typ, dstPtr, srcPtr, uintptr(n)*typ.Size_)
	}
	return n
}

//go:linkname maps_typedmemmove internal/runtime/maps.typedmemmove
func maps_typedmemmove(typ *_type, dst, src unsafe.Pointer) { typedmemmove(typ, dst, src) }

//go:linkname maps_typedmemclr internal/runtime/maps.typedmemclr
func maps_typedmemclr(typ *_type, ptr unsafe.Pointer) { typedmemclr(typ, ptr) }

//go:linkname reflect_typedmemmove reflect.typedmemmove
func reflect_typedmemmove(typ *_type, dst, src unsafe.Pointer) { typedmemmove(typ, dst, src) }

//go:linkname reflectlite_typedmemmove internal/reflectlite.typedmemmove
func reflectlite_typedmemmove(typ *_type, dst, src unsafe.Pointer) { typedmemmove(typ, dst, src) }

//go:linkname reflect_typedmemclr reflect.typedmemclr
func reflect_typedmemclr(typ *_type, ptr unsafe.Pointer) { typedmemclr(typ, ptr) }

//go:linkname reflect_typedmemclrpartial reflect.typedmemclrpartial
func reflect_typedmemclrpartial(typ *_type, ptr unsafe.Pointer, off, size uintptr) {
	clearTyped(typ, ptr, size)
}

//go:linkname reflect_typedarrayclear reflect.typedarrayclear
func reflect_typedarrayclear(typ *_type, ptr unsafe.Pointer, n int) {
	clearTyped(typ, ptr, typ.Size_*uintptr(n))
}

//go:linkname reflect_typedslicecopy reflect.typedslicecopy
func reflect_typedslicecopy(typ *_type, dst, src slice) int {
	return typedslicecopy(typ, dst.array, dst.len, src.array, src.len)
}

//go:linkname reflect_memmove reflect.memmove
func reflect_memmove(to, from unsafe.Pointer, n uintptr) { moveWithPointers(to, from, n) }

// --- slices ------------------------------------------------------------------------------------

//golift:noreturn
func panicmakeslicelen() { panic(errorString("makeslice: len out of range")) }

//golift:noreturn
func panicmakeslicecap() { panic(errorString("makeslice: cap out of range")) }

// The optimiser may give short arrays a place in the frame (makeslicebuf).
//
//go:noinline
func makeslice(et *_type, len, cap int) unsafe.Pointer {
	mem, overflow := math.MulUintptr(et.Size_, uintptr(cap))
	if overflow || mem > maxAlloc || len < 0 || len > cap {
		// A bad length is reported rather than a bad capacity.
		mem, overflow := math.MulUintptr(et.Size_, uintptr(len))
		if overflow || mem > maxAlloc || len < 0 {
			panicmakeslicelen()
		}
		panicmakeslicecap()
	}
	return mallocgc(mem, et, true)
}

// makeslicebuf is makeslice for an array that does not outlive the frame of the caller, which lends 32 bytes.
//
//go:noinline
func makeslicebuf(buf *[4]uint64, et *_type, len, cap int) unsafe.Pointer {
	if et.Size_ == 0 || uint(len) > uint(cap) || uintptr(cap) > unsafe.Sizeof(*buf)/et.Size_ {
		return makeslice(et, len, cap)
	}
	*buf = [4]uint64{}
	return unsafe.Pointer(buf)
}

func makeslice64(et *_type, len64, cap64 int64) unsafe.Pointer {
	return makeslice(et, int(len64), int(cap64))
}

func makeslicecopy(et *_type, tolen, fromlen int, from unsafe.Pointer) unsafe.Pointer {
	p := makeslice(et, tolen, tolen)
	memmove(p, from, uintptr(min(tolen, fromlen))*et.Size_)
	return p
}

// nextslicecap doubles small slices and grows big ones toward a quarter.
func nextslicecap(newLen, oldCap int) int {
	double := oldCap + oldCap
	if newLen > double {
		return newLen
	}
	const threshold = 256
	if oldCap < threshold {
		return double
	}
	n := oldCap
	for uint(n) < uint(newLen) {
		n += (n + 3*threshold) >> 2
	}
	if n <= 0 {
		return newLen
	}
	return n
}

func growslice(oldPtr unsafe.Pointer, newLen, oldCap, num int, et *_type) slice {
	if newLen < 0 {
		panic(errorString("growslice: len out of range"))
	}
	if et.Size_ == 0 {
		return slice{unsafe.Pointer(&zerobase), newLen, newLen}
	}
	oldLen := newLen - num
	newcap := nextslicecap(newLen, oldCap)
	noscan := et.PtrBytes == 0
	mem, overflow := math.MulUintptr(et.Size_, uintptr(newcap))
	if overflow || mem > maxAlloc {
		panic(errorString("growslice: len out of range"))
	}
	mem = roundupsize(mem, noscan)
	newcap = int(mem / et.Size_)
	mem = uintptr(newcap) * et.Size_
	lenmem := uintptr(oldLen) * et.Size_
	var p unsafe.Pointer
	if noscan {
		p = mallocgc(mem, nil, false)
		newlenmem := uintptr(newLen) * et.Size_
		memclrNoHeapPointers(add(p, newlenmem), mem-newlenmem)
	} else {
		p = mallocgc(mem, et, true)
	}
	memmove(p, oldPtr, lenmem)
	return slice{p, newLen, newcap}
}

// sliceBuf lies in the frame of a function and holds the first arrays of a slice that does not outlive it. Each word is used
// once, as older arrays may still be in use.
type sliceBuf struct {
	used uintptr // bytes
	room [8]uint64
}

// growslicebuf is growslice for such a slice.
//
//go:noinline
func growslicebuf(buf *sliceBuf, oldPtr unsafe.Pointer, newLen, oldCap, num int, et *_type) slice {
	const largest = 32 // as with gc
	if newLen < 0 || et.Size_ == 0 || uintptr(newLen) > largest/et.Size_ {
		return growslice(oldPtr, newLen, oldCap, num, et)
	}
	newcap := roundupsize(uintptr(nextslicecap(newLen, oldCap))*et.Size_, et.PtrBytes == 0) / et.Size_
	mem := newcap * et.Size_
	if mem > largest || buf.used+mem > unsafe.Sizeof(buf.room) {
		return growslice(oldPtr, newLen, oldCap, num, et)
	}
	p := add(unsafe.Pointer(&buf.room), buf.used)
	buf.used += (mem + 7) &^ 7
	lenmem := uintptr(newLen-num) * et.Size_
	memmove(p, oldPtr, lenmem)
	memclrNoHeapPointers(add(p, lenmem), mem-lenmem)
	return slice{p, newLen, int(newcap)}
}

//go:linkname reflect_growslice reflect.growslice
func reflect_growslice(et *_type, old slice, num int) slice {
	num -= old.cap - old.len
	s := growslice(old.array, old.cap+num, old.cap, num, et)
	if et.PtrBytes == 0 {
		oldcapmem := uintptr(old.cap) * et.Size_
		newlenmem := uintptr(s.len) * et.Size_
		memclrNoHeapPointers(add(s.array, oldcapmem), newlenmem-oldcapmem)
	}
	s.len = old.len
	return s
}

//go:linkname bytealg_MakeNoZero internal/bytealg.MakeNoZero
func bytealg_MakeNoZero(len int) []byte {
	if len < 0 || uintptr(len) > maxAlloc {
		panicmakeslicelen()
	}
	c := roundupsize(uintptr(len), true)
	p := (*byte)(mallocgc(c, nil, false))
	return unsafe.Slice(p, int(c))[:len]
}

// --- unsafe.Slice and unsafe.String ---------------------------------------------------------------

func unsafeslice(et *_type, ptr unsafe.Pointer, len int) {
	if len < 0 {
		panicunsafeslicelen()
	}
	if et.Size_ == 0 && ptr == nil && len > 0 {
		panicunsafeslicenilptr()
	}
	mem, overflow := math.MulUintptr(et.Size_, uintptr(len))
	if overflow || mem > -uintptr(ptr) {
		if ptr == nil {
			panicunsafeslicenilptr()
		}
		panicunsafeslicelen()
	}
}

//go:linkname reflect_unsafeslice reflect.unsafeslice
func reflect_unsafeslice(et *_type, ptr unsafe.Pointer, len int) { unsafeslice(et, ptr, len) }

func unsafeslice64(et *_type, ptr unsafe.Pointer, len int64) { unsafeslice(et, ptr, int(len)) }

func unsafestring(ptr unsafe.Pointer, len int) {
	if len < 0 {
		panicunsafestringlen()
	}
	if uintptr(len) > -uintptr(ptr) {
		if ptr == nil {
			panicunsafestringnilptr()
		}
		panicunsafestringlen()
	}
}

func unsafestring64(ptr unsafe.Pointer, len int64) { unsafestring(ptr, int(len)) }

//golift:noreturn
func panicunsafeslicelen() { panic(errorString("unsafe.Slice: len out of range")) }

//golift:noreturn
func panicunsafeslicenilptr() { panic(errorString("unsafe.Slice: ptr is nil and len is not zero")) }

//golift:noreturn
func panicunsafestringlen() { panic(errorString("unsafe.String: len out of range")) }

//golift:noreturn
func panicunsafestringnilptr() { panic(errorString("unsafe.String: ptr is nil and len is not zero")) }

//go:linkname reflect_verifyNotInHeapPtr reflect.verifyNotInHeapPtr
func reflect_verifyNotInHeapPtr(p uintptr) bool {
	base, _ := rtFindObject(unsafe.Pointer(p))
	return base == 0 && p != ^uintptr(0)
}

// --- what the collector knows of an object ------------------------------------------------------

//golift:rust golift_pointer_mask
func rtPointerMask(p unsafe.Pointer, mask *byte) uintptr

// reflect_gcbits says for each word of the memory that x points to whether the collector looks for a pointer there: in the heap as the
// allocator wrote it down. The tests of package reflect compare it with the types that it makes.
//
//go:linkname reflect_gcbits reflect.gcbits
func reflect_gcbits(x any) []byte {
	e := efaceOf(&x)
	if n := rtPointerMask(e.data, nil); n != 0 {
		mask := make([]byte, n)
		rtPointerMask(e.data, unsafe.SliceData(mask))
		return mask
	}
	elem := (*abi.PtrType)(unsafe.Pointer(e._type)).Elem
	bits, mask := getGCMask(elem), make([]byte, elem.PtrBytes/goarch.PtrSize)
	for i := range mask {
		mask[i] = *(*byte)(unsafe.Add(unsafe.Pointer(bits), i/8)) >> (i % 8) & 1
	}
	return mask
}
