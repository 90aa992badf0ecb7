// Maps: iteration while they change, NaN and interface keys, zero-size elements, clear, aliasing of elements.
package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

type key struct {
	s string
	f float64
	i any
}

type wide [40]int

func counted(n int) map[int]int {
	m := map[int]int{}
	for i := range n {
		m[i] = i
	}
	return m
}

func main() {
	// What is deleted before it is reached does not appear, what is not appears once.
	for _, n := range []int{1, 7, 8, 9, 100, 1000, 5000} {
		m := counted(n)
		seen := map[int]int{}
		for k := range m {
			seen[k]++
			delete(m, n-1-k)
		}
		total := 0
		for _, c := range seen {
			total += c
		}
		fmt.Println(n, len(m)+len(seen) >= n, total == len(seen), total >= n/2)

		m = counted(n)
		seen = map[int]int{}
		for k := range m {
			seen[k]++
			if k < n {
				m[k+n] = k
			}
		}
		good := true
		for k, c := range seen {
			good = good && c == 1 && k < 2*n
		}
		for k := range n {
			good = good && seen[k] == 1
		}
		fmt.Println(good, len(m))

		m = counted(n)
		rounds := 0
		for range m {
			rounds++
			clear(m)
		}
		fmt.Println(rounds, len(m))
	}

	nan := math.NaN()
	m := map[float64]int{}
	for i := range 10 {
		m[nan] = i
	}
	m[0] = 1
	m[math.Copysign(0, -1)] = 2
	_, found := m[nan]
	sum := 0
	for k, v := range m {
		if k != k {
			sum += v
		}
	}
	delete(m, nan)
	fmt.Println(len(m), found, sum, m[0])
	clear(m)
	fmt.Println(len(m))

	ifaces := map[any]string{
		1: "int", int8(1): "int8", 1.0: "float", "1": "string", [2]int{1, 2}: "array", key{"a", 1, 2}: "struct",
		true: "bool", nil: "nil", complex(1, 0): "complex", 'a': "rune", struct{}{}: "empty", [0]int{}: "none",
	}
	for _, k := range []any{1, int8(1), int16(1), 1.0, float32(1), "1", [2]int{1, 2}, key{"a", 1, 2}, key{"a", 1, int8(2)}, true, nil, 1 + 0i, int32('a'), struct{}{}, [0]int{}} {
		v, ok := ifaces[k]
		fmt.Print(v, ok, " ")
	}
	fmt.Println(len(ifaces))

	sets := map[string]struct{}{"a": {}, "b": {}}
	_, a := sets["a"]
	_, c := sets["c"]
	fmt.Println(len(sets), a, c, sets["z"] == struct{}{})
	zero := map[struct{}]int{{}: 4}
	zero[struct{}{}]++
	fmt.Println(zero, len(zero))

	big := map[wide]wide{}
	for i := range 100 {
		w := wide{i, 39: i * i}
		big[w] = wide{1: i}
	}
	fmt.Println(len(big), big[wide{7, 39: 49}][1], big[wide{7}] == wide{})
	big[wide{7, 39: 49}] = wide{5: 5}
	fmt.Println(big[wide{7, 39: 49}][1], len(big))

	nested := map[string]map[string][]int{}
	for i := range 6 {
		k := string(rune('a' + i%2))
		if nested[k] == nil {
			nested[k] = map[string][]int{}
		}
		nested[k]["x"] = append(nested[k]["x"], i)
	}
	fmt.Println(nested, len(nested["none"]["x"]))

	funcs := map[string]func(int) int{"double": func(x int) int { return 2 * x }}
	fmt.Println(funcs["double"](4), funcs["none"] == nil)
	count := map[rune]int{}
	for _, r := range "hello world" {
		count[r]++
	}
	keys := slices.Sorted(maps.Keys(count))
	fmt.Println(string(keys), count['l'], count['z'])
	var none map[string]int
	for range none {
		panic("not empty")
	}
	delete(none, "x")
	clear(none)
	v, ok := none["x"]
	fmt.Println(v, ok, len(none), none == nil)
	// The operands of an assignment to an element: the map and the key first, then the value.
	order := map[string]int{}
	step := func(name string, x int) int { order[name] = len(order); return x }
	arr := map[int]int{}
	arr[step("key", 1)] = step("value", 2)
	arr[step("key2", 1)] += step("value2", 2)
	fmt.Println(order, arr)
	// A panic while the value is made leaves no element behind.
	func() {
		defer func() { recover() }()
		arr[99] = func() int { panic("no") }()
	}()
	_, there := arr[99]
	fmt.Println(there)
	fmt.Println(map[string]int{"z": 1, "a": 2, "m": 3}, map[key]bool{{"b", 2, nil}: true, {"a", 1, nil}: false})
}
