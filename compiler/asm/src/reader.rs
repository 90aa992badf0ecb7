//! Reads an object file: a text header, then blocks whose offsets stand at the start of the binary part.

use crate::bytes::Bytes;
use crate::object::{Function, Kind, Object, Reloc, RelocKind, Symbol, SymbolRef};
use crate::tables::PcValues;

/// What the binary part begins with.
const MAGIC: &[u8] = b"\x00go120ld";
/// Magic, fingerprint and flags come before the offsets of blocks.
const OFFSETS: u64 = 8 + 8 + 4;

/// Blocks of the file, in their order.
#[derive(Clone, Copy)]
enum Block {
    File = 2,
    SymbolDefs = 3,
    Hashed64Defs = 4,
    HashedDefs = 5,
    NamedDefs = 6,
    NamedRefs = 7,
    RelocIndex = 11,
    AuxIndex = 12,
    DataIndex = 13,
    Relocs = 14,
    Aux = 15,
    Data = 16,
}

const SYMBOL_SIZE: u64 = 21;
const RELOC_SIZE: u64 = 23;
const AUX_SIZE: u64 = 9;
const STRING_SIZE: u64 = 8;

/// Numbers of packages that stand for lists of symbols of the object itself.
const PACKAGE_NAMED: u32 = 0x7fff_ffff;
const PACKAGE_HASHED64: u32 = PACKAGE_NAMED - 1;
const PACKAGE_HASHED: u32 = PACKAGE_NAMED - 2;
const PACKAGE_BUILTIN: u32 = PACKAGE_NAMED - 3;
const PACKAGE_SELF: u32 = PACKAGE_NAMED - 4;

/// The version of symbols that only their object sees.
const ABI_STATIC: u16 = 0xffff;

const FLAG_DUPOK: u8 = 1;
const FLAG_NOSPLIT: u8 = 1 << 4;

/// Kinds of auxiliary symbols.
const AUX_FUNC_INFO: u8 = 1;
const AUX_SP: u8 = 7;
const AUX_FILE: u8 = 8;
const AUX_LINE: u8 = 9;

/// Reads what the assembler wrote about a package. `builtins` are the names of symbols that the distribution's objects refer to by number.
pub fn read(package: &str, bytes: &[u8], builtins: &[String]) -> Result<Object, String> {
    let start = bytes.windows(3).position(|w| w == b"\n!\n").ok_or("not an object file of the assembler")?;
    let header = String::from_utf8_lossy(&bytes[..start]).into_owned();
    let machine = header.split(' ').nth(3).unwrap_or_default();
    let quantum = match machine {
        "amd64" | "386" => 1,
        "arm64" | "arm" => 4,
        _ => return Err(format!("object file is for {machine}")),
    };
    let bytes = Bytes(&bytes[start + 3..]);
    if bytes.at(0, MAGIC.len() as u64)? != MAGIC {
        return Err("object file has another format than that of Go 1.27".into());
    }
    Reader { bytes, quantum, builtins }.object(package)
}

struct Reader<'a> {
    bytes: Bytes<'a>,
    quantum: u32,
    builtins: &'a [String],
}

/// How many symbols each list of definitions has; they are numbered in this order.
struct Counts {
    own: u32,
    hashed64: u32,
    hashed: u32,
    named: u32,
}

impl<'a> Reader<'a> {
    /// Where a block begins, and its size.
    fn block(&self, block: Block) -> Result<(u64, u64), String> {
        let at = OFFSETS + 4 * block as u64;
        let (start, end) = (u64::from(self.bytes.u32(at)?), u64::from(self.bytes.u32(at + 4)?));
        let size = end.checked_sub(start).filter(|_| end <= self.bytes.0.len() as u64);
        Ok((start, size.ok_or("blocks of an object file are out of order")?))
    }

