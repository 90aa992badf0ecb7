package runtime

import (
	"internal/goarch"
	"internal/goos"
	"unsafe"
)

// Compiler is the name of the toolchain. It says gc, because programs take any other name for
// gccgo.
const Compiler = "gc"

// GOOS is the target's operating system.
const GOOS string = goos.GOOS

// GOARCH is the target's architecture.
const GOARCH string = goarch.GOARCH

// buildVersion is set by the linker.
var buildVersion string = "go1.27.3"

var defaultGOROOT string

// Version is the version of the Go distribution that the program was built with.
func Version() string { return buildVersion }

// GOROOT is the root of the Go tree.
func GOROOT() string {
	if s := gogetenv("GOROOT"); s != "" {
		return s
	}
	return defaultGOROOT
}

// Breakpoint executes a breakpoint trap.
func Breakpoint() { breakpoint() }

// CPUProfile is no longer supported in gc either.
func CPUProfile() []byte { panic("CPUProfile no longer available") }

// SetCgoTraceback has no effect without cgo.
func SetCgoTraceback(version int, traceback, context, symbolizer unsafe.Pointer) {}

// A Pinner pins objects: ours never move, so it only keeps them alive.
type Pinner struct {
	refs []any
}

// Pin keeps pointer's object until Unpin.
func (p *Pinner) Pin(pointer any) { p.refs = append(p.refs, pointer) }

// Unpin lets all pinned objects go.
func (p *Pinner) Unpin() { p.refs = nil }
