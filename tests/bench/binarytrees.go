package main

import "fmt"

type tree struct{ left, right *tree }

func build(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{build(depth - 1), build(depth - 1)}
}

func (t *tree) count() int {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.count() + t.right.count()
}

func main() {
	const most = 18
	fmt.Println("stretch", build(most+1).count())
	long := build(most)
	for depth := 4; depth <= most; depth += 4 {
		n := 1 << (most - depth + 4)
		sum := 0
		for range n {
			sum += build(depth).count()
		}
		fmt.Println(n, depth, sum)
	}
	fmt.Println("long", long.count())
}
