// Workers runs jobs on a pool of goroutines: context for cancelling, WaitGroup for the end, Once, atomics and errors on the way.
package main

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type job struct {
	id   int
	text string
}

type result struct {
	job
	hash uint32
	err  error
}

var errEmpty = errors.New("empty text")

type jobError struct {
	id  int
	err error
}

func (e *jobError) Error() string { return fmt.Sprintf("job %d: %v", e.id, e.err) }
func (e *jobError) Unwrap() error { return e.err }

func work(j job) result {
	if j.text == "" {
		return result{j, 0, &jobError{j.id, errEmpty}}
	}
	hash := uint32(2166136261)
	for range 2000 {
		for _, b := range []byte(j.text) {
			hash = (hash ^ uint32(b)) * 16777619
		}
	}
	return result{j, hash, nil}
}

func pool(ctx context.Context, workers int, jobs <-chan job) <-chan result {
	results := make(chan result)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case j, ok := <-jobs:
					if !ok {
						return
					}
					select {
					case results <- work(j):
					case <-ctx.Done():
						return
					}
				}
			}
		})
	}
	go func() {
		wg.Wait()
		close(results)
	}()
	return results
}

func main() {
	jobs := make(chan job, 8)
	go func() {
		defer close(jobs)
		for i := range 100 {
			text := strings.Repeat(string(rune('a'+i%26)), i%13)
			jobs <- job{i, text}
		}
	}()
	var all []result
	for r := range pool(context.Background(), 4, jobs) {
		all = append(all, r)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].id < all[j].id })
	failures := 0
	var combined uint32
	for _, r := range all {
		var je *jobError
		if errors.As(r.err, &je) && errors.Is(r.err, errEmpty) {
			failures++
			continue
		}
		combined = combined*31 + r.hash
	}
	fmt.Printf("%d results, %d failures, combined hash %08x\n", len(all), failures, combined)
	fmt.Println("first failure:", all[0].err)

	// An endless supply of jobs, until the context ends.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	endless := make(chan job)
	var produced atomic.Int64
	go func() {
		for i := 0; ; i++ {
			select {
			case endless <- job{i, "x"}:
				produced.Add(1)
			case <-ctx.Done():
				return
			}
		}
	}()
	n := 0
	for range pool(ctx, 3, endless) {
		n++
	}
	fmt.Println("cancelled:", ctx.Err(), n > 0 && int64(n) <= produced.Load()+1)

	var once sync.Once
	var calls atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { once.Do(func() { calls.Add(1) }) })
	}
	wg.Wait()
	fmt.Println("once:", calls.Load())
}
