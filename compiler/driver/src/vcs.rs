//! What version control knows of a program: its revision, and the version of the module that it makes.
//!
//! As with go, `-buildvcs=auto` records it for `build` and `install` when the current folder, the package and its module are in one git
//! repository and git is there; other version control systems are not asked.

use std::cmp::Ordering;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::session::Session;

/// The state of a working tree.
pub struct Status {
    revision: String,
    /// Seconds since 1970.
    time: Option<i64>,
    modified: bool,
    /// The version of the module at the root of the repository.
    version: Option<String>,
}

impl Status {
    /// Settings of the build information.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![("vcs", "git".to_owned())];
        if !self.revision.is_empty() {
            settings.push(("vcs.revision", self.revision.clone()));
        }
        if let Some(time) = self.time {
            let [year, month, day, hour, minute, second] = civil(time);
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
            settings.push(("vcs.time", text));
        }
        settings.push(("vcs.modified", self.modified.to_string()));
        settings
    }

    /// The version of the main module.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}

/// The repository that holds all of it; none if there is nothing to record. With `insist`, what speaks against it is an error.
pub fn status(session: &Session, package: &Path, module: &str, insist: bool) -> Result<Option<Status>, String> {
    let error =
        |why: String| Err(format!("error obtaining VCS status: {why}\n\tUse -buildvcs=false to disable VCS stamping."));
    let Some(repository) = root(session.dir()?) else { return Ok(None) };
    let module_dir = golift_load::module_root(package).unwrap_or(package);
    if !module_dir.starts_with(&repository) && !repository.starts_with(module_dir) {
        return Ok(None);
    }
    let git = match session.find_program("git") {
        Ok(git) => git,
        Err(_) if !insist => return Ok(None),
        Err(e) => return error(e),
    };
    for (what, dir) in [("package", package), ("module", module_dir)] {
        let of = root(dir).unwrap_or_default();
        if of != repository && insist {
            let (of, here) = (of.display().to_string(), repository.display().to_string());
            return error(format!(
                "main {what} is in repository {of:?} but current directory is in repository {here:?}"
            ));
        }
        if of != repository {
            return Ok(None);
        }
    }
    let run = |args: &[&str]| -> Result<String, String> {
        let mut command = Command::new(&git);
        command.args(args).current_dir(&repository).env_clear().envs(session.env.all()).env("PWD", &repository);
        let output = command.output().map_err(|e| e.to_string())?;
        match output.status.code() {
            Some(0) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            code => Err(format!("exit status {}", code.unwrap_or(1))),
        }
    };
    let modified = match run(&["status", "--porcelain"]) {
        Ok(text) => !text.is_empty(),
        Err(e) => return error(e),
    };
    let (revision, time) = match run(&["-c", "log.showsignature=false", "log", "-1", "--format=%H:%ct"]) {
        Ok(text) => {
            let (revision, time) = text.trim().split_once(':').unwrap_or_default();
            (revision.to_owned(), time.parse().ok())
        }
        // Nothing is committed yet.
        Err(_) if modified => (String::new(), None),
        Err(e) => return error(e),
    };
    let mut status = Status { revision, time, modified, version: None };
    if let Some(time) = status.time {
        let of_root = module_path(&repository.join("go.mod"));
        // The versions of a module below the root have its folder in front.
        let prefix = module_dir.strip_prefix(&repository).ok().filter(|below| !below.as_os_str().is_empty());
        let prefix = prefix.map(|below| format!("{}/", below.display())).unwrap_or_default();
        let tags = run(&["tag", "--merged", "HEAD"]).unwrap_or_default();
        let here = run(&["tag", "--points-at", "HEAD"]).unwrap_or_default();
        let highest = |tags: &str| {
            let versions = tags.lines().filter_map(|tag| tag.strip_prefix(&prefix)).filter_map(Version::parse);
            versions.filter(|version| version.fits(module)).max()
        };
        let version = highest(&here).map(|version| version.to_string());
        let version = version.unwrap_or_else(|| pseudo(highest(&tags), module, time, &status.revision));
        let dirty = if status.modified { "+dirty" } else { "" };
        status.version = of_root.map(|_| version + dirty);
    }
    Ok(Some(status))
}

