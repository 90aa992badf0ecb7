package runtime

import (
	"internal/abi"
	"unsafe"
)

// Why a collection runs, as the Rust runtime numbers it.
const (
	gcHeap = iota
	gcForced
	gcPeriodic
)

// gcStart begins a cycle unless one goes on, or has run since the caller saw `seen` cycles.
func gcStart(why uintptr, seen uint64) {
	for {
		switch rtGCBegin(seen) {
		case 0:
			continue // someone else stops the world
		case 1:
			// The world is stopped and this goroutine is pinned: no allocation here.
			if poolCleanup != nil {
				poolCleanup()
			}
			for _, p := range boringCaches {
				*(*unsafe.Pointer)(p) = nil
			}
			rtGCFinish(why)
		}
		return
	}
}

// GC runs a collection and waits for its end, sweeping included. If finalizers are due, their goroutine comes first.
func GC() {
	n := rtGCUnderWay()
	gcHelp(n)
	gcStart(gcForced, n)
	if gcHelp(n + 1) {
		Gosched()
	}
}

// gcHelp waits until n cycles are over, and marks and sweeps meanwhile. It reports whether finalizers wait to be run.
func gcHelp(n uint64) bool {
	for {
		if r := rtGCHelp(n); r != 0 {
			return r == 2
		}
	}
}

func forcegc() {
	for {
		rtForcegcWait()
		gcStart(gcPeriodic, rtGCCycles())
	}
}

var poolCleanup func()

//go:linkname sync_runtime_registerPoolCleanup sync.runtime_registerPoolCleanup
func sync_runtime_registerPoolCleanup(f func()) { poolCleanup = f }

//go:linkname unique_runtime_blockUntilEmptyCleanupQueue unique.runtime_blockUntilEmptyCleanupQueue
func unique_runtime_blockUntilEmptyCleanupQueue(timeout int64) bool {
	return blockUntilEmptyFinalizerQueue(timeout)
}

// blockUntilEmptyFinalizerQueue waits until the finalizers and cleanups that are ready have run; one goroutine runs both.
// It reports whether they did before the timeout.
//
//go:linkname blockUntilEmptyFinalizerQueue
func blockUntilEmptyFinalizerQueue(timeout int64) bool {
	for start := nanotime(); !rtFinalizersDone(); Gosched() {
		if nanotime()-start >= timeout {
			return false
		}
	}
	return true
}

// Cleanups are run by the same goroutine.
//
//go:linkname sync_test_runtime_blockUntilEmptyCleanupQueue sync_test.runtime_blockUntilEmptyCleanupQueue
func sync_test_runtime_blockUntilEmptyCleanupQueue(timeout int64) bool {
	return blockUntilEmptyFinalizerQueue(timeout)
}

// KeepAlive marks x as reachable up to here.
//
//go:noinline
func KeepAlive(x any) {}

// --- finalizers, cleanups, weak pointers ------------------------------------------------------------

// runFinalizers is the goroutine that runs finalizers and cleanups one after the other.
func runFinalizers() {
	var out [4]unsafe.Pointer
	for {
		if rtNextFinalizer(&out) == 0 {
			continue
		}
		fn, arg, extra, kind := out[0], out[1], out[2], uintptr(out[3])
		out = [4]unsafe.Pointer{}
		rtSetSystem(false) // what runs now is the program's
		switch {
		case kind == 2:
			f := *(*func())(unsafe.Pointer(&fn))
			f()
		case extra == nil:
			f := *(*func(unsafe.Pointer))(unsafe.Pointer(&fn))
			f(arg)
		default:
			// The parameter is an interface: its first word is in extra.
			f := *(*func(iface))(unsafe.Pointer(&fn))
			f(iface{(*itab)(extra), arg})
		}
		rtSetSystem(true)
		fn, arg = nil, nil
	}
}

