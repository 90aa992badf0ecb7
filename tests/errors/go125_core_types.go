package main

// Go 1.25 has no core types any more: each operation says which type sets it accepts, and what is missing.

type signed interface{ int | int8 }

func calls[F func() | func(int), G func(int) int | func(int) string, H func(int), I int | func()](f F, g G, h H, i I) {
	f() // ERROR `invalid operation: cannot call f \(variable of type F constrained by func\(\) \| func\(int\)\): func\(\) and func\(int\) have different underlying types`
	g(1) // ERROR `invalid operation: cannot call g \(variable of type G constrained by func\(int\) int \| func\(int\) string\): func\(int\) int and func\(int\) string have different underlying types`
	h(1)
	i() // ERROR `invalid operation: cannot call i \(variable of type I constrained by int \| func\(\)\): int is not a function`
}

func ranges[A []int | []string, B []int | map[int]int, C func(func() bool) | []int, D chan<- int | chan int, E string | []byte, F int | []int, G []int | [4]int, H any, I chan<- int](
	a A, b B, c C, d D, e E, f F, g G, h H, i I) {
	for range a { // ERROR `cannot range over a \(variable of type A constrained by \[\]int \| \[\]string\): \[\]int and \[\]string have different underlying types`
	}
	for _, x := range a { // ERROR `cannot range over a \(variable of type A constrained by \[\]int \| \[\]string\): \[\]int and \[\]string have different underlying types`
		_ = x
	}
	for range b { // ERROR `cannot range over b \(variable of type B constrained by \[\]int \| map\[int\]int\): \[\]int and map\[int\]int have different underlying types`
	}
	for range c { // ERROR `cannot range over c \(variable of type C constrained by func\(func\(\) bool\) \| \[\]int\): func\(func\(\) bool\) and \[\]int have different underlying types`
	}
	for range d { // ERROR `cannot range over d \(variable of type D constrained by chan<- int \| chan int\): receive from send-only channel chan<- int`
	}
	for range e { // ERROR `cannot range over e \(variable of type E constrained by string \| \[\]byte\): string and \[\]byte have different underlying types`
	}
	for range f { // ERROR `cannot range over f \(variable of type F constrained by int \| \[\]int\): int and \[\]int have different underlying types`
	}
	for range g { // ERROR `cannot range over g \(variable of type G constrained by \[\]int \| \[4\]int\): \[\]int and \[4\]int have different underlying types`
	}
	for range h { // ERROR `cannot range over h \(variable of type H constrained by any\): no specific type`
	}
	for range i { // ERROR `cannot range over i \(variable of type I constrained by chan<- int\): receive from send-only channel chan<- int`
	}
}

func makes[A []int | []string, B []int | map[int]int, C chan int | chan<- int, D chan<- int | <-chan int, E any, F int, G []int | []int8]() {
	_ = make(A, 1) // ERROR `invalid argument: cannot make A: \[\]int and \[\]string have different underlying types`
	_ = make(B, 1) // ERROR `invalid argument: cannot make B: \[\]int and map\[int\]int have different underlying types`
	_ = make(C, 1)
	_ = make(D) // ERROR `invalid argument: cannot make D: channels chan<- int and <-chan int have conflicting directions`
	_ = make(E) // ERROR `invalid argument: cannot make E: no specific type`
	_ = make(F) // ERROR `invalid argument: cannot make F: type must be slice, map, or channel`
	_ = make(G, 1) // ERROR `invalid argument: cannot make G: \[\]int and \[\]int8 have different underlying types`
}

func appends[A []int | []string, B []byte | string, C []int, D any, E ~[]int | ~[]myInt](a A, b B, c C, d D, e E) {
	_ = append(a) // ERROR `invalid append: mismatched slice element types int and string in a \(variable of type A constrained by \[\]int \| \[\]string\)`
	_ = append(a, 1) // ERROR `invalid append: mismatched slice element types int and string in a \(variable of type A constrained by \[\]int \| \[\]string\)`
	_ = append(b, 'x') // ERROR `invalid append: argument must be a slice; have b \(variable of type B constrained by \[\]byte \| string\)`
	_ = append(c, 1)
	_ = append(d, 1) // ERROR `invalid append: argument must be a slice; have d \(variable of type D constrained by any\)`
	_ = append([]byte{}, b...)
	_ = append([]byte{}, a...) // ERROR `cannot use a \(variable of type A constrained by \[\]int \| \[\]string\) as \[\]byte value in argument to append: cannot assign \[\]int \(in A\) to \[\]byte`
	_ = append(e, 1) // ERROR `invalid append: mismatched slice element types int and myInt in e \(variable of type E constrained by ~\[\]int \| ~\[\]myInt\)`
}

