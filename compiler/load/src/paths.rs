//! Paths as text: cleaned, shortened for messages, compared.

use std::path::{Component, Path, PathBuf};

/// Removes `.` and `..` by text, as Go's filepath.Clean.
pub fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
    }
    out
}

/// `path` as seen from `cwd`, if that is shorter.
pub fn shorten(path: &str, cwd: &Path) -> String {
    let cwd = cwd.to_string_lossy();
    let mut base: &str = &cwd;
    let mut up = String::new();
    while !base.is_empty() && base != "/" {
        if let Some(rest) = path.strip_prefix(base).and_then(|rest| rest.strip_prefix('/')) {
            let short = format!("{up}{rest}");
            return if short.len() < path.len() { short } else { path.to_owned() };
        }
        base = base.rsplit_once('/').map_or("", |(parent, _)| parent);
        up.push_str("../");
    }
    path.to_owned()
}

/// The folder as seen from `cwd` if that is shorter.
pub fn short_dir(dir: &Path, cwd: &Path) -> String {
    let common = cwd.components().zip(dir.components()).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".into(), cwd.components().count() - common);
    let down = dir.components().skip(common).map(|part| part.as_os_str().to_string_lossy());
    let relative = up.chain(down).collect::<Vec<_>>().join("/");
    if relative.is_empty() {
        return ".".into();
    }
    let absolute = dir.to_string_lossy();
    if relative.len() < absolute.len() { relative } else { absolute.into_owned() }
}

/// The same for a path.
pub fn short_of(path: &Path, cwd: &Path) -> String {
    shorten(&path.to_string_lossy(), cwd)
}

/// Is `path` the package `root` or one below it?
pub fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_paths() {
        let cwd = Path::new("/home/me/m");
        assert_eq!(shorten("/home/me/m/a.go:1:2", cwd), "a.go:1:2");
        assert_eq!(shorten("/home/me/n/a.go", cwd), "../n/a.go");
        assert_eq!(shorten("/x/a.go", cwd), "/x/a.go");
    }

    #[test]
    fn cleaning() {
        assert_eq!(clean(Path::new("/a/./b/../c")), Path::new("/a/c"));
    }
}
