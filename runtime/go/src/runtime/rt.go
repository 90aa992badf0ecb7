// Package runtime of Golift: Go's side of the runtime. The scheduler, the heap, the
// collector, channels, timers, the network poller and signals live in the Rust library
// (runtime/rt); this package holds what is best said in Go: panics, the helpers that compiled
// code calls, and the hooks that the standard library expects by linkname.
//
// A bodyless function with a "golift:rust" directive is a direct call of a Rust symbol; one
// without is a compiler intrinsic or is pushed here by linkname.
package runtime

import (
	"internal/abi"
	"unsafe"
)

// --- intrinsics --------------------------------------------------------------------------

// getg returns the running goroutine (the pinned register).
func getg() *g

// getcallerpc and getcallersp: return address and stack pointer of the caller's call.
func getcallerpc() uintptr
func getcallersp() uintptr

// getfp is the frame pointer of the function itself, getcallerfp the one it saved.
func getfp() uintptr
func getcallerfp() uintptr

// --- Rust: goroutines ----------------------------------------------------------------------

//golift:rust golift_newproc
func rtNewproc(fn *funcval, pc uintptr, system uintptr)

//golift:rust golift_goexit
func rtGoexit()

//golift:rust golift_gosched
func rtGosched()

//golift:rust golift_goyield
func goyield()

//golift:rust golift_park
func rtPark(reason uintptr)

//golift:rust golift_goready
func rtReady(gp *g)

//golift:rust golift_main_started
func rtMainStarted()

//golift:rust golift_recovery
func rtRecovery(rec *recoveryRecord)

//golift:rust golift_lock_os_thread
func rtLockOSThread()

//golift:rust golift_locked_to_thread
func rtLockedToThread() bool

//golift:rust golift_unlock_os_thread
func rtUnlockOSThread()

//golift:rust golift_proc_pin
func procPin() int

//golift:rust golift_proc_unpin
func procUnpin()

//golift:rust golift_gomaxprocs
func rtGomaxprocs(n int) int

//golift:rust golift_ncpu
func rtNcpu() int

//golift:rust golift_numgoroutine
func rtNumGoroutine() int

//golift:rust golift_can_spin
func rtCanSpin(i uintptr) bool

//golift:rust golift_do_spin
func rtDoSpin()

//golift:rust golift_entersyscall
func entersyscall()

//golift:rust golift_exitsyscall_fast
func rtExitsyscallFast() bool

//golift:rust golift_exitsyscall_slow
func rtExitsyscallSlow()

//golift:rust golift_handoff_syscall_p
func rtHandoffSyscallP()

//go:noescape
//golift:rust golift_syscall6
func rtSyscall6(args *[7]uintptr) (r1, r2 uintptr)

//golift:rust golift_all_threads_syscall
func rtAllThreadsSyscall(args *[7]uintptr, result *uintptr) bool

//golift:rust golift_before_fork
func rtBeforeFork()

//golift:rust golift_after_fork
func rtAfterFork()

//golift:rust golift_after_fork_in_child
func rtAfterForkInChild()

//golift:rust golift_before_exec
func rtBeforeExec()

//golift:rust golift_after_exec
func rtAfterExec()

//golift:rust golift_newcoro
func rtNewcoro(fn *funcval, pc uintptr) *g

//golift:rust golift_coroswitch
func rtCoroswitch(c *coro)

//golift:rust golift_coroexit
func rtCoroexit(c *coro)

//golift:rust golift_stw_begin
func rtStwBegin() uintptr

//golift:rust golift_stw_end
func rtStwEnd()

// --- Rust: memory ----------------------------------------------------------------------------

//golift:rust golift_malloc_fast
func rtMallocFast(size uintptr, typ *_type, needzero bool) unsafe.Pointer

//golift:rust golift_malloc_slow
func rtMallocSlow(size uintptr, typ *_type, flags uintptr) (p unsafe.Pointer, sampled uintptr)

//go:noescape
//golift:rust golift_mem_profile_enable
func rtMemProfileEnable(rate *int)

