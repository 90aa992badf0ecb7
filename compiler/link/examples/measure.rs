//! Times code generation, optimisation and linking of a generated program: `measure [functions]`.

use golift_codegen::{Options, Target, compile_program};
use golift_ir::{parse_program, verify_program};
use golift_link::{LinkOptions, link};
use std::fmt::Write;
use std::time::Instant;

fn main() {
    let n: usize = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(3000);
    let mut text = String::from(
        "extern func \"golift_exit\" (i64) c\nfunc \"runtime.sigpanic\" () {\nbb0:\n  unreachable\n}\ndata d0 \"main.table\" bss align 8 size 4096 mask \"ff\"\n",
    );
    for i in 0..n {
        let callee = |k: usize| format!("main.f{}", (i * 7 + k * 13 + 1) % n);
        writeln!(text, "func \"main.f{i}\" (ptr, i64) -> (i64) noinline file \"main.go\" line {} {{", i * 30).unwrap();
        for l in 1..=20 {
            writeln!(text, "  loc loc{l} \"main.f{i}\" \"main.go\" {} {} loc0", i * 30 + l, i * 30).unwrap();
        }
        text += "bb0(v0: ptr, v1: i64):\n  v2: i64 = iconst 1\n  v3: i64 = iconst 0\n  v100: i8 = icmp eq v1, v3\n  brif v100, bb9, bb1(v3, v1)\nbb9:\n  return (v1)\nbb1(v4: i64, v5: i64):\n";
        let mut last = 5;
        for k in 0..20 {
            let v = 10 + k * 3;
            writeln!(text, "  v{v}: i64 = load v0 {} @loc{}", k * 8, k + 1).unwrap();
            writeln!(text, "  v{}: i64 = add v{v}, v{last} @loc{}", v + 1, k + 1).unwrap();
            writeln!(text, "  store v0, v{} {} @loc{}", v + 1, k * 8, k + 1).unwrap();
            last = v + 1;
            if k % 5 == 4 {
                writeln!(text, "  v{}: i64 = call \"{}\" (v0, v3) @loc{}", v + 2, callee(k), k + 1).unwrap();
                last = v + 2;
            }
        }
        text += "  v80: i64 = add v4, v2\n  v81: i64 = iconst 10\n  v82: i8 = icmp sge v80, v81\n  brif v82, bb2, bb1(v80, v72)\nbb2:\n  return (v72)\n}\n";
    }
    text += "func \"runtime.main\" () {\nbb0:\n  v0: ptr = data_addr d0 0\n  v1: i64 = iconst 3\n  v2: i64 = call \"main.f0\" (v0, v1)\n  v3: i64 = iconst 0\n  call \"golift_exit\" (v3)\n  unreachable\n}\n";
    let text = text.replace("v72", "v69");
    let mut p = time("parse", || parse_program(&text).unwrap());
    let errors = time("verify", || verify_program(&p));
    assert!(errors.is_empty(), "{:?}", &errors[..errors.len().min(3)]);
    let timings = time("optimize", || {
        golift_opt::optimize_program(&mut p, &golift_opt::Options { verify: false, ..Default::default() })
    });
    for (name, t) in timings.0 {
        println!("    {name}: {t:?}");
    }
    for threads in [1, 2] {
        let opts = Options { verify: false, threads, ..Options::default() };
        time(&format!("compile, {threads} threads"), || compile_program(&p, &Target::X86_64, &opts));
    }
    let opts = Options { verify: false, ..Options::default() };
    let c = compile_program(&p, &Target::X86_64, &opts);
    let code: usize = c.funcs.values().flatten().map(|f| f.code.len()).sum();
    let image = time("link", || link(&p, &c, &LinkOptions::default()).unwrap());
    println!("{} functions, {code} bytes of code, {} bytes of image", p.funcs.len(), image.to_vec().len());
    let stripped = link(&p, &c, &LinkOptions { strip_symbols: true, ..LinkOptions::default() }).unwrap();
    println!("{} bytes stripped", stripped.to_vec().len());
}

fn time<T>(name: &str, f: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let r = f();
    println!("{name}: {:?}", start.elapsed());
    r
}
