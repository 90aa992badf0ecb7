package main

import (
	"fmt"
	"os" // ERROR "\"os\" imported and not used"
)

type point struct{ x, y int }

func (p point) move() {}

type mover interface{ move(); stop() }

func noReturn(n int) int {
	if n > 0 {
		return 1
	}
} // ERROR "missing return"

func two() (int, string) { return 1, "x" }

func main() {
	var unused int // ERROR "declared and not used: unused"
	var s string = 5 // ERROR "cannot use 5 \(untyped int constant\) as string value in variable declaration"
	fmt.Println(s, undefinedName) // ERROR "undefined: undefinedName"
	a, b := two(), 1 // ERROR "multiple-value two\(\) \(value of type \(int, string\)\) in single-value context"
	fmt.Println(a, b)
	var m mover = point{} // ERROR "cannot use point{} \(value of struct type point\) as mover value in variable declaration: point does not implement mover \(missing method stop\)"
	m.jump() // ERROR "m.jump undefined \(type mover has no field or method jump\)"
	point{}.z = 1 // ERROR "point{}.z undefined \(type point has no field or method z\)"
	fmt.Println("a" + 1) // ERROR "invalid operation: \"a\" \+ 1 \(mismatched types untyped string and untyped int\)"
	var x int
	x := 2 // ERROR "no new variables on left side of :="
	fmt.Println(x, two) 
	for i := range 3 { // ERROR "declared and not used: i"
	}
	return 1 // ERROR "too many return values"
}

func main() {} // ERROR "main redeclared in this block"