// SetFinalizer has finalizer(obj) called when obj has become unreachable; nil removes it.
func SetFinalizer(obj any, finalizer any) {
	e := efaceOf(&obj)
	if e._type == nil {
		throw("runtime.SetFinalizer: first argument is nil")
	}
	if e._type.Kind() != abi.Pointer {
		throw("runtime.SetFinalizer: first argument is " + typeString(e._type) + ", not pointer")
	}
	if e.data == nil {
		throw("nil elem type!")
	}
	ot := (*ptrtype)(unsafe.Pointer(e._type))
	base, _ := rtFindObject(e.data)
	if base == 0 {
		// Not in the heap: a global lives for ever.
		return
	}
	f := efaceOf(&finalizer)
	if f._type == nil {
		rtRemoveFinalizer(e.data)
		return
	}
	if uintptr(e.data) != base && (ot.Elem.PtrBytes != 0 || ot.Elem.Size_ >= 16) {
		throw("runtime.SetFinalizer: pointer not at beginning of allocated block")
	}
	if f._type.Kind() != abi.Func {
		throw("runtime.SetFinalizer: second argument is " + typeString(f._type) + ", not a function")
	}
	ft := (*functype)(unsafe.Pointer(f._type))
	bad := "runtime.SetFinalizer: cannot pass " + typeString(e._type) + " to finalizer " + typeString(f._type)
	if ft.IsVariadic() {
		throw(bad + " because dotdotdot")
	}
	if ft.InCount != 1 {
		throw(bad)
	}
	var extra unsafe.Pointer
	switch in := ft.InSlice()[0]; {
	case in == e._type:
	case in.Kind() == abi.Pointer && (*ptrtype)(unsafe.Pointer(in)).Elem == ot.Elem && (in.Uncommon() == nil || e._type.Uncommon() == nil):
	case in.Kind() == abi.Interface:
		it := (*interfacetype)(unsafe.Pointer(in))
		if len(it.Methods) == 0 {
			extra = unsafe.Pointer(e._type)
		} else {
			tab := assertE2I2(it, e._type)
			if tab == nil {
				throw(bad)
			}
			extra = unsafe.Pointer(tab)
		}
	default:
		throw(bad)
	}
	fn := (*funcval)(f.data)
	var size uintptr
	for _, t := range ft.OutSlice() {
		size += t.Size_ + 8
	}
	if resultsInMemory(ft) {
		if size > unsafe.Sizeof(finalizerResults{}) {
			throw("runtime.SetFinalizer: results of " + typeString(f._type) + " are too big")
		}
		// The caller of such a function gives it memory for its results.
		call := *(*func(unsafe.Pointer) finalizerResults)(unsafe.Pointer(&fn))
		callI := *(*func(iface) finalizerResults)(unsafe.Pointer(&fn))
		if extra == nil {
			w := func(p unsafe.Pointer) { call(p) }
			fn = *(**funcval)(unsafe.Pointer(&w))
		} else {
			w := func(i iface) { callI(i) }
			fn = *(**funcval)(unsafe.Pointer(&w))
		}
	}
	if rtSetFinalizer(e.data, fn, extra) == 2 {
		throw("runtime.SetFinalizer: finalizer already set")
	}
	KeepAlive(obj)
	KeepAlive(finalizer)
}

// finalizerResults has room for what a finalizer returns in memory.
type finalizerResults [64 << 10]byte

// resultsInMemory: do functions of that type return through memory of their caller? They do
// when there are more than maxResults scalars of a kind, a value of more than maxScalars, or an array of
// several elements.
func resultsInMemory(ft *functype) bool {
	var ints, floats int
	for _, t := range ft.OutSlice() {
		before := ints + floats
		if countScalars(t, &ints, &floats) || ints+floats-before > maxScalars {
			return true
		}
	}
	return ints > maxResults || floats > maxResults
}

func countScalars(t *_type, ints, floats *int) bool {
	switch t.Kind() {
	case abi.Array:
		a := (*abi.ArrayType)(unsafe.Pointer(t))
		return a.Len > 1 || a.Len == 1 && countScalars(a.Elem, ints, floats)
	case abi.Struct:
		for _, f := range (*abi.StructType)(unsafe.Pointer(t)).Fields {
			if countScalars(f.Typ, ints, floats) {
				return true
			}
		}
	case abi.Float32, abi.Float64:
		*floats++
	case abi.Complex64, abi.Complex128:
		*floats += 2
	case abi.String, abi.Interface:
		*ints += 2
	case abi.Slice:
		*ints += 3
	default:
		*ints++
	}
	return false
}

// A Cleanup identifies a call arranged by AddCleanup.
type Cleanup struct {
	id  uint64
	ptr uintptr
}

// AddCleanup has cleanup(arg) called some time after *ptr has become unreachable.
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) Cleanup {
	p := unsafe.Pointer(ptr)
	if p == nil {
		panic(plainError("runtime.AddCleanup: ptr is nil"))
	}
	if a := any(arg); efaceOf(&a)._type != nil && efaceOf(&a)._type.Kind() == abi.Pointer && efaceOf(&a).data == p {
		panic(plainError("runtime.AddCleanup: ptr is equal to arg, cleanup will never run"))
	}
	return addCleanup(p, func() { cleanup(arg) })
}

