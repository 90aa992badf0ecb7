package main

import "fmt"

// Interface types that are identical share their itabs, made at compile time or at run time.

type I1 interface{ M() int }
type I2 interface{ M() int }
type I3 interface {
	M() int
	N()
}
type X int

func (x X) M() int { return int(x) }
func (x X) N()     {}

type holder struct{}

func assert[T any]() (ok bool) {
	var m T
	_, ok = any(m).(I1)
	if ok {
		var dst I1
		_, ok = dst.(any)
	}
	return ok
}

func main() {
	var a I1 = X(3)
	var e any = X(3)
	b := e.(I1)
	c := e.(I2)
	d := e.(I3)
	fmt.Println(a == b, a == I1(c), a == c, a == d, d == a)
	_, ok := b.(X)
	fmt.Println(ok, assert[holder](), assert[X]())
	switch i := any(true); {
	case i:
		fmt.Println("true")
	default:
		fmt.Println("false")
	}
}
