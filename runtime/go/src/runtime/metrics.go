// runtime/metrics: what it may ask for, and how that comes from the counters of the runtime.
//
// An unknown name reads as KindBad.

package runtime

import (
	"internal/godebugs"
	"unsafe"
)

// metricSample and metricValue mirror Sample and Value of runtime/metrics, the kinds their ValueKind.
type metricSample struct {
	name  string
	value metricValue
}

type metricValue struct {
	kind    int
	scalar  uint64
	pointer unsafe.Pointer
}

const (
	metricBad = iota
	metricUint64
	metricFloat64
	metricHistogram
)

// histogramValue mirrors Float64Histogram.
type histogramValue struct {
	counts  []uint64
	buckets []float64
}

func (v *metricValue) setUint(n uint64) { *v = metricValue{kind: metricUint64, scalar: n} }

func (v *metricValue) setSeconds(ns uint64) {
	seconds := float64(ns) / 1e9
	*v = metricValue{kind: metricFloat64, scalar: *(*uint64)(unsafe.Pointer(&seconds))}
}

// histogram gives the counts to fill; memory of an earlier reading is used again.
func (v *metricValue) histogram(buckets []float64) []uint64 {
	h := (*histogramValue)(v.pointer)
	if v.kind != metricHistogram || h == nil {
		h = new(histogramValue)
		*v = metricValue{kind: metricHistogram, pointer: unsafe.Pointer(h)}
	}
	h.buckets = buckets
	if len(h.counts) != len(buckets)-1 {
		h.counts = make([]uint64, len(buckets)-1)
	}
	return h.counts
}

// schedStats mirrors SchedStats of gc/stats.rs.
type schedStats struct {
	running, runnable, syscall, waiting uint64
	created, threads                    uint64
}

// timeHistogram and stopTimes mirror their namesakes in gc/stats.rs; index 0 is for collections, 1 for all else.
type timeHistogram struct {
	counts   [40 * 4]uint64
	overflow uint64
}

type stopTimes struct {
	stopping, total [2]timeHistogram
}

func (h *timeHistogram) read(v *metricValue) {
	counts := v.histogram(timeBuckets())
	// The first bucket is for negative durations.
	counts[0] = 0
	copy(counts[1:], h.counts[:])
	counts[len(counts)-1] = h.overflow
}

// Bounds of histograms, made when they are first asked for, under metricsSem.
var (
	metricsSem      uint32 = 1
	timeBounds      []float64
	sizeClassBounds []float64
)

// timeBuckets are the bounds of durations: four buckets up to 2⁸ ns, and four for each power of two from there.
func timeBuckets() []float64 {
	if timeBounds == nil {
		b := []float64{-posInf()}
		for power := 8; power < 48; power++ {
			for quarter := uint64(0); quarter < 4; quarter++ {
				ns := quarter << 6
				if power > 8 {
					ns = (4 + quarter) << (power - 3)
				}
				b = append(b, float64(ns)/1e9)
			}
		}
		timeBounds = append(b, float64(uint64(1)<<47)/1e9, posInf())
	}
	return timeBounds
}

// sizeBuckets are the bounds of the size classes: a bucket includes its lower bound, a class its upper one.
func sizeBuckets(s *rtStats) []float64 {
	if sizeClassBounds == nil {
		for i := range s.bySize {
			sizeClassBounds = append(sizeClassBounds, float64(s.bySize[i][0]+1))
		}
		sizeClassBounds = append(sizeClassBounds, posInf())
	}
	return sizeClassBounds
}

func (s *rtStats) sizes(v *metricValue, column int) {
	counts := v.histogram(sizeBuckets(s))
	for i := range s.bySize[1:] {
		counts[i] = s.bySize[i+1][column]
	}
	counts[len(counts)-1] = s.bySize[0][column]
}

// metricsRead has what one call of metrics.Read has found out so far.
type metricsRead struct {
	stats    rtStats
	sched    schedStats
	hasStats bool
	hasSched bool
}

func (r *metricsRead) mem() *rtStats {
	if !r.hasStats {
		r.hasStats = true
		readStats(&r.stats)
	}
	return &r.stats
}

func (r *metricsRead) goroutines() *schedStats {
	if !r.hasSched {
		r.hasSched = true
		rtReadSchedStats(&r.sched)
	}
	return &r.sched
}

