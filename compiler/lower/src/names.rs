//! Names of types and functions: for descriptors, for the linker, for tracebacks.

use crate::front::{self, Symbol};
use crate::ty::{Dir, FieldTy, FuncTy, Ty, TyKind, TyStore};
use golift_types::{Obj, Package};
use std::fmt::Write;

/// How packages show in a type's name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Qualify {
    /// `json.Decoder`: what reflect shows.
    Name,
    /// `encoding/json.Decoder`, for symbols: equal for identical types only (gc's link string).
    Path,
}

pub fn type_string(tys: &TyStore<'_>, t: Ty, q: Qualify) -> String {
    let mut s = String::new();
    write_type(tys, &mut s, t, q);
    s
}

/// Import path as symbols show it: `main` for the main package.
pub fn pkg_path(p: Package) -> &'static str {
    p.symbol_path()
}

fn pkg_prefix(out: &mut String, pkg: Option<Package>, q: Qualify) {
    if let Some(p) = pkg {
        match q {
            Qualify::Name => out.push_str(p.name().as_str()),
            Qualify::Path => out.push_str(pkg_path(p)),
        }
        out.push('.');
    }
}

fn write_list(tys: &TyStore<'_>, out: &mut String, list: &[Ty], sep: &str, q: Qualify) {
    for (i, &t) in list.iter().enumerate() {
        if i > 0 {
            out.push_str(sep);
        }
        write_type(tys, out, t, q);
    }
}

fn write_type(tys: &TyStore<'_>, out: &mut String, t: Ty, q: Qualify) {
    match tys.kind(t) {
        TyKind::Basic(b) => out.push_str(b.name()),
        TyKind::Named { obj, targs, outer } => {
            pkg_prefix(out, obj.pkg(), q);
            out.push_str(obj.name().as_str());
            // As in gc: a local type of a generic function lists that one's type arguments first, and type
            // arguments are always given with their full path.
            let implicit: Vec<Ty> = tys.binding(*outer).iter().map(|b| b.1).collect();
            if !targs.is_empty() || !implicit.is_empty() {
                out.push('[');
                write_list(tys, out, &implicit, ",", Qualify::Path);
                if !targs.is_empty() && !implicit.is_empty() {
                    out.push(';');
                }
                write_list(tys, out, targs, ",", Qualify::Path);
                out.push(']');
            }
            if q == Qualify::Path && front::is_local_type(*obj) {
                // Local types of one name may be many.
                let _ = write!(out, "·{}", tys.local_type_number(*obj));
            }
        }
        TyKind::Ptr(e) => {
            out.push('*');
            write_type(tys, out, *e, q);
        }
        TyKind::Slice(e) => {
            out.push_str("[]");
            write_type(tys, out, *e, q);
        }
        TyKind::Array(e, n) => {
            let _ = write!(out, "[{n}]");
            write_type(tys, out, *e, q);
        }
        TyKind::Map(k, v) => {
            out.push_str("map[");
            write_type(tys, out, *k, q);
            out.push(']');
            write_type(tys, out, *v, q);
        }
        TyKind::Chan(dir, e) => {
            out.push_str(match dir {
                Dir::Both | Dir::Send => "chan",
                Dir::Recv => "<-chan",
            });
            out.push_str(if *dir == Dir::Send { "<- " } else { " " });
            let paren = *dir == Dir::Both && matches!(tys.kind(*e), TyKind::Chan(Dir::Recv, _));
            out.push_str(if paren { "(" } else { "" });
            write_type(tys, out, *e, q);
            out.push_str(if paren { ")" } else { "" });
        }
        TyKind::Func(f) => {
            out.push_str("func");
            write_signature(tys, out, f, q);
        }
        TyKind::Struct(fields) => {
            out.push_str("struct {");
            for (i, f) in fields.iter().enumerate() {
                out.push_str(if i > 0 { "; " } else { " " });
                // The name of an embedded field is that of its type, unless that is an alias or belongs to no package.
                if !f.embedded || q == Qualify::Path && !is_named_for_its_type(tys, f) {
                    // Unexported names of different packages differ.
                    if q == Qualify::Path && f.pkg.is_some() {
                        pkg_prefix(out, f.pkg, q);
                    }
                    out.push_str(f.name.as_str());
                    out.push_str(if f.embedded { " = " } else { " " });
                }
                write_type(tys, out, f.ty, q);
                if !f.tag.is_empty() {
                    let _ = write!(out, " {}", quote(&f.tag));
                }
            }
            out.push_str(if fields.is_empty() { "}" } else { " }" });
        }
        TyKind::Interface(methods) => {
            out.push_str("interface {");
            for (i, m) in methods.iter().enumerate() {
                out.push_str(if i > 0 { "; " } else { " " });
                if m.pkg.is_some() {
                    pkg_prefix(out, m.pkg, q);
                }
                out.push_str(m.name.as_str());
                write_signature(tys, out, tys.func(m.sig), q);
            }
            out.push_str(if methods.is_empty() { "}" } else { " }" });
        }
        TyKind::Tuple(elems) => {
            out.push('(');
            write_list(tys, out, elems, ", ", q);
            out.push(')');
        }
    }
}

