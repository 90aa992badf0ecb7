//lang:1.26
package main

type B struct{ X int }
type O struct{ B }

func (o O) M[T any](x T) {}

func G[T any](f func(T)) {}
func H(x int)            {}

func main() {
	_ = O{X: 1}
	_ = new(3)
	for i := range 10 {
		_ = i
	}
	G(H)
}
