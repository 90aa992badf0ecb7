package runtime

import (
	"internal/runtime/atomic"
	"unsafe"
)

// rtTimer is the part of a timer that the Rust runtime keeps in its heap.
type rtTimer struct {
	when      int64
	period    int64
	slot      uintptr
	kind      uint32
	pending   uint32
	self      uintptr
	seq       uintptr
	fired     uintptr
	firedWhen int64
	bubble    *synctestBubble // by whose clock it goes
	ch        *hchan          // on which f does nothing but send
}

// timeTimer is what a *time.Timer or *time.Ticker points at. The first two fields are
// time's own view. The Rust runtime holds the address of rt: it leads back to the object.
type timeTimer struct {
	c    unsafe.Pointer // <-chan time.Time
	init bool
	f    func(arg any, seq uintptr, delta int64)
	arg  any
	// Held while f sends on rt.ch, and by Stop and Reset, so that no stale value is seen
	// after them.
	sem uint32
	rt  rtTimer
}

func timerOf(rt *rtTimer) *timeTimer {
	return (*timeTimer)(unsafe.Pointer(uintptr(unsafe.Pointer(rt)) - unsafe.Offsetof(timeTimer{}.rt)))
}

var timerOnce atomic.Uint32

// Bits of what rtTimerModify tells, and of rtTimer.pending: see timer_heap.rs.
const (
	timerActive = 1
	timerTaken  = 2
)

// haveHighResSleep is looked at by tests of package time: sleeps are exact to a millisecond.
//
//go:linkname haveHighResSleep
var haveHighResSleep = true

//go:linkname newTimer time.newTimer
func newTimer(when, period int64, f func(arg any, seq uintptr, delta int64), arg any, c *hchan) *timeTimer {
	if timerOnce.Load() == 0 && timerOnce.CompareAndSwap(0, 1) {
		startSystem(runTimers)
	}
	t := &timeTimer{init: true, f: f, arg: arg, sem: 1}
	t.rt.ch = c
	t.rt.bubble = getg().bubble
	if c != nil {
		c.timer = unsafe.Pointer(t)
	}
	if t.rt.bubble != nil {
		t.modify(1, when, period)
	} else {
		rtTimerModify(&t.rt, 1, when, period)
	}
	return t
}

//go:linkname stopTimer time.stopTimer
func stopTimer(t *timeTimer) bool {
	if t.rt.bubble != nil && getg().bubble == nil {
		fatal("stop of synctest timer from outside bubble")
	}
	return t.modify(0, 0, 0)
}

//go:linkname resetTimer time.resetTimer
func resetTimer(t *timeTimer, when, period int64) bool {
	if t.rt.bubble != nil && getg().bubble == nil {
		fatal("reset of synctest timer from outside bubble")
	}
	return t.modify(1, when, period)
}

func (t *timeTimer) modify(op uintptr, when, period int64) bool {
	// By the clock of a bubble it is due at once: it must have fired before the bubble looks idle.
	now := t.rt.bubble != nil && op != 0 && when <= t.rt.bubble.now
	if now && period > 0 {
		periods := 1 + (t.rt.bubble.now-when)/period
		when = max(when+periods*period, when)
	} else if now {
		op = 0
	}
	if t.rt.ch == nil {
		active := rtTimerModify(&t.rt, op, when, period)&timerActive != 0
		if now {
			t.f(t.arg, t.rt.seq, 0)
		}
		return active
	}
	semacquire(&t.sem)
	// Taken but not run: the value will not be sent any more.
	active := rtTimerModify(&t.rt, op, when, period) != 0
	if t.rt.ch.qcount > 0 {
		// A value that nobody has taken: as if the timer had not fired yet.
		chanrecv(t.rt.ch, nil, false)
		active = true
	}
	if now {
		t.f(t.arg, t.rt.seq, 0)
	}
	semrelease(&t.sem)
	return active
}

// run runs the function for the firing seq, which was due delta ago.
func (t *timeTimer) run(seq uintptr, delta int64) {
	if t.rt.ch == nil {
		t.f(t.arg, seq, delta)
		return
	}
	semacquire(&t.sem)
	if t.rt.seq == seq {
		t.f(t.arg, seq, delta)
	}
	atomic.And(&t.rt.pending, ^uint32(timerTaken))
	semrelease(&t.sem)
}

// runTimers is the goroutine that runs the functions of fired timers; they do not block.
func runTimers() {
	var out [2]int64
	for {
		rt := rtTimerNext(&out)
		if rt != nil {
			timerOf(rt).run(uintptr(out[0]), nanotime()-out[1])
		}
	}
}

//go:linkname timeSleep time.Sleep
func timeSleep(ns int64) { rtSleep(ns) }

//go:linkname nanotime

// time_now is time.Now's source: wall clock and monotonic clock.
//
//go:linkname time_now time.now
func time_now() (sec int64, nsec int32, mono int64) {
	s, n := walltime()
	return s, int32(n), nanotime()
}

// time_runtimeNow is the same, but in a bubble its clock, without a monotonic time: neither the true nor a false one could be
// compared with times from within and without.
//
//go:linkname time_runtimeNow time.runtimeNow
func time_runtimeNow() (sec int64, nsec int32, mono int64) {
	if b := getg().bubble; b != nil {
		return b.now / 1e9, int32(b.now % 1e9), 0
	}
	return time_now()
}

//go:linkname time_runtimeNano time.runtimeNano
func time_runtimeNano() int64 {
	if b := getg().bubble; b != nil {
		return b.now
	}
	return nanotime()
}

//go:linkname time_runtimeIsBubbled time.runtimeIsBubbled
func time_runtimeIsBubbled() bool { return getg().bubble != nil }

//go:linkname fips_monoTime crypto/internal/fips140deps/time.monoTime
func fips_monoTime() int64 { return nanotime() }