//go:noescape
//golift:rust golift_profile_alloc
func rtProfileAlloc(p unsafe.Pointer, size uintptr, pcs *uintptr, n int)

//golift:rust golift_mem_profile
func rtMemProfile() *memBucket

//golift:rust golift_cpu_profile_start
func rtCPUProfileStart(hz int, words *uint64, nwords int, labels *unsafe.Pointer, nlabels int, markers *uintptr)

//golift:rust golift_cpu_profile_stop
func rtCPUProfileStop()

//golift:rust golift_cpu_profile_written
func rtCPUProfileWritten() uint64

//golift:rust golift_cpu_profile_read
func rtCPUProfileRead(words, labels uint64)

//golift:rust golift_trace_advance
func rtTraceAdvance(what uintptr) uintptr

//go:noescape
//golift:rust golift_trace_next
func rtTraceNext(batch *[2]uintptr) uintptr

//golift:rust golift_trace_is_readable
func rtTraceIsReadable() bool

//golift:rust golift_trace_free
func rtTraceFree()

//go:noescape
//golift:rust golift_trace_user_task_begin
func rtTraceUserTaskBegin(id, parent uint64, name string)

//golift:rust golift_trace_user_task_end
func rtTraceUserTaskEnd(id uint64)

//go:noescape
//golift:rust golift_trace_user_region
func rtTraceUserRegion(id, mode uint64, name string)

//go:noescape
//golift:rust golift_trace_user_log
func rtTraceUserLog(id uint64, key, message string)

//golift:rust golift_sched_latencies
func rtSchedLatencies() *timeHistogram

//golift:rust golift_idle_time
func rtIdleTime() uint64

//golift:rust golift_stacks_scanned
func rtStacksScanned() uint64

//go:noescape
//golift:rust golift_heap_dump
func rtHeapDump(request *heapDump) uintptr

//golift:rust golift_set_system
func rtSetSystem(on bool)

//golift:rust golift_roundupsize
func roundupsize(size uintptr, noscan bool) uintptr

//golift:rust golift_memmove
func memmove(to, from unsafe.Pointer, n uintptr)

// memmoveBytes is memmove for values without pointers, which the optimiser counts on.
//
//golift:rust golift_memmove_bytes
func memmoveBytes(to, from unsafe.Pointer, n uintptr)

//golift:rust golift_memclr
func memclrNoHeapPointers(ptr unsafe.Pointer, n uintptr)

//go:noescape
//golift:rust golift_move_unnoted
func rtMoveUnnoted(to, from unsafe.Pointer, n uintptr) bool

//go:noescape
//golift:rust golift_move_noting
func rtMoveNoting(to, from unsafe.Pointer, n uintptr)

//go:noescape
//golift:rust golift_clear_unnoted
func rtClearUnnoted(ptr unsafe.Pointer, n uintptr) bool

//go:noescape
//golift:rust golift_clear_noting
func rtClearNoting(ptr unsafe.Pointer, n uintptr)

//golift:rust golift_memequal
func memequal(a, b unsafe.Pointer, n uintptr) bool

//golift:rust golift_memhash
func rtMemhash(p unsafe.Pointer, seed, n uintptr) uintptr

//golift:rust golift_memhash64
func rtMemhash64(v uint64, seed uintptr) uintptr

//go:noescape
//golift:rust golift_get_gc_mask
func rtGCMask(t *_type) *byte

//golift:rust golift_gc_enable
func rtGCEnable()

//golift:rust golift_gc_begin
func rtGCBegin(seen uint64) uintptr

//golift:rust golift_gc_finish
func rtGCFinish(why uintptr)

//golift:rust golift_gc_help
func rtGCHelp(n uint64) uintptr

//golift:rust golift_gc_under_way
func rtGCUnderWay() uint64

//golift:rust golift_weak_get
func rtWeakGet(handle unsafe.Pointer) unsafe.Pointer

//golift:rust golift_gc_cycles
func rtGCCycles() uint64

//golift:rust golift_forcegc_wait
func rtForcegcWait()

//golift:rust golift_set_gc_percent
func rtSetGCPercent(n int64) int64

