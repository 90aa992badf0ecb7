//! All flags, commands and build modes, in one table: what is parsed, explained, completed, and taken from `GOFLAGS`.
//!
//! The table knows every flag of the go command. A flag is either honoured or refused with an error; none is accepted and
//! forgotten. A test compares the table with the sources of the go command in the distribution.

use super::values::{self, Check};

/// A set of commands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Commands(u32);

impl Commands {
    /// `build`
    pub const BUILD: Commands = Commands(1);
    /// `run`
    pub const RUN: Commands = Commands(2);
    /// `check`, which go does not have
    pub const CHECK: Commands = Commands(4);
    /// `list`
    pub const LIST: Commands = Commands(8);
    /// `env`
    pub const ENV: Commands = Commands(16);
    /// `clean`
    pub const CLEAN: Commands = Commands(32);
    /// `version`
    pub const VERSION: Commands = Commands(64);
    /// `setup`, golift's own
    pub const SETUP: Commands = Commands(128);
    /// `completion`, golift's own
    pub const COMPLETION: Commands = Commands(256);
    /// `man`, golift's own
    pub const MAN: Commands = Commands(512);
    /// `test`
    pub const TEST: Commands = Commands(1024);
    /// `install`
    pub const INSTALL: Commands = Commands(1 << 16);
    /// `tool`
    pub const TOOL: Commands = Commands(1 << 17);
    /// `doctor`, golift's own
    pub const DOCTOR: Commands = Commands(1 << 18);

    /// `vet`
    pub const VET: Commands = Commands(1 << 14);

    /// The commands of both sets.
    pub const fn and(self, other: Commands) -> Commands {
        Commands(self.0 | other.0)
    }

    /// Is one of the others in this set?
    pub fn has(self, other: Commands) -> bool {
        self.0 & other.0 != 0
    }
}

/// Commands that load packages.
pub const LOADS: Commands = COMPILES.and(Commands::LIST).and(Commands::TEST).and(Commands::VET);
/// Commands that have go's build flags.
pub const BUILDS: Commands = LOADS.and(Commands::CLEAN);
/// The same without `test`, which has some of them in its own way.
const PLAIN_BUILDS: Commands = COMPILES.and(Commands::VET).and(Commands::LIST).and(Commands::CLEAN);
/// Commands that go through the packages of a program.
const COMPILES: Commands = Commands::BUILD.and(Commands::RUN).and(Commands::CHECK).and(Commands::INSTALL);

/// Commands whose programs can measure how much of them is reached.
const COVERS: Commands = Commands::BUILD.and(Commands::RUN).and(Commands::INSTALL).and(Commands::TEST);

/// How a value is written.
#[derive(Clone, Copy)]
pub enum Form {
    /// `-name`, `-name=true`, `-name=false`.
    Switch,
    /// A switch that may also have other values.
    Optional(Check),
    /// `-name value`, `-name=value`.
    Value(Check),
}

