package runtime

import (
	"internal/abi"
	"unsafe"
)

// Name, type and text offsets are absolute addresses in Golift's executables; negative
// offsets are given out for what reflect makes at run time.

func resolveName(off abi.NameOff) abi.Name {
	if off == 0 {
		return abi.Name{}
	}
	return abi.Name{Bytes: (*byte)(resolveOff(int32(off)))}
}

func resolveOff(off int32) unsafe.Pointer {
	if off >= 0 {
		return unsafe.Pointer(uintptr(off))
	}
	semacquire(&reflectSem)
	p := reflectOffs[firstReflectOff-off]
	semrelease(&reflectSem)
	return p
}

// firstReflectOff is the first offset that is given out; -1 stands for a method that was dropped.
const firstReflectOff = -2

// What reflect made, by offset and by address.
var (
	reflectSem  uint32 = 1
	reflectOffs []unsafe.Pointer
	reflectIDs  map[unsafe.Pointer]int32
)

//go:linkname reflect_addReflectOff reflect.addReflectOff
func reflect_addReflectOff(ptr unsafe.Pointer) int32 {
	semacquire(&reflectSem)
	id, ok := reflectIDs[ptr]
	if !ok {
		if reflectIDs == nil {
			reflectIDs = make(map[unsafe.Pointer]int32)
		}
		id = int32(firstReflectOff - len(reflectOffs))
		reflectOffs = append(reflectOffs, ptr)
		reflectIDs[ptr] = id
	}
	semrelease(&reflectSem)
	return id
}

//go:linkname reflect_resolveNameOff reflect.resolveNameOff
func reflect_resolveNameOff(base unsafe.Pointer, off int32) unsafe.Pointer {
	return unsafe.Pointer(resolveName(abi.NameOff(off)).Bytes)
}

//go:linkname reflectlite_resolveNameOff internal/reflectlite.resolveNameOff
func reflectlite_resolveNameOff(base unsafe.Pointer, off int32) unsafe.Pointer {
	return unsafe.Pointer(resolveName(abi.NameOff(off)).Bytes)
}

func resolveTypeOff(off int32) unsafe.Pointer {
	if off == 0 || off == -1 {
		// -1 marks a method that the linker dropped.
		return nil
	}
	return resolveOff(off)
}

//go:linkname reflect_resolveTypeOff reflect.resolveTypeOff
func reflect_resolveTypeOff(base unsafe.Pointer, off int32) unsafe.Pointer {
	return resolveTypeOff(off)
}

//go:linkname reflectlite_resolveTypeOff internal/reflectlite.resolveTypeOff
func reflectlite_resolveTypeOff(base unsafe.Pointer, off int32) unsafe.Pointer {
	return resolveTypeOff(off)
}

//go:linkname reflect_resolveTextOff reflect.resolveTextOff
func reflect_resolveTextOff(base unsafe.Pointer, off int32) unsafe.Pointer {
	if off == -1 {
		return nil
	}
	return resolveOff(off)
}

func typeString(t *_type) string {
	s := resolveName(t.Str).Name()
	if t.TFlag&abi.TFlagExtraStar != 0 {
		return s[1:]
	}
	return s
}

func pkgPath(t *_type) string {
	if u := t.Uncommon(); u != nil {
		return resolveName(u.PkgPath).Name()
	}
	switch t.Kind() {
	case abi.Struct:
		return (*abi.StructType)(unsafe.Pointer(t)).PkgPath.Name()
	case abi.Interface:
		return (*interfacetype)(unsafe.Pointer(t)).PkgPath.Name()
	}
	return ""
}

// namePkgPath is the package of an unexported name, if the name itself has it.
func namePkgPath(n abi.Name) string {
	if n.Bytes == nil || *n.Bytes&(1<<2) == 0 {
		return ""
	}
	i, l := n.ReadVarint(1)
	off := 1 + i + l
	if n.HasTag() {
		i2, l2 := n.ReadVarint(off)
		off += i2 + l2
	}
	var o int32
	copy((*[4]byte)(unsafe.Pointer(&o))[:], (*[4]byte)(add(unsafe.Pointer(n.Bytes), uintptr(off)))[:])
	return resolveName(abi.NameOff(o)).Name()
}

//go:linkname reflect_compiledTypelinks reflect.compiledTypelinks
func reflect_compiledTypelinks() ([]*_type, [][]*_type) {
	md := rtModuledata()
	return unsafe.Slice((**_type)(unsafe.Pointer(md.typelinks)), int(md.ntypelink)), nil
}

//go:linkname reflect_adjustAIXGCDataForRuntime reflect.adjustAIXGCDataForRuntime
func reflect_adjustAIXGCDataForRuntime(addr *byte) *byte { return addr }

//go:linkname getGCMask
func getGCMask(t *_type) *byte {
	if t.TFlag&abi.TFlagGCMaskOnDemand != 0 {
		return rtGCMask(t)
	}
	return t.GCData
}
