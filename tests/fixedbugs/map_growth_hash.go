package main

import "fmt"

// Map types hash with the functions that the special lookups use: entries stay found after growth.

type key struct{ a, b int32 }

func main() {
	ss := map[string]string{}
	is := map[int]string{}
	u32 := map[uint32]int{}
	st := map[key]int{}
	fl := map[float64]int{}
	an := map[any]int{}
	for i := range 500 {
		s := string(rune('a'+i%26)) + string(rune('a'+i/26))
		ss[s] = s + "x"
		is[i] = s
		u32[uint32(i)] = i
		st[key{int32(i), 1}] = i
		fl[float64(i)/2] = i
		an[s] = i
		an[i] = i
	}
	bad := 0
	for i := range 500 {
		s := string(rune('a'+i%26)) + string(rune('a'+i/26))
		if ss[s] != s+"x" || is[i] != s || u32[uint32(i)] != i || st[key{int32(i), 1}] != i || fl[float64(i)/2] != i {
			bad++
		}
		if an[s] != i || an[i] != i {
			bad++
		}
	}
	fmt.Println(bad, len(ss), len(is), len(u32), len(st), len(fl), len(an))
}
