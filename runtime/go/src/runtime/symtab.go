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

// An entry of a list of callers stands for one logical frame: a return address, and in its high bits how many calls were
// inlined below the frame there. So a list has the same entries whatever was inlined.
const (
	levelShift = 48
	pcMask     = 1<<levelShift - 1
)

// frameAt describes the logical frame of an entry; not ok if there is no such function.
func frameAt(entry uintptr, x *rtFrame) bool {
	pc := entry & pcMask
	if pc%funcAlign != 0 || rtFuncEntry(pc) != pc {
		// A return address, which nothing calls at its function's beginning; that is a function itself.
		pc--
	}
	return pc != 0 && rtFrameAt(pc, int(entry>>levelShift), x)
}

// funcAlign is what entries of functions are multiples of.
const funcAlign = 16

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
	var ok bool
	if pc > pcMask {
		// Only lists of callers say that something was inlined.
		ok = frameAt(pc, &f)
	} else {
		ok = rtFrameAt(pc, 0, &f)
	}
	if !ok {
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

// stackCursor is where a walk over the stack goes on; it begins with a frame that is left out, and no pc.
type stackCursor struct {
	pc, fp uintptr
}

// physicalCallers fills pcs with the return addresses above the frame fp.
func physicalCallers(fp uintptr, pcs []uintptr) int {
	at := stackCursor{fp: fp}
	return rtCallers(&at, &pcs[0], len(pcs))
}

// callers fills pcs with the stack above the frame fp, without its first skip logical frames.
func callers(fp uintptr, skip int, pcs []uintptr) int {
	at := stackCursor{fp: fp}
	e := callersExpander{skip: skip}
	var buf [32]uintptr
	n := 0
	for n < len(pcs) {
		k := rtCallers(&at, &buf[0], len(buf))
		n += e.expand(buf[:k], pcs[n:])
		if k < len(buf) {
			break
		}
	}
	return n
}

// expandCallers fills pcs with the entries for return addresses, apart from wrappers; how many.
func expandCallers(physical []uintptr, pcs []uintptr) int {
	var e callersExpander
	return e.expand(physical, pcs)
}

// A callersExpander makes lists of callers out of return addresses. It remembers what it found at some of them: deep stacks
// are recursions.
type callersExpander struct {
	// skip is the number of entries to leave out.
	skip  int
	known [8]struct {
		pc uintptr
		// Bit i: level i is in the list; the highest bit ends the levels.
		levels uint64
	}
}

// levels tells which logical frames at a return address are no wrappers.
func (e *callersExpander) levels(pc uintptr) uint64 {
	k := &e.known[pc>>2%uintptr(len(e.known))]
	if k.pc == pc {
		return k.levels
	}
	var x rtFrame
	levels, level := uint64(0), 0
	for ; x.physical == 0 && level < 63 && frameAt(pc|uintptr(level)<<levelShift, &x); level++ {
		if x.flags&flagWrapper == 0 {
			levels |= 1 << level
		}
	}
	k.pc, k.levels = pc, levels|1<<level
	return k.levels
}

func (e *callersExpander) expand(physical []uintptr, pcs []uintptr) (n int) {
	for _, pc := range physical {
		entry := pc
		for levels := e.levels(pc); levels > 1 && n < len(pcs); levels >>= 1 {
			if levels&1 != 0 {
				if e.skip > 0 {
					e.skip--
				} else {
					pcs[n] = entry
					n++
				}
			}
			entry += 1 << levelShift
		}
	}
	return n
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

// Stack writes a traceback of the calling goroutine, or of all, to buf.
//
//go:noinline
func Stack(buf []byte, all bool) int {
	if len(buf) == 0 {
		return 0
	}
	if all {
		for rtStwBegin() == 0 {
		}
	}
	n := rtStack(&buf[0], len(buf), getfp(), all)
	if all {
		rtStwEnd()
	}
	return n
}
