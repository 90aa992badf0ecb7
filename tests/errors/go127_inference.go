package main

type S struct{ f func(int) string }

func conv[T, U any](t T) (u U) { return }

func id[T any](x T) T { return x }

func pair[K comparable, V any](k K, v V) {}

func apply[T, U any](f func(T) U, x T) U { return f(x) }

func get() func(int) int { return id }

func get2() (func(int) int, func(string) string) { return id, id }

func main() {
	_ = S{f: conv}
	_ = S{conv}
	_ = S{f: id} // ERROR "inferred type func\(x int\) int for func\(x T\) T does not match type func\(int\) string of struct literal"
	_ = []func(int) int{id, id[int], id[string]} // ERROR "cannot use id\[string\] \(value of type func\(x string\) string\) as func\(int\) int value in array or slice literal"
	_ = map[string]func(int) int{"a": id}
	_ = [...]func(int, string){pair, conv} // ERROR "type func\(int, string\) of array or slice literal does not match func\(t T\) \(u U\) \(cannot infer T and U\)"
	var c chan func(int) int
	c <- id
	c <- conv
	c <- pair // ERROR "type func\(int\) int of send does not match func\(k K, v V\) \(cannot infer K and V\)"
	_ = (func(int) int)(id)
	_ = (func(int) string)(id) // ERROR "inferred type func\(x int\) int for func\(x T\) T does not match type func\(int\) string of conversion"
	var a any = id // ERROR "declared and not used: a" "cannot use generic function id without instantiation"
	_ = any(id) // ERROR "cannot use generic function id without instantiation"
	_ = apply(conv, 1) // ERROR "in call to apply, cannot infer U \(declared at \./go127_inference\.go:11:15\)"
	_ = apply[int, string](conv, 1)
	_ = id == nil // ERROR "cannot use generic function id without instantiation"
	f := get()
	f = id
	f, g := get2()
	g = conv
	g = id[int] // ERROR "cannot use id\[int\] \(value of type func\(x int\) int\) as func\(string\) string value in assignment"
	_, _ = f, g
	switch id { // ERROR "cannot use generic function id without instantiation"
	}
	go id(1)
	defer id(2)
	go id // ERROR "expression in go must be function call"
	var i interface{ m(func(int) int) }
	i.m(id)
	i.m(pair) // ERROR "in call to i\.m, type func\[K comparable, V any\]\(k K, v V\) of pair does not match func\(int\) int \(cannot infer K and V\)"
	if f := id; f != nil { // ERROR "cannot use generic function id without instantiation"
	}
	x := [](func(int) int){0: id}
	x = append(x, id) // ERROR "cannot use generic function id without instantiation"
	x = append(x, pair) // ERROR "cannot use generic function pair without instantiation"
	_ = x
}
