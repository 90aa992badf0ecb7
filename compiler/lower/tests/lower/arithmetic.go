// Operators whose machine instructions do something else than Go wants.
package main

func div(a, b int) int               { return a / b }
func rem(a, b int8) int8             { return a % b }
func shift(a int32, n uint) int32    { return a << n >> n }
func signedShift(a uint8, n int) uint8 { return a >> n }
func toInt(f float64) (int, uint8)   { return int(f), uint8(f) }
func toFloat(u uint64) float32       { return float32(u) }
func fused(a, b, c float64) float64  { return a*b + c }
func logic(a, b bool) bool           { return a && !b || b }
func andNot(a, b uint16) uint16      { return a &^ b }
func cplx(a, b complex128) complex128 { return a * b }
func strings(a, b string) (bool, string) { return a < b, a + b }

func main() {
	div(1, 2)
	rem(1, 2)
	shift(1, 2)
	signedShift(1, 2)
	toInt(1)
	toFloat(1)
	fused(1, 2, 3)
	logic(true, false)
	andNot(1, 2)
	cplx(1, 2)
	strings("", "")
}
