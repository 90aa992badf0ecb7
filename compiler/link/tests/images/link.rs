//! Properties of the image that running it does not show.

use std::mem::offset_of;
use std::sync::Arc;

use crate::support::*;
use golift_abi as abi;
use golift_ir::{Bytes, DataId, Program};
use golift_link::LinkError;
use object::{Object, ObjectSection, ObjectSymbol};

const PROGRAM: &str = r#"data d0 "" rodata align 1 size 3 bytes "616263"
data d1 "" rodata align 1 size 3 bytes "616263"
data d2 "main.a" data align 8 size 24 bytes "01" mask "05" reloc 16 abs64 data d0 0
data d3 "main.b" bss align 8 size 8 mask "01"
data d4 "main.unused" bss align 8 size 8000
data d5 "type:int" types align 8 size 8 reloc 0 abs32 data d1 1
typelink d5
func "runtime.main" () noinline file "main.go" line 3 column 0 {
  loc loc1 "runtime.main" "main.go" 5 0 3 loc0
  loc loc2 "main.inlined" "other.go" 77 0 70 loc1
bb0:
  v0: ptr = data_addr d0 0
  v1: ptr = data_addr d1 0
  v2: i8 = icmp eq v0, v1
  v3: i64 = zext v2
  v4: ptr = data_addr d2 0
  v5: ptr = data_addr d3 0
  store v4, v3 8
  store v5, v3 0
  v6: ptr = data_addr d5 0
  keep_alive v6 @loc1
  call "main.f" () @loc1
  call "main.f" () @loc2
  call "golift_exit" (v3) @loc1
  unreachable
}
func "main.f" () noinline file "main.go" line 20 column 0 {
bb0:
  return ()
}
func "main.dead" () {
bb0:
  call "golift_never" ()
  return ()
}
"#;

fn image() -> (Program, Vec<u8>) {
    let p = program(PROGRAM);
    let image = link(&p).unwrap();
    (p, image)
}

fn bytes(image: &[u8], addr: u64, len: u64) -> &[u8] {
    let at = (addr - abi::IMAGE_BASE) as usize;
    &image[at..at + len as usize]
}

fn words(image: &[u8], addr: u64, n: u64) -> Vec<u64> {
    bytes(image, addr, n * 8).chunks(8).map(|c| u64::from_le_bytes(c.try_into().unwrap())).collect()
}

/// Module data, found through its contents: the functions' text bounds. The result gives the word at an offset in it.
fn module(image: &[u8]) -> impl Fn(usize) -> u64 {
    let file = object::File::parse(image).unwrap();
    let main = file.symbols().find(|s| s.name() == Ok("runtime.main")).unwrap().address();
    let rodata = file.section_by_name(".rodata").unwrap();
    let size = size_of::<abi::ModuleData>() as u64;
    let data_start = offset_of!(abi::ModuleData, data_start) as u64;
    let at = (rodata.address()..=rodata.address() + rodata.size() - size)
        .step_by(8)
        .find(|&a| words(image, a, 1)[0] == main & !63 && words(image, a + data_start, 1)[0] > main);
    let words = words(image, at.expect("module data"), size / 8);
    move |offset| words[offset / 8]
}

#[test]
fn equal_input_gives_equal_bytes() {
    assert_eq!(image().1, image().1);
}

/// Large embedded files are parts of the image as they are, wherever they lie; what is small is copied.
#[test]
fn shared_bytes_are_not_copied() {
    let mut p = program(
        r#"data d0 "" rodata align 1 size 3000000
data d1 "main.b" data align 8 size 2000000
data d2 "" rodata align 1 size 3
data d3 "main.last" data align 8 size 8 bytes "07"
func "runtime.main" () {
bb0:
  v0: ptr = data_addr d0 2999999
  v1: ptr = data_addr d1 1999999
  v2: ptr = data_addr d2 2
  v3: ptr = data_addr d3 0
  v4: i8 = load v0 0
  v5: i8 = load v1 0
  v6: i8 = load v2 0
  v7: i8 = load v3 0
  v8: i8 = add v4, v5
  v9: i8 = add v6, v7
  v10: i8 = add v8, v9
  v11: i64 = zext v10
  call "golift_exit" (v11)
  unreachable
}
"#,
    );
    let contents = [(0, 3_000_000, 10), (1, 2_000_000, 20), (2, 3, 30)].map(|(n, size, last)| {
        let bytes = Arc::new([vec![1; size - 1], vec![last]].concat());
        p.datas[DataId::from_u32(n)].bytes = Bytes::Shared(Arc::clone(&bytes));
        bytes
    });
    let image = link_parts(&p).unwrap();
    let is_part = |bytes: &Arc<Vec<u8>>| image.parts().iter().any(|part| part.as_ptr() == bytes.as_ptr());
    assert_eq!(contents.each_ref().map(is_part), [true, true, false]);
    assert_eq!(run_image(&image.to_vec()).status.code(), Some(10 + 20 + 30 + 7));
}

