// What is boxed without an allocation is read-only memory.
package main

import (
	"fmt"
	"reflect"
	"runtime/debug"
)

func main() {
	for i := range 300 {
		var a, b, c any = i, uint16(i), int32(i)
		if fmt.Sprint(a, b, c) != fmt.Sprintf("%d %d %d", i, i, i) {
			fmt.Println(a, b, c)
		}
	}
	// Index of fields is the program's to read only.
	f := reflect.TypeFor[struct{ f int }]().Field(0)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { fmt.Println(recover() != nil, f.Index) }()
	f.Index[0] = 1
}
