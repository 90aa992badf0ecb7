package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
	"unique"
	"weak"
)

// Weak pointers, finalizers, cleanups and timers while markers are at work.
type T struct {
	a, b int
	p    *T
}

func main() {
	var wg sync.WaitGroup
	for w := 0; w < 4; w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var ws [100]weak.Pointer[T]
			for i := 0; i < 5000; i++ {
				x := &T{i, -i, &T{i, -i, nil}}
				k := i * 7 % 100
				if o := ws[k].Value(); o != nil {
					if o.a != -o.b || o.p.a != -o.p.b || o.p.a != o.a {
						panic("weak")
					}
				}
				ws[k] = weak.Make(x)
				h := unique.Make(fmt.Sprint("s", i%50))
				if h.Value()[0] != 's' {
					panic("unique")
				}
				if i%100 == 0 {
					runtime.SetFinalizer(x, func(t *T) {
						if t.a != -t.b || t.p.a != -t.p.b {
							panic("fin")
						}
					})
					i := i
					runtime.AddCleanup(x.p, func(s *T) {
						if s.a != i {
							panic("cleanup")
						}
					}, &T{i, 0, nil})
					time.AfterFunc(time.Duration(i%7)*time.Microsecond*100, func() {
						if x.a != -x.b || x.p.a != i {
							panic("timer")
						}
					})
				}
				if i%500 == 0 {
					runtime.GC()
				}
			}
		}()
	}
	wg.Wait()
	fmt.Println("ok")
}
