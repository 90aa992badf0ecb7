package runtime

import (
	"internal/abi"
	"unsafe"
)

// --- equality, as type descriptors refer to it ------------------------------------------------

func memequal0(p, q unsafe.Pointer) bool  { return true }
func memequal8(p, q unsafe.Pointer) bool  { return *(*int8)(p) == *(*int8)(q) }
func memequal16(p, q unsafe.Pointer) bool { return *(*int16)(p) == *(*int16)(q) }
func memequal32(p, q unsafe.Pointer) bool { return *(*int32)(p) == *(*int32)(q) }
func memequal64(p, q unsafe.Pointer) bool { return *(*int64)(p) == *(*int64)(q) }
func memequal128(p, q unsafe.Pointer) bool {
	return *(*int64)(p) == *(*int64)(q) && *(*int64)(add(p, 8)) == *(*int64)(add(q, 8))
}
func f32equal(p, q unsafe.Pointer) bool  { return *(*float32)(p) == *(*float32)(q) }
func f64equal(p, q unsafe.Pointer) bool  { return *(*float64)(p) == *(*float64)(q) }
func c64equal(p, q unsafe.Pointer) bool  { return *(*complex64)(p) == *(*complex64)(q) }
func c128equal(p, q unsafe.Pointer) bool { return *(*complex128)(p) == *(*complex128)(q) }
func strequal(p, q unsafe.Pointer) bool  { return *(*string)(p) == *(*string)(q) }

func interequal(p, q unsafe.Pointer) bool {
	x, y := (*iface)(p), (*iface)(q)
	return x.tab == y.tab && ifaceeq(x.tab, x.data, y.data)
}

func nilinterequal(p, q unsafe.Pointer) bool {
	x, y := (*eface)(p), (*eface)(q)
	return x._type == y._type && efaceeq(x._type, x.data, y.data)
}

// efaceeq compares two values of the dynamic type t.
func efaceeq(t *_type, x, y unsafe.Pointer) bool {
	if t == nil {
		return true
	}
	eq := t.Equal
	if eq == nil {
		panic(errorString("comparing uncomparable type " + typeString(t)))
	}
	if t.IsDirectIface() {
		return x == y
	}
	// The compiler's functions for this keep nothing, which callers could not know.
	return eq(noescape(x), noescape(y))
}

func ifaceeq(tab *itab, x, y unsafe.Pointer) bool {
	if tab == nil {
		return true
	}
	return efaceeq(tab.Type, x, y)
}

// --- hashes -------------------------------------------------------------------------------------

func memhash(p unsafe.Pointer, h, s uintptr) uintptr { return memHashFallback(p, h, s) }
func memhash0(p unsafe.Pointer, h uintptr) uintptr   { return h }
func memhash8(p unsafe.Pointer, h uintptr) uintptr   { return memhash(p, h, 1) }
func memhash16(p unsafe.Pointer, h uintptr) uintptr  { return memhash(p, h, 2) }

// The map functions for strings and keys of 4 and 8 bytes hash with these; hashers of map types must agree.
//
//go:linkname memHashFallback internal/runtime/maps.memHashFallback
func memHashFallback(p unsafe.Pointer, seed, s uintptr) uintptr

func memhash32(p unsafe.Pointer, h uintptr) uintptr { return memHash32Fallback(*(*uint32)(p), h) }
func memhash64(p unsafe.Pointer, h uintptr) uintptr { return memHash64Fallback(*(*uint64)(p), h) }

//go:linkname memHash32Fallback internal/runtime/maps.memHash32Fallback
func memHash32Fallback(k uint32, seed uintptr) uintptr

//go:linkname memHash64Fallback internal/runtime/maps.memHash64Fallback
func memHash64Fallback(k uint64, seed uintptr) uintptr

func memhash128(p unsafe.Pointer, h uintptr) uintptr { return memhash(p, h, 16) }
func strhash(p unsafe.Pointer, h uintptr) uintptr {
	s := (*stringStruct)(p)
	return memhash(s.str, h, uintptr(s.len))
}