/// The root of the git repository that holds a folder.
fn root(dir: &Path) -> Option<PathBuf> {
    dir.ancestors().find(|dir| dir.join(".git").exists()).map(Path::to_owned)
}

fn module_path(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| line.trim().strip_prefix("module ")).map(|path| path.trim().to_owned())
}

/// A version that a tag names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    numbers: [u64; 3],
    pre: String,
}

impl Version {
    /// Tags with build metadata, or that look like generated versions, name none.
    fn parse(tag: &str) -> Option<Version> {
        let (core, pre) = tag.strip_prefix('v')?.split_once('-').unwrap_or((tag.strip_prefix('v')?, ""));
        let mut numbers = core.split('.').map(|n| n.parse().ok().filter(|_| n == "0" || !n.starts_with('0')));
        let version = Version { numbers: [numbers.next()??, numbers.next()??, numbers.next()??], pre: pre.into() };
        let good = pre.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') && !tag.ends_with('-');
        (good && numbers.next().is_none()).then_some(version)
    }

    /// Is its major version that of the module's path?
    fn fits(&self, module: &str) -> bool {
        match major(module) {
            0 => self.numbers[0] < 2,
            major => self.numbers[0] == major,
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let pre = |version: &Version| (version.pre.is_empty(), version.pre.clone());
        self.numbers.cmp(&other.numbers).then_with(|| pre(self).cmp(&pre(other)))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let [major, minor, patch] = self.numbers;
        let dash = if self.pre.is_empty() { "" } else { "-" };
        write!(f, "v{major}.{minor}.{patch}{dash}{}", self.pre)
    }
}

/// The number after `/v` at the end of a module's path; 0: none.
fn major(module: &str) -> u64 {
    module.rsplit_once("/v").and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}

/// A generated version: after the last one that is tagged, at this time, of this revision.
fn pseudo(last: Option<Version>, module: &str, time: i64, revision: &str) -> String {
    let [year, month, day, hour, minute, second] = civil(time);
    let revision = revision.get(..12).unwrap_or(revision);
    let end = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}-{revision}");
    match last {
        None => format!("v{}.0.0-{end}", major(module)),
        Some(Version { numbers: [major, minor, patch], pre }) if pre.is_empty() => {
            format!("v{major}.{minor}.{}-0.{end}", patch + 1)
        }
        Some(version) => format!("{version}.0.{end}"),
    }
}

/// Year, month, day, hour, minute and second of a time in UTC.
fn civil(time: i64) -> [i64; 6] {
    let (days, seconds) = (time.div_euclid(86400), time.rem_euclid(86400));
    // Years begin in March here, so that the day of leap years is the last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    [year, month, day, seconds / 3600, seconds / 60 % 60, seconds % 60]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        assert_eq!(civil(0), [1970, 1, 1, 0, 0, 0]);
        assert_eq!(civil(1_709_251_199), [2024, 2, 29, 23, 59, 59]);
        assert_eq!(civil(-1), [1969, 12, 31, 23, 59, 59]);
    }

    #[test]
    fn generated_versions() {
        let of = |last: &str, module: &str| pseudo(Version::parse(last), module, 0, "0123456789abcdef");
        assert_eq!(of("", "ex.com/m"), "v0.0.0-19700101000000-0123456789ab");
        assert_eq!(of("", "ex.com/m/v2"), "v2.0.0-19700101000000-0123456789ab");
        assert_eq!(of("v1.2.3", "ex.com/m"), "v1.2.4-0.19700101000000-0123456789ab");
        assert_eq!(of("v1.2.3-rc1", "ex.com/m"), "v1.2.3-rc1.0.19700101000000-0123456789ab");
        for bad in ["1.2.3", "v1.2", "v1.02.3", "v1.2.3.4", "v1.2.3+x", "release"] {
            assert_eq!(Version::parse(bad), None, "{bad}");
        }
        assert!(Version::parse("v1.2.3") > Version::parse("v1.2.3-rc1"));
    }
}