/// Do name and package of an embedded field follow from how its type is written?
fn is_named_for_its_type(tys: &TyStore<'_>, field: &FieldTy) -> bool {
    let base = match tys.kind(field.ty) {
        TyKind::Ptr(e) => *e,
        _ => field.ty,
    };
    let TyKind::Named { obj, .. } = tys.kind(base) else { return false };
    obj.name() == field.name && (field.pkg.is_none() || field.pkg == obj.pkg())
}

fn write_signature(tys: &TyStore<'_>, out: &mut String, f: &FuncTy, q: Qualify) {
    out.push('(');
    for (i, &p) in f.params.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        if f.variadic && i + 1 == f.params.len() {
            out.push_str("...");
            write_type(tys, out, tys.elem(p), q);
        } else {
            write_type(tys, out, p, q);
        }
    }
    out.push(')');
    match f.results.as_slice() {
        [] => {}
        [r] => {
            out.push(' ');
            write_type(tys, out, *r, q);
        }
        rs => {
            out.push_str(" (");
            write_list(tys, out, rs, ", ", q);
            out.push(')');
        }
    }
}

/// A Go string literal as `strconv.Quote` writes it: struct tags in type strings.
pub fn quote(bytes: &[u8]) -> String {
    let mut s = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => s.extend(['\\', c]),
                '\x07' => s.push_str("\\a"),
                '\x08' => s.push_str("\\b"),
                '\x0c' => s.push_str("\\f"),
                '\n' => s.push_str("\\n"),
                '\r' => s.push_str("\\r"),
                '\t' => s.push_str("\\t"),
                '\x0b' => s.push_str("\\v"),
                _ if golift_syntax::unicode::is_printable(c) => s.push(c),
                _ => {
                    let _ = match c as u32 {
                        n @ ..0x80 => write!(s, "\\x{n:02x}"),
                        n @ ..0x10000 => write!(s, "\\u{n:04x}"),
                        n => write!(s, "\\U{n:08x}"),
                    };
                }
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(s, "\\x{byte:02x}");
        }
    }
    s.push('"');
    s
}

/// Linker symbol and traceback name of a function or method instance.
pub fn func_names(tys: &TyStore<'_>, obj: Obj, recv: Option<Ty>, own_targs: &[Ty]) -> (String, String) {
    let pkg = obj.pkg().map_or("", pkg_path);
    let name = obj.name();
    match recv {
        Some(recv) => method_names(tys, recv, name, None, own_targs),
        None => {
            let mut link = format!("{pkg}.{name}");
            let mut display = link.clone();
            if !own_targs.is_empty() {
                link.push('[');
                write_list(tys, &mut link, own_targs, ",", Qualify::Path);
                link.push(']');
                display.push_str("[...]");
            }
            (link, display)
        }
    }
}

