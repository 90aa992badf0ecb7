//! What may be wrong with compiler directives.
//!
//! gc finds the errors at three times: a directive that is malformed or stands where nothing takes one is reported while
//! parsing ([`malformed`], [`misplaced`]); one that the wrong kind of declaration took, only in a program that passes the type
//! checker ([`LateCheck`]); and what depends on the names that a directive mentions, by the checker after that.

use crate::ast::{Directive, VarDecl};
use crate::diag::Diagnostic;
use crate::span::Pos;
use bitflags::bitflags;

/// What a directive is, by its verb. The comparison of texts ends here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DirectiveKind {
    /// `go:build`.
    Build,
    /// `go:debug`: a setting for the main program.
    Debug,
    /// `go:embed`.
    Embed,
    /// `go:linkname`, `go:linknamestd`.
    Linkname,
    /// `go:wasmimport`.
    WasmImport,
    /// `go:wasmexport`.
    WasmExport,
    /// `go:cgo_import_dynamic`.
    CgoImportDynamic,
    /// Another one that only cgo writes.
    Cgo,
    /// `golift:rust symbol`: the function is one of the Rust runtime.
    Rust,
    /// `golift:replace name`: the function stands in for another one of its package.
    Replace,
    /// A property of a function, without arguments.
    Func(FuncDirectives),
    /// Unknown to us, or of no consequence.
    Other,
}

bitflags! {
    /// The properties that directives give to a function.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct FuncDirectives: u32 {
        /// `go:noescape`: the function, which is implemented elsewhere, keeps no address that it gets.
        const NOESCAPE = 1 << 0;
        /// `go:norace`.
        const NORACE = 1 << 1;
        /// `go:nosplit`: no check of the stack.
        const NOSPLIT = 1 << 2;
        /// `go:noinline`.
        const NOINLINE = 1 << 3;
        /// `go:nocheckptr`.
        const NOCHECKPTR = 1 << 4;
        /// `go:systemstack`.
        const SYSTEMSTACK = 1 << 5;
        /// `go:nowritebarrier`.
        const NOWRITEBARRIER = 1 << 6;
        /// `go:nowritebarrierrec`.
        const NOWRITEBARRIERREC = 1 << 7;
        /// `go:yeswritebarrierrec`.
        const YESWRITEBARRIERREC = 1 << 8;
        /// `go:cgo_unsafe_args`.
        const CGO_UNSAFE_ARGS = 1 << 9;
        /// `go:uintptrkeepalive`: objects whose addresses are passed as uintptrs live during calls.
        const UINTPTRKEEPALIVE = 1 << 10;
        /// `go:uintptrescapes`: as `UINTPTRKEEPALIVE`, and they escape.
        const UINTPTRESCAPES = 1 << 11;
        /// `go:registerparams`.
        const REGISTERPARAMS = 1 << 12;
        /// `go:nointerface` (experiment fieldtrack): the method satisfies no interface.
        const NOINTERFACE = 1 << 13;
        /// `golift:noreturn`: calls never come back.
        const NORETURN = 1 << 14;
        /// `golift:wrapper`: hidden in lists of callers.
        const WRAPPER = 1 << 15;
        /// `golift:top`: lists of callers end here.
        const TOP = 1 << 16;

        /// Those of gc that are misplaced in front of anything but a function.
        const FUNCTIONS_ONLY = (1 << 13) - 1;
    }
}