    fn object(&self, package: &str) -> Result<Object, String> {
        let count = |block| Ok::<u32, String>((self.block(block)?.1 / SYMBOL_SIZE) as u32);
        let counts = Counts {
            own: count(Block::SymbolDefs)?,
            hashed64: count(Block::Hashed64Defs)?,
            hashed: count(Block::HashedDefs)?,
            named: count(Block::NamedDefs)?,
        };
        let (files, size) = self.block(Block::File)?;
        let mut object = Object { package: package.to_owned(), ..Object::default() };
        for n in 0..size / STRING_SIZE {
            object.files.push(self.bytes.string(files + n * STRING_SIZE)?);
        }
        // Which symbol of the result each definition becomes: tables of functions and the like become none.
        let total = counts.own + counts.hashed64 + counts.hashed + counts.named;
        let (defs, _) = self.block(Block::SymbolDefs)?;
        let mut kept = Vec::new();
        let mut numbers = vec![None; total as usize];
        for n in 0..total {
            let at = defs + u64::from(n) * SYMBOL_SIZE;
            let name = unescaped(self.bytes.string(at)?);
            if let Some(kind) = kind(self.bytes.u8(at + 10)?, &name)?
                && !is_table(&name)
            {
                numbers[n as usize] = Some(kept.len());
                kept.push((n, at, name, kind));
            }
        }
        for (n, at, name, kind) in kept {
            let flags = self.bytes.u8(at + 11)?;
            let relocs = self.relocs(n, &name, &counts, &numbers)?;
            let function = match kind {
                Kind::Text => Some(self.function(n, flags, &counts)?),
                _ => None,
            };
            object.symbols.push(Symbol {
                is_static: self.bytes.u16(at + 8)? == ABI_STATIC,
                dupok: flags & FLAG_DUPOK != 0 || n >= counts.own && n < total - counts.named,
                kind,
                size: self.bytes.u32(at + 13)?,
                align: self.bytes.u32(at + 17)?,
                data: self.data(n)?.to_vec(),
                relocs,
                function,
                name,
            });
        }
        Ok(object)
    }

    /// Start and end in the list of the `n`-th symbol that an index block tells.
    fn range(&self, index: Block, n: u32) -> Result<(u32, u32), String> {
        let (start, size) = self.block(index)?;
        let at = u64::from(n) * 4;
        if at + 8 > size {
            return Err("index of an object file is too short".into());
        }
        Ok((self.bytes.u32(start + at)?, self.bytes.u32(start + at + 4)?))
    }