func addCleanup(p unsafe.Pointer, f func()) Cleanup {
	id := rtAddCleanup(p, funcvalOf(f))
	KeepAlive(p)
	return Cleanup{uint64(id), uintptr(p)}
}

// Stop cancels the call if it has not been queued yet.
func (c Cleanup) Stop() {
	if c.id != 0 {
		rtStopCleanup(unsafe.Pointer(c.ptr), uintptr(c.id))
	}
}

// A weak handle is a pointer-free object that holds the address, cleared by the collector.

//go:linkname internal_weak_runtime_registerWeakPointer weak.runtime_registerWeakPointer
func internal_weak_runtime_registerWeakPointer(p unsafe.Pointer) unsafe.Pointer {
	if h := rtWeakHandle(p, nil); h != nil {
		return h
	}
	h := (*[2]uintptr)(mallocgc(16, nil, true))
	h[0] = uintptr(p)
	if r := rtWeakHandle(p, unsafe.Pointer(h)); r != nil {
		return r
	}
	return immortalHandle(p)
}

// immortal is a handle of an address that is not in the heap, and so never dies. The address comes first, as in all handles.
type immortal struct {
	p    unsafe.Pointer
	next *immortal
}

var (
	immortals    [256]*immortal
	immortalsSem uint32 = 1
)

// immortalHandle gives the one handle of p.
func immortalHandle(p unsafe.Pointer) unsafe.Pointer {
	list := &immortals[uintptr(p)>>3%uintptr(len(immortals))]
	semacquire(&immortalsSem)
	h := *list
	for h != nil && h.p != p {
		h = h.next
	}
	if h == nil {
		h = &immortal{p, *list}
		*list = h
	}
	semrelease(&immortalsSem)
	return unsafe.Pointer(h)
}

//go:linkname internal_weak_runtime_makeStrongFromWeak weak.runtime_makeStrongFromWeak
func internal_weak_runtime_makeStrongFromWeak(u unsafe.Pointer) unsafe.Pointer {
	if u == nil {
		return nil
	}
	return rtWeakGet(u)
}

// --- runtime/debug ------------------------------------------------------------------------------------

//go:linkname setGCPercent runtime/debug.setGCPercent
func setGCPercent(in int32) (out int32) { return int32(rtSetGCPercent(int64(in))) }

//go:linkname setMemoryLimit runtime/debug.setMemoryLimit
func setMemoryLimit(in int64) (out int64) { return rtSetMemoryLimit(in) }

//go:linkname runtime_debug_freeOSMemory runtime/debug.freeOSMemory
func runtime_debug_freeOSMemory() {
	GC()
	rtFreeOSMemory()
}

//go:linkname setMaxStack runtime/debug.setMaxStack
func setMaxStack(in int) (out int) { return rtSetMaxStack(in) }

//go:linkname setMaxThreads runtime/debug.setMaxThreads
func setMaxThreads(in int) (out int) { return int(rtSetMaxThreads(int64(in))) }

// readGCStats gives the pauses, newest first, then their ends, the last end, the number of
// cycles and the total pause.
//
//go:linkname readGCStats runtime/debug.readGCStats
func readGCStats(pauses *[]uint64) {
	// Not on the heap: asking must not change the answer.
	var s rtStats
	readStats(&s)
	n := int(min(s.numGC, 256))
	p := (*pauses)[:0]
	for _, ring := range []*[256]uint64{&s.pauseNs, &s.pauseEnd} {
		for i := 0; i < n; i++ {
			p = append(p, ring[(int(s.numGC)-1-i)%256])
		}
	}
	*pauses = append(p, s.lastGC, s.numGC, s.pauseTotal)
}

//go:linkname debug_modinfo runtime/debug.modinfo
func debug_modinfo() string {
	md := rtModuledata()
	if md.modinfoLen == 0 {
		return ""
	}
	return unsafe.String((*byte)(unsafe.Pointer(md.modinfo)), int(md.modinfoLen))
}

//go:linkname runtime_debug_SetTraceback runtime/debug.SetTraceback
func runtime_debug_SetTraceback(level string) {
	rtSetTraceback(unsafe.Pointer(unsafe.StringData(level)), len(level))
}

// setCrashFD has the texts of a dying process written to fd as well; the old descriptor.
//
//go:linkname setCrashFD
func setCrashFD(fd uintptr) uintptr { return rtSetCrashFD(fd) }
