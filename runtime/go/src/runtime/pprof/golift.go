// Profiles that golift does not make: whoever asks for one gets an error. See stubs.go of package runtime.

package pprof

import (
	"errors"
	"io"
)

func notImplemented(profile string) error {
	return errors.New("the " + profile + " profile is not implemented by golift")
}

//golift:replace writeGoroutineLeak
func goliftWriteGoroutineLeak(w io.Writer, debug int) error { return notImplemented("goroutineleak") }

// goliftExpandInlinedFrames: lists of callers have all logical frames already.
//
//golift:replace expandInlinedFrames
func goliftExpandInlinedFrames(dst, pcs []uintptr) int { return copy(dst, pcs) }