impl DirectiveKind {
    /// The kind of directives with that verb.
    pub(crate) fn of(verb: &str) -> DirectiveKind {
        use DirectiveKind::*;
        match verb {
            "go:build" => Build,
            "go:debug" => Debug,
            "go:embed" => Embed,
            "go:linkname" | "go:linknamestd" => Linkname,
            "go:wasmimport" => WasmImport,
            "go:wasmexport" => WasmExport,
            "go:noescape" => Func(FuncDirectives::NOESCAPE),
            "go:norace" => Func(FuncDirectives::NORACE),
            "go:nosplit" => Func(FuncDirectives::NOSPLIT),
            "go:noinline" => Func(FuncDirectives::NOINLINE),
            "go:nocheckptr" => Func(FuncDirectives::NOCHECKPTR),
            "go:systemstack" => Func(FuncDirectives::SYSTEMSTACK),
            "go:nowritebarrier" => Func(FuncDirectives::NOWRITEBARRIER),
            "go:nowritebarrierrec" => Func(FuncDirectives::NOWRITEBARRIERREC),
            "go:yeswritebarrierrec" => Func(FuncDirectives::YESWRITEBARRIERREC),
            "go:cgo_unsafe_args" => Func(FuncDirectives::CGO_UNSAFE_ARGS),
            "go:uintptrkeepalive" => Func(FuncDirectives::UINTPTRKEEPALIVE),
            "go:uintptrescapes" => Func(FuncDirectives::UINTPTRESCAPES),
            "go:registerparams" => Func(FuncDirectives::REGISTERPARAMS),
            "go:nointerface" => Func(FuncDirectives::NOINTERFACE),
            "go:cgo_import_dynamic" => CgoImportDynamic,
            "golift:rust" => Rust,
            "golift:replace" => Replace,
            "golift:noreturn" => Func(FuncDirectives::NORETURN),
            "golift:wrapper" => Func(FuncDirectives::WRAPPER),
            "golift:top" => Func(FuncDirectives::TOP),
            verb if verb.starts_with("go:cgo_") => Cgo,
            _ => Other,
        }
    }

    /// Does the compiler directive belong before functions only?
    pub fn is_for_functions(self) -> bool {
        matches!(self, DirectiveKind::Func(flags) if FuncDirectives::FUNCTIONS_ONLY.contains(flags))
    }
}

impl FuncDirectives {
    /// All that the directives of a function say.
    pub(crate) fn of(directives: &[Directive]) -> FuncDirectives {
        let flags = directives.iter().map(|d| match d.kind {
            DirectiveKind::Func(flags) => flags,
            _ => FuncDirectives::empty(),
        });
        flags.collect()
    }
}

/// Something to look at in a program that passes the type checker, in source order.
#[derive(Clone, Debug)]
pub enum LateCheck {
    /// An error that is known already.
    Error(Diagnostic),
    /// A `go:embed` in its place, which depends on the language version.
    Embed(Pos),
}

/// Errors in a directive of the user's program, wherever it stands.
pub fn malformed(directive: &Directive) -> Vec<String> {
    use DirectiveKind as Kind;
    const ONLY_IN_RUNTIME: FuncDirectives = FuncDirectives::SYSTEMSTACK
        .union(FuncDirectives::NOWRITEBARRIER)
        .union(FuncDirectives::NOWRITEBARRIERREC)
        .union(FuncDirectives::YESWRITEBARRIERREC);
    let verb = directive.verb();
    let count = directive.text.split_whitespace().count();
    // gc looks for a blank after the verb; otherwise the directive is one that it does not know.
    let has_args = directive.text.len() > verb.len();
    match directive.kind {
        Kind::WasmImport if has_args && count != 3 => vec!["usage: //go:wasmimport importmodule importname".into()],
        Kind::WasmExport if has_args && count != 2 => vec!["usage: //go:wasmexport exportname".into()],
        Kind::Linkname if has_args && !(2..=3).contains(&count) => {
            vec![format!("usage: //{verb} localname [linkname]")]
        }
        Kind::Func(flags) if ONLY_IN_RUNTIME.contains(flags) => {
            vec![format!("//{verb} only allowed in runtime")]
        }
        Kind::Func(FuncDirectives::UINTPTRKEEPALIVE) => {
            vec![format!("//{verb} is only allowed in the standard library")]
        }
        Kind::Embed => {
            let patterns = embed_patterns(directive);
            let none = patterns.as_ref().map_or(true, Vec::is_empty);
            let usage = none.then(|| "usage: //go:embed pattern...".to_owned());
            patterns.err().into_iter().chain(usage).collect()
        }
        Kind::CgoImportDynamic if has_args => cgo_import_dynamic(&directive.text),
        Kind::CgoImportDynamic | Kind::Cgo | Kind::Func(FuncDirectives::CGO_UNSAFE_ARGS) => {
            let mut errors = vec![format!("//{} only allowed in cgo-generated code", directive.text)];
            errors.extend(cgo_usage(&directive.text));
            errors
        }
        _ => Vec::new(),
    }
}

