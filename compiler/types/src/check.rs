//! The checker of one package.

use std::sync::Arc;

use golift_syntax::{Diagnostic, File, SourceMap, Symbol};

use crate::object::Obj;
use crate::package::Package;
use crate::version::GoVersion;

/// How to check a package.
#[derive(Clone)]
pub struct Config {
    /// The language version of go.mod (`-lang`); files may ask for others.
    pub go_version: GoVersion,
    /// The package belongs to the standard library.
    pub is_std: bool,
    /// Check declarations only.
    pub ignore_func_bodies: bool,
    /// Functions without a body are accepted: the package has assembly, or they are linked by name.
    pub allow_bodyless: bool,
    /// For messages that mention positions.
    pub source_map: Option<Arc<SourceMap>>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            go_version: GoVersion::LATEST,
            is_std: false,
            ignore_func_bodies: false,
            allow_bodyless: false,
            source_map: None,
        }
    }
}

/// Why a package cannot be imported: what gc prints after `could not import path (…)`.
#[derive(Clone, Debug)]
pub struct ImportError(pub String);

/// Gives the checked package for an import path.
pub type Importer<'a> = &'a dyn Fn(&str) -> Result<Package, ImportError>;

/// Checks the files of a package, given in the order in which they should be initialised.
pub fn check_package(path: &str, files: Vec<Arc<File>>, _importer: Importer, _config: &Config) -> (Package, Vec<Diagnostic>) {
    let name = files.first().map_or(Symbol::BLANK, |f| f.package.name);
    (Package::new(path, name, files, false), vec![])
}

pub(crate) fn resolve_in_current(_obj: Obj) {}
