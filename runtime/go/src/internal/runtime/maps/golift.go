package maps

import (
	"internal/abi"
	"unsafe"
)

// goliftAlgInit seeds the portable hash functions; there is no assembly for the AES ones.
//
//golift:replace AlgInit
func goliftAlgInit() {
	for i := range hashkey {
		hashkey[i] = uintptr(bootstrapRand())
	}
}

// sizeofMap is what the compiler reserves in frames, and no more than a Map needs.
const sizeofMap = 48

const _ = uint(sizeofMap-unsafe.Sizeof(Map{})) + uint(unsafe.Sizeof(Map{})-sizeofMap)

// goliftInitSmall makes an empty map at the start of buf and its first group behind it.
func goliftInitSmall(t *abi.MapType, buf unsafe.Pointer) *Map {
	m := (*Map)(buf)
	*m = Map{seed: uintptr(rand())}
	group := unsafe.Add(buf, sizeofMap)
	typedmemclr(t.Group, group)
	g := groupReference{data: group}
	g.ctrls().setEmpty()
	m.dirPtr = group
	return m
}
