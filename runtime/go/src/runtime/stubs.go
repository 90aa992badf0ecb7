// What nobody implements yet: all of it is in this file, and in runtime/pprof/golift.go, which has the functions that
// can refuse. Where the library offers an error, that is what it gets; a program that calls what has none is told which
// function is missing, and ends.
//
// When one of these functions is implemented, it leaves this file.

package runtime

import (
	"internal/profilerecord"
	"unsafe"
)

// notImplemented ends the program.
func notImplemented(name, advice string) {
	fatal(name + " is not implemented by golift: " + advice)
}

// --- profiles ----------------------------------------------------------------------------------------------------------

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