/// The patterns of a `go:embed` directive, each with its offset in the text: words, or Go strings.
pub fn embed_patterns(directive: &Directive) -> Result<Vec<(usize, String)>, String> {
    let text: &str = &directive.text;
    let mut patterns = Vec::new();
    let mut at = "go:embed".len();
    loop {
        at = text.len() - text[at..].trim_start().len();
        let rest = text[at..].trim_end();
        let invalid = |shown: &str| Err(format!("invalid quoted string in //go:embed: {shown}"));
        let (pattern, len) = match rest.chars().next() {
            None => return Ok(patterns),
            Some('`') => match rest[1..].find('`') {
                Some(end) => (rest[1..=end].to_owned(), end + 2),
                None => return invalid(rest),
            },
            Some('"') => {
                let mut escaped = false;
                let end = rest[1..].find(|c| {
                    let is_end = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    is_end
                });
                let Some(end) = end else { return invalid(rest) };
                let quoted = &rest[..end + 2];
                match unquote(quoted) {
                    Some(pattern) => (pattern, quoted.len()),
                    None => return invalid(quoted),
                }
            }
            Some(_) => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest[..end].to_owned(), end)
            }
        };
        if rest[len..].chars().next().is_some_and(|c| !c.is_whitespace()) {
            return invalid(&rest[len..]);
        }
        patterns.push((at, pattern));
        at += len;
    }
}

/// The value of a string in double quotes.
fn unquote(quoted: &str) -> Option<String> {
    let mut value = Vec::new();
    let mut chars = quoted.get(1..quoted.len().checked_sub(1)?)?.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let kind = chars.next()?;
        let (digits, radix, first) = match kind {
            'x' => (2, 16, 0),
            'u' => (4, 16, 0),
            'U' => (8, 16, 0),
            '0'..='7' => (2, 8, kind.to_digit(8)?),
            _ => {
                let at = "abfnrtv\\\"".find(kind)?;
                value.push(b"\x07\x08\x0c\n\r\t\x0b\\\""[at]);
                continue;
            }
        };
        let mut code = first;
        for _ in 0..digits {
            code = code.checked_mul(radix)? + chars.next()?.to_digit(radix)?;
        }
        match kind {
            'u' | 'U' => value.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut [0; 4]).as_bytes()),
            _ => value.push(u8::try_from(code).ok()?),
        }
    }
    String::from_utf8(value).ok()
}

fn cgo_import_dynamic(text: &str) -> Vec<String> {
    let fields = fields(text);
    let mut errors = Vec::new();
    match fields.get(3) {
        Some(library) => {
            let library = library.trim_matches('"');
            let is_safe = |c: char| c.is_ascii_alphanumeric() || "._/".contains(c) || !c.is_ascii();
            if !library.is_empty() && !library.starts_with(is_safe) {
                errors.push(format!("invalid library name {library:?} in cgo_import_dynamic directive"));
            }
        }
        None => errors.push(format!("//{text} only allowed in cgo-generated code")),
    }
    errors.extend(cgo_usage(text));
    errors
}

/// A directive of cgo with arguments of the wrong number or form.
fn cgo_usage(text: &str) -> Option<String> {
    let fields = fields(text);
    let quoted: Vec<bool> = fields[1..].iter().map(|f| f.len() > 1 && f.starts_with('"') && f.ends_with('"')).collect();
    let verb = fields[0].trim_start_matches("go:");
    let (ok, args) = match verb {
        "cgo_export_static" | "cgo_export_dynamic" => {
            (matches!(quoted[..], [false] | [false, false]), "local [remote]")
        }
        "cgo_import_dynamic" => {
            let ok = matches!(quoted[..], [false] | [false, false] | [false, false, true]);
            (ok, "local [remote [\"library\"]]")
        }
        "cgo_import_static" => (quoted == [false], "local"),
        "cgo_dynamic_linker" => (quoted == [true], "\"path\""),
        "cgo_ldflag" => (quoted == [true], "\"arg\""),
        _ => return None,
    };
    (!ok).then(|| format!("usage: //go:{verb} {args}"))
}

