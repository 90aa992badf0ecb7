// Conversions of floats out of an integer type's range give what the machine's instructions give.
package main

import (
	"fmt"
	"math"
)

func main() {
	values := []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, -2.75, 1e10, -1e10, 3e9, 1e19, 1.8e19, 1.9e19, 1e30,
		-1e30, 1 << 63, -1 << 63, -9.3e18, -1e19, 1 << 31, -1<<31 - 1, 1 << 32}
	for _, x := range values {
		fmt.Println(x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uintptr(x))
		y := float32(x)
		fmt.Println(y, int8(y), int16(y), int32(y), int64(y), int(y), uint8(y), uint16(y), uint32(y), uint64(y), uintptr(y))
	}
}
