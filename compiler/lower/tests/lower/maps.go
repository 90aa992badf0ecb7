// Maps: access, assignment, deletion, iteration, literals.
package main

func get(m map[string]int, k string) (int, bool) { v, ok := m[k]; return v, ok }
func set(m map[int]*int, k int, v *int)          { m[k] = v }
func inc(m map[int]int, k int)                   { m[k]++ }
func del(m map[int]int, k int)                   { delete(m, k) }
func bytes(m map[string]int, b []byte) int       { return m[string(b)] }
func lit() map[int]string                        { return map[int]string{1: "a", 2: "b"} }

func each(m map[int]int) (s int) {
	for k, v := range m {
		s += k * v
	}
	clear(m)
	return
}

func main() {
	get(nil, "")
	set(nil, 1, nil)
	inc(nil, 1)
	del(nil, 1)
	bytes(nil, nil)
	lit()
	each(nil)
}
