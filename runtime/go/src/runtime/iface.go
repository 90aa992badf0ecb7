package runtime

import (
	"internal/abi"
	"internal/runtime/atomic"
	"unsafe"
)

// --- itabs ---------------------------------------------------------------------------------------

// itabTable is an open hash table that only grows; readers need no lock.
type itabTable struct {
	size  uintptr // a power of two
	count uintptr
	slots []*itab
}

var (
	itabs unsafe.Pointer // *itabTable
)

func itabHash(inter *interfacetype, typ *_type) uintptr {
	return uintptr(unsafe.Pointer(&inter.Methods[0]))>>3*31 ^ uintptr(typ.Hash)
}

func (t *itabTable) find(inter *interfacetype, typ *_type) *itab {
	mask := t.size - 1
	for i := itabHash(inter, typ) & mask; ; i = (i + 1) & mask {
		m := (*itab)(atomic.Loadp(unsafe.Pointer(&t.slots[i])))
		if m == nil {
			return nil
		}
		// Identical interface types share their method list, and so their itabs.
		if &m.Inter.Methods[0] == &inter.Methods[0] && m.Type == typ {
			return m
		}
	}
}

func (t *itabTable) add(m *itab) {
	mask := t.size - 1
	i := itabHash(m.Inter, m.Type) & mask
	for t.slots[i] != nil {
		i = (i + 1) & mask
	}
	atomic.StorepNoWB(unsafe.Pointer(&t.slots[i]), unsafe.Pointer(m))
	t.count++
}

var itabSem uint32 = 1

// getitab returns the itab of typ as inter; nil (or a panic) if typ lacks a method.
func getitab(inter *interfacetype, typ *_type, canfail bool) *itab {
	if len(inter.Methods) == 0 {
		throw("internal error - misuse of itab")
	}
	if t := (*itabTable)(atomic.Loadp(unsafe.Pointer(&itabs))); t != nil {
		if m := t.find(inter, typ); m != nil {
			return checkItab(m, inter, typ, canfail)
		}
	}
	return checkItab(newItab(inter, typ), inter, typ, canfail)
}

func checkItab(m *itab, inter *interfacetype, typ *_type, canfail bool) *itab {
	if m.Fun[0] != 0 {
		return m
	}
	if canfail {
		return nil
	}
	panic(&TypeAssertionError{concrete: typ, asserted: &inter.Type, missingMethod: fillItab(m)})
}

func newItab(inter *interfacetype, typ *_type) *itab {
	size := unsafe.Sizeof(itab{}) + uintptr(len(inter.Methods)-1)*8
	// No pointers that the collector must see: types are static, or kept by reflect.
	m := (*itab)(mallocgc(size, nil, true))
	m.Inter = inter
	m.Type = typ
	m.Hash = 0
	fillItab(m)
	semacquire(&itabSem)
	t := (*itabTable)(itabs)
	if t != nil {
		if old := t.find(inter, typ); old != nil {
			semrelease(&itabSem)
			return old
		}
	}
	if t == nil || t.count*4 >= t.size*3 {
		n := &itabTable{size: 512}
		if t != nil {
			n.size = t.size * 2
		}
		n.slots = make([]*itab, n.size)
		if t == nil {
			addStaticItabs(n)
		} else {
			for _, x := range t.slots {
				if x != nil {
					n.add(x)
				}
			}
		}
		t = n
		if x := t.find(inter, typ); x != nil {
			m = x
		} else {
			t.add(m)
		}
		atomic.StorepNoWB(unsafe.Pointer(&itabs), unsafe.Pointer(t))
	} else {
		t.add(m)
	}
	keepItabs = append(keepItabs, m)
	semrelease(&itabSem)
	return m
}

// keepItabs roots the table's entries (the table's slots do so too).
var keepItabs []*itab

func addStaticItabs(t *itabTable) {
	md := rtModuledata()
	if md.nitabs == 0 {
		return
	}
	for t.size < md.nitabs*2 {
		t.size *= 2
	}
	t.slots = make([]*itab, t.size)
	for _, m := range unsafe.Slice((**itab)(unsafe.Pointer(md.itabs)), int(md.nitabs)) {
		t.add(m)
	}
}

