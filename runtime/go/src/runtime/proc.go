package runtime

import (
	"internal/cpu"
	"internal/runtime/exithook"
	"internal/runtime/maps"
	"unsafe"
)

//go:linkname main_init golift.initAll
func main_init()

//go:linkname main_main main.main
func main_main()

// mainStarted: package initialisation is over.
var mainStarted bool

// runningPanicDefers and the like of gc are not needed: a fatal panic never returns.

// main is the body of the main goroutine.
//
//golift:top
func main() {
	startTicks, startNanos = cputicks(), nanotime()
	cpu.Initialize(godebugEnv())
	maps.AlgInit() // keys of the maps' hash functions
	goargs()
	goenvs()
	godebugChanged(gogetenv("GODEBUG"))
	exithook.Gosched = Gosched
	exithook.Goid = func() uint64 { return getg().goid }
	exithook.Throw = throw
	rtMainStarted()
	rtGCEnable()
	startSystem(forcegc)
	startSystem(runFinalizers)
	LockOSThread() // init functions run on the main thread
	locked := true
	defer func() {
		if locked { // a panic in an init function ends the lock
			UnlockOSThread()
		}
	}()
	main_init()
	locked = false
	UnlockOSThread()
	mainStarted = true
	main_main()
	exithook.Run(0)
	exit(0)
}

// startSystem starts a goroutine of the runtime itself.
func startSystem(f func()) {
	rtNewproc(funcvalOf(f), 0, 1)
}

func newproc(fn *funcval) {
	if fn == nil {
		fatal("go of nil func value")
	}
	rtNewproc(fn, getcallerpc(), 0)
}

// Gosched lets other goroutines run.
func Gosched() { rtGosched() }

// Goroutine entry for linknames of std.
//
//go:linkname os_beforeExit os.runtime_beforeExit
func os_beforeExit(exitCode int) { exithook.Run(exitCode) }

//go:linkname syscall_Exit syscall.Exit
func syscall_Exit(code int) { exit(int32(code)) }

// LockOSThread binds the goroutine to its thread until as many calls of UnlockOSThread.
func LockOSThread() { rtLockOSThread() }

// UnlockOSThread undoes one LockOSThread.
func UnlockOSThread() { rtUnlockOSThread() }

// GOMAXPROCS sets the number of threads that run Go code at a time, if n > 0, and returns the
// old number.
func GOMAXPROCS(n int) int {
	for {
		if r := rtGomaxprocs(n); r != 0 {
			return r
		}
	}
}

// SetDefaultGOMAXPROCS sets what GOMAXPROCS would be without the environment variable.
func SetDefaultGOMAXPROCS() { GOMAXPROCS(NumCPU()) }

// NumCPU is the number of CPUs that the process may use.
func NumCPU() int { return rtNcpu() }

// NumCgoCall is the number of cgo calls made.
func NumCgoCall() int64 { return 0 }

// NumGoroutine is the number of goroutines.
func NumGoroutine() int { return rtNumGoroutine() }

//go:linkname sync_runtime_procPin sync.runtime_procPin
func sync_runtime_procPin() int { return procPin() }

//go:linkname sync_runtime_procUnpin sync.runtime_procUnpin
func sync_runtime_procUnpin() { procUnpin() }

//go:linkname sync_atomic_runtime_procPin sync/atomic.runtime_procPin
func sync_atomic_runtime_procPin() int { return procPin() }

//go:linkname sync_atomic_runtime_procUnpin sync/atomic.runtime_procUnpin
func sync_atomic_runtime_procUnpin() { procUnpin() }

func block() {
	for {
		rtPark(waitSelectNoCases)
	}
}

// --- coroutines ---------------------------------------------------------------------------------

// A coro is a goroutine that runs by direct hand-over (iter.Pull).
type coro struct {
	gp unsafe.Pointer // who waits on the coroutine; owned by the Rust side
	f  func(*coro)
}

//go:linkname newcoro
func newcoro(f func(*coro)) *coro {
	c := &coro{f: f}
	body := func() {
		defer rtCoroexitCall(c)
		c.f(c)
	}
	c.gp = unsafe.Pointer(rtNewcoro(funcvalOf(body), getcallerpc()))
	return c
}

func rtCoroexitCall(c *coro) { rtCoroexit(c) }

//go:linkname coroswitch
func coroswitch(c *coro) { rtCoroswitch(c) }
