// The execution tracer is not there yet: asking for it is an error that says so.

package runtime

// StartTrace reports that traces cannot be made.
func StartTrace() error {
	return plainTraceError("tracing is not implemented by golift")
}

// StopTrace has nothing to stop.
func StopTrace() {}

// ReadTrace has nothing to read.
func ReadTrace() []byte { return nil }

type plainTraceError string

func (e plainTraceError) Error() string { return string(e) }
