// One body for each list of type arguments; methods of type parameters are direct calls.
package main

type number interface{ ~int | ~float64 }

func sum[T number](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}

type list[T any] struct {
	head T
	next *list[T]
}

func (l *list[T]) push(x T) *list[T] { return &list[T]{x, l} }

type namer interface{ name() string }
type dog struct{}

func (dog) name() string { return "dog" }

func nameOf[T namer](x T) string { return x.name() }

func main() {
	sum(1, 2)
	sum(1.5)
	(*list[string])(nil).push("a").push("b")
	nameOf(dog{})
	nameOf[namer](dog{})
}
