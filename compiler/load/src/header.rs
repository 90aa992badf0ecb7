//! What `go` finds wrong with the start of a file before it starts the compiler, in the words of go/scanner.
//!
//! The go command reads files up to the end of their imports. Errors there stop it; everything later is the compiler's.

use golift_syntax::{Decl, Diagnostic, File, Pos};

/// The go command finds this when it reads, before there are positions.
pub const NUL: &str = "unexpected NUL in input";

/// The first error of the header, if it is one that the two scanners have different words for.
pub fn header_error(file: &File, errors: &[Diagnostic]) -> Option<(Pos, String)> {
    let body = file.decls.iter().find(|decl| !matches!(decl, Decl::Import(_))).map_or(file.eof, Decl::pos);
    let error = errors.first().filter(|error| error.pos < body)?;
    Some((error.pos, scanner_words(&error.msg)?))
}

fn scanner_words(msg: &str) -> Option<String> {
    Some(match msg {
        "invalid UTF-8 encoding" => "illegal UTF-8 encoding".into(),
        "invalid NUL character" => NUL.into(),
        "invalid BOM in the middle of the file" => "illegal byte order mark".into(),
        "string not terminated" => "string literal not terminated".into(),
        "comment not terminated" => msg.into(),
        _ => {
            let character = msg.strip_prefix("invalid character ").filter(|rest| !rest.contains(" in "))?;
            format!("illegal character {character}")
        }
    })
}
