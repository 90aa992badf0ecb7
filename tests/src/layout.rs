//! `runtime/go/src/runtime/layout.go`: what golift-abi says, for package runtime.
//!
//! `golift-tests bless layout.go` writes the file; a test compares it.

use std::fmt::Write as _;
use std::path::PathBuf;

use golift_abi as abi;

use crate::root;

/// The file.
pub fn path() -> PathBuf {
    root().join("runtime/go/src/runtime/layout.go")
}

/// Its contents.
pub fn go_source() -> String {
    let mut out = String::from(
        "// Code generated from golift-abi by golift-tests bless; DO NOT EDIT.\n\npackage runtime\n\nimport \"unsafe\"\n\n\
         // Numbers that compiler, Rust runtime and package runtime share.\nconst (\n",
    );
    let numbers = [
        ("firstStack", abi::STACK_FIRST as u64),
        ("maxScalars", abi::call::MAX_SCALARS as u64),
        ("maxResults", abi::call::MAX_RESULTS as u64),
        ("flagWrapper", abi::FUNC_WRAPPER.into()),
    ];
    for (name, value) in numbers {
        let _ = writeln!(out, "\t{name:<11} = {value}");
    }
    out += ")\n\n// Why a goroutine waits.\nconst (\n";
    let waits: Vec<String> = abi::wait::NAMES.iter().map(|name| format!("wait{}", camel(name))).collect();
    let width = waits.iter().map(String::len).max().unwrap_or_default();
    for (number, name) in waits.iter().enumerate() {
        let _ = writeln!(out, "\t{name:<width$} = {number}");
    }
    out += ")\n\n// A struct that is laid out otherwise is a negative number here, which no unsigned constant can be.\nconst (\n";
    for layout in abi::layout::ALL {
        if layout.size != 0 {
            let _ = writeln!(out, "\t_ = -(unsafe.Sizeof({}{{}}) ^ {})", layout.name, layout.size);
        }
        for (field, offset) in layout.fields {
            let _ = writeln!(out, "\t_ = -(unsafe.Offsetof({}{{}}.{field}) ^ {offset})", layout.name);
        }
    }
    out + ")\n"
}

fn camel(name: &str) -> String {
    let word = |word: &str| word.chars().take(1).chain(word.to_lowercase().chars().skip(1)).collect::<String>();
    name.split('_').map(word).collect()
}
