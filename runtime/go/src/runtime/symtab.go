package runtime

import (
	"unsafe"
)

// rtFrame is one logical frame as the Rust runtime describes it.
type rtFrame struct {
	name      string
	file      string
	line      int
	startLine int
	entry     uintptr
	flags     uintptr
	physical  uintptr
}

const flagWrapper = 1

// An entry of a list of callers stands for one logical frame: a return address, and in its high bits how many calls were
// inlined below the frame there. So a list has the same entries whatever was inlined.
const (
	levelShift = 48
	pcMask     = 1<<levelShift - 1
)

// frameAt describes the logical frame of an entry; not ok if there is no such function.
func frameAt(entry uintptr, x *rtFrame) bool {
	pc := entry & pcMask
	return pc != 0 && rtFrameAt(pc-1, int(entry>>levelShift), x)
}

// outerEntry is the next entry at the same return address, 0 if the frame is none of inlined code.
func outerEntry(entry uintptr, x *rtFrame) uintptr {
	for x.physical == 0 {
		entry += 1 << levelShift
		if !frameAt(entry, x) {
			break
		}
		if x.flags&flagWrapper == 0 {
			return entry
		}
	}
	return 0
}

// A Func is a function of the executable. The value is its entry address in disguise.
type Func struct {
	opaque struct{}
}

// FuncForPC returns the function that contains pc; with inlining, the innermost one.
func FuncForPC(pc uintptr) *Func {
	var f rtFrame
	if !rtFrameAt(pc&pcMask, int(pc>>levelShift), &f) {
		return nil
	}
	if f.physical != 0 {
		return (*Func)(unsafe.Pointer(f.entry))
	}
	return (*Func)(unsafe.Pointer(&inlinedFunc{^uintptr(0), f}))
}

// inlinedFunc stands for a function that was inlined at the pc asked for.
type inlinedFunc struct {
	mark uintptr // all ones: no function starts with that
	f    rtFrame
}

func (f *Func) info() rtFrame {
	var fr rtFrame
	if f == nil {
		return fr
	}
	if in := (*inlinedFunc)(unsafe.Pointer(f)); in.mark == ^uintptr(0) {
		return in.f
	}
	rtFuncInfo(uintptr(unsafe.Pointer(f)), &fr)
	return fr
}

// Name is the function's name, "" for nil.
func (f *Func) Name() string { return f.info().name }

// Entry is the address of the function's first instruction.
func (f *Func) Entry() uintptr { return f.info().entry }

// FileLine is the source position of pc, which should lie in f.
func (f *Func) FileLine(pc uintptr) (file string, line int) {
	fr := f.info()
	if in := (*inlinedFunc)(unsafe.Pointer(f)); f != nil && in.mark != ^uintptr(0) {
		for i := 0; ; i++ {
			var x rtFrame
			if !rtFrameAt(pc&pcMask, i, &x) {
				break
			}
			if x.physical != 0 {
				return x.file, x.line
			}
		}
	}
	return fr.file, fr.line
}

func (f *Func) startLine() int32 { return int32(f.info().startLine) }

// A Frame is one entry of a call stack, inlined calls included.
type Frame struct {
	PC       uintptr
	Func     *Func // nil for an inlined function
	Function string
	File     string
	Line     int

	startLine int
	Entry     uintptr
	flags     uintptr
}

// Frames turns the pcs of Callers into Frame values.
type Frames struct {
	callers []uintptr
	// outer is an entry that is missing in callers, before those.
	outer uintptr
	next  Frame
	more  bool
}

// CallersFrames prepares the pcs of Callers for Next. Return addresses alone, as tracebacks show them, stand for all
// frames there, apart from the last.
func CallersFrames(callers []uintptr) *Frames {
	f := &Frames{callers: callers}
	f.next, f.more = f.advance()
	return f
}

// Next returns the next frame, and whether there are more after it.
func (f *Frames) Next() (frame Frame, more bool) {
	if !f.more {
		return Frame{}, false
	}
	frame = f.next
	f.next, f.more = f.advance()
	return frame, f.more
}

func (f *Frames) advance() (Frame, bool) {
	for f.outer != 0 || len(f.callers) > 0 {
		entry := f.outer
		if entry == 0 {
			entry, f.callers = f.callers[0], f.callers[1:]
		}
		f.outer = 0
		var x, y rtFrame
		if !frameAt(entry, &x) {
			continue
		}
		y = x
		if outer := outerEntry(entry, &y); len(f.callers) > 0 && f.callers[0] != outer {
			f.outer = outer
		}
		if x.flags&flagWrapper != 0 {
			continue
		}
		fr := Frame{PC: entry&pcMask - 1, Function: x.name, File: x.file, Line: x.line, startLine: x.startLine, Entry: x.entry, flags: x.flags}
		if x.physical != 0 {
			fr.Func = (*Func)(unsafe.Pointer(x.entry))
		}
		return fr, true
	}
	return Frame{}, false
}

// physicalCallers fills pcs with the return addresses above the frame fp.
func physicalCallers(fp uintptr, pcs []uintptr) int {
	return rtCallers(fp, 0, &pcs[0], len(pcs))
}

// callers fills pcs with the stack above the frame fp, without its first skip logical frames.
func callers(fp uintptr, skip int, pcs []uintptr) int {
	n, done := 0, 0
	var buf [32]uintptr
	for n < len(pcs) {
		k := rtCallers(fp, done, &buf[0], len(buf))
		var m int
		m, skip = expandCallers(buf[:k], skip, pcs[n:])
		n += m
		done += k
		if k < len(buf) {
			break
		}
	}
	return n
}

