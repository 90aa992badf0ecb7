//! Usage texts.

pub const OVERVIEW: &str = "\
Golift compiles Go programs ahead of time to static native executables.

Usage:

	golift <command> [arguments]

The commands are:

	build       compile packages and dependencies
	check       parse and type-check only
	clean       remove cached files
	env         print environment information
	list        list packages
	run         compile and run a Go program
	setup       install the Go distribution whose library is used
	version     print the version

Use \"golift help <command>\" for more information about a command.
";

/// Usage line and explanation of a command.
pub fn of(command: &str) -> Option<(&'static str, &'static str)> {
    const BUILD_FLAGS: &str = "
	-tags list       build tags, separated by commas
	-gcflags list    compiler flags; -e shows all errors
	-ldflags list    linker flags: -s, -w, -X path.name=value, -linkmode=internal|external, -extld, -extldflags
	-C dir           work in another folder; comes first
	-mod mode        readonly, vendor or mod
	-modfile file    instead of go.mod
	-overlay file    JSON that names files to use in place of others
	-goroot dir      the Go 1.27 distribution to use (default: GOROOT, else the pinned one)
	-p n             use n threads
	-v               name the packages; twice: how long each phase took
	-x, -n           print the steps; -n does not take them
	-work            keep the temporary work directory and print its name
	-trimpath        leave file system paths out of the executable
";
    Some(match command {
        "build" => ("golift build [-o output] [-json] [build flags] [packages]", BUILD_FLAGS),
        "run" => ("golift run [build flags] package [arguments...]", BUILD_FLAGS),
        "check" => ("golift check [-json] [build flags] [packages]", BUILD_FLAGS),
        "list" => (
            "golift list [-deps] [-json] [-f format] [build flags] [packages]",
            "\n	-f format        a line per package, with fields like {{.ImportPath}}, {{.Dir}}, {{.Name}}\n",
        ),
        "env" => ("golift env [-json] [var ...]", ""),
        "clean" => ("golift clean [-n] [-x] -cache", ""),
        "setup" => {
            ("golift setup", "\nInstalls the pinned Go distribution if it is not there yet, and prints where it is.\n")
        }
        "version" => ("golift version [-m file...]", "\n	-m               print how the executables were built\n"),
        _ => return None,
    })
}