type myInt int

func copies[A []int | []string, B []byte | string, C []byte, D any, E [4]int | []int](a A, b B, c C, d D, e E) {
	copy(a, a) // ERROR `invalid copy: mismatched slice element types int and string in a \(variable of type A constrained by \[\]int \| \[\]string\)`
	copy(c, b)
	copy(b, c) // ERROR `invalid copy: argument must be a slice; have b \(variable of type B constrained by \[\]byte \| string\)`
	copy(d, d) // ERROR `invalid copy: argument must be a slice; have d \(variable of type D constrained by any\)`
	copy(e, e) // ERROR `invalid copy: argument must be a slice; have e \(variable of type E constrained by \[4\]int \| \[\]int\)`
	copy([]int{}, a) // ERROR `invalid copy: mismatched slice element types int and string in a \(variable of type A constrained by \[\]int \| \[\]string\)`
}

func channels[A chan int | chan string, B <-chan int | chan<- int, C chan int | <-chan int, D any, E chan<- int | chan int, F int | chan int](a A, b B, c C, d D, e E, f F) {
	a <- 1 // ERROR `invalid operation: cannot send to a \(variable of type A constrained by chan int \| chan string\): channels chan int and chan string have different element types`
	b <- 1 // ERROR `invalid operation: cannot send to b \(variable of type B constrained by <-chan int \| chan<- int\): receive-only channel <-chan int`
	c <- 1 // ERROR `invalid operation: cannot send to c \(variable of type C constrained by chan int \| <-chan int\): receive-only channel <-chan int`
	d <- 1 // ERROR `invalid operation: cannot send to d \(variable of type D constrained by any\): no specific channel type`
	e <- 1
	f <- 1 // ERROR `invalid operation: cannot send to f \(variable of type F constrained by int \| chan int\): non-channel int`
	<-a // ERROR `invalid operation: cannot receive from a \(variable of type A constrained by chan int \| chan string\): channels chan int and chan string have different element types`
	<-b // ERROR `invalid operation: cannot receive from b \(variable of type B constrained by <-chan int \| chan<- int\): send-only channel chan<- int`
	<-c
	<-d // ERROR `invalid operation: cannot receive from d \(variable of type D constrained by any\): no specific channel type`
	<-e // ERROR `invalid operation: cannot receive from e \(variable of type E constrained by chan<- int \| chan int\): send-only channel chan<- int`
	<-f // ERROR `invalid operation: cannot receive from f \(variable of type F constrained by int \| chan int\): non-channel int`
	close(a)
	close(b) // ERROR `invalid operation: cannot close receive-only channel b \(variable of type B constrained by <-chan int \| chan<- int\)`
	close(c) // ERROR `invalid operation: cannot close receive-only channel c \(variable of type C constrained by chan int \| <-chan int\)`
	close(d) // ERROR `invalid operation: cannot close non-channel d \(variable of type D constrained by any\)`
	close(e)
	close(f) // ERROR `invalid operation: cannot close non-channel f \(variable of type F constrained by int \| chan int\)`
}

func slices[A []int | []string, B string | []byte, C [4]int | []int, D any, E *[4]int | *[8]int, F string | []int](a A, b B, c C, d D, e E, f F) {
	_ = a[:] // ERROR `cannot slice a \(variable of type A constrained by \[\]int \| \[\]string\): \[\]int and \[\]string have different underlying types`
	_ = b[1:2]
	_ = b[1:2:3] // ERROR `invalid operation: 3-index slice of string`
	_ = c[:] // ERROR `cannot slice c \(variable of type C constrained by \[4\]int \| \[\]int\): \[4\]int and \[\]int have different underlying types`
	_ = d[:] // ERROR `cannot slice d \(variable of type D constrained by any\): no specific type in D`
	_ = e[:] // ERROR `cannot slice e \(variable of type E constrained by \*\[4\]int \| \*\[8\]int\): \*\[4\]int and \*\[8\]int have different underlying types`
	_ = f[:] // ERROR `cannot slice f \(variable of type F constrained by string \| \[\]int\): string and \[\]int have different underlying types`
}