// expandCallers fills pcs with the entries for return addresses, apart from the first skip ones and wrappers.
// It returns how many there are, and how many are still to be skipped.
func expandCallers(physical []uintptr, skip int, pcs []uintptr) (n, left int) {
	for _, pc := range physical {
		var x rtFrame
		for level := 0; n < len(pcs) && x.physical == 0; level++ {
			entry := pc | uintptr(level)<<levelShift
			if !frameAt(entry, &x) {
				break
			}
			if x.flags&flagWrapper != 0 {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			pcs[n] = entry
			n++
		}
	}
	return n, skip
}

// Callers fills pc with the return addresses of the calling goroutine's stack; skip 0 is
// Callers itself, 1 its caller.
func Callers(skip int, pc []uintptr) int {
	if len(pc) == 0 {
		return 0
	}
	if skip == 0 {
		return callersHere(pc)
	}
	return callers(getfp(), skip-1, pc)
}

// callersHere starts with its caller.
//
//go:noinline
func callersHere(pc []uintptr) int { return callers(getfp(), 0, pc) }

// Caller tells file and line of a caller: skip 0 is the caller of Caller.
func Caller(skip int) (pc uintptr, file string, line int, ok bool) {
	var pcs [1]uintptr
	if callers(getfp(), skip, pcs[:]) == 0 {
		return
	}
	frame, _ := CallersFrames(pcs[:]).Next()
	// FuncForPC is to find the same function.
	return pcs[0] - 1, frame.File, frame.Line, true
}

// --- Stack ----------------------------------------------------------------------------------------

// Stack writes a traceback of the calling goroutine, or of all, to buf.
func Stack(buf []byte, all bool) int {
	w := stackWriter{buf: buf}
	gp := getg()
	w.str("goroutine ")
	w.uint(gp.goid)
	w.str(" [running")
	w.locked(rtLockedToThread())
	var pcs [128]uintptr
	n := physicalCallers(getfp(), pcs[:])
	w.frames(pcs[:n])
	me := uintptr(unsafe.Pointer(gp))
	var info [10]uintptr
	if all {
		for rtStwBegin() == 0 {
		}
	}
	for i := 0; ; i++ {
		r := rtGoroutineInfo(i, &info)
		if r == 0 {
			break
		}
		if r != 1 {
			continue
		}
		if info[8] == me {
			w.created(info[6], uint64(info[7]))
			continue
		}
		if !all {
			continue
		}
		w.str("\ngoroutine ")
		w.uint(uint64(info[0]))
		w.str(" [")
		w.str(unsafe.String((*byte)(unsafe.Pointer(info[2])), int(info[3])))
		w.locked(info[9] != 0)
		k := rtCallersOf(unsafe.Pointer(info[8]), info[4], info[5], &pcs[0], len(pcs))
		w.frames(pcs[:k])
		w.created(info[6], uint64(info[7]))
	}
	if all {
		rtStwEnd()
	}
	return w.n
}

// locked ends a header.
func (w *stackWriter) locked(yes bool) {
	if yes {
		w.str(", locked to thread")
	}
	w.str("]:\n")
}

// stackWriter writes into a buffer and does not allocate.
type stackWriter struct {
	buf []byte
	n   int
}

func (w *stackWriter) str(s string) { w.n += copy(w.buf[w.n:], s) }

func (w *stackWriter) uint(v uint64) {
	var b [20]byte
	i := len(b)
	for {
		i--
		b[i] = byte('0' + v%10)
		v /= 10
		if v == 0 {
			break
		}
	}
	w.n += copy(w.buf[w.n:], b[i:])
}

func (w *stackWriter) hex(v uintptr) {
	var b [18]byte
	i := len(b)
	for {
		i--
		b[i] = "0123456789abcdef"[v&15]
		v >>= 4
		if v == 0 {
			break
		}
	}
	w.str("0x")
	w.n += copy(w.buf[w.n:], b[i:])
}

func hiddenName(name string) bool {
	const p = "runtime."
	if len(name) <= len(p) || name[:len(p)] != p {
		return false
	}
	c := name[len(p)]
	return !('A' <= c && c <= 'Z') && name != "runtime.gopanic"
}

func (w *stackWriter) frames(pcs []uintptr) {
	for _, pc := range pcs {
		var x rtFrame
		for i := 0; rtFrameAt(pc-1, i, &x); i++ {
			if x.flags&flagWrapper != 0 || hiddenName(x.name) {
				continue
			}
			if x.name == "runtime.gopanic" {
				w.str("panic")
			} else {
				w.str(x.name)
			}
			if x.physical != 0 && x.flags&8 != 0 {
				w.str("()\n")
			} else {
				w.str("(...)\n")
			}
			w.pos(&x, pc, x.physical != 0)
		}
	}
}

func (w *stackWriter) pos(x *rtFrame, pc uintptr, off bool) {
	w.str("\t")
	w.str(x.file)
	w.str(":")
	w.uint(uint64(x.line))
	if off && pc > x.entry {
		w.str(" +")
		w.hex(pc - x.entry)
	}
	w.str("\n")
}

func (w *stackWriter) created(gopc uintptr, parent uint64) {
	var x rtFrame
	if gopc == 0 || !rtFrameAt(gopc-1, 0, &x) || hiddenName(x.name) {
		return
	}
	w.str("created by ")
	w.str(x.name)
	if parent != 0 {
		w.str(" in goroutine ")
		w.uint(parent)
	}
	w.str("\n")
	w.pos(&x, gopc, true)
}
