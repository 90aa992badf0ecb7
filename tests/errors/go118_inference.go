package main

func Map[T, U any](s []T, f func(T) U) []U { return nil }

func Make[T any]() T { panic(0) }

func Two[T any](x, y T) {}

func Keys[M ~map[K]V, K comparable, V any](m M) []K { return nil }

func Ptr[T any, P interface{ *T; Set(string) }](s string) T { panic(0) }

func Chan[T any](c <-chan T, d chan<- T) {}

func Func[A, R any](f func(A) R, a A) R { return f(a) }

func Var[T any](xs ...T) {}

func Core[S interface{ ~[]E }, E interface{ ~int | ~string }](s S) E { panic(0) }

type Set int

func (s *Set) Set(string) {}

type List[T any] []T

type Tree[K comparable, V any] struct{}

func OfTree[K comparable, V any](t Tree[K, V]) {}

func OfList[T any](l List[T]) {}

func id[T any](x T) T { return x }

func main() {
	Make() // ERROR "in call to Make, cannot infer T \(declared at \./go118_inference\.go:5:11\)"
	_ = Make[int]()
	var _ int = Make() // ERROR "in call to Make, cannot infer T \(declared at \./go118_inference\.go:5:11\)"
	Map([]int{}, nil) // ERROR "in call to Map, cannot infer U \(declared at \./go118_inference\.go:3:13\)"
	Map(nil, func(int) string { return "" })
	Map([]int{}, func(string) string { return "" }) // ERROR "in call to Map, type func\(string\) string of func\(string\) string \{…\} does not match inferred type func\(int\) U for func\(T\) U"
	Two(1, "a") // ERROR "in call to Two, mismatched types untyped int and untyped string \(cannot infer T\)"
	Two(1, nil) // ERROR "cannot use nil as int value in argument to Two"
	Two(nil, nil) // ERROR "in call to Two, cannot infer T \(declared at \./go118_inference\.go:7:10\)"
	Two(int8(1), 300) // ERROR "cannot use 300 \(untyped int constant\) as int8 value in argument to Two \(overflows\)"
	Two(1, 2.5)
	Two(1.5, 'a')
	Two(1i, 2)
	Two(1, true) // ERROR "in call to Two, mismatched types untyped int and untyped bool \(cannot infer T\)"
	Keys([]int{}) // ERROR "in call to Keys, M \(type \[\]int\) does not satisfy ~map\[K\]V"
	Keys(map[string]int{})
	_ = Ptr[Set]("")
	_ = Ptr[int]("") // ERROR "\*int does not satisfy interface\{Set\(string\); \*int\} \(missing method Set\)"
	Chan(make(chan int), make(chan string)) // ERROR "in call to Chan, type chan string of make\(chan string\) does not match inferred type chan<- int for chan<- T"
	Chan(make(chan<- int), make(chan int)) // ERROR "cannot use make\(chan<- int\) \(value of type chan<- int\) as <-chan int value in argument to Chan"
	Func(id, 1)
	Func(id[int], "a") // ERROR `cannot use "a" \(untyped string constant\) as int value in argument to Func`
	Func(func(x int) int { return x }, 1.5) // ERROR "cannot use 1\.5 \(untyped float constant\) as int value in argument to Func \(truncated\)"
	Var() // ERROR "in call to Var, cannot infer T \(declared at \./go118_inference\.go:17:10\)"
	Var[int]()
	Var(1, "x") // ERROR "in call to Var, mismatched types untyped int and untyped string \(cannot infer T\)"
	Var([]int{1}...)
	Core([]float64{}) // ERROR "float64 does not satisfy interface\{~int \| ~string\} \(float64 missing in ~int \| ~string\)"
	Core([]string{})
	Core(5) // ERROR "in call to Core, cannot infer E \(declared at \./go118_inference\.go:19:32\)"
	OfTree(Tree[string, int]{})
	OfTree([]int{}) // ERROR "in call to OfTree, type \[\]int of \[\]int\{\} does not match Tree\[K, V\] \(cannot infer K and V\)"
	OfList([]int{})
	OfList([]string(nil))
	OfList(List[int]{})
	f := id // ERROR "cannot use generic function id without instantiation"
	var g func(int) string = id // ERROR "inferred type func\(x int\) int for func\(x T\) T does not match type func\(int\) string of g"
	var h func(int) int = id
	_, _, _ = f, g, h
	var a any = id // ERROR "declared and not used: a" "cannot use generic function id without instantiation"
	_ = []func(int) int{id}
	_ = []any{id} // ERROR "cannot use generic function id without instantiation"
	id(id) // ERROR "in call to id, cannot infer T \(declared at \./go118_inference\.go:33:9\)"
	id(id[int])(1)
	id() // ERROR "not enough arguments in call to id"
	id(1, 2) // ERROR "too many arguments in call to id"
}
