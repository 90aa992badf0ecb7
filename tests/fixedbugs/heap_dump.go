// debug.WriteHeapDump: the records can be read to the end, and objects, globals and stacks are in it.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"unsafe"
)

type node struct {
	next *node
	text [40]byte
}

type shouter interface{ shout() string }

type loud struct{ s string }

func (l *loud) shout() string { return l.s + "!" }

var (
	global  *node
	speaker shouter
)

type dump struct{ *bufio.Reader }

func (d dump) number() uint64 {
	n, err := binary.ReadUvarint(d)
	if err != nil {
		panic(err)
	}
	return n
}

func (d dump) skip(n int) {
	for range n {
		d.number()
	}
}

func (d dump) bytes() []byte {
	b := make([]byte, d.number())
	if _, err := io.ReadFull(d, b); err != nil {
		panic(err)
	}
	return b
}

func (d dump) fields() (pointers []uint64) {
	for {
		switch k := d.number(); k {
		case 0:
			return
		case 1:
			pointers = append(pointers, d.number())
		default:
			panic(k)
		}
	}
}

//go:noinline
func parked(c chan int) int { return <-c }

func main() {
	global = &node{next: &node{}}
	copy(global.text[:], "the text of the first node")
	copy(global.next.text[:], "the text of the second node")
	speaker = &loud{"hey"}
	c := make(chan int)
	go parked(c)
	for range 100 {
		runtime.Gosched()
	}
	f, err := os.CreateTemp("", "heapdump")
	if err != nil {
		panic(err)
	}
	os.Remove(f.Name())
	debug.WriteHeapDump(f.Fd())
	f.Seek(0, 0)
	d := dump{bufio.NewReader(f)}
	header, _ := d.ReadString('\n')
	fmt.Print(header)
	counts := map[uint64]int{}
	first, second := uint64(uintptr(unsafe.Pointer(global))), uint64(uintptr(unsafe.Pointer(global.next)))
	at := uint64(uintptr(unsafe.Pointer(&global)))
	names := map[string]bool{}
	for done := false; !done; {
		kind := d.number()
		counts[kind]++
		switch kind {
		case 0:
			done = true
		case 1:
			address := d.number()
			data := d.bytes()
			pointers := d.fields()
			if address == first {
				fmt.Println("first:", bytes.Contains(data, []byte("the text of the first node")), pointers,
					binary.LittleEndian.Uint64(data) == second)
			}
			if address == second {
				fmt.Println("second:", bytes.Contains(data, []byte("the text of the second node")))
			}
		case 2:
			d.bytes()
			d.number()
		case 3:
			d.skip(2)
			names[string(d.bytes())] = true
			d.number()
		case 4:
			d.skip(8)
			names[string(d.bytes())] = true
			d.skip(4)
		case 5:
			d.skip(3)
			d.bytes()
			d.skip(3)
			names[string(d.bytes())] = true
			d.fields()
		case 6:
			fmt.Println("params:", d.number(), d.number())
			lowest, highest := d.number(), d.number()
			fmt.Println(lowest <= first && first < highest, string(d.bytes()), string(d.bytes()) == runtime.Version(), d.number() > 0)
		case 7, 11:
			d.skip(5)
		case 8:
			d.skip(2)
		case 9:
			d.skip(3)
		case 10:
			d.skip(24 + 256 + 1)
		case 12, 13:
			start := d.number()
			data := d.bytes()
			pointers := d.fields()
			if start <= at && at < start+uint64(len(data)) {
				found := false
				for _, p := range pointers {
					found = found || start+p == at
				}
				fmt.Println("global:", found, binary.LittleEndian.Uint64(data[at-start:]) == first)
			}
		case 14:
			d.skip(7)
		case 15:
			d.skip(6)
		case 16:
			d.skip(2)
			for range d.number() {
				d.bytes()
				d.bytes()
				d.number()
			}
			d.skip(2)
		case 17:
			d.skip(2)
		default:
			panic(kind)
		}
	}
	_, err = d.ReadByte()
	fmt.Println(err)
	for _, kind := range []uint64{1, 3, 4, 5, 6, 8, 9, 10} {
		fmt.Println(kind, counts[kind] > 0)
	}
	fmt.Println(names["main.parked"], names["chan receive"])
	close(c)
	fmt.Println(speaker.shout())
}
