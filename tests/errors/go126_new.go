package main

type T struct{ a int }

func f() {}

func two() (int, int) { return 1, 2 }

func g[P any](p P) {
	var _ *P = new(p)
	var _ *P = new(P)
	var _ *int = new(p) // ERROR "cannot use new\(p\) \(value of type \*P\) as \*int value in variable declaration"
}

func main() {
	var _ *int = new(5)
	var _ *int8 = new(5) // ERROR "cannot use new\(5\) \(value of type \*int\) as \*int8 value in variable declaration"
	var _ *int8 = new(int8(5))
	var _ *float64 = new(1.5)
	var _ *rune = new('a')
	var _ *string = new("a")
	var _ *bool = new(1 < 2)
	var _ *T = new(T{1})
	var _ **T = new(&T{1})
	var _ *any = new(any(1))
	new(5) // ERROR "new\(5\) \(value of type \*int\) is not used"
	_ = new(f()) // ERROR "f\(\) \(no value\) used as value or type"
	_ = new(two()) // ERROR "multiple-value two\(\) \(value of type \(int, int\)\) in single-value context"
	_ = new(nil) // ERROR "use of untyped nil in argument to new"
	_ = new(f)
	_ = new(len("abc"))
	_ = new(1 << 100) // ERROR "cannot use 1 << 100 \(untyped int constant 1267650600228229401496703205376\) as int value in argument to new \(overflows\)"
	_ = new(undefined) // ERROR "undefined: undefined"
	_ = new(1, 2) // ERROR "invalid operation: too many arguments for new\(1, 2\) \(expected 1, found 2\)"
	_ = new() // ERROR "invalid operation: not enough arguments for new\(\) \(expected 1, found 0\)"
	_ = new(new(new(3)))
	_ = *new(5) + "a" // ERROR `invalid operation: \*new\(5\) \+ "a" \(mismatched types int and untyped string\)`
	_ = new(int)(5) // ERROR "invalid operation: cannot call new\(int\) \(value of type \*int\): \*int is not a function"
	_ = new([]int{1}...) // ERROR "invalid operation: invalid use of \.\.\. with built-in new"
	const c = new(5) // ERROR "new\(5\) \(value of type \*int\) is not constant"
	var p *int = new(T) // ERROR "cannot use new\(T\) \(value of type \*T\) as \*int value in variable declaration"
	_ = p
	_ = &5 // ERROR "invalid operation: cannot take address of 5 \(untyped int constant\)"
	_ = new(T.a) // ERROR "operand for field selector a must be value of type T"
	*new(5)++
	new(5) = nil // ERROR "cannot assign to new\(5\) \(neither addressable nor a map index expression\)"
	_ = new(fmt) // ERROR "undefined: fmt"
	_ = new(len) // ERROR "len \(built-in\) must be called"
	_ = new(_) // ERROR "cannot use _ as value or type"
}