/// What happens to a flag.
#[derive(Clone, Copy)]
pub enum Support {
    Honoured,
    /// Nothing depends on it here, and why that is so.
    Vacuous(&'static str),
    /// Only some values are: the check says why not the others.
    Partly(Check),
    /// The go command reads it.
    Go,
    /// What is missing.
    Refused(&'static str),
}

/// A flag of some commands.
pub struct Flag {
    /// Without dashes.
    pub name: &'static str,
    /// Who has it.
    pub commands: Commands,
    /// How its value is written.
    pub form: Form,
    /// What happens to it.
    pub support: Support,
    /// What the value is called in the help.
    pub value: &'static str,
    /// A line for the help.
    pub help: &'static str,
}

/// A command of golift.
pub struct Command {
    /// As it is typed.
    pub name: &'static str,
    /// The set of this command alone.
    pub id: Commands,
    /// What follows the name.
    pub usage: &'static str,
    /// A line for the help.
    pub help: &'static str,
}

/// All commands, in the order of the help.
pub const COMMANDS: &[Command] = &[
    command("build", Commands::BUILD, "[-o output] [build flags] [packages]", "compile packages and dependencies"),
    command("check", Commands::CHECK, "[-json] [build flags] [packages]", "parse and type-check only"),
    command(
        "clean",
        Commands::CLEAN,
        "[-i] [-r] [-cache] [-testcache] [-modcache] [-fuzzcache] [packages]",
        "remove object files and cached files",
    ),
    command("completion", Commands::COMPLETION, "bash|zsh|fish", "print completions for a shell"),
    command("doctor", Commands::DOCTOR, "", "say what golift finds on this machine, and how to get what is missing"),
    command("env", Commands::ENV, "[-json] [-changed] [-u] [-w] [var ...]", "print and set Go's variables"),
    command("fix", Commands::VET, "[build flags] [fix flags] [packages]", "modernise packages, as analyzers propose"),
    command("install", Commands::INSTALL, "[build flags] [packages]", "compile programs and put them where GOBIN says"),
    command(
        "list",
        Commands::LIST,
        "[-f format] [-json] [-m] [list flags] [build flags] [packages]",
        "list packages or modules",
    ),
    command("man", Commands::MAN, "[command]", "print a page of the manual"),
    command("run", Commands::RUN, "[build flags] [-exec xprog] package [arguments...]", "compile and run a Go program"),
    command("setup", Commands::SETUP, "", "install the Go distribution whose library is used"),
    command("test", Commands::TEST, "[build flags] [packages] [test flags] [-args arguments...]", "test packages"),
    command("tool", Commands::TOOL, "[-n] command [args...]", "run a tool of the distribution or of go.mod"),
    command("vet", Commands::VET, "[build flags] [vet flags] [packages]", "report likely mistakes in packages"),
    command(
        "version",
        Commands::VERSION,
        "[-m] [-json] [file ...]",
        "print the version, or how executables were built",
    ),
];

/// Commands that the go command itself runs, compiled by golift: they compile nothing. Their flags are go's.
pub const GO_COMMANDS: &[(&str, &str)] = &[
    ("bug", "start a bug report"),
    ("doc", "show documentation for package or symbol"),
    ("fmt", "gofmt (reformat) package sources"),
    ("generate", "generate Go files by processing source"),
    ("get", "add dependencies to current module"),
    ("mod", "module maintenance"),
    ("work", "workspace maintenance"),
];

const fn command(name: &'static str, id: Commands, usage: &'static str, help: &'static str) -> Command {
    Command { name, id, usage, help }
}

/// The command of this name.
pub fn find_command(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// The flag of this name that a command has.
pub fn find_flag(command: Commands, name: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.name == name && flag.commands.has(command))
}

/// A flag of any command of go: what `GOFLAGS` may hold.
pub fn is_known(name: &str) -> bool {
    FLAGS.iter().any(|flag| flag.name == name && !flag.is_ours()) || TEST_FLAGS.contains(&name) || is_test_flag(name)
}

/// `-test.run` and the like.
fn is_test_flag(name: &str) -> bool {
    name.strip_prefix("test.").is_some_and(|name| TEST_FLAGS.contains(&name))
}

impl Flag {
    /// Golift's own: go does not know it.
    pub fn is_ours(&self) -> bool {
        self.name == "goroot"
    }

    /// Is it an error to ask for it?
    pub fn is_refused(&self) -> bool {
        matches!(self.support, Support::Refused(_))
    }
}

const fn switch(name: &'static str, commands: Commands, help: &'static str) -> Flag {
    Flag { name, commands, form: Form::Switch, support: Support::Honoured, value: "", help }
}

const fn value(name: &'static str, commands: Commands, check: Check, value: &'static str, help: &'static str) -> Flag {
    Flag { name, commands, form: Form::Value(check), support: Support::Honoured, value, help }
}

const fn no_switch(name: &'static str, commands: Commands, why: &'static str) -> Flag {
    Flag { name, commands, form: Form::Switch, support: Support::Refused(why), value: "", help: "" }
}

const fn no_value(name: &'static str, commands: Commands, check: Check, why: &'static str) -> Flag {
    Flag { name, commands, form: Form::Value(check), support: Support::Refused(why), value: "", help: "" }
}

impl Flag {
    const fn of_go(mut self) -> Flag {
        self.support = Support::Go;
        self
    }

    const fn partly(mut self, check: Check) -> Flag {
        self.support = Support::Partly(check);
        self
    }

    const fn vacuous(mut self, why: &'static str) -> Flag {
        self.support = Support::Vacuous(why);
        self
    }

    const fn optional(mut self, check: Check) -> Flag {
        self.form = Form::Optional(check);
        self
    }
}

const ENV: Commands = Commands::ENV;
const LIST: Commands = Commands::LIST;
const CLEAN: Commands = Commands::CLEAN;
const VERSION: Commands = Commands::VERSION;
const TEST: Commands = Commands::TEST;
const VET: Commands = Commands::VET;
const EVERY: Commands = Commands(u32::MAX);

/// Flags that `golift test` passes on to the test as `-test.name`.
pub const TEST_BINARY_FLAGS: &[&str] = &[
    "artifacts",
    "bench",
    "benchmem",
    "benchtime",
    "blockprofile",
    "blockprofilerate",
    "count",
    "coverprofile",
    "cpu",
    "cpuprofile",
    "failfast",
    "fullpath",
    "fuzz",
    "fuzzminimizetime",
    "fuzztime",
    "list",
    "memprofile",
    "memprofilerate",
    "mutexprofile",
    "mutexprofilefraction",
    "outputdir",
    "parallel",
    "run",
    "short",
    "shuffle",
    "skip",
    "timeout",
    "trace",
    "v",
];

const NO_INSTRUMENTATION: &str = "golift has no instrumentation yet";

/// All flags. A name may stand for several, of different commands.
#[rustfmt::skip]
pub const FLAGS: &[Flag] = &[
    value("o", Commands::BUILD, values::any, "output", "where the executable goes; a folder takes those of several packages"),
    switch("json", COMPILES, "write JSON"),
    value("f", LIST, values::text, "format", "a line for each package, a template of Go").of_go(),
    switch("json", LIST, "objects of JSON, perhaps with some fields only: -json=Dir,Name").optional(values::fields).of_go(),
    switch("compiled", LIST, "also the files that the compiler is given").of_go(),
    switch("deps", LIST, "also what the packages import").of_go(),
    switch("e", LIST, "packages with errors are no errors").of_go(),
    switch("find", LIST, "do not look at what is imported").of_go(),
    switch("m", LIST, "modules in place of packages").of_go(),
    switch("retracted", LIST, "also what is retracted").of_go(),
    value("reuse", LIST, values::any, "file", "what an earlier list -m -json said").of_go(),
    switch("test", LIST, "also the packages of tests").of_go(),
    switch("u", LIST, "also what there is to upgrade to").of_go(),
    switch("versions", LIST, "also the versions of modules").of_go(),
    switch("json", ENV, "write JSON").of_go(),
    switch("changed", ENV, "only what differs from the defaults").of_go(),
    switch("u", ENV, "take back what -w has set").of_go(),
    switch("w", ENV, "set variables for all runs: NAME=value").of_go(),
    switch("cache", CLEAN, "remove what golift has cached").of_go(),
    switch("fuzzcache", CLEAN, "remove what fuzzing has found").of_go(),
    switch("i", CLEAN, "remove what install has installed").of_go(),
    switch("modcache", CLEAN, "remove all fetched modules").of_go(),
    switch("r", CLEAN, "also for what the packages import").of_go(),
    switch("testcache", CLEAN, "forget the results of tests").of_go(),
    switch("m", VERSION, "print how executables were built").of_go(),
    switch("json", VERSION, "write JSON").of_go(),
    switch("n", Commands::TOOL, "print the command, but do not run it"),
    value("exec", Commands::RUN, values::words, "xprog", "run the program with this one"),
    value("exec", TEST, values::words, "xprog", "run the test binary with this program"),
    switch("c", TEST, "build the test binary, as pkg.test in the current folder or where -o says, but do not run it"),
    value("o", TEST, values::any, "file", "where the test binary goes; a folder takes those of several packages"),
    switch("json", TEST, "write events of JSON, as test2json makes them"),
    value("vet", TEST, values::vet_list, "list", "what vet is to check before: names, all, off; default: what is hardly ever right"),
    switch("artifacts", TEST, "save what tests keep in the output folder"),
    value("bench", TEST, values::text, "regexp", "run the benchmarks that match"),
    switch("benchmem", TEST, "print what benchmarks allocate"),
    value("benchtime", TEST, values::text, "t", "run each benchmark for this time, or (100x) this often"),
    value("blockprofile", TEST, values::any, "file", "write a profile of blocking; as all profiles, it also keeps the test binary"),
    value("blockprofilerate", TEST, values::text, "n", "one sample for so many nanoseconds blocked (default 1: all)"),
    value("count", TEST, values::number, "n", "run each test and benchmark n times; 1 also when the result is known"),
    switch("cover", COVERS, "measure which statements the tests, or the program, reach"),
    value("covermode", COVERS, values::cover_mode, "mode", "set: whether; count: how often; atomic: the same, exact for goroutines"),
    value("coverpkg", COVERS, values::text, "patterns", "packages to measure, instead of each test its own, or the main module"),
    switch("cover", LIST, "as if for this").of_go(),
    value("covermode", LIST, values::cover_mode, "mode", "as if for this").of_go(),
    value("coverpkg", LIST, values::text, "patterns", "as if for this").of_go(),
    value("coverprofile", TEST, values::any, "file", "write a profile of what was reached"),
    value("cpu", TEST, values::text, "1,2,4", "values of GOMAXPROCS to run with"),
    value("cpuprofile", TEST, values::any, "file", "write a profile of CPU time"),
    switch("failfast", TEST, "start no tests after the first failure"),
    value("fuzz", TEST, values::text, "regexp", "run the fuzz test that matches, with ever new inputs"),
    value("fuzzminimizetime", TEST, values::text, "t", "how long, or (100x) how often, to try to make an input smaller"),
    value("fuzztime", TEST, values::text, "t", "fuzz for this time, or (100x) this often; default: until something fails"),
    switch("fullpath", TEST, "show complete file names"),
    value("list", TEST, values::text, "regexp", "list what matches, and run nothing"),
    value("memprofile", TEST, values::any, "file", "write a profile of allocations"),
    value("memprofilerate", TEST, values::text, "n", "how exact that is"),
    value("mutexprofile", TEST, values::any, "file", "write a profile of contended locks"),
    value("mutexprofilefraction", TEST, values::text, "n", "one sample for so many contentions (default 1: all)"),
    value("outputdir", TEST, values::any, "dir", "where profiles go"),
    value("parallel", TEST, values::number, "n", "how many parallel tests of a package run at once"),
    value("run", TEST, values::text, "regexp", "run only the tests and examples that match"),
    switch("short", TEST, "ask long tests to be short"),
    value("shuffle", TEST, values::shuffle, "off|on|n", "run in a random order"),
    value("skip", TEST, values::text, "regexp", "do not run what matches"),
    value("timeout", TEST, values::duration, "d", "end a test with a panic after this time (default 10m; 0: never)"),
    value("trace", TEST, values::any, "file", "write an execution trace"),
    switch("v", TEST, "print the tests as they run, with what they log").optional(values::verbosity),
    no_value("vettool", VET, values::any, "golift makes no export data, which such programs need"),
    no_value("fixtool", VET, values::any, "golift makes no export data, which such programs need"),
    // What go's build flags are, in the order of its help.
    value("C", EVERY, values::not_first, "dir", "work in another folder; comes before all other flags"),
    switch("a", BUILDS, "compile everything again"),
    switch("n", BUILDS, "print the steps, but do not take them"),
    switch("n", ENV, "").vacuous("no command is run"),
    value("p", BUILDS, values::number, "n", "use at most n threads"),
    switch("v", PLAIN_BUILDS, "name the packages; twice: also how long each phase took"),
    switch("v", VERSION, "").vacuous("files that are no Go programs are always reported"),
    switch("work", BUILDS, "keep the temporary work folder and print its name"),
    switch("x", BUILDS, "print the steps"),
    switch("x", ENV, "").vacuous("no command is run"),
    value("asmflags", BUILDS, values::per_package, "[pattern=]list", "flags for the assembler: -D name[=value], -e"),
    value("gcflags", BUILDS, values::per_package, "[pattern=]list", "flags for the compiler: -B, -e, -l, -N, -lang=version, -d=golift/PASS=off"),
    value("ldflags", BUILDS, values::per_package, "[pattern=]list", "flags for the linker: -s, -w, -X path.name=value, -linkmode=internal|external, -extld, -extldflags"),
    value("mod", BUILDS, values::text, "mode", "readonly, vendor or mod"),
    value("modfile", BUILDS.and(Commands::TOOL), values::any, "file", "a file to read instead of go.mod"),
    value("overlay", BUILDS.and(Commands::TOOL), values::any, "file", "JSON that names files to use in place of others"),
    value("tags", BUILDS, values::tags, "list", "build tags, separated by commas"),
    switch("modcacherw", BUILDS, "leave modules that are fetched writable"),
    switch("trimpath", BUILDS, "leave file system paths out of the executable"),
    value("goroot", EVERY, values::any, "dir", "the Go 1.27 distribution to use (default: GOROOT, else the pinned one)"),
    value("buildmode", BUILDS, values::text, "mode", "default or exe").partly(values::build_mode),
    value("compiler", BUILDS, values::compiler, "name", "gc, whose place golift takes").partly(values::only_gc),
    value("pgo", BUILDS, values::any, "file", "auto or off: there is no profile-guided optimisation yet").partly(values::no_profile),
    switch("buildvcs", BUILDS, "record the state of version control: auto, true or false").optional(values::auto_or_bool),
    value("installsuffix", BUILDS, values::text, "suffix", "").vacuous("nothing is installed"),
    // What is not there yet.
    no_switch("asan", BUILDS, NO_INSTRUMENTATION),
    no_value("gccgoflags", BUILDS, values::per_package, "golift takes the place of gc, not of gccgo: use -gcflags and -ldflags"),
    no_switch("linkshared", BUILDS, "golift makes static executables"),
    no_switch("modcacherw", Commands::TOOL, "modules are fetched as the go command does without it"),
    no_switch("msan", BUILDS, NO_INSTRUMENTATION),
    no_value("pkgdir", BUILDS, values::any, "golift keeps no compiled packages"),
    no_switch("race", BUILDS, NO_INSTRUMENTATION),
    no_value("toolexec", BUILDS, values::words, "golift has no tools of its own"),
    no_value("debug-actiongraph", BUILDS, values::any, "golift has no action graph"),
    no_value("debug-runtime-trace", BUILDS, values::any, "golift is no Go program"),
    no_value("debug-trace", BUILDS, values::any, "use -v -v"),
    no_switch("export", LIST, "golift makes no export data"),
];

/// Flags of go's commands that golift does not have.
#[rustfmt::skip]
const TEST_FLAGS: &[&str] = &[
    "artifacts", "args", "bench", "benchmem", "benchtime", "blockprofile", "blockprofilerate", "c", "compat", "count", "coverprofile",
    "cpu", "cpuprofile", "d", "diff", "dropexclude", "dropgodebug", "dropignore", "dropreplace", "droprequire",
    "dropretract", "droptool", "dropuse", "exclude", "failfast", "fix", "fixtool", "fmt", "fullpath", "fuzz",
    "fuzzminimizetime", "fuzztime", "go", "godebug", "http", "ignore", "insecure", "list", "memprofile", "memprofilerate", "module", "mutexprofile",
    "mutexprofilefraction", "outputdir", "parallel", "print", "replace", "require", "retract", "run", "short", "shuffle", "skip", "t",
    "timeout", "tool", "toolchain", "trace", "use", "vendor", "vet", "vettool",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_flag_once() {
        for command in COMMANDS {
            let mut names: Vec<_> =
                FLAGS.iter().filter(|flag| flag.commands.has(command.id)).map(|flag| flag.name).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{}", command.name);
        }
    }
}
