package main

func f(a int) int { return 1 << a }

func try(f func()) {
	defer func() { println(recover().(error).Error()) }()
	f()
}

func main() {
	a := -1
	b := 3
	try(func() { println(b >> a) })
	try(func() { println(f(a)) })
	try(func() { a := -1; println(1 << a) })
	a = -2
}