// memequal_varlen belongs to gc's closures for equality; ours know their size.
func memequal_varlen(a, b unsafe.Pointer) bool {
	throw("memequal_varlen")
	return false
}

// Equal floats (0 and -0) have equal hashes; no NaN equals any, so each gets a random one.
func f64hash(p unsafe.Pointer, h uintptr) uintptr {
	switch f := *(*float64)(p); {
	case f == 0:
		return rtMemhash64(0, h)
	case f != f:
		return rtMemhash64(rand(), h)
	default:
		return rtMemhash64(*(*uint64)(p), h)
	}
}

func f32hash(p unsafe.Pointer, h uintptr) uintptr {
	switch f := *(*float32)(p); {
	case f == 0:
		return rtMemhash64(0, h)
	case f != f:
		return rtMemhash64(rand(), h)
	default:
		return rtMemhash64(uint64(*(*uint32)(p)), h)
	}
}

func c64hash(p unsafe.Pointer, h uintptr) uintptr  { return f32hash(add(p, 4), f32hash(p, h)) }
func c128hash(p unsafe.Pointer, h uintptr) uintptr { return f64hash(add(p, 8), f64hash(p, h)) }

func interhash(p unsafe.Pointer, h uintptr) uintptr {
	i := (*iface)(p)
	if i.tab == nil {
		return h
	}
	return dynhash(i.tab.Type, i.data, h)
}

func nilinterhash(p unsafe.Pointer, h uintptr) uintptr {
	i := (*eface)(p)
	if i._type == nil {
		return h
	}
	return dynhash(i._type, i.data, h)
}

func dynhash(t *_type, data unsafe.Pointer, h uintptr) uintptr {
	if t.Equal == nil {
		panic(errorString("hash of unhashable type " + typeString(t)))
	}
	if t.IsDirectIface() {
		return typehash(t, abi.NoEscape(unsafe.Pointer(&data)), h)
	}
	return typehash(t, data, h)
}

// typehash hashes a value of any comparable type.
func typehash(t *_type, p unsafe.Pointer, h uintptr) uintptr {
	if t.TFlag&abi.TFlagRegularMemory != 0 {
		switch t.Size_ {
		case 4:
			return memhash32(p, h)
		case 8:
			return memhash64(p, h)
		}
		return memhash(p, h, t.Size_)
	}
	switch t.Kind() {
	case abi.Float32:
		return f32hash(p, h)
	case abi.Float64:
		return f64hash(p, h)
	case abi.Complex64:
		return c64hash(p, h)
	case abi.Complex128:
		return c128hash(p, h)
	case abi.String:
		return strhash(p, h)
	case abi.Interface:
		if len((*interfacetype)(unsafe.Pointer(t)).Methods) == 0 {
			return nilinterhash(p, h)
		}
		return interhash(p, h)
	case abi.Array:
		a := (*abi.ArrayType)(unsafe.Pointer(t))
		for i := uintptr(0); i < a.Len; i++ {
			h = typehash(a.Elem, add(p, i*a.Elem.Size_), h)
		}
		return h
	case abi.Struct:
		s := (*abi.StructType)(unsafe.Pointer(t))
		for i := range s.Fields {
			f := &s.Fields[i]
			if !f.Name.IsBlank() {
				h = typehash(f.Typ, add(p, f.Offset), h)
			}
		}
		return h
	}
	panic(errorString("hash of unhashable type " + typeString(t)))
}

//go:linkname reflect_typehash reflect.typehash
func reflect_typehash(t *_type, p unsafe.Pointer, h uintptr) uintptr { return typehash(t, p, h) }

//go:linkname maphash_memhash hash/maphash.runtime_memhash
func maphash_memhash(p unsafe.Pointer, seed, s uintptr) uintptr { return rtMemhash(p, seed, s) }
