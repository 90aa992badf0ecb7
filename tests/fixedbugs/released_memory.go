// Memory that went back to the system is counted while it is there, and no longer when it is used again; deep stacks are no heap.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

var sink []byte

func deep(n int) int {
	var pad [1000]byte
	if n == 0 {
		return 0
	}
	pad[n%1000] = 1
	return deep(n-1) + int(pad[n%1000])
}

func stats() (m runtime.MemStats) {
	runtime.ReadMemStats(&m)
	return
}

func main() {
	debug.SetGCPercent(-1)
	const size = 48 << 20
	most := uint64(0)
	for i := 0; i < 20; i++ {
		sink = make([]byte, size)
		for j := 0; j < size; j += 4096 {
			sink[j] = 1
		}
		used := stats()
		sink = nil
		debug.FreeOSMemory()
		freed := stats()
		if freed.HeapReleased < size || freed.HeapReleased > freed.HeapIdle || used.HeapReleased > used.HeapIdle {
			fmt.Println("released", used.HeapReleased, used.HeapIdle, freed.HeapReleased, freed.HeapIdle)
		}
		most = max(most, freed.HeapReleased)
	}
	fmt.Println(most < 4*size)
	fmt.Println(deep(20000))
	m := stats()
	fmt.Println(m.HeapAlloc <= m.HeapSys, m.HeapInuse <= m.HeapSys, m.StackInuse <= m.StackSys, m.StackSys < m.Sys)
}
