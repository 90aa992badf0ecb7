package fuzz

import "unsafe"

// edgeCounters holds the counters of edges: -fuzz gives it its value (compiler/driver/src/fuzz.rs). Without, there are none.
var edgeCounters string

//golift:replace coverage
func countedEdges() []byte {
	return unsafe.Slice(unsafe.StringData(edgeCounters), len(edgeCounters))
}
