// new of an expression; constraints that refer to themselves.
package main

import "fmt"

type T struct{ a, b int }

type Celsius float64

func f(trace string) int {
	fmt.Print(trace)
	return len(trace)
}

func ptr[V any](v V) *V { return new(v) }

type Adder[A Adder[A]] interface{ Add(A) A }

func Sum[A Adder[A]](x A, more ...A) A {
	for _, y := range more {
		x = x.Add(y)
	}
	return x
}

type Int int

func (i Int) Add(j Int) Int { return i + j }

type Text string

func (t Text) Add(u Text) Text { return t + u }

type Ordered[O any] interface{ Less(O) bool }

type Tree[E Ordered[E]] struct {
	e           E
	left, right *Tree[E]
}

func (t *Tree[E]) Insert(e E) *Tree[E] {
	if t == nil {
		return &Tree[E]{e: e}
	}
	if e.Less(t.e) {
		t.left = t.left.Insert(e)
	} else {
		t.right = t.right.Insert(e)
	}
	return t
}

func (t *Tree[E]) Walk(yield func(E) bool) bool {
	return t == nil || t.left.Walk(yield) && yield(t.e) && t.right.Walk(yield)
}

func (i Int) Less(j Int) bool { return i < j }

type Config struct {
	Name    *string
	Retries *int
	Rate    *float64
}

func main() {
	p, q := new(5), new(5)
	*p++
	fmt.Println(*p, *q, p == q)
	fmt.Printf("%T %T %T %T %T %T %T\n", new(1.5), new('a'), new("s"), new(1 < 2), new(Celsius(3)), new(T{1, 2}), new(any(1)))
	fmt.Println(*new(T{b: f("x")}), *new(f("ab") + f("c")), *new(&T{1, 2}) == nil, new(int(3)) != nil, *new(int), *new([2]int{1, 2}))
	x := 1
	r := new(x)
	x = 2
	fmt.Println(*r, *ptr(x), *ptr(Celsius(1)), **new(new(3)))
	s := []*int{new(1), new(2)}
	for i := range 3 {
		s = append(s, new(i*i))
	}
	for _, p := range s {
		fmt.Print(*p, " ")
	}
	fmt.Println()
	c := Config{Name: new("n"), Retries: new(3), Rate: new(0.5)}
	fmt.Println(*c.Name, *c.Retries, *c.Rate)
	fmt.Println(*new(func() int { return 7 }()), (*new(map[string]int{"a": 1}))["a"], *new(len("abc")), len(*new([3]int{})))
	fn := new(func(x int) int { return x * 2 })
	fmt.Println((*fn)(4))
	fmt.Println(Sum(Int(1), 2, 3), Sum(Text("a"), "b"))
	var t *Tree[Int]
	for _, v := range []Int{5, 2, 8, 1} {
		t = t.Insert(v)
	}
	for v := range func(yield func(Int) bool) { t.Walk(yield) } {
		fmt.Print(v, " ")
	}
	fmt.Println()
}
