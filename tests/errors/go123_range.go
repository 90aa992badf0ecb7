package main

import "iter"

func none(yield func() bool) {}
func one(yield func(int) bool) {}
func two(yield func(int, string) bool) {}
func three(yield func(a, b, c int) bool) {}
func noBool(yield func(int)) {}
func result(yield func(int) bool) int { return 0 }
func plain() {}
func variadic(yield func(...int) bool) {}
func notFunc(x int) {}

type Seq func(yield func(int) bool)

type Count int

func (c Count) All(yield func(int) bool) {}

func gen[F func(func(int) bool) | func(func(string) bool)](f F) {
	for range f { // ERROR "cannot range over f \(variable of type F constrained by func\(func\(int\) bool\) \| func\(func\(string\) bool\)\): func\(func\(int\) bool\) and func\(func\(string\) bool\) have different underlying types"
	}
}

func gen2[F ~func(func(int) bool)](f F, n iter.Seq2[int, string]) {
	for x := range f {
		var _ string = x // ERROR "cannot use x \(variable of type int\) as string value in variable declaration"
	}
	for a, b := range n {
		_, _ = a, b
	}
	for a, b, c := range n { // ERROR "declared and not used: a" "declared and not used: b" "range clause permits at most two iteration variables"
	}
}

func main() {
	for x := range none { // ERROR "range over none \(value of type func\(yield func\(\) bool\)\) permits no iteration variables"
	}
	for x, y := range one { // ERROR "declared and not used: x" "range over one \(value of type func\(yield func\(int\) bool\)\) permits only one iteration variable"
	}
	for x, y := range two {
		var _ string = x // ERROR "cannot use x \(variable of type int\) as string value in variable declaration"
		_ = y
	}
	for range three { // ERROR "cannot range over three \(value of type func\(yield func\(a int, b int, c int\) bool\)\): func must be func\(yield func\(\.\.\.\) bool\): yield func has too many parameters"
	}
	for range noBool { // ERROR "cannot range over noBool \(value of type func\(yield func\(int\)\)\): func must be func\(yield func\(\.\.\.\) bool\): yield func does not return bool"
	}
	for range result { // ERROR "cannot range over result \(value of type func\(yield func\(int\) bool\) int\): func must be func\(yield func\(\.\.\.\) bool\): unexpected results"
	}
	for range plain { // ERROR "cannot range over plain \(value of type func\(\)\): func must be func\(yield func\(\.\.\.\) bool\): wrong argument count"
	}
	for range variadic { // ERROR "cannot range over variadic \(value of type func\(yield func\(\.\.\.int\) bool\)\): yield func of type func\(\.\.\.int\) bool cannot be variadic"
	}
	for range notFunc { // ERROR "cannot range over notFunc \(value of type func\(x int\)\): func must be func\(yield func\(\.\.\.\) bool\): argument is not func"
	}
	for range nil { // ERROR "cannot range over nil"
	}
	for range Seq(one) {
	}
	for range Count(3).All {
	}
	for x := range Count(3) {
		var _ int = x // ERROR "cannot use x \(variable of int type Count\) as int value in variable declaration"
	}
	for x, y := range 5 { // ERROR "declared and not used: x" "range over 5 \(untyped int constant\) permits only one iteration variable"
	}
	for range 1.5 { // ERROR "cannot range over 1\.5 \(untyped float constant\)"
	}
	for range "abc" {
	}
	for range -1 {
	}
	for range 1e3 { // ERROR "cannot range over 1e3 \(untyped float constant 1000\)"
	}
	for range true { // ERROR "cannot range over true \(untyped bool constant\)"
	}
	for range struct{}{} { // ERROR "cannot range over struct\{\}\{\} \(value of type struct\{\}\)"
	}
	var i8 int8 // ERROR "declared and not used: i8"
	for i8 = range 300 { // ERROR "cannot use 300 \(untyped int constant\) as int8 value in range clause \(overflows\)"
	}
	for i8 = range 100 {
	}
	var f float64
	for f = range 3 { // ERROR "cannot use iteration variable of type float64"
	}
	for i := range 1 << 40 {
		var _ int32 = i // ERROR "cannot use i \(variable of type int\) as int32 value in variable declaration"
	}
	var u uint8
	for i := range u {
		var _ int = i // ERROR "cannot use i \(variable of type uint8\) as int value in variable declaration"
	}
	for x := range one { // ERROR "declared and not used: x"
		x = "a" // ERROR `cannot use "a" \(untyped string constant\) as int value in assignment`
	}
	var pf *func(func() bool)
	for range pf { // ERROR "cannot range over pf \(variable of type \*func\(func\(\) bool\)\)"
	}
	var ch chan<- int
	for range ch { // ERROR "cannot range over ch \(variable of type chan<- int\): receive from send-only channel chan<- int"
	}
	for x, y := range make(chan int) { // ERROR "declared and not used: x" "range over make\(chan int\) \(value of type chan int\) permits only one iteration variable"
	}
	var m map[string]int
	for k, v := range m {
		var _ int = k // ERROR "cannot use k \(variable of type string\) as int value in variable declaration"
		var _ string = v // ERROR "cannot use v \(variable of type int\) as string value in variable declaration"
	}
	for range one(nil) { // ERROR "one\(nil\) \(no value\) used as value"
	}
	_ = f
}
