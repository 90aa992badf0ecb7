//! The tables of characters are those of Go's package unicode.
//!
//! `GOLIFT_BLESS=1 cargo test -p golift-syntax --test unicode` writes them anew.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use golift_syntax::unicode;

/// The characters of a category in `unicode/tables.go`.
fn category(tables: &str, name: &str) -> BTreeSet<char> {
    let start =
        tables.find(&format!("\nvar _{name} = &RangeTable{{\n")).unwrap_or_else(|| panic!("no category {name}"));
    let table = &tables[start..start + tables[start..].find("\n}\n").expect("the end of the table")];
    let mut found = BTreeSet::new();
    for line in table.lines().filter_map(|line| line.trim().strip_prefix("{0x")?.strip_suffix("},")) {
        let mut words = line.split(", ");
        let mut hex = || u32::from_str_radix(words.next()?.trim_start_matches("0x"), 16).ok();
        let (Some(first), Some(last)) = (hex(), hex()) else { panic!("{line}") };
        let stride: usize = words.next().and_then(|stride| stride.parse().ok()).expect("a stride");
        found.extend((first..=last).step_by(stride).filter_map(char::from_u32));
    }
    assert!(found.len() > 100, "{name}: {} characters", found.len());
    found
}

/// As ranges, without ASCII.
fn ranges(set: &BTreeSet<char>) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for c in set.iter().filter(|c| !c.is_ascii()).map(|&c| u32::from(c)) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == c => *last = c,
            _ => ranges.push((c, c)),
        }
    }
    ranges
}

fn render(name: &str, what: &str, set: &BTreeSet<char>) -> String {
    let ranges = ranges(set);
    let mut out = format!("\n/// {what}\n#[rustfmt::skip]\npub const {name}: &[(u32, u32)] = &[\n");
    for line in ranges.chunks(5) {
        let line: Vec<String> = line.iter().map(|(first, last)| format!("({first:#x}, {last:#x})")).collect();
        writeln!(out, "    {},", line.join(", ")).expect("strings take everything");
    }
    out + "];\n"
}

#[test]
fn tables_are_those_of_go() {
    let goroot = golift_load::find_goroot(None, &|message| eprintln!("{message}")).expect("a distribution");
    let tables = fs::read_to_string(goroot.join("src/unicode/tables.go")).unwrap();
    let version = tables.split("const Version = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let [letters, marks, numbers, punctuation, symbols, digits] =
        ["L", "M", "N", "P", "S", "Nd"].map(|name| category(&tables, name));
    let mut printable = letters.clone();
    for set in [&marks, &numbers, &punctuation, &symbols] {
        printable.extend(set);
    }
    printable.insert(' ');
    for c in '\0'..=char::MAX {
        assert_eq!(unicode::is_letter(c), letters.contains(&c), "{c:?}");
        assert_eq!(unicode::is_digit(c), digits.contains(&c), "{c:?}");
        assert_eq!(unicode::is_printable(c), printable.contains(&c), "{c:?}");
    }
    let mut text = format!(
        "//! Ranges of characters outside ASCII, Unicode {version}. Made by `tests/unicode.rs` from the tables of Go's package unicode.\n"
    );
    text += &render("LETTERS", "Categories Lu, Ll, Lt, Lm, Lo.", &letters);
    text += &render("DIGITS", "Category Nd.", &digits);
    text += &render("PRINTABLE", "Letters, marks, numbers, punctuation, symbols.", &printable);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/unicode_tables.rs");
    if env::var_os("GOLIFT_BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == text, "{} is of another version", path.display());
}
