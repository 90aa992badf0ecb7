// Execution traces: their structure, what refers to what, and that no event of a goroutine is missing or there twice.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"sort"
	"strings"
	"sync"
	"time"
)

// Kinds of events with what their arguments are: t time, s string, k stack, g goroutine, n its number in order, x anything.
var kinds = map[byte][2]string{
	9: {"procs change", "txk"}, 10: {"proc start", "txx"}, 11: {"proc stop", "t"}, 12: {"proc steal", "txxx"},
	13: {"proc status", "txx"}, 14: {"create", "txkk"}, 16: {"start", "tgn"}, 17: {"destroy", "t"}, 19: {"stop", "tsk"},
	20: {"block", "tsk"}, 21: {"unblock", "tgnk"}, 22: {"syscall begin", "txk"}, 23: {"syscall end", "t"},
	24: {"syscall end blocked", "t"}, 25: {"status", "txxx"}, 26: {"stop the world", "tsk"}, 27: {"start the world", "t"},
	28: {"gc active", "tx"}, 29: {"gc begin", "txk"}, 30: {"gc end", "tx"}, 31: {"sweep active", "tx"}, 32: {"sweep begin", "tk"},
	33: {"sweep end", "txx"}, 34: {"assist active", "tx"}, 35: {"assist begin", "tk"}, 36: {"assist end", "t"},
	37: {"heap alloc", "tx"}, 38: {"heap goal", "tx"}, 39: {"label", "ts"}, 40: {"task begin", "txxsk"}, 41: {"task end", "txk"},
	42: {"region begin", "txsk"}, 43: {"region end", "txsk"}, 44: {"log", "txssk"}, 45: {"switch", "tgn"},
	46: {"switch destroy", "tgn"}, 47: {"create blocked", "txkk"}, 48: {"status with stack", "txxxk"},
}

// generation is what one of them has.
type generation struct {
	strings  map[uint64]string
	stacks   map[uint64]bool
	usedS    []uint64
	usedK    []uint64
	order    map[uint64][]uint64
	clocks   int
	texts    []string
	user     []userEvent
	produced bool
}

type userEvent struct {
	kind string
	ids  []uint64
}

type reader struct{ *bytes.Reader }

func (r reader) number() uint64 {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		panic(err)
	}
	return n
}

func (r reader) kind() byte {
	b, err := r.ReadByte()
	if err != nil {
		panic(err)
	}
	return b
}

func newGeneration() *generation {
	return &generation{strings: map[uint64]string{}, stacks: map[uint64]bool{0: true}, order: map[uint64][]uint64{}}
}

// parse returns how often each kind of event occurs, and the texts of the program.
func parse(data []byte) (counts map[string]int, user []string) {
	counts = map[string]int{}
	if !bytes.HasPrefix(data, []byte("go 1.26 trace\x00\x00\x00")) {
		panic("header")
	}
	r := reader{bytes.NewReader(data[16:])}
	g := newGeneration()
	last := uint64(0)
	for r.Len() > 0 {
		switch k := r.kind(); k {
		case 52:
			user = append(user, g.check()...)
			g = newGeneration()
			counts["generation"]++
		case 1:
			gen, _, _, size := r.number(), r.number(), r.number(), r.number()
			if g.produced && gen != last || !g.produced && last != 0 && gen != last+1 {
				panic(fmt.Sprint("generation ", gen, " after ", last))
			}
			last, g.produced = gen, true
			batch := make([]byte, size)
			if _, err := io.ReadFull(r, batch); err != nil {
				panic(err)
			}
			g.batch(reader{bytes.NewReader(batch)}, counts)
		default:
			panic(fmt.Sprint("kind ", k))
		}
	}
	if g.produced {
		panic("a generation without an end")
	}
	return counts, user
}

func (g *generation) batch(r reader, counts map[string]int) {
	first := r.kind()
	switch first {
	case 2:
		for r.Len() > 0 {
			r.kind()
			id, n := r.number(), r.number()
			g.stacks[id] = true
			for range n {
				r.number()
				g.usedS = append(g.usedS, r.number(), r.number())
				r.number()
			}
		}
		return
	case 4:
		for r.Len() > 0 {
			r.kind()
			id := r.number()
			text := make([]byte, r.number())
			io.ReadFull(r, text)
			if _, ok := g.strings[id]; ok {
				panic("a string twice")
			}
			g.strings[id] = string(text)
		}
		return
	case 6:
		for r.Len() > 0 {
			r.kind()
			for range 4 {
				r.number()
			}
			g.usedK = append(g.usedK, r.number())
			counts["cpu sample"]++
		}
		return
	case 50:
		g.clocks++
		return
	}
	r.UnreadByte()
	for r.Len() > 0 {
		k := r.kind()
		spec, ok := kinds[k]
		if !ok {
			panic(fmt.Sprint("event ", k))
		}
		counts[spec[0]]++
		var goid uint64
		var texts []uint64
		for _, c := range spec[1] {
			v := r.number()
			switch c {
			case 's':
				g.usedS = append(g.usedS, v)
				texts = append(texts, v)
			case 'k':
				g.usedK = append(g.usedK, v)
			case 'g':
				goid = v
			case 'n':
				g.order[goid] = append(g.order[goid], v)
			}
		}
		if k >= 40 && k <= 44 {
			g.user = append(g.user, userEvent{spec[0], texts})
		}
	}
}

