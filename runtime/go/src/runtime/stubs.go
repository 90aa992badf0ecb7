// What nobody implements yet: all of it is in this file, and in runtime/pprof/golift.go, which has the functions that
// can refuse. Where the library offers an error, that is what it gets; a program that calls what has none is told which
// function is missing, and ends; only profiles that a server may be asked for at any time are empty instead.
//
// When one of these functions is implemented, it leaves this file.

package runtime

import (
	"internal/profilerecord"
	"internal/runtime/atomic"
	"unsafe"
)

// notImplemented ends the program.
func notImplemented(name, advice string) {
	fatal(name + " is not implemented by golift: " + advice)
}

// stubError is the same as an error.
type stubError string

func (e stubError) Error() string { return string(e) + " is not implemented by golift" }

// --- execution traces ------------------------------------------------------------------------------------------------

// StartTrace refuses; so trace.Start and FlightRecorder.Start return errors, and there is never anything to stop or read.
func StartTrace() error { return stubError("runtime.StartTrace") }

// StopTrace has nothing to stop.
func StopTrace() {}

// ReadTrace has nothing to read.
func ReadTrace() []byte { return nil }

//go:linkname traceAdvance
func traceAdvance(stopTrace bool) {}

// traceClockUnitsPerSecond: nanoseconds.
//
//go:linkname traceClockUnitsPerSecond runtime/trace.runtime_traceClockUnitsPerSecond
func traceClockUnitsPerSecond() uint64 { return 1e9 }

//go:linkname traceClockNow
func traceClockNow() uint64 { return uint64(nanotime()) }

// Annotations are dropped, as in gc while no trace is made.

//go:linkname trace_userTaskCreate runtime/trace.userTaskCreate
func trace_userTaskCreate(id, parentID uint64, taskType string) {}

//go:linkname trace_userTaskEnd runtime/trace.userTaskEnd
func trace_userTaskEnd(id uint64) {}

//go:linkname trace_userRegion runtime/trace.userRegion
func trace_userRegion(id, mode uint64, name string) {}

//go:linkname trace_userLog runtime/trace.userLog
func trace_userLog(id uint64, category, message string) {}

// --- profiles ----------------------------------------------------------------------------------------------------------

// Has the absence of the profile been reported?
var cpuWarned atomic.Uint32

// noProfile says once that a profile was asked for and will be empty.
func noProfile(warned *atomic.Uint32, name string) {
	if warned.Swap(1) == 0 {
		print("runtime: ", name, " is not implemented by golift: the profile stays empty\n")
	}
}

// SetCPUProfileRate controls the CPU profile. pprof.StartCPUProfile returns an error instead of calling it.
func SetCPUProfileRate(hz int) {
	if hz > 0 {
		noProfile(&cpuWarned, "SetCPUProfileRate")
	}
}

//go:linkname runtime_pprof_readProfile runtime/pprof.readProfile
func runtime_pprof_readProfile() ([]uint64, []unsafe.Pointer, bool) { return nil, nil, true }

//go:linkname pprof_goroutineLeakProfileWithLabels
func pprof_goroutineLeakProfileWithLabels(p []profilerecord.StackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	return 0, true
}

//go:linkname runtime_goroutineleakcount runtime/pprof.runtime_goroutineleakcount
func runtime_goroutineleakcount() int { return 0 }

// runtime_goroutineLeakGC is not called: writing that profile is refused.
//
//go:linkname runtime_goroutineLeakGC runtime/pprof.runtime_goroutineLeakGC
func runtime_goroutineLeakGC() {
	notImplemented("the detection of leaked goroutines", "use the goroutine profile")
}

//go:linkname runtime_debug_WriteHeapDump runtime/debug.WriteHeapDump
func runtime_debug_WriteHeapDump(fd uintptr) {
	notImplemented("runtime/debug.WriteHeapDump", "use the heap profile of runtime/pprof")
}

// --- functions in assembly that only gc's own tests and runtime call ---------------------------------------------------

//go:linkname startlinetest_AsmFunc internal/runtime/startlinetest.AsmFunc
func startlinetest_AsmFunc() int {
	notImplemented("internal/runtime/startlinetest.AsmFunc", "it is a test of gc's assembler")
	return 0
}

//go:linkname sys_GetClosurePtr internal/runtime/sys.GetClosurePtr
func sys_GetClosurePtr() uintptr {
	notImplemented("internal/runtime/sys.GetClosurePtr", "it is for gc's own runtime")
	return 0
}
