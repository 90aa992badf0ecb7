//! Each pass alone: `tests/PASS/*.ir` and what the pass makes of them (`golift_tests::golden`).

use golift_ir::{Linkage, parse_program, print_func, verify_program};
use golift_opt::{LATE_PASSES, Options, PASSES, Remarks, run_pass};
use golift_tests::golden;
use std::path::{Path, PathBuf};

fn folder(pass: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(pass)
}

fn after(pass: &str, path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let mut program = parse_program(&text)?;
    let problems = verify_program(&program);
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    let remarks = Remarks::default();
    run_pass(&mut program, pass, &Options { verify: true, ..Options::default() }, Some(&remarks));
    let local = program.funcs.values().filter(|f| f.linkage == Linkage::Local);
    let mut text: String = local.map(|f| print_func(&program, f)).collect();
    for r in remarks.into_list() {
        let (function, file) = (&program.texts[r.function], &program.texts[r.file]);
        text += &format!("# {:?} in {function} at {file}:{}:{}: {}\n", r.kind, r.line, r.column, r.message);
    }
    Ok(text)
}

#[test]
fn passes_give_the_expected_code() {
    let mut failures = Vec::new();
    let mut done = Vec::new();
    for (pass, _) in PASSES.iter().chain(LATE_PASSES) {
        if done.contains(pass) {
            continue;
        }
        done.push(pass);
        for path in golden::inputs(&folder(pass), "ir") {
            let result = after(pass, &path).and_then(|text| golden::check(&path, &text));
            failures.extend(result.err().map(|e| format!("{}: {e}", path.display())));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
