//! What the runtime does not implement yet says so with an error; what it tells of itself if GODEBUG says so.

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

const SLEEPS: &[u8] = br#"package main

import "time"

func main() { time.Sleep(300 * time.Millisecond) }
"#;

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case { name: "profiles_not_implemented", files: &[("main.go", PROFILES)], args: &["run", "main.go"], env: &[], code: 0, output: &[
        "<nil>\n<nil>\nthe goroutineleak profile is not implemented by golift\n",
        "200 <html>\n200 goroutine profile: total ",
    ] },
    Case { name: "scheddetail", files: &[("main.go", SLEEPS)], args: &["run", "main.go"], env: &[("GODEBUG", "schedtrace=10,scheddetail=1")], code: 0, output: &[
        "ms: gomaxprocs=", " gcwaiting=", "\n  P0: status=", "\n  M0: p=", "\n  G1: status=", "(sleep) m=nil lockedm=nil\n",
    ] },
];