/// Names of a method with the given receiver type (`T` or `*T`). `pkg` is the package of an unexported name: where the receiver's
/// is another, the method is promoted, and the type may have methods of that name of other packages too.
pub fn method_names(
    tys: &TyStore<'_>,
    recv: Ty,
    name: Symbol,
    pkg: Option<Package>,
    own_targs: &[Ty],
) -> (String, String) {
    let (ptr, base) = match tys.kind(recv) {
        TyKind::Ptr(e) => (true, *e),
        _ => (false, recv),
    };
    let full = type_string(tys, base, Qualify::Path);
    let foreign = pkg.filter(|&p| !matches!(tys.kind(base), TyKind::Named { obj, .. } if obj.pkg() == Some(p)));
    let name = foreign.map_or(name.to_string(), |p| format!("{}.{name}", pkg_path(p)));
    let (prefix, shown) = match tys.kind(base) {
        TyKind::Named { obj, targs, .. } => {
            let pkg = obj.pkg().map_or("", pkg_path);
            let short = full.strip_prefix(pkg).and_then(|s| s.strip_prefix('.')).unwrap_or(&full).to_string();
            let shown = format!("{}{}", obj.name(), if targs.is_empty() { "" } else { "[...]" });
            (pkg.to_string(), (short, shown))
        }
        _ => ("go".to_string(), (full.clone(), full.clone())),
    };
    let (short, shown) = (shown.0, shown.1);
    let one = |t: &str| if ptr { format!("{prefix}.(*{t}).{name}") } else { format!("{prefix}.{t}.{name}") };
    let (mut link, mut display) = (one(&short), one(&shown));
    if !own_targs.is_empty() {
        link.push('[');
        write_list(tys, &mut link, own_targs, ",", Qualify::Path);
        link.push(']');
        display.push_str("[...]");
    }
    (link, display)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ty::{Basic, EnvId, MethodTy, TyArena};
    use golift_syntax::{Mode, SourceMap};
    use golift_types::{Config, ImportError, check_package};
    use rustc_hash::FxHashMap;
    use std::sync::Arc;

    /// Types by name: the same names in two packages, aliases, and names that belong to no package.
    fn package(path: &str) -> Package {
        let source = format!("package {path}\ntype X struct{{}}\ntype x int\ntype error interface{{ F() }}\n");
        let map = Arc::new(SourceMap::new());
        let (file, errors) = golift_syntax::parse_file(&map, "x.go", source.as_bytes(), Mode::default());
        assert_eq!(errors.len(), 0);
        let importer = |_: &str| Err(ImportError("no imports".into()));
        let (package, errors) = check_package(path, vec![Arc::new(file)], &importer, &Config::default());
        assert_eq!(errors.len(), 0);
        package
    }

    /// A small generator: the types are the same in every run.
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (self.0 >> 33) % n
        }

        fn name(&mut self, packages: &[Package]) -> (Symbol, Option<Package>) {
            let name = ["X", "x", "error", "byte", "A"][self.below(5) as usize];
            let exported = name.starts_with(char::is_uppercase);
            let pkg = packages[self.below(packages.len() as u64) as usize];
            (Symbol::intern(name), (!exported).then_some(pkg))
        }

        fn ty(&mut self, tys: &TyStore<'_>, packages: &[Package], depth: u32) -> Ty {
            let deeper = |r: &mut Random| r.ty(tys, packages, depth - 1);
            let kind = match self.below(if depth == 0 { 2 } else { 10 }) {
                0 => TyKind::Basic([Basic::Int, Basic::Uint8, Basic::String][self.below(3) as usize]),
                1 => {
                    let pkg = packages[self.below(packages.len() as u64) as usize];
                    let name = ["X", "x", "error"][self.below(3) as usize];
                    let obj = pkg.lookup(Symbol::intern(name)).expect("declared");
                    TyKind::Named { obj, targs: vec![], outer: EnvId::EMPTY }
                }
                2 => TyKind::Ptr(deeper(self)),
                3 => TyKind::Slice(deeper(self)),
                4 => TyKind::Array(deeper(self), self.below(3)),
                5 => TyKind::Map(deeper(self), deeper(self)),
                6 => TyKind::Chan([Dir::Both, Dir::Send, Dir::Recv][self.below(3) as usize], deeper(self)),
                7 => {
                    let params: Vec<Ty> = (0..self.below(3)).map(|_| deeper(self)).collect();
                    let variadic = matches!(params.last(), Some(&p) if matches!(tys.kind(p), TyKind::Slice(_)))
                        && self.below(2) == 0;
                    let results = (0..self.below(3)).map(|_| deeper(self)).collect();
                    TyKind::Func(FuncTy { params, results, variadic })
                }
                8 => {
                    let mut methods: Vec<MethodTy> = (0..self.below(3))
                        .map(|_| {
                            let (name, pkg) = self.name(packages);
                            let f = FuncTy { params: vec![], results: vec![deeper(self)], variadic: false };
                            MethodTy { name, pkg, sig: tys.intern(TyKind::Func(f)) }
                        })
                        .collect();
                    methods.sort_by_key(|m| (m.name.as_str(), m.pkg.map(|p| p.path())));
                    TyKind::Interface(methods)
                }
                _ => {
                    let fields = (0..self.below(3)).map(|_| {
                        let (name, pkg) = self.name(packages);
                        let tag = [&b""[..], b"a", b"\xff", b"\\xff", b"\" }"][self.below(5) as usize].into();
                        FieldTy { name, pkg, ty: deeper(self), embedded: self.below(2) == 0, tag }
                    });
                    TyKind::Struct(fields.collect())
                }
            };
            tys.intern(kind)
        }
    }

    #[test]
    fn symbols_are_equal_for_identical_types_only() {
        let packages = [package("p"), package("q")];
        let arena = TyArena::default();
        let tys = TyStore::new(&arena);
        let mut random = Random(1);
        let mut names: FxHashMap<String, Ty> = FxHashMap::default();
        for _ in 0..50_000 {
            let t = random.ty(&tys, &packages, 3);
            let name = type_string(&tys, t, Qualify::Path);
            let first = *names.entry(name.clone()).or_insert(t);
            assert_eq!(first, t, "{name} is {:?} and {:?}", tys.kind(first), tys.kind(t));
        }
        assert!(names.len() > 10_000, "{}", names.len());
    }

    #[test]
    fn quoted_as_by_strconv() {
        let quoted = quote("a\u{7}\u{200b}\u{301}é'\"\\\n\u{1f600}\u{e000}".as_bytes());
        assert_eq!(quoted, "\"a\\a\\u200b\u{301}é'\\\"\\\\\\n\u{1f600}\\ue000\"");
        assert_eq!(quote(b"\xff\x00"), "\"\\xff\\x00\"");
    }
}
