package runtime

import (
	"internal/goarch"
	"internal/goos"
	"unsafe"
)

// Compiler is the name of the toolchain. It says gc, because programs take any other name for
// gccgo.
const Compiler = "gc"

// GOOS is the target's operating system.
const GOOS string = goos.GOOS

// GOARCH is the target's architecture.
const GOARCH string = goarch.GOARCH

// buildVersion is set by the linker.
var buildVersion string = "go1.27.3"

var defaultGOROOT string

// Version is the version of the Go distribution that the program was built with.
func Version() string { return buildVersion }

// GOROOT is the root of the Go tree.
func GOROOT() string {
	if s := gogetenv("GOROOT"); s != "" {
		return s
	}
	return defaultGOROOT
}

// Breakpoint executes a breakpoint trap.
func Breakpoint() { breakpoint() }

// --- profiles; collected by a later part of the runtime ------------------------------------------------

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

// A BlockProfileRecord describes blocking at one call stack.
type BlockProfileRecord struct {
	Count  int64
	Cycles int64
	StackRecord
}

// BlockProfile returns the blocking profile.
func BlockProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// MutexProfile returns the lock contention profile.
func MutexProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// ThreadCreateProfile returns the thread creation profile.
func ThreadCreateProfile(p []StackRecord) (n int, ok bool) { return 0, true }

// GoroutineProfile returns the stacks of all goroutines.
func GoroutineProfile(p []StackRecord) (n int, ok bool) {
	n = NumGoroutine()
	if n > len(p) {
		return n, false
	}
	for rtStwBegin() == 0 {
	}
	var info [9]uintptr
	n = 0
	for i := 0; n < len(p); i++ {
		r := rtGoroutineInfo(i, &info)
		if r == 0 {
			break
		}
		if r != 1 {
			continue
		}
		p[n] = StackRecord{}
		if info[8] == uintptr(unsafe.Pointer(getg())) {
			callers(getfp(), 0, p[n].Stack0[:])
		} else {
			var pcs [len(p[n].Stack0)]uintptr
			k := rtCallersOf(unsafe.Pointer(info[8]), info[4], info[5], &pcs[0], len(pcs))
			expandCallers(pcs[:k], 0, p[n].Stack0[:])
		}
		n++
	}
	rtStwEnd()
	return n, true
}

// SetBlockProfileRate controls the blocking profile.
func SetBlockProfileRate(rate int) {}

// SetMutexProfileFraction controls the contention profile.
func SetMutexProfileFraction(rate int) int { return 0 }

// SetCPUProfileRate controls the CPU profile.
func SetCPUProfileRate(hz int) {}

// CPUProfile is no longer supported in gc either.
func CPUProfile() []byte { panic("CPUProfile no longer available") }

// SetCgoTraceback has no effect without cgo.
func SetCgoTraceback(version int, traceback, context, symbolizer unsafe.Pointer) {}

// A Pinner pins objects: ours never move, so it only keeps them alive.
type Pinner struct {
	refs []any
}

// Pin keeps pointer's object until Unpin.
func (p *Pinner) Pin(pointer any) { p.refs = append(p.refs, pointer) }

// Unpin lets all pinned objects go.
func (p *Pinner) Unpin() { p.refs = nil }
