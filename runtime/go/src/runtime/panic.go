package runtime

import (
	"internal/abi"
	"internal/bytealg"
	"internal/runtime/atomic"
	"unsafe"
)

// A _defer is one deferred call: in the frame of the function that defers, or on the heap
// when deferred in a loop.
type _defer struct {
	fn   func()
	link *_defer // golift-abi: DEFER_LINK
	rec  *recoveryRecord
	// depth counts the records below: how old a record is relative to others.
	depth uintptr
}

// A recoveryRecord is where a function with defers continues after a recovered panic. The
// function's entry code fills it.
type recoveryRecord struct {
	pc, sp, fp uintptr
}

// A _panic is a panic (or a Goexit) that runs deferred calls.
type _panic struct {
	arg  any
	link *_panic // golift-abi: PANIC_LINK
	// callerFP is the frame pointer of the frame that makes deferred calls: only a function
	// that was called from there may recover.
	callerFP uintptr
	// depth of the oldest record that this panic has not taken.
	depth uintptr
	// Where the panic happened, for the traceback.
	pc, fp     uintptr
	recovered  bool
	repanicked bool
	goexit     bool
}

func pushDefer(d *_defer) {
	gp := getg()
	if gp._defer != nil {
		d.depth = gp._defer.depth + 1
	} else {
		d.depth = 1
	}
	d.link = gp._defer
	gp._defer = d
}

//go:noinline
func deferproc(fn func(), rec *recoveryRecord) {
	pushDefer(&_defer{fn: fn, rec: rec})
}

// deferrange prepares for defer statements in the body of a range over a function: they belong to
// the frame with the loop, below the records of the iterator's frames, and this record marks
// the place.
//
//go:noinline
func deferrange(rec *recoveryRecord) {
	d := getg()._defer
	if d == nil || d.rec != rec {
		deferproc(func() {}, rec)
	}
}

// deferprocRange is deferproc for such a statement.
//
//go:noinline
func deferprocRange(fn func(), rec *recoveryRecord) {
	at := &getg()._defer
	for *at != nil && (*at).rec != rec {
		(*at).depth++
		at = &(*at).link
	}
	d := &_defer{fn: fn, rec: rec, link: *at, depth: 1}
	if d.link != nil {
		d.depth = d.link.depth + 1
	}
	*at = d
}

// The optimiser knows that this keeps nothing beyond the frame.
//
//go:noinline
func deferprocStack(d *_defer, fn func(), rec *recoveryRecord) {
	d.fn = fn
	d.rec = rec
	pushDefer(d)
}

// deferreturn runs the deferred calls of one frame at its end. Not inlined: the return
// address of a call just before it must belong to the function that defers.
//
//golift:wrapper
func deferreturn(rec *recoveryRecord) {
	gp := getg()
	for {
		d := gp._defer
		if d == nil || d.rec != rec {
			return
		}
		gp._defer = d.link
		fn := d.fn
		d.fn = nil
		fn()
	}
}

// gorecover is recover(); callerfp is the frame pointer of the caller of the function that
// contains it. That must be the frame which makes deferred calls, wrappers between the two not
// counted.
//
//go:noinline
func gorecover(callerfp uintptr) any {
	p := getg()._panic
	if p == nil || p.goexit || p.recovered || p.callerFP == 0 {
		return nil
	}
	if p.callerFP != callerfp && !rtThroughWrappers(getfp(), callerfp, p.callerFP) {
		return nil
	}
	p.recovered = true
	return p.arg
}

// panicnilAllowed: GODEBUG=panicnil=1.
var panicnilAllowed atomic.Bool

func gopanic(e any) {
	if e == nil {
		if panicnilAllowed.Load() {
			panicnilUsed()
		} else {
			e = new(PanicNilError)
		}
	}
	var p _panic
	p.arg = e
	p.pc = getcallerpc()
	p.fp = getcallerfp()
	runPanic(&p)
	fatalpanic(&p)
}

// runPanic runs deferred calls until there are none, or one recovers (then it does not
// return).
//
//golift:wrapper
func runPanic(p *_panic) {
	gp := getg()
	p.link = gp._panic
	gp._panic = (*_panic)(noescape(unsafe.Pointer(p)))
	for gp._defer != nil {
		d := gp._defer
		gp._defer = d.link
		p.depth = 0
		if d.link != nil {
			p.depth = d.link.depth
		}
		rec, depth := d.rec, d.depth
		fn := d.fn
		d.fn = nil
		p.callerFP = getfp()
		fn()
		p.callerFP = 0
		if p.recovered {
			recovered(p, rec, depth)
		}
	}
	if p.goexit {
		gp._panic = p.link
	}
}

// recovered ends the panic p, and the older ones whose deferred call is cut off by going back
// to the frame of rec.
func recovered(p *_panic, rec *recoveryRecord, depth uintptr) {
	gp := getg()
	gp.sig = 0
	goexit := false
	q := p.link
	for q != nil && depth <= q.depth {
		goexit = goexit || q.goexit
		q = q.link
	}
	gp._panic = q
	if goexit {
		// A Goexit cannot be recovered from: it goes on with the remaining calls.
		Goexit()
	}
	rtRecovery(rec)
}

// Goexit ends the calling goroutine after its deferred calls.
//
//go:noinline
func Goexit() {
	var p _panic
	p.goexit = true
	runPanic(&p)
	rtGoexit()
}

// --- printing ---------------------------------------------------------------------------------

func fatalpanic(p *_panic) {
	gp := getg()
	var bubble *synctestBubble
	if e, ok := p.arg.(synctestDeadlockError); ok {
		bubble = e.bubble
	}
	// Texts first: Error and String methods may panic or deadlock.
	preprintpanics(p)
	rtStartPanic()
	printpanics(p)
	printsignal(gp)
	rtFatalpanic(p.pc, p.fp, 0, bubble)
}

