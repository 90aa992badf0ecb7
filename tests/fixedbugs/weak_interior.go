// Weak pointers into one object at different places are different, and equal ones are equal; each leads back to its place.
package main

import (
	"fmt"
	"runtime"
	"weak"
)

type T struct {
	a, b int
	p    *int
}

func main() {
	p := new([200000]byte)
	a, b := weak.Make(&p[70000]), weak.Make(&p[70000+65536])
	fmt.Println(a == b, a.Value() == &p[70000], b.Value() == &p[70000+65536], a == weak.Make(&p[70000]))
	*a.Value() = 9
	fmt.Println(p[70000], p[70000-65536], p[70000+65536])

	t := &T{p: new(int)}
	wa, wb, wt := weak.Make(&t.a), weak.Make(&t.b), weak.Make(t)
	fmt.Println(wa == wb, wa.Value() == &t.a, wb.Value() == &t.b, wt.Value() == t, weak.Make(&t.b) == wb)
	list := []T{{a: 1}, {a: 2}, {a: 3}}
	var weaks []weak.Pointer[T]
	for i := range list {
		weaks = append(weaks, weak.Make(&list[i]))
	}
	for i, w := range weaks {
		fmt.Println(w.Value().a, w == weaks[0], w == weak.Make(&list[i]))
	}
	runtime.KeepAlive(p)
	runtime.KeepAlive(t)
	runtime.KeepAlive(list)
	p, t, list = nil, nil, nil
	runtime.GC()
	runtime.GC()
	dead := a.Value() == nil && b.Value() == nil && wa.Value() == nil && wb.Value() == nil && wt.Value() == nil
	for _, w := range weaks {
		dead = dead && w.Value() == nil
	}
	fmt.Println(dead)
}
