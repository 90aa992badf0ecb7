// Index and slice expressions with their checks.
package main

func index(s []int, i int) int         { return s[i] }
func array(a *[4]int, i uint8) int     { return a[i] }
func str(s string, i int) byte         { return s[i] }
func slice(s []int, i, j int) []int    { return s[i:j] }
func full(s []int, i, j, k int) []int  { return s[i:j:k] }
func substr(s string, i int) string    { return s[i:] }
func toArray(s []int) [2]int           { return [2]int(s) }
func constant(a [4]int) (int, []int)   { return a[3], a[1:2] }

func main() {
	index(nil, 0)
	array(nil, 0)
	str("", 0)
	slice(nil, 0, 0)
	full(nil, 0, 0, 0)
	substr("", 0)
	toArray(nil)
	constant([4]int{})
}
