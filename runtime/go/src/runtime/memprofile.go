package runtime

import (
	"internal/profilerecord"
	"unsafe"
)

// MemProfileRate is the mean number of bytes allocated per sample of the memory profile. It is 0 in a program that
// cannot read the profile.
var MemProfileRate int

// enableMemProfile is called before any initialisation if the program contains memProfile.
func enableMemProfile() {
	MemProfileRate = 512 * 1024
	rtMemProfileEnable(&MemProfileRate)
}

// A MemProfileRecord describes the live objects allocated by one call stack.
type MemProfileRecord struct {
	AllocBytes, FreeBytes     int64
	AllocObjects, FreeObjects int64
	Stack0                    [32]uintptr
}

// InUseBytes is the number of live bytes.
func (r *MemProfileRecord) InUseBytes() int64 { return r.AllocBytes - r.FreeBytes }

// InUseObjects is the number of live objects.
func (r *MemProfileRecord) InUseObjects() int64 { return r.AllocObjects - r.FreeObjects }

// Stack is the used part of the record's stack.
func (r *MemProfileRecord) Stack() []uintptr { return usedPCs(r.Stack0[:]) }

// memBucket is what the runtime knows of one stack and object size; the stack follows it in memory.
type memBucket struct {
	next          *memBucket
	size          uintptr
	allocs, frees uintptr
	nstk          uintptr
	newAllocs     uintptr
	chain         *memBucket
	hash          uintptr
}

// stack fills pcs with the stack, as Callers does.
func (b *memBucket) stack(pcs []uintptr) []uintptr {
	physical := unsafe.Slice((*uintptr)(add(unsafe.Pointer(b), unsafe.Sizeof(*b))), b.nstk)
	return pcs[:expandCallers(physical, pcs)]
}

const maxProfileStack = 128

// profileAlloc reports the sampled object p of the given size, allocated by the stack above the frame fp.
//
//go:noinline
func profileAlloc(p unsafe.Pointer, size, fp uintptr) {
	var pcs [maxProfileStack]uintptr
	n := physicalCallers(fp, pcs[:])
	rtProfileAlloc(p, size, &pcs[0], n)
}

// memProfile calls record for each bucket with samples (those with live objects only, unless inuseZero), if there
// are at most room of them.
func memProfile(room int, inuseZero bool, record func(b *memBucket)) (n int, ok bool) {
	buckets := rtMemProfile()
	for b := buckets; b != nil; b = b.next {
		if inuseZero && b.allocs != 0 || b.allocs != b.frees {
			n++
		}
	}
	if n > room {
		return n, false
	}
	// A bucket may come into use in between: the room is what counts.
	n = 0
	for b := buckets; b != nil && n < room; b = b.next {
		if inuseZero && b.allocs != 0 || b.allocs != b.frees {
			record(b)
			n++
		}
	}
	return n, true
}

// MemProfile fills p with the memory profile as of the last collection; n records are needed.
func MemProfile(p []MemProfileRecord, inuseZero bool) (n int, ok bool) {
	i := 0
	return memProfile(len(p), inuseZero, func(b *memBucket) {
		p[i] = MemProfileRecord{
			AllocBytes: int64(b.allocs * b.size), FreeBytes: int64(b.frees * b.size),
			AllocObjects: int64(b.allocs), FreeObjects: int64(b.frees),
		}
		b.stack(p[i].Stack0[:])
		i++
	})
}

//go:linkname pprof_memProfileInternal runtime.pprof_memProfileInternal
func pprof_memProfileInternal(p []profilerecord.MemProfileRecord, inuseZero bool) (n int, ok bool) {
	i := 0
	return memProfile(len(p), inuseZero, func(b *memBucket) {
		p[i] = profilerecord.MemProfileRecord{
			ObjectSize: int64(b.size), AllocObjects: int64(b.allocs), FreeObjects: int64(b.frees),
			Stack: b.stack(make([]uintptr, maxProfileStack)),
		}
		i++
	})
}

// pprof_expandFinalInlineFrame adds what a list that was cut off lacks at its last return address.
//
//go:linkname pprof_expandFinalInlineFrame runtime/pprof.runtime_expandFinalInlineFrame
func pprof_expandFinalInlineFrame(stk []uintptr) []uintptr {
	var x rtFrame
	if len(stk) == 0 || !frameAt(stk[len(stk)-1], &x) {
		return stk
	}
	for outer := outerEntry(stk[len(stk)-1], &x); outer != 0; outer = outerEntry(outer, &x) {
		stk = append(stk, outer)
	}
	return stk
}

//go:linkname pprof_FrameSymbolName runtime/pprof.runtime_FrameSymbolName
func pprof_FrameSymbolName(f *Frame) string { return f.Function }

//go:linkname pprof_FrameStartLine runtime/pprof.runtime_FrameStartLine
func pprof_FrameStartLine(f *Frame) int { return f.startLine }
