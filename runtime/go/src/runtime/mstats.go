package runtime

// rtStats is what the Rust runtime tells about memory and collections (`Stats` in gc/stats.rs).
type rtStats struct {
	tiny, largeAllocBytes, largeFreeBytes                     uint64
	heapSys, heapInuse, heapReleased                          uint64
	stackInuse, stackSys                                      uint64
	spanInuse, spanSys, cacheInuse, cacheSys                  uint64
	bucketSys, gcSys, otherSys                                uint64
	nextGC, marked, scanned, globals                          uint64
	lastGC, pauseTotal, numGC, numForced, cpuTotal, cpuPause  uint64
	percent, limit                                            int64
	finalizersQueued, finalizersRun, cleanupsQueued, cleanups uint64
	pauseNs, pauseEnd                                         [256]uint64
	// Size, allocated and freed objects of each size class; class 0 are the large ones.
	bySize [68][3]uint64
}

func readStats(s *rtStats) {
	for !rtReadStats(s) {
	}
}

// allocated counts the objects that were allocated, and their bytes; pieces of tiny blocks are not counted.
func (s *rtStats) allocated() (objects, bytes uint64) { return s.total(1, s.largeAllocBytes) }

// freed is the same for what was freed.
func (s *rtStats) freed() (objects, bytes uint64) { return s.total(2, s.largeFreeBytes) }

func (s *rtStats) total(column int, largeBytes uint64) (objects, bytes uint64) {
	bytes = largeBytes
	for i := range s.bySize {
		class := &s.bySize[i]
		objects += class[column]
		bytes += class[column] * class[0]
	}
	return
}

// sys is all memory obtained from the system.
func (s *rtStats) sys() uint64 {
	return s.heapSys + s.stackSys + s.spanSys + s.cacheSys + s.bucketSys + s.gcSys + s.otherSys
}

// A MemStats records statistics about the memory allocator.
type MemStats struct {
	Alloc         uint64
	TotalAlloc    uint64
	Sys           uint64
	Lookups       uint64
	Mallocs       uint64
	Frees         uint64
	HeapAlloc     uint64
	HeapSys       uint64
	HeapIdle      uint64
	HeapInuse     uint64
	HeapReleased  uint64
	HeapObjects   uint64
	StackInuse    uint64
	StackSys      uint64
	MSpanInuse    uint64
	MSpanSys      uint64
	MCacheInuse   uint64
	MCacheSys     uint64
	BuckHashSys   uint64
	GCSys         uint64
	OtherSys      uint64
	NextGC        uint64
	LastGC        uint64
	PauseTotalNs  uint64
	PauseNs       [256]uint64
	PauseEnd      [256]uint64
	NumGC         uint32
	NumForcedGC   uint32
	GCCPUFraction float64
	EnableGC      bool
	DebugGC       bool
	BySize        [61]struct {
		Size    uint32
		Mallocs uint64
		Frees   uint64
	}
}

// ReadMemStats fills m.
func ReadMemStats(m *MemStats) {
	// Not on the heap: asking must not change the answer.
	var s rtStats
	readStats(&s)
	mallocs, allocBytes := s.allocated()
	frees, freeBytes := s.freed()
	*m = MemStats{
		Alloc: allocBytes - freeBytes, TotalAlloc: allocBytes, Sys: s.sys(), Mallocs: mallocs + s.tiny, Frees: frees + s.tiny,
		HeapAlloc: allocBytes - freeBytes, HeapSys: s.heapSys, HeapIdle: s.heapSys - s.heapInuse, HeapInuse: s.heapInuse,
		HeapReleased: s.heapReleased, HeapObjects: mallocs - frees, StackInuse: s.stackInuse, StackSys: s.stackSys,
		MSpanInuse: s.spanInuse, MSpanSys: s.spanSys, MCacheInuse: s.cacheInuse, MCacheSys: s.cacheSys,
		BuckHashSys: s.bucketSys, GCSys: s.gcSys, OtherSys: s.otherSys, NextGC: s.nextGC, LastGC: s.lastGC,
		PauseTotalNs: s.pauseTotal, PauseNs: s.pauseNs, PauseEnd: s.pauseEnd,
		NumGC: uint32(s.numGC), NumForcedGC: uint32(s.numForced), EnableGC: true,
	}
	if s.cpuTotal != 0 {
		m.GCCPUFraction = float64(s.cpuPause) / float64(s.cpuTotal)
	}
	for i := range m.BySize {
		m.BySize[i].Size = uint32(s.bySize[i][0])
		if i > 0 {
			m.BySize[i].Mallocs, m.BySize[i].Frees = s.bySize[i][1], s.bySize[i][2]
		}
	}
}