//golift:rust golift_set_memory_limit
func rtSetMemoryLimit(n int64) int64

//golift:rust golift_free_os_memory
func rtFreeOSMemory()

//go:noescape
//golift:rust golift_read_stats
func rtReadStats(out *rtStats) bool

//go:noescape
//golift:rust golift_read_sched_stats
func rtReadSchedStats(out *schedStats)

//golift:rust golift_stop_times
func rtStopTimes() *stopTimes

//golift:rust golift_set_finalizer
func rtSetFinalizer(p unsafe.Pointer, fn *funcval, extra unsafe.Pointer) uintptr

//go:noescape
//golift:rust golift_remove_finalizer
func rtRemoveFinalizer(p unsafe.Pointer)

//golift:rust golift_add_cleanup
func rtAddCleanup(p unsafe.Pointer, fn *funcval) uintptr

//golift:rust golift_stop_cleanup
func rtStopCleanup(p unsafe.Pointer, id uintptr)

//golift:rust golift_weak_handle
func rtWeakHandle(p unsafe.Pointer, fresh unsafe.Pointer) unsafe.Pointer

//golift:rust golift_finalizers_done
func rtFinalizersDone() bool

//go:noescape
//golift:rust golift_next_finalizer
func rtNextFinalizer(out *[4]unsafe.Pointer) uintptr

//go:noescape
//golift:rust golift_find_object
func rtFindObject(p unsafe.Pointer) (base, size uintptr)

//golift:rust golift_set_max_stack
func rtSetMaxStack(n int) int

// --- Rust: channels, semaphores, timers, polling ----------------------------------------------

//go:noescape
//golift:rust golift_chansend_fast
func rtChansendFast(c *hchan, elem unsafe.Pointer) bool

//go:noescape
//golift:rust golift_chanrecv_fast
func rtChanrecvFast(c *hchan, elem unsafe.Pointer) bool

//go:noescape
//golift:rust golift_chansend
func rtChansend(c *hchan, elem unsafe.Pointer, block bool) uintptr

//go:noescape
//golift:rust golift_chanrecv
func rtChanrecv(c *hchan, elem unsafe.Pointer, block bool) uintptr

//go:noescape
//golift:rust golift_closechan
func rtClosechan(c *hchan) uintptr

//go:noescape
//golift:rust golift_selectgo
func rtSelectgo(cas *scase, order *uint16, nsends, nrecvs int, block bool) (int, uintptr)

//go:noescape
//golift:rust golift_select_finish
func rtSelectFinish(cas *scase, order *uint16, nsends, nrecvs int) (int, uintptr)

//go:noescape
//golift:rust golift_semacquire
func rtSemacquire(addr *uint32, lifo bool, reason uintptr) uintptr

//go:noescape
//golift:rust golift_sem_waiters
func rtSemWaiters(addr *uint32) bool

//go:noescape
//golift:rust golift_semwake
func rtSemwake(addr *uint32, handoff bool) int64

//go:noescape
//golift:rust golift_notify_wait
func rtNotifyWait(l unsafe.Pointer, t uint32)

//go:noescape
//golift:rust golift_notify_all
func rtNotifyAll(l unsafe.Pointer)

//go:noescape
//golift:rust golift_notify_one
func rtNotifyOne(l unsafe.Pointer)

//golift:rust golift_sleep
func rtSleep(ns int64)

//golift:rust golift_timer_modify
func rtTimerModify(t *rtTimer, op uintptr, when, period int64) uintptr

//go:noescape
//golift:rust golift_timer_next
func rtTimerNext(out *[2]int64) *rtTimer

//golift:rust golift_nanotime
func nanotime() int64

//golift:rust golift_walltime
func walltime() (sec int64, nsec int64)

//golift:rust golift_usleep
func usleep(us uint64)

//golift:rust golift_cputicks
func cputicks() int64

//golift:rust golift_poll_open
func rtPollOpen(fd uintptr) (pd uintptr, errno int)

//golift:rust golift_poll_close
func rtPollClose(pd uintptr)

//golift:rust golift_poll_reset
func rtPollReset(pd uintptr, mode int) int