func printsignal(gp *g) {
	if gp.sig != 0 {
		print("[signal ", signame(gp.sig))
		print(" code=", hex(gp.sigcode0), " addr=", hex(gp.sigcode1), " pc=", hex(gp.sigpc), "]\n")
	}
}

func signame(sig uintptr) string {
	switch sig {
	case 7:
		return "SIGBUS: bus error"
	case 8:
		return "SIGFPE: floating-point exception"
	case 11:
		return "SIGSEGV: segmentation violation"
	}
	return "signal"
}

type stringer interface{ String() string }

// panicText marks a value that has been turned into its text.
type panicText struct{ s string }

func preprintpanics(p *_panic) {
	for ; p != nil; p = p.link {
		if p.link != nil && sameValue(p.link.arg, p.arg) {
			p.link.repanicked = true
		}
	}
	defer func() {
		const text = "panic while printing panic value"
		switch r := recover().(type) {
		case nil:
		case string:
			throw(text + ": " + r)
		default:
			throw(text + ": type " + typeString(efaceOf(&r)._type))
		}
	}()
	for p = getg()._panic; p != nil; p = p.link {
		switch v := p.arg.(type) {
		case error:
			p.arg = panicText{v.Error()}
		case stringer:
			p.arg = panicText{v.String()}
		}
	}
}

// sameValue: the same dynamic type and data word (not ==, which may panic).
func sameValue(a, b any) bool {
	x, y := efaceOf(&a), efaceOf(&b)
	return x._type == y._type && x.data == y.data
}

func printpanics(p *_panic) {
	if p.link != nil {
		printpanics(p.link)
		if p.link.repanicked {
			// The same value again: shown once.
			return
		}
		if !p.link.goexit {
			print("\t")
		}
	}
	if p.goexit {
		return
	}
	print("panic: ")
	printpanicval(p.arg)
	if p.recovered && p.repanicked {
		print(" [recovered, repanicked]")
	} else if p.recovered {
		print(" [recovered]")
	}
	print("\n")
}

// printpanicval prints a panic's value; lines after the first are indented, so that no value
// can look like a traceback.
func printpanicval(v any) {
	switch v := v.(type) {
	case nil:
		print("nil")
		return
	case panicText:
		printindented(v.s)
		return
	case string:
		printindented(v)
		return
	}
	e := efaceOf(&v)
	name := typeString(e._type)
	kind := e._type.Kind()
	basic := name == kind.String()
	if kind < abi.Bool || kind > abi.Complex128 && kind != abi.String {
		print("(", name, ") ", e.data)
		return
	}
	if !basic {
		print(name)
	}
	switch kind {
	case abi.String:
		print("(\"")
		printindented(*(*string)(e.data))
		print("\")")
		return
	case abi.Complex64:
		print(*(*complex64)(e.data))
		return
	case abi.Complex128:
		print(*(*complex128)(e.data))
		return
	}
	if !basic {
		print("(")
	}
	switch e._type.Kind() {
	case abi.Bool:
		print(*(*bool)(e.data))
	case abi.Int:
		print(*(*int)(e.data))
	case abi.Int8:
		print(*(*int8)(e.data))
	case abi.Int16:
		print(*(*int16)(e.data))
	case abi.Int32:
		print(*(*int32)(e.data))
	case abi.Int64:
		print(*(*int64)(e.data))
	case abi.Uint:
		print(*(*uint)(e.data))
	case abi.Uint8:
		print(*(*uint8)(e.data))
	case abi.Uint16:
		print(*(*uint16)(e.data))
	case abi.Uint32:
		print(*(*uint32)(e.data))
	case abi.Uint64:
		print(*(*uint64)(e.data))
	case abi.Uintptr:
		print(*(*uintptr)(e.data))
	case abi.Float32:
		print(*(*float32)(e.data))
	case abi.Float64:
		print(*(*float64)(e.data))
	}
	if !basic {
		print(")")
	}
}

func printindented(s string) {
	for {
		i := bytealg.IndexByteString(s, '\n')
		if i < 0 {
			break
		}
		print(s[:i+1], "\t")
		s = s[i+1:]
	}
	print(s)
}

// sigpanic is "called" by the instruction that faulted.
func sigpanic() {
	gp := getg()
	switch gp.sig {
	case 7: // SIGBUS
		if gp.sigcode0 == 2 && gp.sigcode1 < 0x1000 {
			panicmem()
		}
	case 11: // SIGSEGV
		if (gp.sigcode0 == 0 || gp.sigcode0 == 1 || gp.sigcode0 == 2) && gp.sigcode1 < 0x1000 {
			panicmem()
		}
	case 8: // SIGFPE
		switch gp.sigcode0 {
		case 1:
			gp.sig = 0
			panicdivide()
		case 2:
			panicoverflow()
		}
		panicfloat()
	}
	if gp.paniconfault() {
		panicmemAddr(gp.sigcode1)
	}
	print("unexpected fault address ", hex(gp.sigcode1), "\n")
	throw("fault")
}

// paniconfault is what debug.SetPanicOnFault set for the goroutine.
func (gp *g) paniconfault() bool { return gp.words[2] != nil }

//go:linkname setPanicOnFault runtime/debug.setPanicOnFault
func setPanicOnFault(new bool) (old bool) {
	gp := getg()
	old = gp.paniconfault()
	gp.words[2] = nil
	if new {
		gp.words[2] = unsafe.Pointer(uintptr(1))
	}
	return
}
