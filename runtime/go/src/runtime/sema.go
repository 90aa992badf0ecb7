package runtime

import (
	"internal/runtime/atomic"
	"unsafe"
)

func cansemacquire(addr *uint32) bool {
	for {
		v := atomic.Load(addr)
		if v == 0 {
			return false
		}
		if atomic.Cas(addr, v, v-1) {
			return true
		}
	}
}

// mutexWaits is for how many nanoseconds goroutines have waited for locks of package sync.
var mutexWaits atomic.Int64

func semacquire(addr *uint32) { semacquire1(addr, false, waitSemacquire) }

// waitStamped is added to a reason: whoever wakes the waiter shall learn for how long it has waited.
const waitStamped = 1 << 8

func semacquire1(addr *uint32, lifo bool, reason uintptr) {
	if cansemacquire(addr) {
		return
	}
	since := blockBegins()
	var lockSince int64
	if reason == waitSyncMutex || reason == waitSyncRw || reason == waitSyncRwR {
		lockSince = nanotime()
		if mutexFraction.Load() != 0 {
			reason |= waitStamped
		}
	}
	for rtSemacquire(addr, lifo, reason) == 0 && !cansemacquire(addr) {
	}
	if lockSince != 0 {
		mutexWaits.Add(nanotime() - lockSince)
	}
	if since != 0 {
		blockEnds(since)
	}
}

func semrelease(addr *uint32) { semrelease1(addr, false) }

func semrelease1(addr *uint32, handoff bool) {
	atomic.Xadd(addr, 1)
	if rtSemWaiters(addr) {
		if cycles := rtSemwake(addr, handoff); cycles != 0 {
			contended(cycles)
		}
	}
}

//go:linkname sync_runtime_Semacquire sync.runtime_Semacquire
func sync_runtime_Semacquire(addr *uint32) { semacquire1(addr, false, waitSemacquire) }

//go:linkname sync_runtime_SemacquireWaitGroup sync.runtime_SemacquireWaitGroup
func sync_runtime_SemacquireWaitGroup(addr *uint32, synctestDurable bool) {
	reason := uintptr(waitSyncWg)
	if synctestDurable {
		reason = waitSynctestWg
	}
	semacquire1(addr, false, reason)
}

//go:linkname sync_runtime_SemacquireRWMutexR sync.runtime_SemacquireRWMutexR
func sync_runtime_SemacquireRWMutexR(addr *uint32, lifo bool, skip int) {
	semacquire1(addr, lifo, waitSyncRwR)
}

//go:linkname sync_runtime_SemacquireRWMutex sync.runtime_SemacquireRWMutex
func sync_runtime_SemacquireRWMutex(addr *uint32, lifo bool, skip int) {
	semacquire1(addr, lifo, waitSyncRw)
}

//go:linkname sync_runtime_Semrelease sync.runtime_Semrelease
func sync_runtime_Semrelease(addr *uint32, handoff bool, skip int) { semrelease1(addr, handoff) }

//go:linkname internal_sync_runtime_SemacquireMutex internal/sync.runtime_SemacquireMutex
func internal_sync_runtime_SemacquireMutex(addr *uint32, lifo bool, skip int) {
	semacquire1(addr, lifo, waitSyncMutex)
}

//go:linkname internal_sync_runtime_Semrelease internal/sync.runtime_Semrelease
func internal_sync_runtime_Semrelease(addr *uint32, handoff bool, skip int) {
	semrelease1(addr, handoff)
}

//go:linkname internal_sync_runtime_canSpin internal/sync.runtime_canSpin
func internal_sync_runtime_canSpin(i int) bool { return rtCanSpin(uintptr(i)) }

//go:linkname internal_sync_runtime_doSpin internal/sync.runtime_doSpin
func internal_sync_runtime_doSpin() { rtDoSpin() }

//go:linkname internal_sync_nanotime internal/sync.runtime_nanotime
func internal_sync_nanotime() int64 { return nanotime() }

//go:linkname poll_runtime_Semacquire internal/poll.runtime_Semacquire
func poll_runtime_Semacquire(addr *uint32) { semacquire(addr) }

//go:linkname poll_runtime_Semrelease internal/poll.runtime_Semrelease
func poll_runtime_Semrelease(addr *uint32) { semrelease(addr) }

// notifyList is sync.Cond's list; the Rust runtime knows the layout.
type notifyList struct {
	wait   atomic.Uint32
	notify uint32
	lock   uintptr
	head   unsafe.Pointer
	tail   unsafe.Pointer
}

//go:linkname notifyListAdd sync.runtime_notifyListAdd
func notifyListAdd(l *notifyList) uint32 { return l.wait.Add(1) - 1 }

//go:linkname notifyListWait sync.runtime_notifyListWait
func notifyListWait(l *notifyList, t uint32) {
	since := blockBegins()
	rtNotifyWait(unsafe.Pointer(l), t)
	if since != 0 {
		blockEnds(since)
	}
}

//go:linkname notifyListNotifyAll sync.runtime_notifyListNotifyAll
func notifyListNotifyAll(l *notifyList) { rtNotifyAll(unsafe.Pointer(l)) }

//go:linkname notifyListNotifyOne sync.runtime_notifyListNotifyOne
func notifyListNotifyOne(l *notifyList) { rtNotifyOne(unsafe.Pointer(l)) }

//go:linkname notifyListCheck sync.runtime_notifyListCheck
func notifyListCheck(sz uintptr) {
	if sz != unsafe.Sizeof(notifyList{}) {
		throw("bad notifyList size")
	}
}
