// Execution traces: who begins and ends them, and who reads them. The Rust runtime (trace) writes them.

package runtime

import (
	"internal/runtime/atomic"
	"unsafe"
)

// What rtTraceNext gives, as Next in trace/batch.rs.
const (
	traceNothing = iota
	traceHeader
	traceBatch
	traceEnd
	traceDone
	traceLast
)

// What rtTraceAdvance does.
const (
	traceBegin = iota
	traceContinue
	traceStop
)

const (
	// How long a generation is, as in gc, and how often its writer looks whether the reader sleeps beside full batches.
	traceGeneration = 1e9
	traceLook       = 100e6
)

var (
	// Held while a trace begins or ends, and while a generation does.
	traceSem uint32 = 1
	// Under traceSem.
	traceOn bool
	// The number of the trace; its goroutine ends when there is another one, or none.
	traceSession atomic.Uint32
	// The reader has read a generation to its end.
	traceDoneSem uint32
	// The reader sleeps, or is about to.
	traceReaderSleeps atomic.Uint32
	traceReaderSem    uint32
)

// StartTrace begins a trace, which ReadTrace gets. It is for package runtime/trace.
func StartTrace() error {
	semacquire(&traceSem)
	defer semrelease(&traceSem)
	if traceOn {
		return errorString("tracing is already enabled")
	}
	for rtTraceAdvance(traceBegin) == 0 {
	}
	traceOn = true
	session := traceSession.Add(1)
	startSystem(func() { advanceTrace(session) })
	return nil
}

// StopTrace ends the trace, and returns when ReadTrace has returned all of it.
func StopTrace() { traceAdvance(true) }

// traceAdvance ends a generation, and the trace if that is said. It returns when the generation has been read.
//
//go:linkname traceAdvance
func traceAdvance(stop bool) {
	semacquire(&traceSem)
	defer semrelease(&traceSem)
	if !traceOn {
		return
	}
	what := uintptr(traceContinue)
	if stop {
		what = traceStop
	}
	for rtTraceAdvance(what) == 0 {
	}
	wakeTraceReader()
	semacquire(&traceDoneSem)
	if stop {
		rtTraceFree()
		traceOn = false
		traceSession.Add(1)
	}
}

// advanceTrace begins the generations of a trace, and wakes the reader if there is much to read.
func advanceTrace(session uint32) {
	for {
		for waited := 0; waited < traceGeneration; waited += traceLook {
			rtSleep(traceLook)
			if traceSession.Load() != session {
				return
			}
			if rtTraceIsReadable() {
				wakeTraceReader()
			}
		}
		traceAdvance(false)
	}
}

func wakeTraceReader() {
	if traceReaderSleeps.Swap(0) != 0 {
		semrelease(&traceReaderSem)
	}
}

// ReadTrace returns the next piece of the trace, when there is one; nil at its end. One goroutine at a time may call it.
func ReadTrace() []byte {
	var batch [2]uintptr
	for {
		switch rtTraceNext(&batch) {
		case traceHeader:
			return []byte("go 1.26 trace\x00\x00\x00")
		case traceBatch:
			return append([]byte(nil), unsafe.Slice((*byte)(unsafe.Pointer(batch[0])), batch[1])...)
		case traceEnd:
			return []byte{52} // the event for the end of a generation
		case traceDone:
			semrelease(&traceDoneSem)
		case traceLast:
			semrelease(&traceDoneSem)
			return nil
		case traceNothing:
			traceReaderSleeps.Store(1)
			if !rtTraceIsReadable() || traceReaderSleeps.Swap(0) == 0 {
				semacquire(&traceReaderSem)
			}
		}
	}
}

// traceClockUnitsPerSecond: nanoseconds.
//
//go:linkname traceClockUnitsPerSecond runtime/trace.runtime_traceClockUnitsPerSecond
func traceClockUnitsPerSecond() uint64 { return 1e9 }

//go:linkname traceClockNow
func traceClockNow() uint64 { return uint64(nanotime()) }

// --- annotations: runtime/trace calls these only while there is a trace --------------------------------------------------

//go:linkname trace_userTaskCreate runtime/trace.userTaskCreate
func trace_userTaskCreate(id, parentID uint64, taskType string) {
	rtTraceUserTaskBegin(id, parentID, taskType)
}

//go:linkname trace_userTaskEnd runtime/trace.userTaskEnd
func trace_userTaskEnd(id uint64) { rtTraceUserTaskEnd(id) }

//go:linkname trace_userRegion runtime/trace.userRegion
func trace_userRegion(id, mode uint64, name string) { rtTraceUserRegion(id, mode, name) }

//go:linkname trace_userLog runtime/trace.userLog
func trace_userLog(id uint64, category, message string) { rtTraceUserLog(id, category, message) }
