package runtime

import (
	"internal/coverage/rtcov"
	"unsafe"
)

// coverCounters are those of all covered packages.
var coverCounters []rtcov.CovCounterBlob

// addCover makes a covered package known. The initialisation of the package calls it, which golift adds to what the distribution's cover writes; in gc
// compiler and linker see to that.
func addCover(meta unsafe.Pointer, size uint32, hash [16]byte, path string, mode uint8, counters []rtcov.CovCounterBlob) uint32 {
	const perBlock = 1 // of internal/coverage
	id := rtcov.AddMeta(meta, size, hash, path, -1, mode, perBlock)
	if id == 0 {
		throw("coverage package map collision")
	}
	coverCounters = append(coverCounters, counters...)
	return id
}

//go:linkname coverage_getCovCounterList internal/coverage/cfile.getCovCounterList
func coverage_getCovCounterList() []rtcov.CovCounterBlob {
	return coverCounters
}
