package main

type Base struct{ X, y int }
type Mid struct {
	Base
	Z int
}
type Outer struct {
	Mid
	*Base
	W string
}

func main() {
	_ = Mid{X: 1, Z: 2}
	_ = Mid{X: 1, Base: Base{}}
	_ = Mid{Base: Base{}, X: 1}
	_ = Mid{X: 1, X: 2}
	_ = Outer{Z: 1, X: 2}
	_ = Outer{W: "a", Q: 1}
	_ = Outer{w: "a"}
	_ = new(3)
	_ = new("x")
	_ = new(nil)
	var p *int = new(3)
	var q *string = new(3)
	_ = [...]int{5: 1, 2}
	_ = [...]string{1}
	_ = []Mid{{Z: 1}, {Base{1, 2}, 3}, {1}}
	_ = map[Base]string{{1, 2}: "a", {1, 2}: "b"}
	_ = []*Base{{1, 2}, &Base{}}
	_ = struct{ a int }{"x"}
	_ = []int{"a", 1.5, 'x'}
	_ = int{}
	_ = undefined{}
	_ = [2]int{2: 1}
	_ = 0x1p-2 + 1_000 + 0b11 + 0o17 + 'a' + 1i
	_ = 08
	_ = "a" + 'b'
	_ = 'ab'
}
