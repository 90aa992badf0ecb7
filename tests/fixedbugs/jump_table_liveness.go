package main

import (
	"fmt"
	"math/rand"
	"runtime"
	"sync"
	"sync/atomic"
)

// Tables of frames left out where a jump table leads to, so what only the cases use was not alive while the goroutine was
// stopped in a call before the switch.
type N struct {
	id   int
	sum  int
	next [4]*N
	m    map[int]*N
	s    []*N
	i    any
	f    func() int
	pad  [10]int
	own  int
}

func mk(id int) *N {
	n := &N{id: id, sum: id * 7919}
	for k := range n.pad {
		n.pad[k] = id + k
	}
	n.f = func() int { return n.id }
	return n
}
func (n *N) ok() {
	if n == nil {
		return
	}
	if n.sum != n.id*7919 || n.pad[3] != n.id+3 || n.f() != n.id {
		panic(fmt.Sprint("corrupt", n.id, n.sum))
	}
}

var shared [64]atomic.Pointer[N]

// Cases that are there for the size of the switch.
var mask = 1<<0 | 1<<8 | 1<<11

func main() {
	var wg sync.WaitGroup
	ch := make(chan *N, 8)
	un := make(chan *N)
	for w := 0; w < 2; w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := rand.New(rand.NewSource(int64(w)))
			local := make([]*N, 100)
			m := map[int]*N{}
			for i := 0; i < 30000; i++ {
				k := r.Intn(100)
				op := r.Intn(12)
				if mask>>op&1 == 0 {
					continue
				}
				switch op {
				case 0:
					local[k] = mk(i)
					local[k].own = w + 1
				case 1:
					if a, b := local[k], local[r.Intn(100)]; a != nil && b != nil {
						a.next[r.Intn(4)], b.next[r.Intn(4)] = b.next[r.Intn(4)], a.next[r.Intn(4)]
						a.next[r.Intn(4)] = b
					}
				case 2:
					o := shared[r.Intn(64)].Swap(local[k])
					o.ok()
					local[k] = o
				case 3:
					select {
					case ch <- local[k]:
						local[k] = nil
					case x := <-ch:
						x.ok()
						local[k] = x
					}
				case 4:
					select {
					case un <- local[k]:
						local[k] = nil
					case x := <-un:
						x.ok()
						local[k] = x
					default:
					}
				case 5:
					m[k] = local[k]
					local[k] = nil
				case 6:
					x := m[k]
					delete(m, k)
					x.ok()
					local[k] = x
				case 7:
					copy(local[k/2:], local[k/3:k/3+20])
				case 8:
					if a := local[k]; a != nil && a.own == w+1 {
						a.s = append(a.s, local[r.Intn(100)])
						if len(a.s) > 5 {
							a.s = a.s[1:]
						}
						for _, x := range a.s {
							x.ok()
						}
						
					}
				case 9:
					n := local[k]
					for d := 0; n != nil && d < 20; d++ {
						n.ok()
						n = n.next[r.Intn(4)]
					}
					local[k] = n
				case 10:
					o := shared[k%64].Load()
					if shared[k%64].CompareAndSwap(o, local[k]) {
						o.ok()
						local[k] = o
					}
				case 11:
					if i%50 == 0 {
						runtime.GC()
					}
					if i%7 == 0 {
						
						
					}
					nn := mk(0)
					nn = mk(i)
					local[k] = nn
				}
			}
		}()
	}
	wg.Wait()
	for i := range shared {
		shared[i].Load().ok()
	}
	fmt.Println("ok")
}
