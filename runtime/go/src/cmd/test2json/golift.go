package main

import (
	"bufio"
	"cmd/internal/test2json"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"os"
)

// serveArgument is what golift starts this program with.
const serveArgument = "-golift-serve"

func init() {
	if len(os.Args) == 2 && os.Args[1] == serveArgument {
		serve(os.Stdin, os.Stdout)
		os.Exit(0)
	}
}

// serve converts the outputs of the tests that one golift runs, which come in frames: a byte that tells what it is, the number of the test and the
// length of what follows, each as four bytes. Events of different tests may mix, lines do not: each is one write.
func serve(r io.Reader, w io.Writer) {
	in := bufio.NewReader(r)
	converters := make(map[uint32]*test2json.Converter)
	var data []byte
	for {
		var head [9]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return // golift has ended
		}
		id, size := binary.LittleEndian.Uint32(head[1:]), int(binary.LittleEndian.Uint32(head[5:]))
		if cap(data) < size {
			data = make([]byte, size)
		}
		data = data[:size]
		if _, err := io.ReadFull(in, data); err != nil {
			return
		}
		if head[0] == 's' { // start; the package
			converters[id] = test2json.NewConverter(w, string(data), test2json.Timestamp)
			continue
		}
		c := converters[id]
		switch head[0] {
		case 'o': // output
			c.Write(data)
		case 'b': // the package that could not be built
			c.SetFailedBuild(string(data))
		case 'p', 'f': // passed, failed: the end
			var err error
			if head[0] == 'f' {
				err = errors.New("failed")
			}
			c.Exited(err)
			c.Close()
			delete(converters, id)
		default:
			log.Fatalf("frame %q", head[0])
		}
	}
}
