// Objects of size zero that outlive their function have one address, wherever they are.
package main

import "fmt"

type empty struct{}

var (
	array   [0]int
	str     struct{}
	pointer = new([0]int)
	literal = &empty{}
	slice   = []struct{}{{}, {}}
	bytes   = []byte("")
)

//go:noinline
func allocate() *empty { return new(empty) }

//go:noinline
func box(v any) any { return v }

func address(p any) string { return fmt.Sprintf("%p", p) }

func main() {
	want := address(allocate())
	fmt.Println(address(&array) == want, address(&str) == want, address(pointer) == want, address(literal) == want, address(slice) == want)
	fmt.Println(bytes != nil, address(make([]int, 0)) == want, address([]int{}) == want)
	p := allocate()
	fmt.Println(p == literal, p == (*empty)(&str), box(empty{}) == box(empty{}), box(array) == box([0]int{}))
	array, str = [0]int{}, struct{}{}
	*pointer, *literal = array, empty{}
	fmt.Println(array, str, *pointer, len(slice))
}
