// Calls: variadic, method values and expressions, large arguments and results, builtins.
package main

type large [4]int

type T struct{ n int }

func (t T) value(k int) int    { return t.n + k }
func (t *T) pointer(k int) int { return t.n + k }

func variadic(xs ...int) int               { return len(xs) }
func pass(l large) (large, int, string)    { return l, 1, "s" }
func methodValue(t *T) (f, g func(int) int) { return t.value, t.pointer }
func expr() func(T, int) int               { return T.value }
func grow(s []int, t []byte, u string) ([]int, []byte) {
	return append(s, 1, 2), append(t, u...)
}
func builtins(s []int, a, b int) (int, int) { return copy(s, s[1:]), min(a, b, 3) }

func main() {
	variadic(1, 2)
	variadic()
	pass(large{})
	f, g := methodValue(&T{})
	f(1)
	g(2)
	expr()(T{}, 1)
	grow(nil, nil, "")
	builtins(make([]int, 2, 4), 1, 2)
}
