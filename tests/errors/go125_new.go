// -lang=go1.25
package main

func main() {
	p := new(5) // ERROR "new\(5\) requires go1\.26 or later \(-lang was set to go1\.25; check go\.mod\)"
	q := new("x") // ERROR `new\("x"\) requires go1\.26 or later \(-lang was set to go1\.25; check go\.mod\)`
	x := 3
	r := new(x + 1) // ERROR "new\(x \+ 1\) requires go1\.26 or later \(-lang was set to go1\.25; check go\.mod\)"
	s := new(int)
	_, _, _, _ = p, q, r, s
	_ = new(nil) // ERROR "use of untyped nil in argument to new"
	_ = new() // ERROR "invalid operation: not enough arguments for new\(\) \(expected 1, found 0\)"
	_ = new(int, 3) // ERROR "invalid operation: too many arguments for new\(int, 3\) \(expected 1, found 2\)"
	_ = new(undefined) // ERROR "undefined: undefined"
}
