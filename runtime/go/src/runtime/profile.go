package runtime

import (
	"internal/profilerecord"
	"unsafe"
)

// --- labels ----------------------------------------------------------------------------------------------------------

// A goroutine's labels belong to runtime/pprof; a new goroutine begins with those of its parent.

//go:linkname runtime_setProfLabel runtime/pprof.runtime_setProfLabel
func runtime_setProfLabel(labels unsafe.Pointer) { getg().labels = labels }

//go:linkname runtime_getProfLabel runtime/pprof.runtime_getProfLabel
func runtime_getProfLabel() unsafe.Pointer { return getg().labels }

// --- goroutines and threads --------------------------------------------------------------------------------------------

// A StackRecord is one stack.
type StackRecord struct {
	Stack0 [32]uintptr
}

// Stack is the used part of the record.
func (r *StackRecord) Stack() []uintptr { return usedPCs(r.Stack0[:]) }

func usedPCs(p []uintptr) []uintptr {
	for i, v := range p {
		if v == 0 {
			return p[:i]
		}
	}
	return p
}

// goroutineProfile calls record for each goroutine with its stack, all at one moment, if there are at most room of them.
// It is inlined nowhere: the caller's stack begins with its caller.
//
//go:noinline
func goroutineProfile(room int, record func(i int, gp *g, stack []uintptr)) (n int, ok bool) {
	n = NumGoroutine()
	if n > room {
		return n, false
	}
	for rtStwBegin() == 0 {
	}
	n = 0
	var info [9]uintptr
	var physical, pcs [maxProfileStack]uintptr
	for i := 0; ; i++ {
		r := rtGoroutineInfo(i, &info)
		if r == 0 {
			break
		}
		if r != 1 {
			continue
		}
		if n == room {
			// One has been started meanwhile.
			rtStwEnd()
			return NumGoroutine(), false
		}
		gp := (*g)(unsafe.Pointer(info[8]))
		var k int
		if gp == getg() {
			k = callers(getfp(), 0, pcs[:])
		} else {
			k = rtCallersOf(unsafe.Pointer(gp), info[4], info[5], &physical[0], len(physical))
			k = expandCallers(physical[:k], pcs[:])
		}
		record(n, gp, pcs[:k])
		n++
	}
	rtStwEnd()
	return n, true
}

// GoroutineProfile returns the stacks of all goroutines.
func GoroutineProfile(p []StackRecord) (n int, ok bool) {
	return goroutineProfile(len(p), func(i int, gp *g, stack []uintptr) {
		p[i] = StackRecord{}
		copy(p[i].Stack0[:], stack)
	})
}

//go:linkname pprof_goroutineProfileWithLabels
func pprof_goroutineProfileWithLabels(p []profilerecord.StackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	return goroutineProfile(len(p), func(i int, gp *g, stack []uintptr) {
		p[i].Stack = append([]uintptr(nil), stack...)
		if i < len(labels) {
			labels[i] = gp.labels
		}
	})
}

// threadCreateProfile gives the number of threads. The stacks that made them are the scheduler's own, which gc leaves out
// as well: records are empty.
func threadCreateProfile() int {
	var s schedStats
	rtReadSchedStats(&s)
	return int(s.threads)
}

// ThreadCreateProfile returns a record for each thread.
func ThreadCreateProfile(p []StackRecord) (n int, ok bool) {
	n = threadCreateProfile()
	if n > len(p) {
		return n, false
	}
	clear(p[:n])
	return n, true
}

//go:linkname pprof_threadCreateInternal
func pprof_threadCreateInternal(p []profilerecord.StackRecord) (n int, ok bool) {
	n = threadCreateProfile()
	if n > len(p) {
		return n, false
	}
	clear(p[:n])
	return n, true
}

// --- helpers of runtime/pprof ------------------------------------------------------------------------------------------

//go:linkname pprof_makeProfStack
func pprof_makeProfStack() []uintptr { return make([]uintptr, maxProfileStack) }

// pprof_fpunwindExpand expands a recorded stack: ours have all logical frames already.
//
//go:linkname pprof_fpunwindExpand
func pprof_fpunwindExpand(dst, src []uintptr) int { return copy(dst, src) }

// Clocks when the program began.
var startTicks, startNanos int64

// pprof_cyclesPerSecond is the rate of cputicks since then.
//
//go:linkname pprof_cyclesPerSecond runtime/pprof.runtime_cyclesPerSecond
func pprof_cyclesPerSecond() int64 {
	ticks, ns := cputicks()-startTicks, nanotime()-startNanos
	return max(1, int64(float64(ticks)/float64(max(1, ns))*1e9))
}
