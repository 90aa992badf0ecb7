
type option[A any] struct {
	v  A
	ok bool
}

func some[A any](v A) option[A] { return option[A]{v, true} }

func (o option[A]) Get() (A, bool) { return o.v, o.ok }

func (o option[A]) Or(v A) A {
	if o.ok {
		return o.v
	}
	return v
}

func (o *option[A]) Set(v A) { o.v, o.ok = v, true }

func (o option[A]) Then[C any](f func(A) C) (r option[C]) {
	if o.ok {
		r = some(f(o.v))
	}
	return
}

type pair[A, C any] struct {
	First  A
	Second C
}

func (p pair[A, C]) Swap() pair[C, A] { return pair[C, A]{p.Second, p.First} }

type node[A any] struct {
	v    A
	next *node[A]
}

type list[A any] struct {
	head, tail *node[A]
	n          int
}

func (l *list[A]) Push(vs ...A) {
	for _, v := range vs {
		n := &node[A]{v: v}
		if l.head == nil {
			l.head = n
		} else {
			l.tail.next = n
		}
		l.tail = n
		l.n++
	}
}

func (l *list[A]) All() func(func(int, A) bool) {
	return func(yield func(int, A) bool) {
		i := 0
		for n := l.head; n != nil; n = n.next {
			if !yield(i, n.v) {
				println("left at", i)
				return
			}
			i++
		}
	}
}

func (l *list[A]) Mapped[C any](f func(A) C) *list[C] {
	out := new(list[C])
	for _, v := range l.All() {
		out.Push(f(v))
	}
	return out
}

func (l *list[A]) Fold[C any](start C, f func(C, A) C) C {
	for _, v := range l.All() {
		start = f(start, v)
	}
	return start
}

type set[B comparable] map[B]struct{}

func (s set[B]) Add(vs ...B) {
	for _, v := range vs {
		s[v] = struct{}{}
	}
}

func (s set[B]) Remove(v B) { delete(s, v) }

func (s set[B]) Has(v B) bool {
	_, ok := s[v]
	return ok
}

type tree[K ordered, A any] struct {
	k           K
	v           A
	left, right *tree[K, A]
}

func (t *tree[K, A]) Put(k K, v A) *tree[K, A] {
	switch {
	case t == nil:
		return &tree[K, A]{k: k, v: v}
	case k < t.k:
		t.left = t.left.Put(k, v)
	case k > t.k:
		t.right = t.right.Put(k, v)
	default:
		t.v = v
	}
	return t
}

func (t *tree[K, A]) Walk(f func(K, A) bool) bool {
	return t == nil || t.left.Walk(f) && f(t.k, t.v) && t.right.Walk(f)
}

type wrapped[A any] struct {
	option[A]
	*list[A]
	name string
}

type lesser[S any] interface{ Less(S) bool }

type weight int

func (w weight) Less(o weight) bool { return w < o }

func least[S lesser[S]](first S, rest ...S) S {
	for _, s := range rest {
		if s.Less(first) {
			first = s
		}
	}
	return first
}

type vec[A any] = []A

func sum[S ~[]N, N integer](s S) (total N) {
	for _, x := range s {
		total += x
	}
	return
}

func mapped[A, C any](s []A, f func(A) C) (out []C) {
	for _, x := range s {
		out = append(out, f(x))
	}
	return
}

func compose[A, C, D any](f func(A) C, g func(C) D) func(A) D { return func(x A) D { return g(f(x)) } }

func cached[B comparable, A any](f func(B) A) func(B) A {
	seen := map[B]A{}
	return func(k B) A {
		v, ok := seen[k]
		println("seen", ok)
		if !ok {
			v = f(k)
			seen[k] = v
		}
		return v
	}
}

func feed[A any](s []A) <-chan A {
	ch := make(chan A)
	go func() {
		defer close(ch)
		for _, x := range s {
			ch <- x
		}
	}()
	return ch
}

func stage[A, C any](in <-chan A, f func(A) C) <-chan C {
	out := make(chan C, 1)
	go func() {
		for x := range in {
			out <- f(x)
		}
		close(out)
	}()
	return out
}

// exactly prints what comes out of f with its whole message.
func exactly(f func()) {
	defer func() {
		switch e := recover().(type) {
		case nil:
			println("exact: none")
		case interface {
			error
			RuntimeError()
		}:
			println("exact:", e.Error())
		case error:
			println("exact: an error", e.Error())
		default:
			println("exact: a value")
			showAny(e)
		}
	}()
	f()
}

// stubborn goes on after the loop was left.
func stubborn(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			yield(i)
		}
	}
}

// swallowing recovers what the loop body panics with.
func swallowing(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		defer func() { println("swallowed", recover() != nil) }()
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

var kept func(int) bool

// leaking keeps its loop body for later.
func leaking(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		kept = yield
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// repeating runs the loop from a deferred call, too.
func repeating(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		defer yield(n)
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}
