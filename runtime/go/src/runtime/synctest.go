// testing/synctest: bubbles of goroutines with a clock of their own. The Rust runtime counts who is blocked (sched/bubble.rs).

package runtime

import "unsafe"

// synctestBubble is a bubble; the Rust runtime has the rest.
type synctestBubble struct {
	id  uint64
	now int64 // the clock
	_   [12]uintptr
}

// synctestDeadlockError is what Run panics with when goroutines are left that can never go on.
type synctestDeadlockError struct {
	reason string
	bubble *synctestBubble
}

func (e synctestDeadlockError) Error() string { return e.reason }

//go:linkname synctestRun internal/synctest.Run
func synctestRun(f func()) {
	gp := getg()
	if gp.bubble != nil {
		panic("synctest.Run called from within a synctest bubble")
	}
	b := new(synctestBubble)
	rtBubbleBegin(b)
	gp.bubble = b
	defer func() {
		rtBubbleEnd(b)
		gp.bubble = nil
	}()
	rtBubbleMain(b, funcvalOf(f), getcallerpc())
	for {
		b.runTimers()
		rtBubbleIdle(b)
		switch rtBubbleAdvance(b) {
		case 0:
			return
		case 2:
			panic(synctestDeadlockError{"deadlock: main bubble goroutine has exited but blocked goroutines remain", b})
		case 3:
			panic(synctestDeadlockError{"deadlock: all goroutines in bubble are blocked", b})
		}
	}
}

// runTimers runs what is due by the bubble's clock, on the goroutine in Run.
func (b *synctestBubble) runTimers() {
	var out [2]int64
	for {
		rt := rtBubbleTimerNext(b, &out)
		if rt == nil {
			return
		}
		timerOf(rt).run(uintptr(out[0]), b.now-out[1])
	}
}

//go:linkname synctestWait internal/synctest.Wait
func synctestWait() {
	b := getg().bubble
	if b == nil {
		panic("goroutine is not in a bubble")
	}
	if !rtBubbleWait(b) {
		panic("wait already in progress")
	}
	rtBubbleWaited(b)
}

//go:linkname synctest_isInBubble internal/synctest.IsInBubble
func synctest_isInBubble() bool { return getg().bubble != nil }

//go:linkname synctest_acquire internal/synctest.acquire
func synctest_acquire() any {
	if b := getg().bubble; b != nil {
		rtBubbleAcquire(b)
		return b
	}
	return nil
}

//go:linkname synctest_release internal/synctest.release
func synctest_release(bubble any) { rtBubbleRelease(bubble.(*synctestBubble)) }

//go:linkname synctest_inBubble internal/synctest.inBubble
func synctest_inBubble(bubble any, f func()) {
	gp := getg()
	if gp.bubble != nil {
		panic("goroutine is already bubbled")
	}
	gp.bubble = bubble.(*synctestBubble)
	defer func() { gp.bubble = nil }()
	f()
}

// Results are those of internal/synctest.Association.

//go:linkname synctest_associate internal/synctest.associate
func synctest_associate(p unsafe.Pointer) int {
	return int(rtBubbleAssociate(p, getg().bubble.id, true))
}

//go:linkname synctest_disassociate internal/synctest.disassociate
func synctest_disassociate(p unsafe.Pointer) { rtBubbleDisassociate(p) }

//go:linkname synctest_isAssociated internal/synctest.isAssociated
func synctest_isAssociated(p unsafe.Pointer) bool {
	return rtBubbleAssociate(p, getg().bubble.id, false) == 1
}
