//! Variables of the environment: what golift reads, and which of go's it would have to honour and cannot.

use std::ffi::OsStr;

/// Does the value ask for nothing that golift lacks? The error says what that is.
type Check = fn(&str) -> Result<(), &'static str>;

/// A variable that golift or the go command reads.
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it means, if golift reads it.
    pub help: &'static str,
    check: Check,
}

const fn read(name: &'static str, help: &'static str) -> Variable {
    Variable { name, help, check: |_| Ok(()) }
}

const fn checked(name: &'static str, help: &'static str, check: Check) -> Variable {
    Variable { name, help, check }
}

/// For cgo, other targets, or the go command's own cache: nothing that golift builds depends on it.
const fn irrelevant(name: &'static str) -> Variable {
    Variable { name, help: "", check: |_| Ok(()) }
}

const FOR_GO: &str = "for the go command that fetches modules";

/// All of them, in the order of the help.
#[rustfmt::skip]
pub const VARIABLES: &[Variable] = &[
    read("GOROOT", "the Go distribution to use instead of the pinned one"),
    read("GOLIFTCACHE", "where caches go (default: golift in the user's cache folder)"),
    read("GOFLAGS", "flags for all commands, as with go"),
    read("GOOS", "the target's operating system"),
    read("GOARCH", "the target's architecture"),
    read("GOAMD64", "the level of the architecture, for build tags"),
    read("GOARM64", "the level of the architecture, for build tags"),
    read("GOEXPERIMENT", "experiments of the library and the language"),
    read("GOENV", "the file with values of go env -w; off: none"),
    read("GOWORK", "the workspace; off: none"),
    read("GOMODCACHE", "where modules are"),
    read("GOPATH", "its pkg/mod is where modules are, unless GOMODCACHE says otherwise"),
    read("GOTMPDIR", "where temporary folders go"),
    read("CC", "the linker for -ldflags=-linkmode=external"),
    read("GOAUTH", FOR_GO),
    read("GOINSECURE", FOR_GO),
    read("GONOPROXY", FOR_GO),
    read("GONOSUMDB", FOR_GO),
    read("GOPRIVATE", FOR_GO),
    read("GOPROXY", FOR_GO),
    read("GOSUMDB", FOR_GO),
    read("GOVCS", FOR_GO),
    read("NO_COLOR", "no colours in messages"),
    read("GOLIFT_OVERLAY", "a folder to take golift's Go files from instead of what is embedded; off: the plain distribution"),
    read("GOLIFT_GO", "a go command to run in place of the one that golift compiles, for the tests of that"),
    read("GOLIFT_DUMP_CLIF", "print Cranelift's IR of the function with this name"),
    read("GOLIFT_DUMP_IR", "print the optimised IR of the function with this name, and the optimiser's remarks on it"),
    read("GOLIFT_TIMING", "print how long each phase took"),
    checked("CGO_ENABLED", "0", |value| if value == "0" { Ok(()) } else { Err("golift does without cgo") }),
    checked("GO111MODULE", "on", |value| if matches!(value, "on" | "auto") { Ok(()) } else { Err("golift knows modules only") }),
    checked("GOFIPS140", "off", |value| if value == "off" { Ok(()) } else { Err("golift builds no FIPS 140 module") }),
    checked("GO_EXTLINK_ENABLED", "0", |value| if value == "0" { Ok(()) } else { Err("use -ldflags=-linkmode=external") }),
    irrelevant("AR"),
    irrelevant("CGO_CFLAGS"),
    irrelevant("CGO_CFLAGS_ALLOW"),
    irrelevant("CGO_CFLAGS_DISALLOW"),
    irrelevant("CGO_CPPFLAGS"),
    irrelevant("CGO_CPPFLAGS_ALLOW"),
    irrelevant("CGO_CPPFLAGS_DISALLOW"),
    irrelevant("CGO_CXXFLAGS"),
    irrelevant("CGO_CXXFLAGS_ALLOW"),
    irrelevant("CGO_CXXFLAGS_DISALLOW"),
    irrelevant("CGO_FFLAGS"),
    irrelevant("CGO_FFLAGS_ALLOW"),
    irrelevant("CGO_FFLAGS_DISALLOW"),
    irrelevant("CGO_LDFLAGS"),
    irrelevant("CGO_LDFLAGS_ALLOW"),
    irrelevant("CGO_LDFLAGS_DISALLOW"),
    irrelevant("CXX"),
    irrelevant("FC"),
    irrelevant("GCCGO"),
    irrelevant("GO386"),
    irrelevant("GOARM"),
    irrelevant("GOMIPS"),
    irrelevant("GOMIPS64"),
    irrelevant("GOPPC64"),
    irrelevant("GORISCV64"),
    irrelevant("GOWASM"),
    irrelevant("GOBIN"),
    irrelevant("GOCACHE"),
    irrelevant("GOCACHEPROG"),
    // The distribution is the one that golift has, whatever others may be asked for.
    irrelevant("GOTOOLCHAIN"),
    // Go sets them itself and does not read them.
    irrelevant("GOEXE"),
    irrelevant("GOGCCFLAGS"),
    irrelevant("GOHOSTARCH"),
    irrelevant("GOHOSTOS"),
    irrelevant("GOTOOLDIR"),
    irrelevant("PKG_CONFIG"),
];

/// Refuses values that ask for what golift does not have.
pub fn check(value_of: &dyn Fn(&str) -> Option<String>) -> Result<(), String> {
    for variable in VARIABLES {
        let Some(value) = value_of(variable.name) else { continue };
        if let Err(why) = (variable.check)(&value) {
            return Err(format!("golift: {}={value} is not supported yet: {why}", variable.name));
        }
    }
    Ok(())
}

/// May the go command's file of variables set it?
pub fn is_known(name: &OsStr) -> bool {
    VARIABLES.iter().any(|variable| variable.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_honoured_is_refused() {
        let with = |name: &'static str, value: &'static str| check(&|n| (n == name).then(|| value.to_owned()));
        for (name, value) in [("CGO_ENABLED", "1"), ("GO111MODULE", "off"), ("GOFIPS140", "latest")] {
            let error = with(name, value).unwrap_err();
            assert!(error.starts_with(&format!("golift: {name}={value} is not supported yet: ")), "{error}");
        }
        for (name, value) in
            [("CGO_ENABLED", "0"), ("GO111MODULE", "on"), ("GOPROXY", "off"), ("GOCACHE", "/x"), ("GOAMD64", "v3")]
        {
            assert_eq!(with(name, value), Ok(()));
        }
    }
}
