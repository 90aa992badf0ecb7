//! What the runtime does not implement yet says so: an error where the library has one, otherwise a message and an end.

use super::Case;

/// Each profile that cannot be made is refused, and a server that is asked for one goes on.
const PROFILES: &[u8] = br#"package main

import (
	"fmt"
	"io"
	"net/http/httptest"
	"net/http"
	_ "net/http/pprof"
	"runtime/pprof"
	"strings"
)

func main() {
	for _, name := range []string{"block", "mutex", "goroutineleak"} {
		fmt.Println(pprof.Lookup(name).WriteTo(io.Discard, 0))
	}
	for _, path := range []string{"", "goroutine?debug=1"} {
		w := httptest.NewRecorder()
		http.DefaultServeMux.ServeHTTP(w, httptest.NewRequest("GET", "/debug/pprof/"+path, nil))
		line, _, _ := strings.Cut(w.Body.String(), "\n")
		fmt.Println(w.Code, line)
	}
}
"#;

const HEAP_DUMP: &[u8] = br#"package main

import (
	"os"
	"runtime/debug"
)

func main() {
	defer println("not reached")
	debug.WriteHeapDump(os.Stdout.Fd())
}
"#;

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case { name: "profiles_not_implemented", files: &[("main.go", PROFILES)], args: &["run", "main.go"], env: &[], code: 0, output: &[
        "<nil>\n<nil>\nthe goroutineleak profile is not implemented by golift\n",
        "200 <html>\n200 goroutine profile: total ",
    ] },
    Case { name: "function_not_implemented", files: &[("main.go", HEAP_DUMP)], args: &["run", "main.go"], env: &[], code: 2, output: &[
        "fatal error: runtime/debug.WriteHeapDump is not implemented by golift: use the heap profile of runtime/pprof\n", "exit status 2",
    ] },
];
