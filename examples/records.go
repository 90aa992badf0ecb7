// Records sorts a million records in several ways and searches them.
package main

import (
	"cmp"
	"container/heap"
	"fmt"
	"hash/crc32"
	"slices"
	"sort"
	"strings"
)

type record struct {
	id    uint32
	score float64
	name  string
}

type random uint64

func (r *random) next() uint64 {
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return uint64(*r)
}

func makeRecords(n int) []record {
	r := random(88172645463325252)
	syllables := []string{"ka", "lo", "mi", "ne", "ru", "sa", "to", "vi"}
	records := make([]record, n)
	for i := range records {
		x := r.next()
		var name strings.Builder
		for range 3 + x%2 {
			name.WriteString(syllables[x>>20&7])
			x >>= 3
		}
		records[i] = record{uint32(r.next()), float64(r.next()%1000000) / 1000, name.String()}
	}
	return records
}

func checksum(records []record) uint32 {
	hash := crc32.NewIEEE()
	for i := 0; i < len(records); i += 997 {
		fmt.Fprintf(hash, "%d %.3f %s\n", records[i].id, records[i].score, records[i].name)
	}
	return hash.Sum32()
}

// byName sorts the old way.
type byName []record

func (b byName) Len() int           { return len(b) }
func (b byName) Less(i, j int) bool { return b[i].name < b[j].name }
func (b byName) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

// best is a heap of the best scores; the worst of them is on top.
type best []record

func (h best) Len() int           { return len(h) }
func (h best) Less(i, j int) bool { return h[i].score < h[j].score }
func (h best) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *best) Push(x any)        { *h = append(*h, x.(record)) }
func (h *best) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

func main() {
	records := makeRecords(1_000_000)
	fmt.Printf("%d records, checksum %08x\n", len(records), checksum(records))

	byID := slices.Clone(records)
	slices.SortFunc(byID, func(a, b record) int { return cmp.Compare(a.id, b.id) })
	fmt.Printf("by id        %08x %v\n", checksum(byID), slices.IsSortedFunc(byID, func(a, b record) int { return cmp.Compare(a.id, b.id) }))
	found, missing := 0, 0
	for i := 0; i < len(records); i += 10 {
		for _, id := range []uint32{records[i].id, records[i].id ^ 1} {
			if _, ok := slices.BinarySearchFunc(byID, id, func(r record, id uint32) int { return cmp.Compare(r.id, id) }); ok {
				found++
			} else {
				missing++
			}
		}
	}
	fmt.Println("searched    ", found, "found", missing, "missing")

	stable := slices.Clone(records)
	sort.Stable(byName(stable))
	fmt.Printf("stable       %08x %s %s\n", checksum(stable), stable[0].name, stable[len(stable)-1].name)
	at := sort.Search(len(stable), func(i int) bool { return stable[i].name >= "mi" })
	fmt.Println("first of mi ", at, stable[at].name)

	several := records
	slices.SortFunc(several, func(a, b record) int {
		return cmp.Or(strings.Compare(a.name, b.name), -cmp.Compare(a.score, b.score), cmp.Compare(a.id, b.id))
	})
	fmt.Printf("several keys %08x\n", checksum(several))

	var top best
	for _, r := range several {
		if len(top) < 5 {
			heap.Push(&top, r)
		} else if r.score > top[0].score {
			top[0] = r
			heap.Fix(&top, 0)
		}
	}
	for len(top) > 0 {
		r := heap.Pop(&top).(record)
		fmt.Printf("%.3f ", r.score)
	}
	fmt.Println()

	groups := make(map[string][]int)
	for i, r := range several {
		groups[r.name] = append(groups[r.name], i)
	}
	largest := slices.MaxFunc(slices.Collect(func(yield func(string) bool) {
		for name := range groups {
			if !yield(name) {
				return
			}
		}
	}), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(groups[a]), len(groups[b])), strings.Compare(a, b))
	})
	fmt.Println(len(groups), "names, most frequent", largest, len(groups[largest]))
}
