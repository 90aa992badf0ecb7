package runtime

import "unsafe"

const (
	runeError = '\uFFFD'
	maxRune   = '\U0010FFFF'
)

func rawstring(n int) (s string, p unsafe.Pointer) {
	p = mallocgc(uintptr(n), nil, false)
	return unsafe.String((*byte)(p), n), p
}

func concatstrings(a []string) string {
	n, count, last := 0, 0, 0
	for i, s := range a {
		if len(s) == 0 {
			continue
		}
		if n+len(s) < n {
			throw("string concatenation too long")
		}
		n += len(s)
		count++
		last = i
	}
	if count == 0 {
		return ""
	}
	if count == 1 {
		return a[last]
	}
	s, p := rawstring(n)
	for _, x := range a {
		memmove(p, unsafe.Pointer(unsafe.StringData(x)), uintptr(len(x)))
		p = add(p, uintptr(len(x)))
	}
	return s
}

//go:noinline
func concatstring2(a, b string) string {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	n := len(a) + len(b)
	if n < 0 {
		throw("string concatenation too long")
	}
	s, p := rawstring(n)
	memmove(p, unsafe.Pointer(unsafe.StringData(a)), uintptr(len(a)))
	memmove(add(p, uintptr(len(a))), unsafe.Pointer(unsafe.StringData(b)), uintptr(len(b)))
	return s
}

//go:noinline
func concatstring3(a, b, c string) string {
	if len(c) == 0 {
		return concatstring2(a, b)
	}
	if len(a) == 0 {
		return concatstring2(b, c)
	}
	if len(b) == 0 {
		return concatstring2(a, c)
	}
	n := len(a) + len(b) + len(c)
	if n < 0 {
		throw("string concatenation too long")
	}
	s, p := rawstring(n)
	memmove(p, unsafe.Pointer(unsafe.StringData(a)), uintptr(len(a)))
	p = add(p, uintptr(len(a)))
	memmove(p, unsafe.Pointer(unsafe.StringData(b)), uintptr(len(b)))
	memmove(add(p, uintptr(len(b))), unsafe.Pointer(unsafe.StringData(c)), uintptr(len(c)))
	return s
}

//go:noinline
func slicebytetostring(ptr *byte, n int) string {
	if n == 0 {
		return ""
	}
	if n == 1 {
		s, p := rawstring(1)
		*(*byte)(p) = *ptr
		return s
	}
	s, p := rawstring(n)
	memmove(p, unsafe.Pointer(ptr), uintptr(n))
	return s
}

func rawbyteslice(n int) []byte {
	c := roundupsize(uintptr(n), true)
	p := mallocgc(c, nil, false)
	memclrNoHeapPointers(add(p, uintptr(n)), c-uintptr(n))
	return unsafe.Slice((*byte)(p), int(c))[:n]
}

//go:noinline
func stringtoslicebyte(s string) []byte {
	if len(s) == 0 {
		return []byte{}
	}
	b := rawbyteslice(len(s))
	memmove(unsafe.Pointer(&b[0]), unsafe.Pointer(unsafe.StringData(s)), uintptr(len(s)))
	return b
}

//go:noinline
func stringtoslicerune(s string) []rune {
	n := countrunes(s)
	if n == 0 {
		return []rune{}
	}
	c := roundupsize(uintptr(n)*4, true)
	p := mallocgc(c, nil, false)
	memclrNoHeapPointers(add(p, uintptr(n)*4), c-uintptr(n)*4)
	a := unsafe.Slice((*rune)(p), int(c/4))[:n]
	i := 0
	for _, r := range s {
		a[i] = r
		i++
	}
	return a
}

func slicerunetostring(a []rune) string {
	n := 0
	var buf [4]byte
	for _, r := range a {
		n += encoderune(buf[:], r)
	}
	if n == 0 {
		return ""
	}
	s, p := rawstring(n)
	b := unsafe.Slice((*byte)(p), n)
	i := 0
	for _, r := range a {
		i += copy(b[i:], buf[:encoderune(buf[:], r)])
	}
	return s
}

