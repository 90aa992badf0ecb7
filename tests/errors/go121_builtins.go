package main

type T int

func f[N ~int | ~string, C ~int | ~complex128, S ~[]int | ~map[int]int, A any](n, m N, c C, s S, a A) {
	_ = min(n, m)
	_ = min(n, 1) // ERROR "invalid argument: mismatched types N \(previous argument\) and untyped int \(type of 1\)"
	_ = min(c) // ERROR "invalid argument: c \(variable of type C constrained by ~int \| ~complex128\) cannot be ordered"
	_ = min(c, c) // ERROR "invalid argument: c \(variable of type C constrained by ~int \| ~complex128\) cannot be ordered"
	clear(s)
	clear(a) // ERROR "invalid argument: cannot clear a \(variable of type A constrained by any\): argument must be \(or constrained by\) map or slice"
}

func main() {
	_ = min() // ERROR "invalid operation: not enough arguments for min\(\) \(expected 1, found 0\)"
	_ = min(1)
	_ = min(1, 2.5, 'a')
	_ = min("a", "b")
	_ = min("a", 1) // ERROR "invalid argument: mismatched types untyped string \(previous argument\) and untyped int \(type of 1\)"
	_ = min(1i, 2) // ERROR "invalid argument: 1i \(untyped complex constant \(0 \+ 1i\)\) cannot be ordered"
	_ = min(T(1), 2)
	_ = min(T(1), 2.5) // ERROR "2\.5 \(untyped float constant\) truncated to int"
	_ = min(T(1), int(2)) // ERROR "invalid argument: mismatched types T \(previous argument\) and int \(type of int\(2\)\)"
	_ = min([]int{1, 2}...) // ERROR "invalid operation: invalid use of \.\.\. with built-in min"
	_ = min(nil, 1) // ERROR "invalid argument: nil cannot be ordered"
	_ = max(true, false) // ERROR "invalid argument: true \(untyped bool constant\) cannot be ordered"
	_ = max([]int{}, nil) // ERROR "invalid argument: \[\]int\{\} \(value of type \[\]int\) cannot be ordered"
	const c = min(1, 2, 3)
	var a [max(c, 3)]int = [3]int{}
	var b [min(1, 5)]int = [2]int{} // ERROR "cannot use \[2\]int\{\} \(value of type \[2\]int\) as \[1\]int value in variable declaration"
	var x int8 = max(1, 200) // ERROR "cannot use max\(1, 200\) \(untyped int constant 200\) as int8 value in variable declaration \(overflows\)"
	min(1, 2) // ERROR "min\(1, 2\) \(untyped int constant 1\) is not used"
	clear(1) // ERROR "invalid argument: cannot clear 1 \(untyped int constant\): argument must be \(or constrained by\) map or slice"
	clear("a") // ERROR `invalid argument: cannot clear "a" \(untyped string constant\): argument must be \(or constrained by\) map or slice`
	clear([3]int{}) // ERROR "invalid argument: cannot clear \[3\]int\{\} \(value of type \[3\]int\): argument must be \(or constrained by\) map or slice"
	clear(&a) // ERROR "invalid argument: cannot clear &a \(value of type \*\[3\]int\): argument must be \(or constrained by\) map or slice"
	clear([]int{}, 1) // ERROR "invalid operation: too many arguments for clear\(\[\]int\{\}, 1\) \(expected 1, found 2\)"
	clear() // ERROR "invalid operation: not enough arguments for clear\(\) \(expected 1, found 0\)"
	_ = clear([]int{}) // ERROR "clear\(\[\]int\{\}\) \(no value\) used as value"
	var m map[string]int
	clear(m)
	clear(nil) // ERROR "invalid argument: cannot clear nil: argument must be \(or constrained by\) map or slice"
	_, _ = b, x
	f := min // ERROR "min \(built-in\) must be called"
	defer min(1, 2) // ERROR "defer discards result of min\(1, 2\) \(untyped int constant 1\)"
	go clear(m)
	defer clear([]int{})
	_ = f
	var min int = 3
	_ = min(1, 2) // ERROR "invalid operation: cannot call min \(variable of type int\): int is not a function"
}
