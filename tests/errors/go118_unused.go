package main

func main() {
	x := 0 // ERROR "declared and not used: x"
	func() { x = 1 }()
	y := 0 // ERROR "declared and not used: y"
	func() { y := 1 }() // ERROR "declared and not used: y"
	var z int // ERROR "declared and not used: z"
	z = 5
	w := func() {} // ERROR "declared and not used: w"
	p, q := 1, 2
	p = q
	switch t := any(p).(type) { // ERROR "t declared and not used"
	case int:
	}
	switch u := any(p).(type) {
	case int:
		_ = u
	default:
	}
	for i := range 3 { // ERROR "declared and not used: i"
		i = 2
	}
	for i, j := range []int{} { // ERROR "declared and not used: j"
		_ = i
	}
	const unused = 1
	type unusedT int
	if v := 1; true { // ERROR "declared and not used: v"
	}
	var a, b = 1, 2 // ERROR "declared and not used: b"
	_ = a
	c, d := 1, "x"
	d += "y"
	c++
	e := []int{}
	e[0] = 1
	f := struct{ a int }{}
	f.a = 1
	g := new(int)
	*g = 1
	var h [3]int
	h[1] = 2
L: // ERROR "label L defined and not used"
	for {
	}
}