// idle is for how long Ps were idle, which is less than all the time there was.
func (r *metricsRead) idle() uint64 {
	return min(rtIdleTime(), r.mem().cpuTotal-r.mem().cpuPause)
}

// metricNames are those of `metric`, but for the settings of GODEBUG.
var metricNames = [...]string{
	"/cgo/go-to-c-calls:calls",
	"/cpu/classes/gc/mark/assist:cpu-seconds",
	"/cpu/classes/gc/mark/dedicated:cpu-seconds",
	"/cpu/classes/gc/mark/idle:cpu-seconds",
	"/cpu/classes/gc/pause:cpu-seconds",
	"/cpu/classes/gc/total:cpu-seconds",
	"/cpu/classes/idle:cpu-seconds",
	"/cpu/classes/scavenge/assist:cpu-seconds",
	"/cpu/classes/scavenge/background:cpu-seconds",
	"/cpu/classes/scavenge/total:cpu-seconds",
	"/cpu/classes/total:cpu-seconds",
	"/cpu/classes/user:cpu-seconds",
	"/gc/cleanups/executed:cleanups",
	"/gc/cleanups/queued:cleanups",
	"/gc/cycles/automatic:gc-cycles",
	"/gc/cycles/forced:gc-cycles",
	"/gc/cycles/total:gc-cycles",
	"/gc/finalizers/executed:finalizers",
	"/gc/finalizers/queued:finalizers",
	"/gc/gogc:percent",
	"/gc/gomemlimit:bytes",
	"/gc/heap/allocs-by-size:bytes",
	"/gc/heap/allocs:bytes",
	"/gc/heap/allocs:objects",
	"/gc/heap/frees-by-size:bytes",
	"/gc/heap/frees:bytes",
	"/gc/heap/frees:objects",
	"/gc/heap/goal:bytes",
	"/gc/heap/live:bytes",
	"/gc/heap/objects:objects",
	"/gc/heap/tiny/allocs:objects",
	"/gc/limiter/last-enabled:gc-cycle",
	"/gc/pauses:seconds",
	"/gc/scan/globals:bytes",
	"/gc/scan/heap:bytes",
	"/gc/scan/stack:bytes",
	"/gc/scan/total:bytes",
	"/gc/stack/starting-size:bytes",
	"/memory/classes/heap/free:bytes",
	"/memory/classes/heap/objects:bytes",
	"/memory/classes/heap/released:bytes",
	"/memory/classes/heap/stacks:bytes",
	"/memory/classes/heap/unused:bytes",
	"/memory/classes/metadata/mcache/free:bytes",
	"/memory/classes/metadata/mcache/inuse:bytes",
	"/memory/classes/metadata/mspan/free:bytes",
	"/memory/classes/metadata/mspan/inuse:bytes",
	"/memory/classes/metadata/other:bytes",
	"/memory/classes/os-stacks:bytes",
	"/memory/classes/other:bytes",
	"/memory/classes/profiling/buckets:bytes",
	"/memory/classes/total:bytes",
	"/sched/gomaxprocs:threads",
	"/sched/goroutines-created:goroutines",
	"/sched/goroutines/not-in-go:goroutines",
	"/sched/goroutines/runnable:goroutines",
	"/sched/goroutines/running:goroutines",
	"/sched/goroutines/waiting:goroutines",
	"/sched/goroutines:goroutines",
	"/sched/latencies:seconds",
	"/sched/pauses/stopping/gc:seconds",
	"/sched/pauses/stopping/other:seconds",
	"/sched/pauses/total/gc:seconds",
	"/sched/pauses/total/other:seconds",
	"/sched/threads/total:threads",
	"/sync/mutex/wait/total:seconds",
}

// readMetricNames is for the test of runtime/metrics.
//
//go:linkname readMetricNames runtime/metrics_test.runtime_readMetricNames
func readMetricNames() []string {
	names := append([]string(nil), metricNames[:]...)
	for _, setting := range godebugs.All {
		if !setting.Opaque {
			names = append(names, "/godebug/non-default-behavior/"+setting.Name+":events")
		}
	}
	return names
}

//go:linkname readMetrics runtime/metrics.runtime_readMetrics
func readMetrics(samples unsafe.Pointer, len, cap int) {
	semacquire(&metricsSem)
	read := new(metricsRead)
	for i := range unsafe.Slice((*metricSample)(samples), len) {
		sample := (*metricSample)(add(samples, uintptr(i)*unsafe.Sizeof(metricSample{})))
		if !read.metric(sample.name, &sample.value) {
			sample.value = metricValue{}
		}
	}
	semrelease(&metricsSem)
}

