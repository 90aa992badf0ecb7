package runtime

import (
	"internal/runtime/math"
	"unsafe"
)

// hchan is a channel; the Rust runtime knows the layout.
type hchan struct {
	qcount   uint
	dataqsiz uint
	buf      unsafe.Pointer
	elemsize uint16
	closed   uint32
	timer    unsafe.Pointer // the timer that feeds this channel
	elemtype *_type
	sendx    uint
	recvx    uint
	recvq    waitq
	sendq    waitq
	bubble   *synctestBubble // the only one whose goroutines may use it
	lock     uintptr
}

// waitq holds wait records outside of the Go heap.
type waitq struct {
	first, last uintptr
}

const hchanSize = unsafe.Sizeof(hchan{})

func makechan(t *chantype, size int) *hchan {
	elem := t.Elem
	mem, overflow := math.MulUintptr(elem.Size_, uintptr(size))
	if overflow || mem > maxAlloc-hchanSize || size < 0 {
		panic(plainError("makechan: size out of range"))
	}
	c := new(hchan)
	if mem > 0 {
		c.buf = mallocgc(mem, elem, true)
	} else {
		c.buf = unsafe.Pointer(&c.buf)
	}
	c.elemsize = uint16(elem.Size_)
	c.elemtype = elem
	c.dataqsiz = uint(size)
	c.bubble = getg().bubble
	return c
}

func makechan64(t *chantype, size int64) *hchan { return makechan(t, int(size)) }

func panicSendClosed() { panic(plainError("send on closed channel")) }

// Results of the Rust functions.
const (
	chanBlocked  = 0
	chanSent     = 1
	chanClosed   = 2
	recvSelected = 1
	recvGotValue = 2
)

func chansend(c *hchan, elem unsafe.Pointer, block bool) bool {
	if c == nil {
		if !block {
			return false
		}
		for {
			rtPark(waitChanSendNil)
		}
	}
	if c.bubble != nil && getg().bubble != c.bubble {
		fatal("send on synctest channel from outside bubble")
	}
	if rtChansendFast(c, elem) {
		return true
	}
	if !block && c.closed == 0 && (c.dataqsiz == 0 && c.recvq.first == 0 || c.dataqsiz > 0 && c.qcount == c.dataqsiz) {
		return false
	}
	since := blockBegins()
	r := rtChansend(c, elem, block && since == 0)
	if since != 0 && block && r == chanBlocked {
		r = rtChansend(c, elem, true)
		blockEnds(since)
	}
	if r == chanClosed {
		panicSendClosed()
	}
	return r == chanSent
}

func chanrecv(c *hchan, elem unsafe.Pointer, block bool) (selected, received bool) {
	if c == nil {
		if !block {
			return
		}
		for {
			rtPark(waitChanRecvNil)
		}
	}
	if c.bubble != nil && getg().bubble != c.bubble {
		fatal("receive on synctest channel from outside bubble")
	}
	if rtChanrecvFast(c, elem) {
		return true, true
	}
	since := blockBegins()
	r := rtChanrecv(c, elem, block && since == 0)
	if since != 0 && block && r == chanBlocked {
		r = rtChanrecv(c, elem, true)
		blockEnds(since)
	}
	return r&recvSelected != 0, r&recvGotValue != 0
}

func chansend1(c *hchan, elem unsafe.Pointer) { chansend(c, elem, true) }

func chanrecv1(c *hchan, elem unsafe.Pointer) { chanrecv(c, elem, true) }

func chanrecv2(c *hchan, elem unsafe.Pointer) (received bool) {
	_, received = chanrecv(c, elem, true)
	return
}

func selectnbsend(c *hchan, elem unsafe.Pointer) (selected bool) { return chansend(c, elem, false) }

func selectnbrecv(elem unsafe.Pointer, c *hchan) (selected, received bool) {
	return chanrecv(c, elem, false)
}

func closechan(c *hchan) {
	if c == nil {
		panic(plainError("close of nil channel"))
	}
	if c.bubble != nil && getg().bubble != c.bubble {
		fatal("close of synctest channel from outside bubble")
	}
	if rtClosechan(c) != 0 {
		panic(plainError("close of closed channel"))
	}
}

func chanlen(c *hchan) int {
	if c == nil {
		return 0
	}
	if c.timer != nil {
		if c.bubble != nil && getg().bubble != c.bubble {
			fatal("synctest timer accessed from outside bubble")
		}
		return 0
	}
	return int(c.qcount)
}

func chancap(c *hchan) int {
	if c == nil || c.timer != nil {
		return 0
	}
	return int(c.dataqsiz)
}

// --- reflection ---------------------------------------------------------------------------------

//go:linkname reflect_makechan reflect.makechan
func reflect_makechan(t *chantype, size int) *hchan { return makechan(t, size) }

//go:linkname reflect_chansend reflect.chansend0
func reflect_chansend(c *hchan, elem unsafe.Pointer, nb bool) (selected bool) {
	return chansend(c, elem, !nb)
}

//go:linkname reflect_chanrecv reflect.chanrecv
func reflect_chanrecv(c *hchan, nb bool, elem unsafe.Pointer) (selected, received bool) {
	return chanrecv(c, elem, !nb)
}

//go:linkname reflect_chanlen reflect.chanlen
func reflect_chanlen(c *hchan) int { return chanlen(c) }

//go:linkname reflectlite_chanlen internal/reflectlite.chanlen
func reflectlite_chanlen(c *hchan) int { return chanlen(c) }

//go:linkname reflect_chancap reflect.chancap
func reflect_chancap(c *hchan) int { return chancap(c) }

//go:linkname reflect_chanclose reflect.chanclose
func reflect_chanclose(c *hchan) { closechan(c) }
