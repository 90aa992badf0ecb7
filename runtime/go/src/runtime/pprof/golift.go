// Profiles that golift does not make: whoever asks for one gets an error. See stubs.go of package runtime.

package pprof

import (
	"errors"
	"io"
)

func notImplemented(profile string) error {
	return errors.New("the " + profile + " profile is not implemented by golift")
}

//golift:replace StartCPUProfile
func goliftStartCPUProfile(w io.Writer) error { return notImplemented("CPU") }

//golift:replace writeBlock
func goliftWriteBlock(w io.Writer, debug int) error { return notImplemented("block") }

//golift:replace writeMutex
func goliftWriteMutex(w io.Writer, debug int) error { return notImplemented("mutex") }

//golift:replace writeGoroutineLeak
func goliftWriteGoroutineLeak(w io.Writer, debug int) error { return notImplemented("goroutineleak") }
