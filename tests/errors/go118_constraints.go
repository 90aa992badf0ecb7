package main

import "fmt"

type Number interface {
	~int | ~int8 | ~float64
}

type Stringer interface {
	Number
	String() string
}

type MyInt int

type Text int

func (t Text) String() string { return "" }

type Ptr int

func (p *Ptr) String() string { return "" }

func Sum[T Number](x ...T) T { var t T; return t }

func Show[T Stringer](x T) string { return x.String() }

func Key[K comparable](k K) {}

type Set[K comparable] map[K]bool

type Pair[A any, B fmt.Stringer] struct { a A; b B }

func main() {
	Sum[string]() // ERROR "string does not satisfy Number \(string missing in ~int \| ~int8 \| ~float64\)"
	Sum(1, 2.5)
	Sum(MyInt(1), 2)
	Sum(int16(1)) // ERROR "int16 does not satisfy Number \(int16 missing in ~int \| ~int8 \| ~float64\)"
	Sum("a") // ERROR "string does not satisfy Number \(string missing in ~int \| ~int8 \| ~float64\)"
	Show(MyInt(1)) // ERROR "in call to Show, T \(type MyInt\) does not satisfy Stringer \(missing method String\)"
	Show(Text(1))
	Show(Ptr(1)) // ERROR "in call to Show, T \(type Ptr\) does not satisfy Stringer \(method String has pointer receiver\)"
	Show(new(Ptr)) // ERROR "\*Ptr does not satisfy Stringer \(\*Ptr missing in ~int \| ~int8 \| ~float64\)"
	Key([]int{}) // ERROR "\[\]int does not satisfy comparable"
	Key(func() {}) // ERROR "func\(\) does not satisfy comparable"
	Key(struct{ f []int }{}) // ERROR "struct\{f \[\]int\} does not satisfy comparable"
	Key[any](1)
	Key(struct{ f any }{})
	var _ Set[[]int] // ERROR "\[\]int does not satisfy comparable"
	var _ Set[map[int]int] // ERROR "map\[int\]int does not satisfy comparable"
	var _ Pair[int, int] // ERROR "int does not satisfy fmt\.Stringer \(missing method String\)"
	var _ Pair[int] // ERROR "not enough type arguments for type Pair: have 1, want 2"
	var _ Pair[int, Text, string] // ERROR "too many type arguments for type Pair: have 3, want 2"
	var _ Number // ERROR "cannot use type Number outside a type constraint: interface contains type constraints"
	var _ []Number // ERROR "cannot use type Number outside a type constraint: interface contains type constraints"
	var _ comparable // ERROR "cannot use type comparable outside a type constraint: interface is \(or embeds\) comparable"
	var _ interface{ int } // ERROR "cannot use type interface\{int\} outside a type constraint: interface contains type constraints"
	_ = Sum // ERROR "cannot use generic function Sum without instantiation"
	_ = Sum[int, int] // ERROR "got 2 type arguments but want 1"
	_ = Set{} // ERROR "cannot use generic type Set\[K comparable\] without instantiation"
	_ = Set[int, int]{} // ERROR "too many type arguments for type Set: have 2, want 1"
	var s Set[int] = map[string]bool{} // ERROR "cannot use map\[string\]bool\{\} \(value of type map\[string\]bool\) as Set\[int\] value in variable declaration"
	_ = s
	_ = func(x Number) {} // ERROR "cannot use type Number outside a type constraint: interface contains type constraints"
	type t struct{ Number } // ERROR "cannot use type Number outside a type constraint: interface contains type constraints"
	_ = any(1).(Number) // ERROR "cannot use type Number outside a type constraint: interface contains type constraints"
	switch any(1).(type) {
	case Number: // ERROR "cannot use type Number outside a type constraint: interface contains type constraints"
	}
}
