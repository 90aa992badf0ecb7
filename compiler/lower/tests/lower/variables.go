package main

type pair struct {
	name string
	n    int
}

// One variable of each kind of place, and a scope of each kind.
func main() {
	sum, text := 0, "a"
	for i := 0; i < 3; i++ {
		if square := i * i; square > 1 {
			sum += square
		}
	}
	var big [4]int
	p := &pair{text, sum}
	q := pair{n: big[sum&3]}
	func(add int) {
		sum := q.n + add
		p.n = sum
	}(len(q.name))
	switch x := any(p).(type) {
	case *pair:
		println(x.n)
	case error:
		println(x)
	}
}

func named(a, _ int, s []byte) (n int, err error) {
	shared := a
	defer func() { n = shared }()
	shared++
	return len(s), nil
}

var _ = named
