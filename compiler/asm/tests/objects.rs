//! Objects that the distribution's assembler makes of small files; passes over them where there is none.

use std::fs;
use std::process::Command;

use golift_asm::{Kind, Object, RelocKind, SymbolRef, read};
use golift_load::existing_goroot;

/// The object of a file of package `example.com/v%2e1/x.y`.
fn assemble(text: &str) -> Option<Vec<u8>> {
    let goroot = existing_goroot(None)?;
    let asm = goroot.join("pkg/tool/linux_amd64/asm");
    if !asm.is_file() {
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.s"), format!("#include \"textflag.h\"\n{text}")).unwrap();
    let mut command = Command::new(asm);
    command.args(["-p", "example.com/x.y", "-o", "a.o", "-I"]).arg(goroot.join("pkg/include")).arg("./a.s");
    let output = command.env("GOOS", "linux").env("GOARCH", "amd64").current_dir(dir.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(fs::read(dir.path().join("a.o")).unwrap())
}

/// As many names as the list of built-in symbols has.
fn builtins() -> Vec<String> {
    (0..400).map(|n| format!("builtin{n}")).collect()
}

const SOURCE: &str = r#"
TEXT ·add(SB), NOSPLIT, $0-24
	MOVQ a+0(FP), AX
	ADDQ b+8(FP), AX
	MOVQ AX, r+16(FP)
	RET
TEXT helper<>(SB), NOSPLIT, $24
	MOVQ ·v+8(SB), AX
	RET
TEXT ·big(SB), 0, $64-8
	LEAQ table<>(SB), AX
	MOVSD $(2.5), X0
	CALL helper<>(SB)
	CALL other∕pkg·Func(SB)
	RET
DATA table<>+0(SB)/8, $1
DATA table<>+8(SB)/8, $·add(SB)
GLOBL table<>(SB), RODATA|NOPTR, $24
GLOBL ·v(SB), NOPTR, $16
"#;

fn number(object: &Object, name: &str) -> usize {
    object.symbols.iter().position(|s| s.name == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn symbols_and_references() {
    let Some(bytes) = assemble(SOURCE) else { return };
    let object = read("example.com/x.y", &bytes, &builtins()).unwrap();
    let symbol = |name: &str| &object.symbols[number(&object, name)];
    let add = symbol("example.com/x.y.add");
    assert!(add.kind == Kind::Text && !add.is_static && add.relocs.is_empty());
    let function = add.function.as_ref().unwrap();
    assert!(function.nosplit && function.args == Some(24) && function.start_line == 3);
    assert_eq!((function.sp.max(), function.line.at(0)), (0, Some(4)));
    assert!(object.files[function.file.at(0).unwrap() as usize].ends_with("/a.s"));

    let helper = symbol("helper");
    assert!(helper.is_static);
    // The frame pointer is saved above the frame.
    assert_eq!(helper.function.as_ref().unwrap().sp.max(), 32);
    let variable = SymbolRef::Defined(number(&object, "example.com/x.y.v"));
    assert_eq!((helper.relocs[0].kind, helper.relocs[0].addend), (RelocKind::PcRelative, 8));
    assert_eq!(helper.relocs[0].target, variable);

    let big = symbol("example.com/x.y.big");
    assert!(!big.function.as_ref().unwrap().nosplit);
    assert_eq!(big.relocs.iter().filter(|r| r.kind == RelocKind::ThreadG).count(), 1);
    let calls: Vec<&SymbolRef> = big.relocs.iter().filter(|r| r.kind == RelocKind::Call).map(|r| &r.target).collect();
    assert_eq!(calls[0], &SymbolRef::Defined(number(&object, "helper")));
    assert_eq!(calls[1], &SymbolRef::Named("other/pkg.Func".into()));
    assert!(matches!(calls[2], SymbolRef::Named(name) if name.starts_with("builtin")));
    assert_eq!(symbol("$f64.4004000000000000").data, 2.5f64.to_le_bytes());

    let table = symbol("table");
    assert_eq!((table.kind, table.size, table.is_static), (Kind::Rodata, 24, true));
    assert_eq!((table.relocs[0].kind, table.relocs[0].offset), (RelocKind::Address(8), 8));
    assert_eq!(symbol("example.com/x.y.v").kind, Kind::Data { pointers: false });
}

#[test]
fn unknown_relocations_have_an_error() {
    let Some(bytes) = assemble(SOURCE) else { return };
    assert!(read("example.com/x.y", &bytes, &[]).unwrap_err().contains("built-in symbol"));
}

#[test]
fn damage_is_an_error() {
    let Some(bytes) = assemble(SOURCE) else { return };
    for len in (0..bytes.len()).step_by(7) {
        // Only the names for tools come last.
        let _ = read("example.com/x.y", &bytes[..len], &builtins());
    }
    assert!(read("example.com/x.y", &bytes[..bytes.len() / 2], &builtins()).is_err());
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xff;
        let _neither_panics = read("example.com/x.y", &damaged, &builtins());
    }
}
