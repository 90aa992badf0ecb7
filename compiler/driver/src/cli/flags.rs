//! What the flags of a command line ask for.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;

use super::quoted;
use super::values::{self, PerPackage};

/// What `golift test` itself needs to know of its flags, and what the test gets.
#[derive(Clone, Debug, Default)]
pub struct TestFlags {
    /// The arguments of the test.
    pub args: Vec<OsString>,
    /// `-c`
    pub compile_only: bool,
    /// What tests print is shown even if they pass.
    pub show_passed: bool,
    /// `-v=test2json`
    pub marks: bool,
    /// `-bench`
    pub bench: bool,
    /// `-fuzz`
    pub fuzz: bool,
    /// `-failfast`
    pub fail_fast: bool,
    /// `-timeout`; nothing: none.
    pub timeout: Option<Duration>,
    /// A flag that asks for a profile, as go calls it.
    pub profile: Option<String>,
    /// `-vet`: what is to be checked before.
    pub vet: Option<String>,
}

impl TestFlags {
    /// As go does with what is needed to read a profile; a trace has all in it.
    pub fn keeps_binary(&self) -> bool {
        self.profile.as_ref().is_some_and(|flag| flag != "-trace")
    }
}

/// What programs and tests are asked to measure of themselves.
#[derive(Clone, Debug, Default)]
pub struct CoverFlags {
    /// Coverage is wanted.
    pub on: bool,
    /// `-covermode`
    pub mode: String,
    /// `-coverpkg`
    pub patterns: Vec<String>,
    /// `-coverprofile`
    pub profile: Option<PathBuf>,
    /// `-outputdir`, where that goes.
    pub output_dir: PathBuf,
}

/// What `golift vet` itself needs to know of its flags, and what vet gets.
#[derive(Clone, Debug, Default)]
pub struct VetFlags {
    /// The flags of vet, each one word.
    pub args: Vec<String>,
    /// `-json`
    pub json: bool,
    /// Whose analyzers.
    pub tool: VetTool,
    /// What they propose is done, instead of told.
    pub fix: bool,
    /// `-diff`: it is only shown.
    pub diff: bool,
}

/// Programs with analyzers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VetTool {
    /// cmd/vet
    #[default]
    Vet,
    /// cmd/fix
    Fix,
}

impl VetTool {
    /// The command that runs it, and the program's name.
    pub fn name(self) -> &'static str {
        match self {
            VetTool::Vet => "vet",
            VetTool::Fix => "fix",
        }
    }
}

/// Flags of all commands, with their defaults where a command does not have them.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `-o`
    pub output: Option<PathBuf>,
    /// How many `-v`.
    pub verbose: u32,
    /// `-x`: say what is done.
    pub explain: bool,
    /// `-n`: say it and do nothing.
    pub dry_run: bool,
    /// `-work`
    pub keep_work: bool,
    /// `-a`
    pub rebuild: bool,
    /// `-trimpath`
    pub trimpath: bool,
    /// `-modcacherw`: modules that are fetched stay writable.
    pub writable_modules: bool,
    /// `-tags`
    pub tags: Vec<String>,
    /// `-p`
    pub parallel: Option<i64>,
    /// `-asmflags`
    pub asmflags: PerPackage,
    /// `-gcflags`
    pub gcflags: PerPackage,
    /// `-ldflags`
    pub ldflags: PerPackage,
    /// `-goroot`
    pub goroot: Option<PathBuf>,
    /// `-mod`
    pub module_mode: Option<String>,
    /// `-modfile`
    pub modfile: Option<PathBuf>,
    /// `-overlay`
    pub overlay: Option<PathBuf>,
    /// `-buildmode`
    pub build_mode: Option<String>,
    /// `-json`
    pub json: bool,
    /// `run -exec`
    pub exec: Vec<OsString>,
    /// What the build information records, in the words of the user.
    pub gcflags_text: String,
    /// `-asmflags` as it is written.
    pub asmflags_text: String,
    /// The same of `-ldflags`.
    pub ldflags_text: String,
    /// `-buildvcs`: is version control asked, and is it an error if there is none?
    pub build_vcs: Option<bool>,
    /// `-cover` and what belongs to it.
    pub cover: CoverFlags,
    /// Flags of `test`.
    pub test: TestFlags,
    /// Flags of `vet`.
    pub vet: VetFlags,
}