    fn data(&self, n: u32) -> Result<&'a [u8], String> {
        let (from, to) = self.range(Block::DataIndex, n)?;
        let (start, _) = self.block(Block::Data)?;
        let len = to.checked_sub(from).ok_or("data of an object file is out of order")?;
        self.bytes.at(start + u64::from(from), len.into())
    }

    /// Number of the definition that a reference means.
    fn definition(&self, package: u32, index: u32, counts: &Counts) -> Option<u32> {
        let (before, count) = match package {
            PACKAGE_SELF => (0, counts.own),
            PACKAGE_HASHED64 => (counts.own, counts.hashed64),
            PACKAGE_HASHED => (counts.own + counts.hashed64, counts.hashed),
            PACKAGE_NAMED => (counts.own + counts.hashed64 + counts.hashed, counts.named),
            _ => return None,
        };
        (index < count).then_some(before + index)
    }

    fn relocs(&self, n: u32, name: &str, counts: &Counts, numbers: &[Option<usize>]) -> Result<Vec<Reloc>, String> {
        let (from, to) = self.range(Block::RelocIndex, n)?;
        let (start, _) = self.block(Block::Relocs)?;
        let mut relocs = Vec::new();
        for k in from..to {
            let at = start + u64::from(k) * RELOC_SIZE;
            let size = self.bytes.u8(at + 4)?;
            let typ = self.bytes.u16(at + 5)?;
            let kind = match (typ, size) {
                // R_ADDR
                (1, 4 | 8) => RelocKind::Address(size),
                // R_CALL
                (7, 4) => RelocKind::Call,
                // R_PCREL
                (14, 4) => RelocKind::PcRelative,
                // R_TLS_LE
                (15, 4) => RelocKind::ThreadG,
                // R_CALLIND marks a call through a register for the linker's check of stacks.
                (10, _) => continue,
                _ => return Err(format!("{name}: relocation type {typ} of {size} bytes is not supported")),
            };
            let (package, index) = (self.bytes.u32(at + 15)?, self.bytes.u32(at + 19)?);
            let target = match (package, self.definition(package, index, counts)) {
                (0, _) => SymbolRef::None,
                (_, Some(number)) => match numbers[number as usize] {
                    Some(symbol) => SymbolRef::Defined(symbol),
                    None => return Err(format!("{name}: reference to what is neither code nor data")),
                },
                (PACKAGE_NAMED, None) => {
                    let (refs, size) = self.block(Block::NamedRefs)?;
                    let at = u64::from(index - counts.named) * SYMBOL_SIZE;
                    if at >= size {
                        return Err(format!("{name}: reference to nothing"));
                    }
                    SymbolRef::Named(unescaped(self.bytes.string(refs + at)?))
                }
                (PACKAGE_BUILTIN, None) => match self.builtins.get(index as usize) {
                    Some(builtin) => SymbolRef::Named(builtin.clone()),
                    None => return Err(format!("{name}: reference to built-in symbol {index}")),
                },
                _ => return Err(format!("{name}: reference to package {package:#x}")),
            };
            let offset = self.bytes.u32(at)?;
            relocs.push(Reloc { offset, kind, addend: self.bytes.i64(at + 7)?, target });
        }
        Ok(relocs)
    }

    fn function(&self, n: u32, flags: u8, counts: &Counts) -> Result<Function, String> {
        let (from, to) = self.range(Block::AuxIndex, n)?;
        let (start, _) = self.block(Block::Aux)?;
        let mut function = Function { nosplit: flags & FLAG_NOSPLIT != 0, ..Function::default() };
        for k in from..to {
            let at = start + u64::from(k) * AUX_SIZE;
            let (typ, package, index) = (self.bytes.u8(at)?, self.bytes.u32(at + 1)?, self.bytes.u32(at + 5)?);
            let Some(number) = self.definition(package, index, counts) else { continue };
            let table = || PcValues::decode(self.data(number)?, self.quantum);
            match typ {
                AUX_FUNC_INFO => {
                    let info = Bytes(self.data(number)?);
                    // All ones: the TEXT line does not say.
                    function.args = Some(info.u32(0)?).filter(|&args| args as i32 >= 0);
                    function.start_line = info.u32(12)?;
                }
                AUX_SP => function.sp = table()?,
                AUX_FILE => function.file = table()?,
                AUX_LINE => function.line = table()?,
                _ => {}
            }
        }
        Ok(function)
    }
}

/// What a kind of gc's is for us: nothing for tables and debug information.
fn kind(number: u8, name: &str) -> Result<Option<Kind>, String> {
    Ok(match number {
        1 | 2 => Some(Kind::Text),
        3 | 4 => Some(Kind::Rodata),
        5 | 6 => Some(Kind::Data { pointers: false }),
        7 | 8 => Some(Kind::Data { pointers: true }),
        9 => Some(Kind::Data { pointers: true }),
        10 => Some(Kind::Data { pointers: false }),
        11 => return Err(format!("{name}: thread-local data is not supported")),
        _ => None,
    })
}

/// Import paths are escaped in symbols: a dot in the last element is `%2e`.
fn unescaped(name: String) -> String {
    if !name.contains('%') {
        return name;
    }
    let mut out = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        let code = (first == b'%').then(|| std::str::from_utf8(more.get(..2)?).ok()).flatten();
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &more[2..];
            }
            None => {
                out.push(first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Maps for gc's stack copying, and tables without a name.
fn is_table(name: &str) -> bool {
    name.is_empty() || name.ends_with(".args_stackmap") || name.ends_with(".arginfo0") || name.starts_with("gclocals·")
}
