//! Which slots frame tables say are alive at calls.

use golift_codegen::{Options, Target, compile_program};
use golift_ir::{parse_program, verify_program};

/// Slots that are alive at the calls of a function with two slots and this body, by address of the call; equal ones in a row
/// are there once.
fn live_slots(body: &str) -> Vec<Vec<u32>> {
    let text = format!(
        r#"
func "main.gc" () {{
bb0:
  return ()
}}
func "main.use" (ptr) {{
bb0(v0: ptr):
  return ()
}}
func "main.main" (i8, i64) -> (i64) {{
  slot ss0 8 align 8
  slot ss1 16 align 8
bb0(v0: i8, v1: i64):
{body}
}}
"#
    );
    let p = parse_program(&text).unwrap();
    assert_eq!(verify_program(&p), Vec::<String>::new());
    let c = compile_program(&p, &Target::X86_64, &Options { verify: true, ..Options::default() });
    let main = c.funcs[p.func_by_name["main.main"]].as_ref().unwrap();
    let table = main.frame.as_ref().expect("all is understood");
    let mut live = [false; 2];
    let states = table.states.iter().map(|(_, toggled)| {
        // After the four registers.
        for &bit in toggled.iter().filter(|&&b| (4..6).contains(&b)) {
            live[bit as usize - 4] ^= true;
        }
        (0..2).filter(|&n| live[n as usize]).collect()
    });
    let mut states: Vec<Vec<u32>> = states.collect();
    states.dedup();
    states
}

#[test]
fn until_the_last_read() {
    let body = r#"
  v2: ptr = slot_addr ss0 0
  store v2, v1 0 notrap
  call "main.gc" ()
  call "main.use" (v2)
  v3: i64 = load v2 0
  call "main.gc" ()
  return (v3)"#;
    // At the first two calls, but not at the third.
    assert_eq!(live_slots(body), [vec![0], vec![]]);
}

#[test]
fn until_all_of_it_is_written() {
    let body = r#"
  v2: ptr = slot_addr ss1 0
  call "main.gc" ()
  mem_zero v2 size 16 align 8
  call "main.use" (v2)
  v3: i64 = load v2 8
  return (v3)"#;
    assert_eq!(live_slots(body), [vec![1]]);
    let forget = body.replace("mem_zero v2 size 16 align 8", "forget ss1");
    assert_eq!(live_slots(&forget), [vec![1]]);
    let partly = body.replace("size 16", "size 8");
    assert_eq!(live_slots(&partly)[0], [1]);
}

#[test]
fn computed_addresses_count_as_the_slot() {
    let body = r#"
  v2: ptr = slot_addr ss0 0
  v3: ptr = slot_addr ss1 0
  v4: ptr = select v0, v2, v3
  v5: i64 = ptr_to_int v4
  call "main.gc" ()
  v6: i64 = add v5, v1
  return (v6)"#;
    assert_eq!(live_slots(body), [vec![0, 1]]);
}

#[test]
fn joins_of_two_addresses_are_values() {
    let body = |second: &str| {
        format!(
            r#"
  v2: ptr = slot_addr ss0 0
  v3: ptr = slot_addr ss1 0
  brif v0, bb1, bb2
bb1:
  jump bb3(v2)
bb2:
  jump bb3({second})
bb3(v4: ptr):
  call "main.gc" ()
  v5: i64 = load v4 0
  return (v5)"#
        )
    };
    let two = live_slots(&body("v3"));
    assert!(two.iter().all(Vec::is_empty) && !two.is_empty(), "{two:?}");
    assert_eq!(live_slots(&body("v2")), [vec![0]]);
}