// metric reads one metric; false if there is none of that name.
func (r *metricsRead) metric(name string, v *metricValue) bool {
	switch name {
	case "/cgo/go-to-c-calls:calls":
		v.setUint(uint64(NumCgoCall()))
	// The world is stopped while a collection works: no assists, no workers beside the program.
	case "/cpu/classes/gc/mark/assist:cpu-seconds", "/cpu/classes/gc/mark/dedicated:cpu-seconds", "/cpu/classes/gc/mark/idle:cpu-seconds":
		v.setSeconds(0)
	case "/cpu/classes/gc/pause:cpu-seconds", "/cpu/classes/gc/total:cpu-seconds":
		v.setSeconds(r.mem().cpuPause)
	case "/cpu/classes/idle:cpu-seconds":
		v.setSeconds(r.idle())
	// Nothing of it is done beside the program.
	case "/cpu/classes/scavenge/assist:cpu-seconds", "/cpu/classes/scavenge/background:cpu-seconds", "/cpu/classes/scavenge/total:cpu-seconds":
		v.setSeconds(0)
	case "/cpu/classes/user:cpu-seconds":
		v.setSeconds(r.mem().cpuTotal - r.idle() - r.mem().cpuPause)
	case "/cpu/classes/total:cpu-seconds":
		v.setSeconds(r.mem().cpuTotal)
	case "/gc/cleanups/executed:cleanups":
		v.setUint(r.mem().cleanups)
	case "/gc/cleanups/queued:cleanups":
		v.setUint(r.mem().cleanupsQueued)
	case "/gc/cycles/automatic:gc-cycles":
		v.setUint(r.mem().numGC - r.mem().numForced)
	case "/gc/cycles/forced:gc-cycles":
		v.setUint(r.mem().numForced)
	case "/gc/cycles/total:gc-cycles":
		v.setUint(r.mem().numGC)
	case "/gc/finalizers/executed:finalizers":
		v.setUint(r.mem().finalizersRun)
	case "/gc/finalizers/queued:finalizers":
		v.setUint(r.mem().finalizersQueued)
	case "/gc/gogc:percent":
		v.setUint(uint64(r.mem().percent))
	case "/gc/gomemlimit:bytes":
		v.setUint(uint64(r.mem().limit))
	case "/gc/heap/allocs-by-size:bytes":
		r.mem().sizes(v, 1)
	case "/gc/heap/frees-by-size:bytes":
		r.mem().sizes(v, 2)
	case "/gc/heap/allocs:bytes":
		_, bytes := r.mem().allocated()
		v.setUint(bytes)
	case "/gc/heap/allocs:objects":
		objects, _ := r.mem().allocated()
		v.setUint(objects)
	case "/gc/heap/frees:bytes":
		_, bytes := r.mem().freed()
		v.setUint(bytes)
	case "/gc/heap/frees:objects":
		objects, _ := r.mem().freed()
		v.setUint(objects)
	case "/gc/heap/goal:bytes":
		v.setUint(r.mem().nextGC)
	case "/gc/heap/live:bytes":
		v.setUint(r.mem().marked)
	case "/gc/heap/objects:objects":
		allocated, _ := r.mem().allocated()
		freed, _ := r.mem().freed()
		v.setUint(allocated - freed)
	case "/gc/heap/tiny/allocs:objects":
		v.setUint(r.mem().tiny)
	case "/gc/limiter/last-enabled:gc-cycle":
		v.setUint(0) // there is no limiter
	case "/gc/pauses:seconds", "/sched/pauses/total/gc:seconds":
		rtStopTimes().total[0].read(v)
	case "/sched/pauses/total/other:seconds":
		rtStopTimes().total[1].read(v)
	case "/sched/pauses/stopping/gc:seconds":
		rtStopTimes().stopping[0].read(v)
	case "/sched/pauses/stopping/other:seconds":
		rtStopTimes().stopping[1].read(v)
	case "/gc/scan/globals:bytes":
		v.setUint(r.mem().globals)
	case "/gc/scan/heap:bytes":
		v.setUint(r.mem().scanned)
	case "/gc/scan/stack:bytes":
		v.setUint(rtStacksScanned())
	case "/gc/scan/total:bytes":
		v.setUint(r.mem().scanned + r.mem().globals + rtStacksScanned())
	case "/gc/stack/starting-size:bytes":
		v.setUint(firstStack)
	case "/memory/classes/heap/free:bytes":
		s := r.mem()
		v.setUint(s.heapSys - s.heapInuse - s.heapReleased)
	case "/memory/classes/heap/objects:bytes":
		_, allocated := r.mem().allocated()
		_, freed := r.mem().freed()
		v.setUint(allocated - freed)
	case "/memory/classes/heap/released:bytes":
		v.setUint(r.mem().heapReleased)
	case "/memory/classes/heap/stacks:bytes":
		v.setUint(r.mem().stackSys)
	case "/memory/classes/heap/unused:bytes":
		_, allocated := r.mem().allocated()
		_, freed := r.mem().freed()
		v.setUint(r.mem().heapInuse - (allocated - freed))
	case "/memory/classes/metadata/mcache/free:bytes":
		v.setUint(r.mem().cacheSys - r.mem().cacheInuse)
	case "/memory/classes/metadata/mcache/inuse:bytes":
		v.setUint(r.mem().cacheInuse)
	case "/memory/classes/metadata/mspan/free:bytes":
		v.setUint(r.mem().spanSys - r.mem().spanInuse)
	case "/memory/classes/metadata/mspan/inuse:bytes":
		v.setUint(r.mem().spanInuse)
	case "/memory/classes/metadata/other:bytes":
		v.setUint(r.mem().gcSys)
	case "/memory/classes/os-stacks:bytes":
		v.setUint(0) // counted with the other metadata
	case "/memory/classes/other:bytes":
		v.setUint(r.mem().otherSys)
	case "/memory/classes/profiling/buckets:bytes":
		v.setUint(r.mem().bucketSys)
	case "/memory/classes/total:bytes":
		v.setUint(r.mem().sys())
	case "/sched/gomaxprocs:threads":
		v.setUint(uint64(GOMAXPROCS(0)))
	case "/sched/goroutines-created:goroutines":
		v.setUint(r.goroutines().created)
	case "/sched/goroutines/not-in-go:goroutines":
		v.setUint(r.goroutines().syscall)
	case "/sched/goroutines/runnable:goroutines":
		v.setUint(r.goroutines().runnable)
	case "/sched/goroutines/running:goroutines":
		v.setUint(r.goroutines().running)
	case "/sched/goroutines/waiting:goroutines":
		v.setUint(r.goroutines().waiting)
	case "/sched/goroutines:goroutines":
		g := r.goroutines()
		v.setUint(g.running + g.runnable + g.syscall + g.waiting)
	case "/sched/latencies:seconds":
		rtSchedLatencies().read(v)
	case "/sync/mutex/wait/total:seconds":
		v.setSeconds(uint64(mutexWaits.Load()))
	case "/sched/threads/total:threads":
		v.setUint(r.goroutines().threads)
	default:
		return godebugMetric(name, v)
	}
	return true
}

// --- settings of GODEBUG that made a difference --------------------------------------------------------------------

// godebugCounter is a counter that internal/godebug registered.
type godebugCounter struct {
	name string
	read func() uint64
}

var (
	godebugCounters []godebugCounter
	godebugSem      uint32 = 1
)

//go:linkname godebug_registerMetric internal/godebug.registerMetric
func godebug_registerMetric(name string, read func() uint64) {
	semacquire(&godebugSem)
	godebugCounters = append(godebugCounters, godebugCounter{name, read})
	semrelease(&godebugSem)
}

func godebugMetric(name string, v *metricValue) bool {
	semacquire(&godebugSem)
	counters := godebugCounters
	semrelease(&godebugSem)
	for _, c := range counters {
		if c.name == name {
			v.setUint(c.read())
			return true
		}
	}
	const prefix, suffix = "/godebug/non-default-behavior/", ":events"
	if len(name) <= len(prefix)+len(suffix) || name[:len(prefix)] != prefix || name[len(name)-len(suffix):] != suffix {
		return false
	}
	// Those that nothing has used yet are not registered.
	info := godebugs.Lookup(name[len(prefix) : len(name)-len(suffix)])
	if info == nil || info.Opaque {
		return false
	}
	v.setUint(0)
	return true
}