// fillItab looks up the methods of m.Type; both lists are sorted by name. Returns the name
// of the first one that is missing.
func fillItab(m *itab) string {
	inter, typ := m.Inter, m.Type
	x := typ.Uncommon()
	fun := unsafe.Slice((*uintptr)(unsafe.Pointer(&m.Fun[0])), len(inter.Methods))
	var methods []abi.Method
	if x != nil {
		methods = x.Methods()
	}
	j := 0
	var first uintptr
	for k := range inter.Methods {
		im := &inter.Methods[k]
		iname := resolveName(im.Name)
		want := iname.Name()
		ipkg := ""
		if !iname.IsExported() {
			ipkg = namePkgPath(iname)
			if ipkg == "" {
				ipkg = inter.PkgPath.Name()
			}
		}
		found := false
		for ; j < len(methods); j++ {
			tm := &methods[j]
			tname := resolveName(tm.Name)
			if tname.Name() != want || tm.Mtyp != im.Typ && resolveTypeOff(int32(tm.Mtyp)) != resolveTypeOff(int32(im.Typ)) {
				continue
			}
			if !tname.IsExported() {
				tpkg := namePkgPath(tname)
				if tpkg == "" {
					tpkg = resolveName(x.PkgPath).Name()
				}
				if tpkg != ipkg {
					continue
				}
			}
			ifn := uintptr(resolveOff(int32(tm.Ifn)))
			if k == 0 {
				first = ifn // published last: zero says that methods are missing
			} else {
				fun[k] = ifn
			}
			found = true
			j++
			break
		}
		if !found {
			return want
		}
	}
	fun[0] = first
	return ""
}

// --- conversions and assertions -------------------------------------------------------------------

func assertE2I(inter *interfacetype, t *_type) *itab {
	if t == nil {
		panic(&TypeAssertionError{nil, nil, &inter.Type, ""})
	}
	return getitab(inter, t, false)
}

func assertE2I2(inter *interfacetype, t *_type) *itab {
	if t == nil {
		return nil
	}
	return getitab(inter, t, true)
}

//go:linkname reflect_ifaceE2I reflect.ifaceE2I
func reflect_ifaceE2I(inter *interfacetype, e eface, dst *iface) {
	*dst = iface{assertE2I(inter, e._type), e.data}
}

//go:linkname reflectlite_ifaceE2I internal/reflectlite.ifaceE2I
func reflectlite_ifaceE2I(inter *interfacetype, e eface, dst *iface) {
	*dst = iface{assertE2I(inter, e._type), e.data}
}

func panicdottypeE(have, want, iface *_type) {
	panic(&TypeAssertionError{iface, have, want, ""})
}

func panicdottypeI(have *itab, want, iface *_type) {
	var t *_type
	if have != nil {
		t = have.Type
	}
	panicdottypeE(t, want, iface)
}

func panicnildottype(want *_type) {
	panic(&TypeAssertionError{nil, nil, want, ""})
}

func convT(t *_type, v unsafe.Pointer) unsafe.Pointer {
	p := mallocgc(t.Size_, t, false)
	typedmemmove(t, p, v)
	return p
}

func convTnoptr(t *_type, v unsafe.Pointer) unsafe.Pointer {
	p := mallocgc(t.Size_, nil, false)
	memmove(p, v, t.Size_)
	return p
}

// smallInts: the values 0 to 255 in interfaces need no allocation. They are the cells that the compiler boxes bytes with, which are
// read-only.
func smallInts() *[256]uint64 {
	var first any = uint8(0)
	return (*[256]uint64)(efaceOf(&first).data)
}

//go:linkname getStaticuint64s reflect.getStaticuint64s
func getStaticuint64s() *[256]uint64 { return smallInts() }

//go:noinline
func convT16(v uint16) unsafe.Pointer {
	if v < 256 {
		return unsafe.Add(unsafe.Pointer(smallInts()), 8*uintptr(v))
	}
	p := mallocgc(2, nil, false)
	*(*uint16)(p) = v
	return p
}

//go:noinline
func convT32(v uint32) unsafe.Pointer {
	if v < 256 {
		return unsafe.Add(unsafe.Pointer(smallInts()), 8*uintptr(v))
	}
	p := mallocgc(4, nil, false)
	*(*uint32)(p) = v
	return p
}

//go:noinline
func convT64(v uint64) unsafe.Pointer {
	if v < 256 {
		return unsafe.Add(unsafe.Pointer(smallInts()), 8*uintptr(v))
	}
	p := mallocgc(8, nil, false)
	*(*uint64)(p) = v
	return p
}

//go:noinline
func convTstring(s string) unsafe.Pointer {
	if s == "" {
		return unsafe.Pointer(&zeroVal[0])
	}
	p := new(string)
	*p = s
	return unsafe.Pointer(p)
}

//go:noinline
func convTslice(s []byte) unsafe.Pointer {
	if s == nil {
		return unsafe.Pointer(&zeroVal[0])
	}
	p := new([]byte)
	*p = s
	return unsafe.Pointer(p)
}
