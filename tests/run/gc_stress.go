package main

import (
	"fmt"
	"runtime"
	"strings"
)

type node struct {
	next  *node
	data  []byte
	label string
	extra map[int]*node
}

func chain(n int) *node {
	var head *node
	for i := range n {
		head = &node{next: head, data: make([]byte, i%100), label: strings.Repeat("x", i%10)}
		if i%50 == 0 {
			head.extra = map[int]*node{i: head.next}
		}
	}
	return head
}

func check(head *node, n int) bool {
	for i := n - 1; i >= 0; i-- {
		if head == nil || len(head.data) != i%100 || len(head.label) != i%10 {
			return false
		}
		if i%50 == 0 && head.extra[i] != head.next {
			return false
		}
		head = head.next
	}
	return head == nil
}

func main() {
	kept := chain(20000)
	results := make(chan bool)
	for range 4 {
		go func() {
			ok := true
			for i := range 60 {
				n := 500 + i*10
				ok = ok && check(chain(n), n)
			}
			results <- ok
		}()
	}
	for range 5 {
		runtime.GC()
	}
	for range 4 {
		fmt.Println(<-results)
	}
	fmt.Println(check(kept, 20000))
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Println(stats.NumGC >= 5, stats.HeapAlloc < 200<<20)
}
