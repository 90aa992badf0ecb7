package main

type A struct{ x, y int }

type B struct{ z string }

type C struct {
	A
	*B
	w bool
}

type D struct {
	C
	x float64
}

type E struct {
	A
	F
}

type F struct{ x int }

type I interface{ m() }

type G struct{ I }

type H[T any] struct{ v T }

type J struct{ H[int] }

func main() {
	_ = C{x: 1, y: 2, w: true}
	_ = C{x: 1, x: 2} // ERROR "duplicate field name x in struct literal"
	_ = C{A: A{}, x: 2} // ERROR "cannot specify promoted field x and enclosing embedded field A"
	_ = C{x: 2, A: A{}} // ERROR "cannot specify embedded field A and enclosed promoted field x"
	_ = C{z: "a"} // ERROR "invalid implicit pointer indirection to reach z"
	_ = C{B: &B{}, z: "a"} // ERROR "invalid implicit pointer indirection to reach z"
	_ = D{x: 1, y: 2}
	_ = D{x: 1.5, C: C{}, w: false} // ERROR "cannot specify promoted field w and enclosing embedded field C"
	_ = D{z: "b"} // ERROR "invalid implicit pointer indirection to reach z"
	_ = E{x: 1} // ERROR "unknown field x in struct literal of type E"
	_ = E{y: 1}
	_ = G{m: nil} // ERROR "m is not a field"
	_ = J{v: 1}
	_ = J{v: "a"} // ERROR `cannot use "a" \(untyped string constant\) as int value in struct literal`
	_ = C{1: 2} // ERROR "invalid field name 1 in struct literal"
	_ = C{A{}, w: true} // ERROR "mixture of field:value and value elements in struct literal" "too few values in struct literal of type C"
	_ = C{unknown: 1} // ERROR "unknown field unknown in struct literal of type C"
	_ = []C{{x: 1}, {z: "x"}} // ERROR "invalid implicit pointer indirection to reach z"
	_ = map[string]*D{"a": {y: 1}}
	_ = struct{ C }{x: 1, y: 2, z: "x", w: true} // ERROR "invalid implicit pointer indirection to reach z"
	_ = D{A: A{}, y: 3} // ERROR "cannot specify promoted field y and enclosing embedded field A"
	_ = D{A: A{}, w: true}
	_ = D{A: A{}, B: nil}
	_ = D{B: nil, z: ""} // ERROR "invalid implicit pointer indirection to reach z"
}