//golift:rust golift_poll_wait
func rtPollWait(pd uintptr, mode int, canceled bool) int

//golift:rust golift_poll_resume
func rtPollResume(pd uintptr, mode int) int

//golift:rust golift_poll_set_deadline
func rtPollSetDeadline(pd uintptr, d int64, mode int)

//golift:rust golift_poll_unblock
func rtPollUnblock(pd uintptr)

//golift:rust golift_is_poll_fd
func rtIsPollFD(fd uintptr) bool

// --- Rust: process, signals, symbols ------------------------------------------------------------

//golift:rust golift_exit
func exit(code int32)

//golift:rust golift_args
func rtArgs() (argc int, argv **byte)

//golift:rust golift_envs
func rtEnvs() (n int, envp **byte)

//golift:rust golift_auxv
func rtAuxv() *[2]uintptr

//golift:rust golift_print_lock
func rtPrintLock()

//golift:rust golift_print_unlock
func rtPrintUnlock()

//go:noescape
//golift:rust golift_write_err
func rtWriteErr(p unsafe.Pointer, n int)

//go:noescape
//golift:rust golift_write_fd
func rtWriteFd(fd uintptr, p unsafe.Pointer, n int) int

//golift:rust golift_rand
func rand() uint64

//go:noescape
//golift:rust golift_getrandom
func rtGetrandom(p unsafe.Pointer, n int) int

//golift:rust golift_breakpoint
func breakpoint()

//golift:rust golift_sigrecv
func rtSigrecv() uint32

//golift:rust golift_sigrecv_idle
func rtSigrecvIdle() bool

//golift:rust golift_signal_enable
func rtSignalEnable(sig uint32)

//golift:rust golift_signal_disable
func rtSignalDisable(sig uint32)

//golift:rust golift_signal_ignore
func rtSignalIgnore(sig uint32)

//golift:rust golift_signal_ignored
func rtSignalIgnored(sig uint32) bool

//golift:rust golift_ignore_sigsys
func rtIgnoreSigsys(on bool)

//golift:rust golift_sigpipe
func rtSigpipe()

//golift:rust golift_traceback_labels
func rtTracebackLabels(on bool)

//golift:rust golift_throw
func rtThrow(system bool)

//golift:rust golift_start_panic
func rtStartPanic()

//golift:rust golift_fatalpanic
func rtFatalpanic(pc, fp uintptr, exact uintptr, bubble *synctestBubble)

//golift:rust golift_bubble_begin
func rtBubbleBegin(b *synctestBubble)

//golift:rust golift_bubble_end
func rtBubbleEnd(b *synctestBubble)

//golift:rust golift_bubble_main
func rtBubbleMain(b *synctestBubble, fn *funcval, pc uintptr)

//golift:rust golift_bubble_idle
func rtBubbleIdle(b *synctestBubble)

//golift:rust golift_bubble_advance
func rtBubbleAdvance(b *synctestBubble) uintptr

//go:noescape
//golift:rust golift_bubble_timer_next
func rtBubbleTimerNext(b *synctestBubble, out *[2]int64) *rtTimer

//golift:rust golift_bubble_wait
func rtBubbleWait(b *synctestBubble) bool

//golift:rust golift_bubble_waited
func rtBubbleWaited(b *synctestBubble)

//golift:rust golift_bubble_acquire
func rtBubbleAcquire(b *synctestBubble)

//golift:rust golift_bubble_release
func rtBubbleRelease(b *synctestBubble)

//golift:rust golift_bubble_associate
func rtBubbleAssociate(p unsafe.Pointer, id uint64, add bool) uintptr

//golift:rust golift_bubble_disassociate
func rtBubbleDisassociate(p unsafe.Pointer)

//golift:rust golift_set_crash_fd
func rtSetCrashFD(fd uintptr) uintptr

//go:noescape
//golift:rust golift_set_traceback
func rtSetTraceback(level unsafe.Pointer, n int)

//go:noescape
//golift:rust golift_callers
func rtCallers(at *stackCursor, buf *uintptr, max int) int

