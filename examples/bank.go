// Bank moves money between accounts from many goroutines: mutexes for the accounts, channels and select for the
// tellers, timeouts for those who wait too long.
package main

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

type account struct {
	mu      sync.Mutex
	id      int
	balance int
	history []int
}

var errFunds = errors.New("insufficient funds")

type bank struct {
	accounts []*account
	stats    struct {
		sync.RWMutex
		done, refused int
	}
}

func (b *bank) transfer(from, to, amount int) error {
	if from == to {
		return nil
	}
	first, second := b.accounts[min(from, to)], b.accounts[max(from, to)]
	first.mu.Lock() // always in this order, so nobody waits in a circle
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	source, target := b.accounts[from], b.accounts[to]
	if source.balance < amount {
		return fmt.Errorf("account %d: %w", from, errFunds)
	}
	source.balance -= amount
	target.balance += amount
	source.history = append(source.history, -amount)
	target.history = append(target.history, amount)
	return nil
}

func (b *bank) count(err error) {
	b.stats.Lock()
	defer b.stats.Unlock()
	if err != nil {
		b.stats.refused++
	} else {
		b.stats.done++
	}
}

// random is a small generator, so that every run makes the same transfers.
type random uint64

func (r *random) next(n int) int {
	*r = *r*6364136223846793005 + 1442695040888963407
	return int(uint64(*r) >> 33 % uint64(n))
}

type request struct {
	work  func() string
	reply chan string
}

func teller(requests <-chan request, closing <-chan struct{}, wg *sync.WaitGroup) {
	defer wg.Done()
	for {
		select {
		case r := <-requests:
			r.reply <- r.work()
		case <-closing:
			return
		}
	}
}

func ask(requests chan<- request, patience time.Duration, work func() string) string {
	reply := make(chan string, 1)
	select {
	case requests <- request{work, reply}:
	case <-time.After(patience):
		return "nobody came"
	}
	select {
	case answer := <-reply:
		return answer
	case <-time.After(patience):
		return "took too long"
	}
}

func main() {
	b := &bank{}
	const accounts, initial = 10, 1000
	for i := range accounts {
		b.accounts = append(b.accounts, &account{id: i, balance: initial})
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			r := random(worker + 1)
			for range 5000 {
				b.count(b.transfer(r.next(accounts), r.next(accounts), r.next(300)))
			}
		})
	}
	wg.Wait()
	total, moves := 0, 0
	for _, a := range b.accounts {
		sum := initial
		for _, change := range a.history {
			sum += change
		}
		if sum != a.balance {
			fmt.Println("account", a.id, "does not add up")
		}
		total += a.balance
		moves += len(a.history)
	}
	b.stats.RLock()
	fmt.Println("total", total, "operations", b.stats.done+b.stats.refused, "even", moves%2 == 0)
	b.stats.RUnlock()

	err := b.transfer(0, 1, total+1)
	fmt.Println(err, errors.Is(err, errFunds))

	requests := make(chan request)
	closing := make(chan struct{})
	wg.Add(1)
	go teller(requests, closing, &wg)
	fmt.Println(ask(requests, time.Second, func() string { return "balance checked" }))
	release := make(chan struct{})
	fmt.Println(ask(requests, 20*time.Millisecond, func() string { <-release; return "late" }))
	fmt.Println(ask(requests, 20*time.Millisecond, func() string { return "never" }))
	close(release)
	fmt.Println(ask(requests, time.Second, func() string { return "teller is back" }))
	close(closing)
	wg.Wait()
	fmt.Println(ask(requests, 10*time.Millisecond, func() string { return "closed" }))

	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.NewTimer(time.Minute)
	for ticks := 0; ticks < 5; ticks++ {
		select {
		case <-ticker.C:
		case <-deadline.C:
			fmt.Println("the clock stands still")
		}
	}
	fmt.Println("timer stopped:", deadline.Stop())
}
