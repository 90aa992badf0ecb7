// runtime/metrics: kinds, the counters of known events, and how figures relate.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
)

func read(name string) metrics.Value {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	return s[0].Value
}

func uint(name string) uint64 { return read(name).Uint64() }

func count(name string) (n uint64, buckets int, first, last float64) {
	h := read(name).Float64Histogram()
	for _, c := range h.Counts {
		n += c
	}
	return n, len(h.Buckets), h.Buckets[1], h.Buckets[len(h.Buckets)-2]
}

var sink []byte

func main() {
	debug.SetGCPercent(-1)
	forced, total := uint("/gc/cycles/forced:gc-cycles"), uint("/gc/cycles/total:gc-cycles")
	pauses, _, _, _ := count("/gc/pauses:seconds")
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	fmt.Println(uint("/gc/cycles/forced:gc-cycles")-forced, uint("/gc/cycles/total:gc-cycles")-total)
	n, buckets, first, last := count("/gc/pauses:seconds")
	fmt.Println(n-pauses >= 3, buckets, first, last)
	n, buckets, first, last = count("/gc/heap/allocs-by-size:bytes")
	fmt.Println(n > 0, buckets, first, last)

	// Objects of one size are counted in the bucket of that size, and their bytes.
	h := read("/gc/heap/allocs-by-size:bytes").Float64Histogram()
	bytes := uint("/gc/heap/allocs:bytes")
	at := 0
	for h.Buckets[at+1] <= 3000 {
		at++
	}
	before := h.Counts[at]
	for i := 0; i < 1000; i++ {
		sink = make([]byte, 3000)
	}
	more := read("/gc/heap/allocs-by-size:bytes").Float64Histogram().Counts[at] - before
	fmt.Println(h.Buckets[at], h.Buckets[at+1], more >= 900 && more <= 1000, uint("/gc/heap/allocs:bytes")-bytes >= 3072*900) // gc counts full caches only
	sink = nil
	frees := uint("/gc/heap/frees:objects")
	runtime.GC()
	fmt.Println(uint("/gc/heap/frees:objects")-frees >= 900)

	x := new([4]int)
	runtime.SetFinalizer(x, func(*[4]int) {})
	x = nil
	done := make(chan bool)
	runtime.AddCleanup(new([5]*int), func(int) { done <- true }, 1)
	runtime.GC()
	<-done
	fmt.Println(uint("/gc/finalizers/queued:finalizers"), uint("/gc/cleanups/queued:cleanups") >= 1)

	sum := uint64(0)
	for _, class := range []string{"heap/free", "heap/objects", "heap/released", "heap/stacks", "heap/unused", "metadata/mcache/free",
		"metadata/mcache/inuse", "metadata/mspan/free", "metadata/mspan/inuse", "metadata/other", "os-stacks", "other", "profiling/buckets"} {
		v := uint("/memory/classes/" + class + ":bytes")
		if v > 1<<40 {
			fmt.Println(class, v)
		}
		sum += v
	}
	fmt.Println(sum > 1<<20, uint("/memory/classes/total:bytes") > 1<<20)

	debug.SetGCPercent(70)
	debug.SetMemoryLimit(1 << 40)
	fmt.Println(uint("/gc/gogc:percent"), uint("/gc/gomemlimit:bytes"), uint("/sched/gomaxprocs:threads") == uint64(runtime.GOMAXPROCS(0)))
	stop := make(chan bool)
	waiting := uint("/sched/goroutines/waiting:goroutines")
	created := uint("/sched/goroutines-created:goroutines")
	for i := 0; i < 50; i++ {
		go func() { done <- true; <-stop }()
	}
	for i := 0; i < 50; i++ {
		<-done
	}
	runtime.GC()
	fmt.Println(uint("/sched/goroutines:goroutines") >= 51, uint("/sched/goroutines-created:goroutines")-created, waiting < 50)
	close(stop)
	fmt.Println(uint("/sched/threads/total:threads") > 0, read("/nosuch:things").Kind())

	// Settings that change behaviour are counted.
	const panicnil = "/godebug/non-default-behavior/panicnil:events"
	fmt.Println(uint(panicnil))
	os.Setenv("GODEBUG", "panicnil=1")
	func() {
		defer func() { recover() }()
		panic(nil)
	}()
	fmt.Println(uint(panicnil))

	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println(m.HeapAlloc <= m.HeapInuse, m.HeapSys == m.HeapInuse+m.HeapIdle, m.HeapReleased <= m.HeapIdle,
		m.Sys == m.HeapSys+m.StackSys+m.MSpanSys+m.MCacheSys+m.BuckHashSys+m.GCSys+m.OtherSys,
		m.MSpanInuse > 0, m.MSpanInuse <= m.MSpanSys, m.MCacheInuse > 0, m.MCacheInuse <= m.MCacheSys, m.GCSys > 0, m.GCCPUFraction > 0)
	objects := uint64(0)
	for _, c := range m.BySize {
		objects += c.Mallocs - c.Frees
	}
	fmt.Println(objects <= m.HeapObjects, m.Mallocs-m.Frees == m.HeapObjects, m.BySize[5].Size)

	// Every metric that has a value has one of its kind.
	for _, d := range metrics.All() {
		if v := read(d.Name); v.Kind() != metrics.KindBad && v.Kind() != d.Kind || strings.HasPrefix(d.Name, "/gc/heap/") && v.Kind() == metrics.KindBad {
			fmt.Println(d.Name, v.Kind())
		}
	}
}
