// Slices to arrays, comparable type arguments that may panic, order of comparison, unsafe.String and its kin, errors of many.
package main

import (
	"errors"
	"fmt"
	"unsafe"
)

func try(name string, f func()) {
	defer func() {
		if e := recover(); e != nil {
			fmt.Println(name, "panic:", e)
		}
	}()
	f()
}

type Key[T comparable] map[T]int

func index[T comparable](list []T, x T) int {
	for i, y := range list {
		if x == y {
			return i
		}
	}
	return -1
}

type pair struct {
	a any
	b int
}

type other struct {
	b int
	a any
}

type arr [4]byte

func main() {
	s := []int{1, 2, 3, 4, 5}
	a := [3]int(s)
	p := (*[3]int)(s)
	s[0] = 9
	fmt.Println(a, *p, [0]int(s), [0]int([]int(nil)), (*[0]int)(nil) == nil, (*[0]int)([]int{}) != nil, (*[0]int)([]int(nil)) == nil)
	fmt.Println([2]int(s[3:]), arr([]byte("abcd")), arr([]byte("abcdef")[2:]))
	try("short", func() { fmt.Println([6]int(s)) })
	try("short pointer", func() { fmt.Println((*[4]int)(s[:3])) })
	try("nil", func() { fmt.Println([1]int([]int(nil))) })
	big := make([]int, 1000)
	big[999] = 7
	fmt.Println([1000]int(big)[999])

	m := Key[any]{1: 1, "a": 2, [2]int{1, 2}: 3, struct{}{}: 4}
	fmt.Println(m[1], m["a"], m[[2]int{1, 2}], m[struct{}{}], m[1.0])
	try("unhashable", func() { m[[]int{}] = 1 })
	try("unhashable read", func() { fmt.Println(m[func() {}]) })
	fmt.Println(index([]any{1, "a", nil}, nil), index([]error{errors.ErrUnsupported}, errors.ErrUnsupported))
	try("incomparable", func() { fmt.Println(index([]any{1, []int{}}, any([]int{}))) })
	try("incomparable field", func() { fmt.Println(index([]pair{{[]int{}, 1}}, pair{[]int{}, 1})) })
	try("struct order", func() { fmt.Println(pair{[]int{}, 1} == pair{[]int{}, 2}) })
	try("struct order 2", func() { fmt.Println(other{1, []int{}} == other{2, []int{}}) })
	try("array order", func() { fmt.Println([2]any{1, []int{}} == [2]any{2, []int{}}) })
	try("array order 2", func() { fmt.Println([2]any{[]int{}, 1} == [2]any{[]int{}, 2}) })
	try("different types", func() { fmt.Println(any([]int{}) == any([]string{}), any(map[int]int{}) == any(1)) })

	str := "hello"
	b := unsafe.Slice(unsafe.StringData(str), len(str))
	fmt.Println(string(b[1:3]), unsafe.String(&b[2], 3), unsafe.String(nil, 0) == "", unsafe.SliceData(s) == &s[0])
	fmt.Println(unsafe.SliceData([]int(nil)) == nil, unsafe.SliceData(make([]int, 0)) != nil, unsafe.Slice((*int)(nil), 0) == nil)
	n := -1
	try("negative", func() { _ = unsafe.String(&b[0], n) })
	try("nil string", func() { _ = unsafe.String(nil, n+2) })
	try("nil slice", func() { _ = unsafe.Slice((*int)(nil), n+2) })
	try("huge", func() { _ = unsafe.Slice(&s[0], uint64(1)<<60) })
	try("negative slice", func() { _ = unsafe.Slice(&s[0], n) })
	fmt.Println(*(*int)(unsafe.Add(unsafe.Pointer(&s[0]), 2*unsafe.Sizeof(s[0]))))

	joined := errors.Join(errors.ErrUnsupported, nil, fmt.Errorf("x: %w, %w", errors.New("y"), errors.New("z")))
	fmt.Println(joined, errors.Is(joined, errors.ErrUnsupported))
}
