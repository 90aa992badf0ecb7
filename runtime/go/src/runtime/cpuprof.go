// The CPU profile: package runtime gives the memory for samples, and hands them to runtime/pprof. The Rust runtime (cpuprof)
// takes them.

package runtime

import (
	"internal/abi"
	"unsafe"
)

const (
	cpuProfileWords  = 1 << 17 // 1 MB, some 2000 of the deepest stacks
	cpuProfileLabels = 1 << 14
	// What the entries of a sample may be, as in gc. Calls that were inlined count.
	cpuProfileDepth = 64
	// Words of a record before the stack: length, time, count.
	cpuProfileHeader = 3
	// How long the reader sleeps, and so whoever ends the profile has to wait. Signal handlers do not wake it: the ring holds
	// some seconds of samples of many threads.
	cpuProfileSleep = 50e6
)

// cpuProfile is the profile that runs, or that has not been read to its end.
type cpuProfile struct {
	on     bool
	hz     int
	words  []uint64
	labels []unsafe.Pointer
	// How much has been read.
	readWords, readLabels uint64
	started               bool // the first record, which tells the rate, has been read
	markers               [5]uintptr
}

var (
	cpuProfileLock spinLock
	cpuProfiling   *cpuProfile
)

// Functions that stand for what is no Go code. They do not run; each has a body of its own so that they are not one.

//go:noinline
func _System() { _System() }

//go:noinline
func _GC() { _GC() }

//go:noinline
func _VDSO() { _VDSO() }

//go:noinline
func systemstack() { systemstack() }

//go:noinline
func newstack() { newstack() }

// SetCPUProfileRate sets the samples for each second of CPU time. 0 ends the profile; before that the rate
// cannot be changed.
func SetCPUProfileRate(hz int) {
	hz = min(max(hz, 0), 1e6)
	var fresh *cpuProfile
	if hz > 0 {
		// Not under the lock: this may collect.
		fresh = &cpuProfile{on: true, hz: hz, words: make([]uint64, cpuProfileWords), labels: make([]unsafe.Pointer, cpuProfileLabels)}
		fresh.markers = [...]uintptr{
			abi.FuncPCABIInternal(_System), abi.FuncPCABIInternal(_GC), abi.FuncPCABIInternal(_VDSO),
			abi.FuncPCABIInternal(systemstack), abi.FuncPCABIInternal(newstack),
		}
	}
	busy := false
	cpuProfileLock.lock()
	p := cpuProfiling
	switch {
	case hz > 0 && p != nil:
		busy = true
	case hz > 0:
		cpuProfiling = fresh
		rtCPUProfileStart(hz, &fresh.words[0], len(fresh.words), &fresh.labels[0], len(fresh.labels), &fresh.markers[0])
	case p != nil && p.on:
		rtCPUProfileStop()
		p.on = false
	}
	cpuProfileLock.unlock()
	if busy {
		print("runtime: cannot set cpu profile rate until previous profile has finished.\n")
	}
}

// runtime_pprof_readProfile waits for samples and returns them in whole records, with the labels of each record; eof is true when the
// profile has ended and all of it has been returned.
//
//go:linkname runtime_pprof_readProfile runtime/pprof.readProfile
func runtime_pprof_readProfile() (data []uint64, labels []unsafe.Pointer, eof bool) {
	cpuProfileLock.lock()
	p := cpuProfiling
	cpuProfileLock.unlock()
	if p == nil {
		return nil, nil, true
	}
	if !p.started {
		p.started = true
		return []uint64{cpuProfileHeader, uint64(nanotime()), uint64(p.hz)}, []unsafe.Pointer{nil}, false
	}
	ended := false
	for !ended {
		cpuProfileLock.lock()
		ended = !p.on
		cpuProfileLock.unlock()
		if rtCPUProfileWritten() != p.readWords || ended {
			break
		}
		rtSleep(cpuProfileSleep)
	}
	var physical, entries [cpuProfileDepth]uintptr
	at := func(i uint64) uint64 { return p.words[(p.readWords+i)%cpuProfileWords] }
	for end := rtCPUProfileWritten(); p.readWords < end; {
		n := at(0)
		record := [cpuProfileHeader]uint64{0, at(1), at(2)}
		begin := len(data)
		data = append(data, record[:]...)
		for i := range physical[:n-cpuProfileHeader] {
			physical[i] = uintptr(at(cpuProfileHeader + uint64(i)))
		}
		if stack := physical[:n-cpuProfileHeader]; record[2] == 0 {
			data = append(data, uint64(stack[0]))
		} else {
			for _, entry := range entries[:expandCallers(stack, entries[:])] {
				data = append(data, uint64(entry))
			}
		}
		data[begin] = uint64(len(data) - begin)
		label := &p.labels[p.readLabels%cpuProfileLabels]
		labels = append(labels, *label)
		*label = nil
		p.readWords += n
		p.readLabels++
	}
	rtCPUProfileRead(p.readWords, p.readLabels)
	if ended && len(data) == 0 {
		cpuProfileLock.lock()
		cpuProfiling = nil
		cpuProfileLock.unlock()
		eof = true
	}
	return data, labels, eof
}
