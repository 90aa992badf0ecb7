// Functions of gc's runtime that no package of the library needs, but that modules pull by name: gc's linker still allows
// it for these. What is pulled and missing here is reported by name when it is called.

package runtime

import (
	"internal/abi"
	"internal/runtime/maps"
	"unsafe"
)

// linknameIter is at the start of the iterators that those modules declare for themselves, which are larger.
type linknameIter struct {
	typ *abi.MapType
	it  *maps.Iter
}

func mapiterinit(t *abi.MapType, m *maps.Map, it *linknameIter) {
	*it = linknameIter{t, new(maps.Iter)}
	mapIterStart(t, m, it.it)
}

func mapiternext(it *linknameIter) { it.it.Next() }

//go:linkname reflect_mapiterinit reflect.mapiterinit
func reflect_mapiterinit(t *abi.MapType, m *maps.Map, it *linknameIter) { mapiterinit(t, m, it) }

//go:linkname reflect_mapiternext reflect.mapiternext
func reflect_mapiternext(it *linknameIter) { mapiternext(it) }

//go:linkname reflect_mapiterkey reflect.mapiterkey
func reflect_mapiterkey(it *linknameIter) unsafe.Pointer { return it.it.Key() }

//go:linkname reflect_mapiterelem reflect.mapiterelem
func reflect_mapiterelem(it *linknameIter) unsafe.Pointer { return it.it.Elem() }

//go:linkname reflect_memclrNoHeapPointers reflect.memclrNoHeapPointers
func reflect_memclrNoHeapPointers(ptr unsafe.Pointer, n uintptr) { memclrNoHeapPointers(ptr, n) }

//go:linkname sync_runtime_canSpin sync.runtime_canSpin
func sync_runtime_canSpin(i int) bool { return internal_sync_runtime_canSpin(i) }

//go:linkname sync_runtime_doSpin sync.runtime_doSpin
func sync_runtime_doSpin() { internal_sync_runtime_doSpin() }

//go:linkname legacy_fastrand64 runtime.fastrand64
func legacy_fastrand64() uint64 { return rand() }

func cheaprand64() int64 { return int64(rand()) }

func stringHash(s string, seed uintptr) uintptr { return strhash(unsafe.Pointer(&s), seed) }

func heapObjectsCanMove() bool { return false }

func chanbuf(c *hchan, i uint) unsafe.Pointer { return add(c.buf, uintptr(i)*uintptr(c.elemsize)) }

func procyield(cycles uint32) {
	for ; cycles > 0; cycles-- {
		procyield0()
	}
}

func procyield0()

func entersyscallblock() {
	entersyscall()
	rtHandoff()
}

// getm gives the address of the running thread's M.
func getm() uintptr { return getg().m }

func abort() { breakpoint() }