//go:noinline
func intstring(v int64) string {
	if int64(rune(v)) != v {
		v = runeError
	}
	var buf [4]byte
	n := encoderune(buf[:], rune(v))
	return slicebytetostring(&buf[0], n)
}

// A tmpBuf is memory in the frame of the caller for a short result that does not outlive it. The optimiser
// puts calls of the functions below in place of those above.
type tmpBuf [32]byte

//go:noinline
func concatstring2buf(buf *tmpBuf, a, b string) string {
	n := len(a) + len(b)
	if uint(n) > uint(len(buf)) || len(a) == 0 || len(b) == 0 {
		return concatstring2(a, b)
	}
	memmove(unsafe.Pointer(buf), unsafe.Pointer(unsafe.StringData(a)), uintptr(len(a)))
	memmove(add(unsafe.Pointer(buf), uintptr(len(a))), unsafe.Pointer(unsafe.StringData(b)), uintptr(len(b)))
	return unsafe.String(&buf[0], n)
}

//go:noinline
func concatstring3buf(buf *tmpBuf, a, b, c string) string {
	n := len(a) + len(b) + len(c)
	if len(a) > len(buf) || len(b) > len(buf) || uint(n) > uint(len(buf)) {
		return concatstring3(a, b, c)
	}
	p := unsafe.Pointer(buf)
	memmove(p, unsafe.Pointer(unsafe.StringData(a)), uintptr(len(a)))
	p = add(p, uintptr(len(a)))
	memmove(p, unsafe.Pointer(unsafe.StringData(b)), uintptr(len(b)))
	memmove(add(p, uintptr(len(b))), unsafe.Pointer(unsafe.StringData(c)), uintptr(len(c)))
	return unsafe.String(&buf[0], n)
}

//go:noinline
func slicebytetostringbuf(buf *tmpBuf, ptr *byte, n int) string {
	if n > len(buf) {
		return slicebytetostring(ptr, n)
	}
	memmove(unsafe.Pointer(buf), unsafe.Pointer(ptr), uintptr(n))
	return unsafe.String(&buf[0], n)
}

//go:noinline
func stringtoslicebytebuf(buf *tmpBuf, s string) []byte {
	if len(s) > len(buf) {
		return stringtoslicebyte(s)
	}
	*buf = tmpBuf{}
	memmove(unsafe.Pointer(buf), unsafe.Pointer(unsafe.StringData(s)), uintptr(len(s)))
	return buf[:len(s)]
}

//go:noinline
func intstringbuf(buf *tmpBuf, v int64) string {
	if int64(rune(v)) != v {
		v = runeError
	}
	return unsafe.String(&buf[0], encoderune(buf[:], rune(v)))
}

//go:noinline
func stringtoslicerunebuf(buf *[32]rune, s string) []rune {
	n := countrunes(s)
	if n > len(buf) {
		return stringtoslicerune(s)
	}
	*buf = [32]rune{}
	i := 0
	for _, r := range s {
		buf[i] = r
		i++
	}
	return buf[:n]
}

func countrunes(s string) int {
	n := 0
	for range s {
		n++
	}
	return n
}

// decoderune decodes the rune at s[k:], where s[k] >= 0x80, and returns it with the position
// behind it. Bad encodings give runeError and one byte.
func decoderune(s string, k int) (r rune, pos int) {
	s = s[k:]
	b0 := s[0]
	switch {
	case b0 >= 0xc2 && b0 < 0xe0:
		if len(s) > 1 && s[1]&0xc0 == 0x80 {
			return rune(b0&0x1f)<<6 | rune(s[1]&0x3f), k + 2
		}
	case b0 >= 0xe0 && b0 < 0xf0:
		if len(s) > 2 && s[1]&0xc0 == 0x80 && s[2]&0xc0 == 0x80 {
			r = rune(b0&0x0f)<<12 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f)
			if r >= 0x800 && (r < 0xd800 || r > 0xdfff) {
				return r, k + 3
			}
		}
	case b0 >= 0xf0 && b0 < 0xf5:
		if len(s) > 3 && s[1]&0xc0 == 0x80 && s[2]&0xc0 == 0x80 && s[3]&0xc0 == 0x80 {
			r = rune(b0&0x07)<<18 | rune(s[1]&0x3f)<<12 | rune(s[2]&0x3f)<<6 | rune(s[3]&0x3f)
			if r >= 0x10000 && r <= maxRune {
				return r, k + 4
			}
		}
	}
	return runeError, k + 1
}

