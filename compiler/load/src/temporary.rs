//! Temporary files and folders of this process, so that an interrupted one can remove them.
//!
//! Whoever makes one does so within [`create`]. Names are never reused, so nothing is taken off the list again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

static MADE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn made() -> MutexGuard<'static, Vec<PathBuf>> {
    MADE.lock().unwrap_or_else(|e| e.into_inner())
}

/// Makes something temporary and notes where it is.
pub fn create<T: AsRef<Path>, E>(make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let mut made = made();
    let thing = make()?;
    made.push(thing.as_ref().to_owned());
    Ok(thing)
}

/// Removes what is left. Nothing can be made any more while the result lives.
#[must_use = "until the process is gone, nothing may be made"]
pub fn remove_all() -> impl Drop {
    let made = made();
    for path in made.iter() {
        // It has been removed or renamed, or it is a file, or a folder.
        if fs::remove_file(path).is_err() {
            let _ = fs::remove_dir_all(path);
        }
    }
    made
}