//go:noescape
//golift:rust golift_stack
func rtStack(buf *byte, n int, fp uintptr, all bool) int

//golift:rust golift_through_wrappers
func rtThroughWrappers(from, inner, outer uintptr) bool

//golift:rust golift_set_max_threads
func rtSetMaxThreads(n int64) int32

//go:noescape
//golift:rust golift_callers_of
func rtCallersOf(gp unsafe.Pointer, pc, fp uintptr, buf *uintptr, max int) int

//go:noescape
//golift:rust golift_goroutine_info
func rtGoroutineInfo(i int, out *[9]uintptr) int

//go:noescape
//golift:rust golift_frame
func rtFrameAt(pc uintptr, n int, out *rtFrame) bool

//golift:rust golift_func_entry
func rtFuncEntry(pc uintptr) uintptr

//go:noescape
//golift:rust golift_func_info
func rtFuncInfo(pc uintptr, out *rtFrame) bool

//golift:rust golift_moduledata
func rtModuledata() *moduledata

//go:noescape
//golift:rust golift_indexbyte
func rtIndexbyte(p unsafe.Pointer, n int, c byte) int

//go:noescape
//golift:rust golift_countbyte
func rtCountbyte(p unsafe.Pointer, n int, c byte) int

//go:noescape
//golift:rust golift_compare
func rtCompare(a unsafe.Pointer, an int, b unsafe.Pointer, bn int) int

//go:noescape
//golift:rust golift_index
func rtIndex(a unsafe.Pointer, an int, b unsafe.Pointer, bn int) int

// --- shared types ------------------------------------------------------------------------------

type _type = abi.Type
type maptype = abi.MapType
type chantype = abi.ChanType
type slicetype = abi.SliceType
type functype = abi.FuncType
type ptrtype = abi.PtrType
type interfacetype = abi.InterfaceType
type itab = abi.ITab

// g mirrors the head of the Rust runtime's G (golift-abi has the offsets).
type g struct {
	stackLo, stackHi uintptr
	stackguard       uintptr
	m                uintptr
	morestack        uintptr
	morestackFn      uintptr
	morestackArgs    uintptr
	_panic           *_panic
	_defer           *_defer
	goid             uint64
	schedSP          uintptr
	schedPC          uintptr
	schedFP          uintptr
	bounds           [2]uint64
	labels           unsafe.Pointer
	bubble           *synctestBubble
	sig              uintptr
	sigcode0         uintptr
	sigcode1         uintptr
	sigpc            uintptr
	coroarg          unsafe.Pointer
	words            [4]unsafe.Pointer
	ret0, ret1       uintptr
}

type funcval struct {
	fn uintptr
}

type eface struct {
	_type *_type
	data  unsafe.Pointer
}

type iface struct {
	tab  *itab
	data unsafe.Pointer
}

func efaceOf(ep *any) *eface { return (*eface)(unsafe.Pointer(ep)) }

type slice struct {
	array unsafe.Pointer
	len   int
	cap   int
}

type stringStruct struct {
	str unsafe.Pointer
	len int
}

// moduledata mirrors golift-abi's ModuleData.
type moduledata struct {
	textStart, textEnd   uintptr
	functab, nfunctab    uintptr
	pcline               uintptr
	locs, nlocs          uintptr
	strtab               uintptr
	frames, framesLen    uintptr
	roots, nroots        uintptr
	types, etypes        uintptr
	typelinks, ntypelink uintptr
	itabs, nitabs        uintptr
	dataStart, dataEnd   uintptr
	modinfo, modinfoLen  uintptr
}

func add(p unsafe.Pointer, x uintptr) unsafe.Pointer {
	return unsafe.Pointer(uintptr(p) + x)
}

// noescape hides a pointer from escape analysis.
//
//go:nosplit
//go:nocheckptr
func noescape(p unsafe.Pointer) unsafe.Pointer {
	x := uintptr(p)
	return unsafe.Pointer(x ^ 0)
}

func funcvalOf(f func()) *funcval { return *(**funcval)(unsafe.Pointer(&f)) }

const maxAlloc = 1 << 48