impl Flags {
    /// Of several values of a flag, the last counts; `-v` and lists for packages add up.
    pub fn from_matches(matches: &ArgMatches) -> Flags {
        let all = |name: &str| -> Vec<OsString> {
            // A command that does not have the flag has no value either.
            let values = matches.try_get_many::<OsString>(name).ok().flatten();
            values.map(|values| values.cloned().collect()).unwrap_or_default()
        };
        let last = |name: &str| all(name).pop();
        let text = |name: &str| last(name).map(|value| value.to_string_lossy().into_owned());
        let path = |name: &str| last(name).map(PathBuf::from);
        let is_given = |name: &str| last(name).is_some_and(|value| !value.is_empty());
        let switch = |name: &str| last(name).is_some_and(|value| values::parse_bool(&value) == Some(true));
        let per_package = |name: &str| {
            let mut lists = PerPackage::default();
            for value in all(name) {
                // They have been looked at before.
                let _ = lists.add(&value);
            }
            lists
        };
        let verbose = all("v").iter().fold(0, |n, value| match values::parse_bool(value) {
            Some(true) => n + 1,
            _ => 0,
        });
        Flags {
            output: path("o").filter(|output| !output.as_os_str().is_empty()),
            verbose,
            explain: switch("x"),
            dry_run: switch("n"),
            keep_work: switch("work"),
            rebuild: switch("a"),
            trimpath: switch("trimpath"),
            writable_modules: switch("modcacherw"),
            tags: last("tags").and_then(|value| values::parse_tags(&value).ok()).unwrap_or_default(),
            parallel: last("p").and_then(|value| values::parse_number(&value).ok()),
            asmflags: per_package("asmflags"),
            gcflags: per_package("gcflags"),
            ldflags: per_package("ldflags"),
            goroot: path("goroot"),
            module_mode: text("mod").filter(|mode| !mode.is_empty()),
            modfile: path("modfile").filter(|file| !file.as_os_str().is_empty()),
            overlay: path("overlay").filter(|file| !file.as_os_str().is_empty()),
            build_mode: text("buildmode"),
            json: switch("json"),
            exec: last("exec").and_then(|value| quoted::split(&value).ok()).unwrap_or_default(),
            gcflags_text: text("gcflags").unwrap_or_default(),
            asmflags_text: text("asmflags").unwrap_or_default(),
            ldflags_text: text("ldflags").unwrap_or_default(),
            build_vcs: match last("buildvcs") {
                Some(value) if value != "auto" => values::parse_bool(&value).filter(|&insist| insist),
                _ => Some(false),
            },
            cover: CoverFlags {
                on: switch("cover") || ["covermode", "coverpkg", "coverprofile"].into_iter().any(is_given),
                mode: text("covermode").filter(|mode| !mode.is_empty()).unwrap_or_else(|| "set".into()),
                patterns: text("coverpkg")
                    .filter(|list| !list.is_empty())
                    .map(|list| list.split(',').map(String::from).collect())
                    .unwrap_or_default(),
                profile: path("coverprofile").filter(|file| !file.as_os_str().is_empty()),
                output_dir: path("outputdir").unwrap_or_default(),
            },
            test: TestFlags::default(),
            vet: VetFlags::default(),
        }
    }

    /// More threads than processors help nobody, however many are asked for.
    pub fn threads(&self) -> usize {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        self.parallel.and_then(|n| usize::try_from(n).ok()).map_or(processors, |n| n.min(processors))
    }
}
