package cfg

import (
	"go/build"
	"os"
)

// What the go command starts is golift and what golift has compiled, not what a distribution may have of gc. This runs after
// the init functions of cfg.go, which set the same variables from GOROOT.
func init() {
	const bin, tools = "GOLIFT_GOBIN", "GOLIFT_GOTOOLS"
	if dir := os.Getenv(bin); dir != "" {
		GOROOTbin = dir
		// Where fmt looks first.
		if len(os.Args) > 1 && os.Args[1] == "fmt" {
			GOBIN = dir
		}
	}
	if dir := os.Getenv(tools); dir != "" {
		build.ToolDir = dir
	}
	// They are no business of what is started.
	os.Unsetenv(bin)
	os.Unsetenv(tools)

	// There is no cgo, unless somebody insists.
	if Getenv("CGO_ENABLED") == "" {
		BuildContext.CgoEnabled = false
		CGOChanged = false
	}
}