/// The words of a cgo directive; one in quotes may contain blanks.
fn fields(text: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut start = None;
    let mut in_quote = false;
    for (i, c) in text.char_indices() {
        match (c, start) {
            ('"', Some(from)) if in_quote => {
                fields.push(&text[from..=i]);
                (start, in_quote) = (None, false);
            }
            ('"', _) => {
                fields.extend(start.map(|from: usize| &text[from..i]));
                (start, in_quote) = (Some(i), true);
            }
            (c, Some(from)) if !in_quote && c.is_ascii_whitespace() => {
                fields.push(&text[from..i]);
                start = None;
            }
            (c, None) if !c.is_ascii_whitespace() => start = Some(i),
            _ => {}
        }
    }
    fields.extend(start.filter(|_| !in_quote).map(|from| &text[from..]));
    fields
}

/// Complains about directives that nothing took.
pub fn misplaced(directives: &[Directive]) -> Vec<Diagnostic> {
    not_for(directives, |_| false)
}

/// Complains about directives other than those that are `allowed` where they stand. Embeds come last.
pub(crate) fn not_for(directives: &[Directive], allowed: impl Fn(DirectiveKind) -> bool) -> Vec<Diagnostic> {
    let wrong = |is_embed: bool| {
        let wrong = directives.iter().filter(|d| !allowed(d.kind));
        wrong.filter(move |d| (d.kind == DirectiveKind::Embed) == is_embed)
    };
    let known = wrong(false).filter(|d| d.kind.is_for_functions() || d.kind == DirectiveKind::Build);
    let compiler = known.map(|d| Diagnostic::new(d.pos, "MisplacedDirective", "misplaced compiler directive"));
    let embeds = wrong(true).map(|d| Diagnostic::new(d.pos, "MisplacedDirective", "misplaced go:embed directive"));
    compiler.chain(embeds).collect()
}

/// Is what `go:embed` stands before fit for it? The first error in gc's order.
pub(crate) fn embed_check(var: &VarDecl, imports_embed: bool, in_function: bool) -> Option<LateCheck> {
    let pos = var.directives.iter().find(|d| d.kind == DirectiveKind::Embed)?.pos;
    let msg = if !imports_embed {
        "go:embed requires import \"embed\" (or import _ \"embed\", if package is not used)"
    } else if var.names.len() > 1 {
        "go:embed cannot apply to multiple vars"
    } else if !var.values.is_empty() {
        "go:embed cannot apply to var with initializer"
    } else if in_function {
        "go:embed cannot apply to var inside func"
    } else {
        return Some(LateCheck::Embed(pos));
    };
    Some(LateCheck::Error(Diagnostic::new(pos, "MisplacedDirective", msg)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_cgo_directives() {
        assert_eq!(fields("go:cgo_import_dynamic a b \"c d\""), ["go:cgo_import_dynamic", "a", "b", "\"c d\""]);
        assert_eq!(fields("go:x a\"b\" c"), ["go:x", "a", "\"b\"", "c"]);
        assert_eq!(fields("go:x \"a"), ["go:x"]);
    }

    #[test]
    fn patterns() {
        let patterns = |text: &str| embed_patterns(&Directive::new(Pos::NONE, text));
        let found = |list: &[(usize, &str)]| Ok(list.iter().map(|&(at, text)| (at, text.to_owned())).collect());
        assert_eq!(patterns("go:embed a  \"b \\\"c\" `d`"), found(&[(9, "a"), (12, "b \"c"), (20, "d")]));
        assert_eq!(patterns("go:embed \"a\\x62\\u00e9\\101\""), found(&[(9, "ab\u{e9}A")]));
        let invalid = |shown: &str| Err(format!("invalid quoted string in //go:embed: {shown}"));
        assert_eq!(patterns("go:embed a \"b"), invalid("\"b"));
        assert_eq!(patterns("go:embed \"b\"c"), invalid("c"));
        assert_eq!(patterns("go:embed \"\\q\" c"), invalid("\"\\q\""));
    }

    #[test]
    fn malformed_directives() {
        let check = |text: &str| malformed(&Directive::new(Pos::NONE, text));
        assert_eq!(check("go:linkname a b c"), ["usage: //go:linkname localname [linkname]"]);
        assert_eq!(
            check("go:cgo_ldflag x"),
            ["//go:cgo_ldflag x only allowed in cgo-generated code", "usage: //go:cgo_ldflag \"arg\"",]
        );
        assert!(
            check("go:linkname").is_empty() && check("go:linkname a b").is_empty() && check("go:noinline").is_empty()
        );
    }
}
