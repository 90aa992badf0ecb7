//! Names of types and functions: for descriptors, for the linker, for tracebacks.

use crate::front::{self, Symbol};
use crate::ty::{Dir, FuncTy, Ty, TyKind, TyStore};
use golift_types::{Obj, Package};
use std::fmt::Write;

/// How packages show in a type's name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Qualify {
    /// `json.Decoder`: what reflect shows.
    Name,
    /// `encoding/json.Decoder`: unique, for symbols.
    Path,
}

pub fn type_string(tys: &TyStore, t: Ty, q: Qualify) -> String {
    let mut s = String::new();
    write_type(tys, &mut s, t, q);
    s
}

/// Import path as symbols show it: `main` for the main package.
pub fn pkg_path(p: Package) -> &'static str {
    if p.name().as_str() == "main" { "main" } else { p.path() }
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

fn write_list(tys: &TyStore, out: &mut String, list: &[Ty], sep: &str, q: Qualify) {
    for (i, &t) in list.iter().enumerate() {
        if i > 0 {
            out.push_str(sep);
        }
        write_type(tys, out, t, q);
    }
}

fn write_type(tys: &TyStore, out: &mut String, t: Ty, q: Qualify) {
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
                if !f.embedded {
                    // Unexported names of different packages differ.
                    if q == Qualify::Path && f.pkg.is_some() {
                        pkg_prefix(out, f.pkg, q);
                    }
                    out.push_str(f.name.as_str());
                    out.push(' ');
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

fn write_signature(tys: &TyStore, out: &mut String, f: &FuncTy, q: Qualify) {
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

/// A Go string literal, as struct tags show in type strings.
pub fn quote(bytes: &[u8]) -> String {
    let mut s = String::from("\"");
    for c in String::from_utf8_lossy(bytes).chars() {
        match c {
            '"' | '\\' => {
                s.push('\\');
                s.push(c);
            }
            '\n' => s.push_str("\\n"),
            '\t' => s.push_str("\\t"),
            '\r' => s.push_str("\\r"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                let _ = write!(s, "\\x{:02x}", c as u32);
            }
            c => s.push(c),
        }
    }
    s.push('"');
    s
}

/// Linker symbol and traceback name of a function or method instance.
pub fn func_names(tys: &TyStore, obj: Obj, recv: Option<Ty>, own_targs: &[Ty]) -> (String, String) {
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
pub fn method_names(tys: &TyStore, recv: Ty, name: Symbol, pkg: Option<Package>, own_targs: &[Ty]) -> (String, String) {
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
