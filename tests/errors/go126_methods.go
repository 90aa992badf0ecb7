// -lang=go1.26
package main

type T struct{ U }

type U struct{ V; a int }

type V struct{ b string }

func (T) Map[A, B any](f func(A) B) {} // ERROR "generic method requires go1\.27 or later \(-lang was set to go1\.26; check go\.mod\)"

func (t *T) Get[A any]() (a A) { return } // ERROR "generic method requires go1\.27 or later \(-lang was set to go1\.26; check go\.mod\)"

func main() {
	_ = T{a: 1} // ERROR "use of promoted field U\.a in struct literal of type T requires go1\.27 or later \(-lang was set to go1\.26; check go\.mod\)"
	_ = T{b: "x"} // ERROR "use of promoted field U\.V\.b in struct literal of type T requires go1\.27 or later \(-lang was set to go1\.26; check go\.mod\)"
	_ = &T{U: U{}, a: 1} // ERROR "use of promoted field U\.a in struct literal of type T requires go1\.27 or later \(-lang was set to go1\.26; check go\.mod\)"
	_ = T{c: 1} // ERROR "unknown field c in struct literal of type T"
	t := T{}
	t.Map(func(int) string { return "" })
	_ = t.Get[int]()
	_ = new(5)
}
