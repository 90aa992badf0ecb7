package main

type T struct{ a int }

func (t T) Map[A any](f func(int) A) A { return f(t.a) } // ERROR "in call to f, cannot infer A \(declared at \./go127_generic_methods\.go:31:12\)"

func (t *T) Set[A ~int](x A) { t.a = int(x) } // ERROR "cannot use generic function t\.a without instantiation"

func (t T) Two[A, B any](a A, b B) {}

func (t T) Make[A any]() (a A) { return }

type G[P any] struct{ p P }

func (g G[P]) Conv[Q any](f func(P) Q) G[Q] { return G[Q]{f(g.p)} }

func (g G[P]) Bad[P any](x P) {} // ERROR "P redeclared in this block"

func (g G[P]) Same[Q interface{ ~[]P }](q Q) {}

type Mapper interface{ Map(f func(int) int) int }

type Mapper2 interface{ Map[A any](f func(int) A) A } // ERROR "interface method must have no type parameters" "undefined: A"

type E struct{ T }

func (t T) Dup[A any]() {}

func (t T) Dup[B any]() {} // ERROR "method T\.Dup already declared at \./go127_generic_methods\.go:27:12"

func (T) a[A any]() {} // ERROR "field and method with the same name a"

func main() {
	var t T
	_ = t.Map(func(int) string { return "" })
	_ = t.Map[int](func(int) string { return "" }) // ERROR "cannot use func\(int\) string \{…\} \(value of type func\(int\) string\) as func\(int\) int value in argument to t\.Map\[int\]"
	_ = t.Map // ERROR "cannot use generic function t\.Map without instantiation"
	_ = t.Map[int]
	_ = T.Map // ERROR "cannot use generic function T\.Map without instantiation"
	_ = T.Map[int]
	_ = (*T).Set[int]
	t.Set("x") // ERROR "string does not satisfy ~int \(string missing in ~int\)"
	t.Set(5)
	T{}.Set(5) // ERROR "cannot call pointer method Set on T"
	t.Two(1, "a")
	t.Two[int](1, "a")
	t.Two[string](1, "a") // ERROR "cannot use 1 \(untyped int constant\) as string value in argument to t\.Two\[string\]"
	t.Two[int, string, bool](1, "a") // ERROR "got 3 type arguments but want 2"
	_ = t.Make() // ERROR "in call to t\.Make, cannot infer A \(declared at \./go127_generic_methods\.go:11:17\)"
	_ = t.Make[int]()
	var _ string = t.Make[int]() // ERROR "cannot use t\.Make\[int\]\(\) \(value of type int\) as string value in variable declaration"
	var _ Mapper = t // ERROR "cannot use t \(variable of struct type T\) as Mapper value in variable declaration: T does not implement Mapper \(wrong type for method Map\)"
	var _ interface{ Make() int } = t // ERROR "cannot use t \(variable of struct type T\) as interface\{Make\(\) int\} value in variable declaration: T does not implement interface\{Make\(\) int\} \(wrong type for method Make\)"
	g := G[int]{1}
	_ = g.Conv(func(x int) string { return "" }).p + 1 // ERROR "invalid operation: g\.Conv\(func\(x int\) string \{…\}\)\.p \+ 1 \(mismatched types string and untyped int\)"
	_ = g.Conv[string](func(x string) string { return "" }) // ERROR "cannot use func\(x string\) string \{…\} \(value of type func\(x string\) string\) as func\(int\) string value in argument to g\.Conv\[string\]"
	g.Same([]int{})
	g.Same([]string{}) // ERROR "in call to g\.Same, Q \(type \[\]string\) does not satisfy interface\{~\[\]int\}"
	var e E
	_ = e.Map(func(int) bool { return true }) + 1 // ERROR "invalid operation: e\.Map\(func\(int\) bool \{…\}\) \+ 1 \(mismatched types bool and untyped int\)"
	var f func(int) = t.Two // ERROR "type func\(int\) of f does not match func\(a A, b B\) \(cannot infer A and B\)"
	var h func(int, string) = t.Two
	_, _ = f, h
	_ = any(t).(interface{ Map[A any]() }) // ERROR "interface method must have no type parameters"
	t.Nope[int]() // ERROR "t\.Nope undefined \(type T has no field or method Nope\)"
	t.a[int]()
}