func indexes[A []int | []string, B string | []byte, C map[int]int | []int, D any, E *[4]int | []int, F map[string]int | map[string]string, G map[string]int | map[int]int](a A, b B, c C, d D, e E, f F, g G) {
	_ = a[0] // ERROR `cannot index a \(variable of type A constrained by \[\]int \| \[\]string\)`
	_ = b[0]
	b[0] = 1 // ERROR `cannot assign to b\[0\] \(neither addressable nor a map index expression\)`
	_ = c[0] // ERROR `cannot index c \(variable of type C constrained by map\[int\]int \| \[\]int\)`
	_ = d[0] // ERROR `cannot index d \(variable of type D constrained by any\)`
	_ = e[0]
	_ = f[""] // ERROR `cannot index f \(variable of type F constrained by map\[string\]int \| map\[string\]string\)`
	_ = g[""] // ERROR `cannot index g \(variable of type G constrained by map\[string\]int \| map\[int\]int\)`
}

func literals[A []int | []string, B []int | [4]int, C struct{ x int } | struct{ y int }, D any, E struct{ x int }, F map[int]int]() {
	_ = A{} // ERROR `invalid composite literal type A \(no common underlying type\)`
	_ = B{} // ERROR `invalid composite literal type B \(no common underlying type\)`
	_ = C{} // ERROR `invalid composite literal type C \(no common underlying type\)`
	_ = D{} // ERROR `invalid composite literal type D \(no common underlying type\)`
	_ = E{1}
	_ = F{1: 2}
}

func others[A map[int]int | []int, B map[int]int | int, C *int | *string, D any, E signed, F struct{ x int }](a A, b B, c C, d D, e E, f F) {
	clear(a)
	clear(b) // ERROR `invalid argument: cannot clear b \(variable of type B constrained by map\[int\]int \| int\): argument must be \(or constrained by\) map or slice`
	delete(a, 1) // ERROR `invalid argument: a \(variable of type A constrained by map\[int\]int \| \[\]int\) is not a map`
	_ = *c // ERROR `invalid operation: pointers of c \(variable of type C constrained by \*int \| \*string\) must have identical base types`
	_ = *d // ERROR `invalid operation: cannot indirect d \(variable of type D constrained by any\)`
	_ = len(a)
	_ = cap(a) // ERROR `invalid argument: a \(variable of type A constrained by map\[int\]int \| \[\]int\) for built-in cap`
	_ = len(b) // ERROR `invalid argument: b \(variable of type B constrained by map\[int\]int \| int\) for built-in len`
	_ = real(e) // ERROR `invalid argument: argument has type E, expected complex type`
	_ = min(e, e)
	_ = max(d, d) // ERROR `invalid argument: d \(variable of type D constrained by any\) cannot be ordered`
	_ = f.x // ERROR `f\.x undefined \(type F has no field or method x\)`
	var _ E = 1000 // ERROR `cannot use 1000 \(untyped int constant\) as E value in variable declaration`
	var _ E = 1.5 // ERROR `cannot use 1\.5 \(untyped float constant\) as E value in variable declaration`
	_ = -d // ERROR `invalid operation: operator - not defined on d \(variable of type D constrained by any\)`
	_ = e << 1
	_ = !e // ERROR `invalid operation: operator ! not defined on e \(variable of type E constrained by signed\)`
}

func infer[F func(T) | func(T, T), T any](f F) {}

func conversions[A []int | string, B int | string, C any](a A, b B, c C) {
	_ = string(a) // ERROR `cannot convert a \(variable of type A constrained by \[\]int \| string\) to type string: cannot convert \[\]int \(in A\) to type string`
	_ = int(b) // ERROR `cannot convert b \(variable of type B constrained by int \| string\) to type int: cannot convert string \(in B\) to type int`
	_ = A(c) // ERROR `cannot convert c \(variable of type C constrained by any\) to type A`
	_ = []byte(b) // ERROR `cannot convert b \(variable of type B constrained by int \| string\) to type \[\]byte: cannot convert int \(in B\) to type \[\]byte`
	_ = C(a) // ERROR `cannot convert a \(variable of type A constrained by \[\]int \| string\) to type C`
}

func functions[F func(int) | func(string)](f F) {
	infer(f) // ERROR `in call to infer, cannot infer T`
	infer(func(int) {}) // ERROR `in call to infer, cannot infer T`
	infer(func(int, string) {}) // ERROR `in call to infer, cannot infer T`
	go f(1) // ERROR `invalid operation: cannot call f \(variable of type F constrained by func\(int\) \| func\(string\)\): func\(int\) and func\(string\) have different underlying types`
	defer f("") // ERROR `invalid operation: cannot call f \(variable of type F constrained by func\(int\) \| func\(string\)\): func\(int\) and func\(string\) have different underlying types`
	f = nil
}

func main() {}
