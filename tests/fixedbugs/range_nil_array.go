// Ranging with elements over a nil pointer to an array panics, used or not.
package main

import "fmt"

func try(n int, f func()) {
	defer func() {
		if e := recover(); e != nil {
			fmt.Println(n, e.(error).Error())
		} else {
			fmt.Println(n, "none")
		}
	}()
	f()
}

type S struct{ a, b int }

func main() {
	var p1 *[1]int
	var p2 *[2]int
	var p0 *[0]int
	try(1, func() {
		for i, x := range (*[1]int)(nil) {
			_ = i
			_ = x
		}
	})
	try(2, func() {
		for i, x := range p1 {
			_, _ = i, x
		}
	})
	try(3, func() {
		for i, x := range p2 {
			_, _ = i, x
		}
	})
	try(4, func() {
		for i, x := range (*[2]int)(nil) {
			_, _ = i, x
		}
	})
	try(5, func() {
		for i, x := range p0 {
			_, _ = i, x
		}
	})
	try(6, func() {
		for i := range p2 {
			_ = i
		}
	})
	try(7, func() { _ = *p2 })
	try(8, func() { _ = *p1 })
	try(9, func() { _ = p1[0] })
	try(10, func() { _ = p2[0] })
	try(11, func() { x := p2[0]; _ = x })
	try(12, func() { x := p1[0]; _ = x })
	var s *S
	try(13, func() { _ = s.a })
	try(14, func() { x := *s; _ = x })
	try(15, func() { x := (*S)(nil).b; _ = x })
	try(16, func() { _ = *(*int)(nil) })
	try(17, func() {
		for _, x := range (*[1][3]int)(nil) {
			_ = x
		}
	})
	try(18, func() {
		for _, x := range (*[3]S)(nil) {
			_ = x
		}
	})
	try(19, func() {
		for range (*[3]S)(nil) {
		}
	})
	try(20, func() {
		for _, _ = range (*[3]S)(nil) {
		}
	})
}
