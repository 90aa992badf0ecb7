import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

var (
	_ = os.Exit
	_ = runtime.Goexit
	_ sync.Mutex
	_ atomic.Int64
)

type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

var fuel = 3000

// tick bounds the work of the whole program.
func tick() bool {
	fuel--
	return fuel > 0
}

func id[V any](x V) V { return x }

//go:noinline
func idn[V any](x V) V { return x }

func pick[V any](c bool, x, y V) V {
	if c {
		return x
	}
	return y
}

func ref[V any](x V) *V { return &x }

func deref[V any](p *V) *V {
	if p == nil {
		return new(V)
	}
	return p
}

func elem[V any](s []V, i int) *V {
	if len(s) == 0 {
		return new(V)
	}
	return &s[uint(i)%uint(len(s))]
}

func clip[S ~[]E, E any](s S) S { return s[:min(len(s), 20):min(len(s), 20)] }

func shorten[S ~[]E, E any](s S) S { return s[:min(len(s), 40)] }

func part[S ~[]E, E any](s S, i, j int) S {
	i = int(uint(i) % uint(len(s)+1))
	j = i + int(uint(j)%uint(len(s)-i+1))
	return s[i:j]
}

func cut(s string, i, j int) string {
	i = int(uint(i) % uint(len(s)+1))
	j = i + int(uint(j)%uint(len(s)-i+1))
	return s[i:j]
}

func short[S ~string](s S) string { return string(s[:min(len(s), 30)]) }

func cat(parts ...string) string {
	all := ""
	for _, s := range parts {
		all += s
	}
	return short(all)
}

func at(s string, i int) byte {
	if i < 0 || i >= len(s) {
		return 0
	}
	return s[i]
}

func within(x, above, below float64) float64 {
	if x > above && x < below {
		return x
	}
	return 17
}

func clamp(x float64) float64 {
	if x >= -100 && x < 100 {
		return x
	}
	return 42
}

// trace prints in the order of evaluation.
func trace[V any](n int, x V) V {
	println("trace", n)
	return x
}

func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func pairs[V any](s []V) func(func(int, V) bool) {
	return func(yield func(int, V) bool) {
		defer println("pairs done")
		for i, x := range s {
			if !yield(i, x) {
				break
			}
		}
	}
}

type ordered interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~string | ~float64
}

func keys[K ordered, V any](m map[K]V) []K {
	var list []K
	for k := range m {
		i := len(list)
		list = append(list, k)
		for ; i > 0 && list[i-1] > k; i-- {
			list[i] = list[i-1]
		}
		list[i] = k
	}
	return list
}

type thrown struct {
	code int
	text string
}

func (t thrown) Error() string { return t.text }

func guard(name string, f func()) {
	defer func() {
		switch e := recover().(type) {
		case nil:
			println(name, "ok")
		case thrown:
			println(name, "thrown", e.code, e.text)
		case error:
			println(name, "error", e.Error())
		default:
			println(name, "value")
			showAny(e)
		}
	}()
	f()
}
