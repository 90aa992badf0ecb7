//! Declarations of the library that lowering treats in a special way, found once by name.

use crate::front::Symbol;
use golift_types::{Obj, Package};
use rustc_hash::{FxHashMap, FxHashSet};

/// Functions without other effects than what they return: a package variable with such an initial value is initialised only if
/// somebody uses it.
const PURE: &[(&str, &[&str])] = &[
    ("errors", &["New"]),
    ("internal/oserror", &["New"]),
    ("reflect", &["TypeOf", "TypeFor", "ValueOf"]),
    ("internal/reflectlite", &["TypeOf", "TypeFor", "ValueOf"]),
    ("sync", &["OnceFunc", "OnceValue", "OnceValues"]),
    ("math", &["Inf", "NaN", "Float64frombits", "Float32frombits", "Pow"]),
    ("math/big", &["NewInt", "NewFloat"]),
    ("strings", &["NewReplacer"]),
    ("encoding/base64", &["NewEncoding"]),
    ("encoding/base32", &["NewEncoding"]),
    ("unique", &["Make"]),
    ("fmt", &["Errorf"]),
    ("internal/godebug", &["New"]),
    ("time", &["Date"]),
];

/// The declarations of a program that lowering knows by name.
pub struct Known {
    /// See [`PURE`].
    pure: FxHashSet<Obj>,
    /// Functions of package reflect that stand for the one they call, as in gc: `recover` works and tracebacks look as if they
    /// were not there.
    reflect_wrappers: FxHashSet<Obj>,
    reflect: Option<Package>,
    /// `Method` and `MethodByName`, by which reflection reaches any exported method.
    method_names: [Symbol; 2],
    /// `runtime.memProfile`: programs with it sample their allocations.
    pub mem_profile: Option<Obj>,
    /// `runtime.hex`, which prints in hexadecimal.
    hex: Option<Obj>,
}

impl Known {
    /// Looks for them among the packages of the program.
    pub fn find(packages: &FxHashMap<&'static str, Package>) -> Known {
        let find = |path: &str, name: &str| packages.get(path)?.lookup(Symbol::intern(name));
        let all = |path: &'static str, names: &'static [&str]| names.iter().filter_map(move |name| find(path, name));
        Known {
            pure: PURE.iter().flat_map(|&(path, names)| all(path, names)).collect(),
            reflect_wrappers: all("reflect", &["callMethod", "callReflect"]).collect(),
            reflect: packages.get("reflect").copied(),
            method_names: ["Method", "MethodByName"].map(Symbol::intern),
            mem_profile: find("runtime", "memProfile"),
            hex: find("runtime", "hex"),
        }
    }

    /// Has a call of the function no effect but its result?
    pub fn is_pure(&self, f: Obj) -> bool {
        self.pure.contains(&f)
    }

    /// See [`Known::reflect_wrappers`].
    pub fn is_reflect_wrapper(&self, f: Obj) -> bool {
        self.reflect_wrappers.contains(&f)
    }

    /// Does a program that calls this function ask for methods by name?
    pub fn finds_methods(&self, f: Obj) -> bool {
        self.reflect.is_some() && f.pkg() == self.reflect && self.method_names.contains(&f.name())
    }

    /// Is it `runtime.hex`?
    pub fn is_hex(&self, t: Obj) -> bool {
        self.hex == Some(t)
    }
}
