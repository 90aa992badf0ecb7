// The profiles of blocking (channels, select, package sync) and of lock contention: events by stack.

package runtime

import (
	"internal/profilerecord"
	"internal/runtime/atomic"
)

// A BlockProfileRecord describes blocking at one call stack.
type BlockProfileRecord struct {
	Count  int64
	Cycles int64
	StackRecord
}

// blockRate is the mean number of cycles blocked per sample, 0: none; mutexFraction: one event in so many is sampled.
var blockRate, mutexFraction atomic.Int64

// blockBucket is what is known of one stack of return addresses.
type blockBucket struct {
	next   *blockBucket
	hash   uintptr
	count  float64
	cycles int64
	stack  []uintptr
}

// blockEvents is one of the profiles. Buckets are never freed.
type blockEvents struct {
	spinLock // no semaphore, since those are profiled
	n       int
	buckets [179]*blockBucket
}

var blockedEvents, mutexEvents blockEvents

// spinLock is held for moments.
type spinLock struct {
	busy atomic.Uint32
}

func (l *spinLock) lock() {
	for !l.busy.CompareAndSwap(0, 1) {
		goyield()
	}
}

func (l *spinLock) unlock() { l.busy.Store(0) }

// operationFrames is how many frames an operation may have that are recorded, but not shown.
const operationFrames = 8

// add counts for the stack above the frame fp.
//
//go:noinline
func (e *blockEvents) add(fp uintptr, count float64, cycles int64) {
	var pcs [maxProfileStack + operationFrames]uintptr
	at := stackCursor{fp: fp}
	stack := pcs[:rtCallers(&at, &pcs[0], len(pcs))]
	hash := uintptr(len(stack))
	for _, pc := range stack {
		hash = hash*31 + pc
	}
	var fresh *blockBucket
	for {
		e.lock()
		list := &e.buckets[hash%uintptr(len(e.buckets))]
		b := *list
		for b != nil && (b.hash != hash || !samePCs(b.stack, stack)) {
			b = b.next
		}
		if b == nil && fresh != nil {
			b = fresh
			b.next = *list
			*list = b
			e.n++
		}
		if b != nil {
			b.count += count
			b.cycles += cycles
		}
		e.unlock()
		if b != nil {
			return
		}
		// Not under the lock: memory may be collected meanwhile.
		fresh = &blockBucket{hash: hash, stack: append([]uintptr(nil), stack...)}
	}
}

func samePCs(a, b []uintptr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// blockBegins tells when an operation that may block begins, or 0 if the profile is off.
func blockBegins() int64 {
	if blockRate.Load() == 0 {
		return 0
	}
	return cputicks()
}

// blockEnds is called after the goroutine was blocked, with what blockBegins gave.
//
//go:noinline
func blockEnds(since int64) {
	if since != 0 {
		blockevent(cputicks()-since, 0)
	}
}

// blockevent counts a goroutine that was blocked for so many cycles. The name is known to tests of runtime/pprof; the profile
// finds by itself where the operation of the program begins.
//
//go:noinline
func blockevent(cycles int64, skip int) {
	rate := blockRate.Load()
	cycles = max(cycles, 1)
	switch {
	case rate == 0:
	case cycles >= rate:
		blockedEvents.add(getfp(), 1, cycles)
	case int64(rand()>>1)%rate < cycles:
		// One of the many that were as short.
		blockedEvents.add(getfp(), float64(rate)/float64(cycles), rate)
	}
}

// contended is called by who released a lock that a goroutine has waited for.
//
//go:noinline
func contended(cycles int64) {
	rate := mutexFraction.Load()
	if rate > 0 && int64(rand()>>1)%rate == 0 {
		mutexEvents.add(getfp(), float64(rate), rate*max(cycles, 0))
	}
}

// SetBlockProfileRate controls the fraction of blocking events that are in the profile: on average one for each rate
// nanoseconds blocked; 1: all, 0 or less: none.
func SetBlockProfileRate(rate int) {
	var r int64
	if rate == 1 {
		r = 1
	} else if rate > 0 {
		r = max(int64(float64(rate)*float64(pprof_cyclesPerSecond())/1e9), 1)
	}
	blockRate.Store(r)
}

// SetMutexProfileFraction controls the fraction of contentions that are in the profile, one in rate; 0: none; less than 0: as before. It
// returns what it was.
func SetMutexProfileFraction(rate int) int {
	if rate < 0 {
		return int(mutexFraction.Load())
	}
	return int(mutexFraction.Swap(int64(rate)))
}

// blockRecord is a copy of a bucket.
type blockRecord struct {
	count, cycles int64
	stack         []uintptr
}

// records copies the buckets, if there are at most room of them.
func (e *blockEvents) records(room int) (r []blockRecord, n int, ok bool) {
	r = make([]blockRecord, 0, room)
	e.lock()
	n = e.n
	if ok = n <= room; ok {
		for _, b := range e.buckets {
			for ; b != nil; b = b.next {
				r = append(r, blockRecord{int64(b.count), b.cycles, b.stack})
			}
		}
	}
	e.unlock()
	return
}

// expand fills pcs with the stack as Callers does, from the operation on that the program called.
func (r *blockRecord) expand(pcs []uintptr) []uintptr {
	var all [maxProfileStack + operationFrames]uintptr
	stack := all[:expandCallers(r.stack, all[:])]
	for len(stack) > 1 {
		var x rtFrame
		if !frameAt(stack[0], &x) || !withinOperation(x.name) {
			break
		}
		stack = stack[1:]
	}
	return pcs[:copy(pcs, stack)]
}

// withinOperation reports whether the function is a part of what the program called.
func withinOperation(name string) bool {
	switch name {
	case "runtime.chansend1", "runtime.chanrecv1", "runtime.chanrecv2", "runtime.selectgo":
		return false
	}
	const rt, sync = "runtime.", "internal/sync."
	return len(name) > len(rt) && name[:len(rt)] == rt || len(name) > len(sync) && name[:len(sync)] == sync ||
		len(name) > len("sync.runtime_") && name[:len("sync.runtime_")] == "sync.runtime_"
}

func (e *blockEvents) profile(p []BlockProfileRecord) (n int, ok bool) {
	records, n, ok := e.records(len(p))
	for i := range records {
		p[i] = BlockProfileRecord{Count: records[i].count, Cycles: records[i].cycles}
		records[i].expand(p[i].Stack0[:])
	}
	return n, ok
}

func (e *blockEvents) profileInternal(p []profilerecord.BlockProfileRecord) (n int, ok bool) {
	records, n, ok := e.records(len(p))
	for i := range records {
		r := &records[i]
		p[i] = profilerecord.BlockProfileRecord{
			Count: r.count, Cycles: r.cycles, Stack: r.expand(make([]uintptr, maxProfileStack)),
		}
	}
	return n, ok
}

// BlockProfile fills p with the blocking profile; n records are needed.
func BlockProfile(p []BlockProfileRecord) (n int, ok bool) { return blockedEvents.profile(p) }

// MutexProfile fills p with the profile of contended locks; n records are needed.
func MutexProfile(p []BlockProfileRecord) (n int, ok bool) { return mutexEvents.profile(p) }

//go:linkname pprof_blockProfileInternal
func pprof_blockProfileInternal(p []profilerecord.BlockProfileRecord) (n int, ok bool) {
	return blockedEvents.profileInternal(p)
}

//go:linkname pprof_mutexProfileInternal
func pprof_mutexProfileInternal(p []profilerecord.BlockProfileRecord) (n int, ok bool) {
	return mutexEvents.profileInternal(p)
}
