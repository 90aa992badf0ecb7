package runtime

import (
	"internal/abi"
	"internal/goarch"
	"unsafe"
)

// Kinds of records of a heap dump that are encoded here.
const (
	heapDumpType     = 3
	heapDumpItab     = 8
	heapDumpMemStats = 10
	heapDumpMemProf  = 16
)

// heapDump is what the Rust runtime (heapdump) needs to write a dump.
type heapDump struct {
	fd            uintptr
	records       string
	arch, version string
}

// heapRecords are encoded records.
type heapRecords []byte

func (r *heapRecords) numbers(values ...uint64) {
	for _, v := range values {
		for ; v >= 0x80; v >>= 7 {
			*r = append(*r, byte(v|0x80))
		}
		*r = append(*r, byte(v))
	}
}

func (r *heapRecords) text(s string) {
	r.numbers(uint64(len(s)))
	*r = append(*r, s...)
}

//go:linkname runtime_debug_WriteHeapDump runtime/debug.WriteHeapDump
func runtime_debug_WriteHeapDump(fd uintptr) {
	var m MemStats
	ReadMemStats(&m)
	var r heapRecords
	r.itabs()
	r.memStats(&m)
	r.memProfile()
	request := heapDump{fd, unsafe.String(unsafe.SliceData(r), len(r)), goarch.GOARCH, buildVersion}
	for rtHeapDump(&request) == 0 {
	}
	KeepAlive(r)
}

// itabs are all, each after its type.
func (r *heapRecords) itabs() {
	seen := map[*_type]bool{}
	md := rtModuledata()
	all := append([]*itab(nil), unsafe.Slice((**itab)(unsafe.Pointer(md.itabs)), int(md.nitabs))...)
	semacquire(&itabSem)
	all = append(all, keepItabs...)
	semrelease(&itabSem)
	for _, m := range all {
		typ := m.Type
		if !seen[typ] {
			seen[typ] = true
			r.numbers(heapDumpType, uint64(uintptr(unsafe.Pointer(typ))), uint64(typ.Size_))
			r.text(heapTypeName(typ))
			indirect := uint64(0)
			if !typ.IsDirectIface() || typ.Pointers() {
				indirect = 1
			}
			r.numbers(indirect)
		}
		r.numbers(heapDumpItab, uint64(uintptr(unsafe.Pointer(m))), uint64(uintptr(unsafe.Pointer(typ))))
	}
}

// heapTypeName has the whole import path if there is one.
func heapTypeName(typ *_type) string {
	name := typeString(typ)
	path := pkgPath(typ)
	if typ.TFlag&abi.TFlagNamed == 0 || path == "" {
		return name
	}
	// After the package's name; type arguments contain dots, too.
	for i, depth := len(name)-1, 0; i >= 0; i-- {
		switch name[i] {
		case ']':
			depth++
		case '[':
			depth--
		case '.':
			if depth == 0 {
				return path + name[i:]
			}
		}
	}
	return name
}

func (r *heapRecords) memStats(m *MemStats) {
	r.numbers(heapDumpMemStats, m.Alloc, m.TotalAlloc, m.Sys, m.Lookups, m.Mallocs, m.Frees, m.HeapAlloc, m.HeapSys, m.HeapIdle,
		m.HeapInuse, m.HeapReleased, m.HeapObjects, m.StackInuse, m.StackSys, m.MSpanInuse, m.MSpanSys, m.MCacheInuse, m.MCacheSys,
		m.BuckHashSys, m.GCSys, m.OtherSys, m.NextGC, m.LastGC, m.PauseTotalNs)
	r.numbers(m.PauseNs[:]...)
	r.numbers(uint64(m.NumGC))
}

// memProfile are the stacks that allocated what was sampled.
func (r *heapRecords) memProfile() {
	for b := rtMemProfile(); b != nil; b = b.next {
		if b.allocs == 0 {
			continue
		}
		var pcs [maxProfileStack]uintptr
		stack := b.stack(pcs[:])
		r.numbers(heapDumpMemProf, uint64(uintptr(unsafe.Pointer(b))), uint64(b.size), uint64(len(stack)))
		for _, pc := range stack {
			var f rtFrame
			frameAt(pc, &f)
			r.text(f.name)
			r.text(f.file)
			r.numbers(uint64(f.line))
		}
		r.numbers(uint64(b.allocs), uint64(b.frees))
	}
}