// encoderune writes r to p (room for 4) and returns the number of bytes.
func encoderune(p []byte, r rune) int {
	_ = p[3]
	switch u := uint32(r); {
	case u < 0x80:
		p[0] = byte(r)
		return 1
	case u < 0x800:
		p[0] = 0xc0 | byte(r>>6)
		p[1] = 0x80 | byte(r)&0x3f
		return 2
	case u > maxRune, u >= 0xd800 && u < 0xe000:
		r = runeError
		fallthrough
	case u < 0x10000:
		p[0] = 0xe0 | byte(r>>12)
		p[1] = 0x80 | byte(r>>6)&0x3f
		p[2] = 0x80 | byte(r)&0x3f
		return 3
	default:
		p[0] = 0xf0 | byte(r>>18)
		p[1] = 0x80 | byte(r>>12)&0x3f
		p[2] = 0x80 | byte(r>>6)&0x3f
		p[3] = 0x80 | byte(r)&0x3f
		return 4
	}
}

func cmpstring(a, b string) int {
	return rtCompare(unsafe.Pointer(unsafe.StringData(a)), len(a), unsafe.Pointer(unsafe.StringData(b)), len(b))
}

func findnull(s *byte) int {
	n := 0
	for *(*byte)(add(unsafe.Pointer(s), uintptr(n))) != 0 {
		n++
	}
	return n
}

// gostring copies a C string; gostringnocopy shares its memory.
func gostring(p *byte) string {
	if p == nil {
		return ""
	}
	return slicebytetostring(p, findnull(p))
}

func gostringnocopy(p *byte) string { return unsafe.String(p, findnull(p)) }

//go:linkname internal_syscall_gostring internal/syscall/unix.gostring
func internal_syscall_gostring(p *byte) string { return gostring(p) }

// --- internal/bytealg -----------------------------------------------------------------------------

func bdata(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }
func sdata(s string) unsafe.Pointer { return unsafe.Pointer(unsafe.StringData(s)) }

//go:linkname bytealg_IndexByte internal/bytealg.IndexByte
func bytealg_IndexByte(b []byte, c byte) int { return rtIndexbyte(bdata(b), len(b), c) }

//go:linkname bytealg_IndexByteString internal/bytealg.IndexByteString
func bytealg_IndexByteString(s string, c byte) int { return rtIndexbyte(sdata(s), len(s), c) }

//go:linkname bytealg_Count internal/bytealg.Count
func bytealg_Count(b []byte, c byte) int { return rtCountbyte(bdata(b), len(b), c) }

//go:linkname bytealg_CountString internal/bytealg.CountString
func bytealg_CountString(s string, c byte) int { return rtCountbyte(sdata(s), len(s), c) }

//go:linkname bytealg_Compare internal/bytealg.Compare
func bytealg_Compare(a, b []byte) int { return rtCompare(bdata(a), len(a), bdata(b), len(b)) }

//go:linkname bytealg_CompareString internal/bytealg.abigen_runtime_cmpstring
func bytealg_CompareString(a, b string) int { return cmpstring(a, b) }

//go:linkname bytealg_Index internal/bytealg.Index
func bytealg_Index(a, b []byte) int { return rtIndex(bdata(a), len(a), bdata(b), len(b)) }

//go:linkname bytealg_IndexString internal/bytealg.IndexString
func bytealg_IndexString(a, b string) int { return rtIndex(sdata(a), len(a), sdata(b), len(b)) }