#[test]
fn merges_constants_and_drops_the_rest() {
    let (_, image) = image();
    assert_eq!(run_image(&image).status.code(), Some(1));
    let file = object::File::parse(&*image).unwrap();
    let names: Vec<&str> = file.symbols().filter_map(|s| s.name().ok()).collect();
    assert!(names.contains(&"main.f") && names.contains(&"main.a"));
    assert!(!names.contains(&"main.dead") && !names.contains(&"main.unused"));
}

#[test]
fn tables_tell_lines_and_roots() {
    let (_, image) = image();
    let m = module(&image);
    macro_rules! m {
        ($field:ident) => {
            m(offset_of!(abi::ModuleData, $field))
        };
    }
    let (text, nfunctab) = (m!(text_start), m!(nfunctab));
    assert_eq!(nfunctab, 2);
    let entry: Vec<u32> =
        bytes(&image, m!(functab), 28).chunks(4).map(|c| u32::from_le_bytes(c.try_into().unwrap())).collect();
    let strtab = &image[(m!(strtab) - abi::IMAGE_BASE) as usize..];
    assert_eq!(abi::pcline::string(strtab, entry[2]), b"runtime.main");
    assert_eq!(abi::pcline::string(strtab, entry[3]), b"main.go");
    assert_eq!(entry[4], 3);
    assert_ne!(entry[6] & abi::FUNC_NOPREEMPT, 0);
    // Return addresses of the calls, in order.
    let code = bytes(&image, text, entry[1] as u64);
    let program = &image[(m!(pcline) - abi::IMAGE_BASE) as usize + entry[5] as usize..];
    let positions: Vec<u32> = (0..code.len() as u32).map(|pc| abi::pcline::lookup(program, pc)).collect();
    assert!(positions.contains(&(5 << 2)));
    assert!(positions[0] & abi::POS_UNSAFE != 0);
    let inlined = positions.iter().find(|&&p| p & abi::POS_INLINED != 0).expect("an inlined position");
    let node = bytes(&image, m!(locs) + (*inlined as u64 >> 2) * 20, 20);
    let node: Vec<u32> = node.chunks(4).map(|c| u32::from_le_bytes(c.try_into().unwrap())).collect();
    assert_eq!(abi::pcline::string(strtab, node[0]), b"main.inlined");
    assert_eq!(node[2..], [77, 70, 5 << 2]);

    // One root: words 0 and 2 of main.a, and main.b.
    let (roots, nroots) = (m!(roots), m!(nroots));
    let file = object::File::parse(&*image).unwrap();
    let addr = |name| file.symbols().find(|s| s.name() == Ok(name)).unwrap().address();
    assert_eq!(nroots, 1);
    let root = words(&image, roots, 3);
    assert_eq!(root[0], addr("main.a"));
    let b = (addr("main.b") - addr("main.a")) / 8;
    assert_eq!(root[1], b + 1);
    let mask = bytes(&image, root[2], root[1].div_ceil(8));
    let set: Vec<u64> = (0..root[1]).filter(|&i| mask[i as usize / 8] >> (i % 8) & 1 == 1).collect();
    assert_eq!(set, [0, 2, b]);

    assert_eq!(m!(ntypelinks), 1);
    let typ = words(&image, m!(typelinks), 1)[0];
    assert!(typ >= m!(types) && typ < m!(etypes));
    let name = u32::from_le_bytes(bytes(&image, typ, 4).try_into().unwrap());
    assert_eq!(bytes(&image, name as u64, 2), b"bc");
}

#[test]
fn undefined_symbols_are_listed_with_their_users() {
    let text = "func \"runtime.main\" () {\nbb0:\n  call \"golift_never\" ()\n  call \"gone\" ()\n  return ()\n}\nextern func \"gone\" () c\n";
    match link(&program(text)) {
        Err(LinkError::Undefined(names)) => {
            let want = [
                ("golift_undefined".to_string(), vec![".text.golift_never".to_string()]),
                ("gone".to_string(), vec!["runtime.main".to_string()]),
            ];
            assert_eq!(names, want);
        }
        other => panic!("{other:?}"),
    }
}