func (g *generation) check() (user []string) {
	if g.clocks != 1 {
		panic(fmt.Sprint(g.clocks, " clocks"))
	}
	for _, s := range g.usedS {
		if _, ok := g.strings[s]; !ok && s != 0 {
			panic(fmt.Sprint("no string ", s))
		}
	}
	for _, k := range g.usedK {
		if !g.stacks[k] {
			panic(fmt.Sprint("no stack ", k))
		}
	}
	for goid, seqs := range g.order {
		sort.Slice(seqs, func(i, j int) bool { return seqs[i] < seqs[j] })
		for i, n := range seqs {
			if n != uint64(i+1) {
				panic(fmt.Sprint("goroutine ", goid, ": ", seqs))
			}
		}
	}
	for _, e := range g.user {
		text := e.kind
		for _, id := range e.ids {
			text += " " + g.strings[id]
		}
		user = append(user, text)
	}
	return user
}

// work does something of everything.
func work() {
	ctx, task := trace.NewTask(context.Background(), "a task")
	trace.WithRegion(ctx, "a region", func() {
		trace.Log(ctx, "a category", "a message")
	})
	var wg sync.WaitGroup
	c := make(chan int)
	var mu sync.Mutex
	for i := range 20 {
		wg.Go(func() {
			c <- i
			mu.Lock()
			runtime.Gosched()
			mu.Unlock()
			time.Sleep(time.Millisecond)
			os.ReadFile("/proc/self/stat")
		})
	}
	for range 20 {
		select {
		case <-c:
		case <-time.After(time.Minute):
		}
	}
	wg.Wait()
	r, w, _ := os.Pipe()
	go func() {
		time.Sleep(5 * time.Millisecond)
		w.Write([]byte("x"))
	}()
	r.Read(make([]byte, 1))
	r.Close()
	w.Close()
	next, stop := iter.Pull(func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	})
	for range 5 {
		next()
	}
	stop()
	runtime.GC()
	old := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(old + 1)
	runtime.GOMAXPROCS(old)
	task.End()
}

func main() {
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		panic(err)
	}
	fmt.Println(trace.IsEnabled(), trace.Start(io.Discard))
	work()
	trace.Stop()
	counts, user := parse(b.Bytes())
	for _, want := range []string{"create", "start", "destroy", "stop", "block", "unblock", "syscall begin", "status", "proc status",
		"stop the world", "start the world", "gc begin", "gc end", "heap goal", "procs change", "switch", "create blocked"} {
		fmt.Println(want, counts[want] > 0)
	}
	sort.Strings(user) // each thread has its own batches
	fmt.Println(strings.Join(user, "\n"))

	// Several generations, some of which begin while much is going on.
	fr := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: time.Minute, MaxBytes: 100 << 20})
	if err := fr.Start(); err != nil {
		panic(err)
	}
	for i := range 4 {
		b.Reset()
		if err := trace.Start(&b); err != nil {
			panic(err)
		}
		work()
		trace.Stop()
		counts, user = parse(b.Bytes())
		fmt.Println(i, counts["generation"] > 0, len(user))
	}
	b.Reset()
	if _, err := fr.WriteTo(&b); err != nil {
		panic(err)
	}
	fr.Stop()
	counts, _ = parse(b.Bytes())
	fmt.Println(counts["generation"] > 4, counts["start"] > 100, trace.IsEnabled())
	// With a CPU profile its samples are in the trace.
	for d := 50 * time.Millisecond; ; d *= 2 {
		b.Reset()
		trace.Start(&b)
		pprof.StartCPUProfile(io.Discard)
		for end := time.Now().Add(d); time.Now().Before(end); {
		}
		pprof.StopCPUProfile()
		trace.Stop()
		counts, _ = parse(b.Bytes())
		if counts["cpu sample"] > 0 || d > 10*time.Second {
			fmt.Println("samples:", counts["cpu sample"] > 0)
			break
		}
	}
	// Traces that end at once.
	for range 20 {
		b.Reset()
		trace.Start(&b)
		trace.Stop()
		parse(b.Bytes())
	}
	fmt.Println("done")
}
