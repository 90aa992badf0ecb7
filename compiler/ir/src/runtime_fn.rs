//! The functions of package runtime that compiled code calls.
//!
//! One table gives each its name, its flattened signature, and whether it comes back. Lowering finds the declarations through it (and
//! stops if one has another signature), [`Program`] knows which function of the program is which, and passes and code generation
//! ask for `RuntimeFn::NewObject` instead of comparing names. [`RuntimeFn::ROOTS`] are those that the Rust runtime refers to.
//!
//! A body may have another symbol (`runtime.mapassign` is pushed by internal/runtime/maps): the text form of the IR then
//! says `runtime "mapassign"` in the declaration.

use crate::entities::FuncId;
use crate::inst::Type::{self, *};
use crate::program::{CallConv, Program, Signature};

macro_rules! runtime_fns {
    (@results !) => { &[] };
    (@results ($($result:ident),*)) => { &[$($result),*] };
    (@noreturn !) => { true };
    (@noreturn $other:tt) => { false };
    ($($(#[$doc:meta])* $variant:ident = $name:literal ($($param:ident),*) -> $results:tt;)*) => {
        /// A function of package runtime that compiled code calls.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum RuntimeFn {
            $($(#[$doc])* $variant,)*
        }

        const TABLE: &[Entry] = &[$(Entry {
            symbol: concat!("runtime.", $name),
            params: &[$($param),*],
            results: runtime_fns!(@results $results),
            noreturn: runtime_fns!(@noreturn $results),
        }),*];

        impl RuntimeFn {
            /// All of them, in the order of their numbers.
            pub const ALL: &[RuntimeFn] = &[$(RuntimeFn::$variant),*];

            /// The one with that name in package runtime.
            pub fn from_name(name: &str) -> Option<RuntimeFn> {
                match name {
                    $($name => Some(RuntimeFn::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

struct Entry {
    symbol: &'static str,
    params: &'static [Type],
    results: &'static [Type],
    noreturn: bool,
}

runtime_fns! {
    // ---- entry points of the Rust runtime
    /// Body of the main goroutine.
    Main = "main" () -> ();
    /// Panics after a fault; called on the faulting goroutine's stack.
    SigPanic = "sigpanic" () -> !;
    /// Outermost frame of every goroutine in lists of callers.
    GoExit = "goexit" () -> ();

    // ---- memory
    /// A zeroed object: (type).
    NewObject = "newobject" (Ptr) -> (Ptr);
    /// The array of a slice: (element type, length, capacity).
    MakeSlice = "makeslice" (Ptr, I64, I64) -> (Ptr);
    /// A larger array for `append`: (old array, new length, old capacity, number added, element type).
    GrowSlice = "growslice" (Ptr, I64, I64, I64, Ptr) -> (Ptr, I64, I64);
    /// Copies a value with write barriers: (type, destination, source).
    TypedMemMove = "typedmemmove" (Ptr, Ptr, Ptr) -> ();
    /// Clears a value with write barriers: (type, address).
    TypedMemClr = "typedmemclr" (Ptr, Ptr) -> ();
    /// Copies elements with write barriers: (element type, destination, length, source, length).
    TypedSliceCopy = "typedslicecopy" (Ptr, Ptr, I64, Ptr, I64) -> (I64);
    /// Overlapping copy of values without pointers: (destination, source, bytes).
    MemMoveBytes = "memmoveBytes" (Ptr, Ptr, I64) -> ();
    /// Overlapping copy: (destination, source, bytes).
    MemMove = "memmove" (Ptr, Ptr, I64) -> ();
    /// Clears memory with pointers in it: (address, bytes).
    MemClrHasPointers = "memclrHasPointers" (Ptr, I64) -> ();
    /// Clears memory without pointers: (address, bytes).
    MemClrNoHeapPointers = "memclrNoHeapPointers" (Ptr, I64) -> ();
    /// The write barrier of an atomic operation on a pointer, after it: (what it has replaced).
    AtomicWriteBarrier = "atomicwb" (Ptr) -> ();
    /// Checks `unsafe.Slice`: (element type, pointer, length).
    UnsafeSlice = "unsafeslice" (Ptr, Ptr, I64) -> ();
    /// Checks `unsafe.String`: (pointer, length).
    UnsafeString = "unsafestring" (Ptr, I64) -> ();

    // ---- comparison and hashes: (address, seed)
    /// Are the bytes equal: (address, address, bytes).
    MemEqual = "memequal" (Ptr, Ptr, I64) -> (I8);
    /// Order of two strings: negative, zero or positive.
    CmpString = "cmpstring" (Ptr, I64, Ptr, I64) -> (I64);
    /// Are two `any` with the same type word equal: (type, data, data).
    EfaceEq = "efaceeq" (Ptr, Ptr, Ptr) -> (I8);
    /// Are two interfaces with the same itab equal: (itab, data, data).
    IfaceEq = "ifaceeq" (Ptr, Ptr, Ptr) -> (I8);
    /// Hash of bytes: (address, seed, bytes).
    MemHash = "memhash" (Ptr, I64, I64) -> (I64);
    /// Hash of four bytes.
    MemHash32 = "memhash32" (Ptr, I64) -> (I64);
    /// Hash of eight bytes.
    MemHash64 = "memhash64" (Ptr, I64) -> (I64);
    /// Hash of a string.
    StrHash = "strhash" (Ptr, I64) -> (I64);
    /// Hash of a float32.
    F32Hash = "f32hash" (Ptr, I64) -> (I64);
    /// Hash of a float64.
    F64Hash = "f64hash" (Ptr, I64) -> (I64);
    /// Hash of a complex64.
    C64Hash = "c64hash" (Ptr, I64) -> (I64);
    /// Hash of a complex128.
    C128Hash = "c128hash" (Ptr, I64) -> (I64);
    /// Hash of an interface with methods.
    InterHash = "interhash" (Ptr, I64) -> (I64);
    /// Hash of an `any`.
    NilInterHash = "nilinterhash" (Ptr, I64) -> (I64);

    // ---- strings and numbers
    /// `a + b`.
    ConcatString2 = "concatstring2" (Ptr, I64, Ptr, I64) -> (Ptr, I64);
    /// `a + b + c`.
    ConcatString3 = "concatstring3" (Ptr, I64, Ptr, I64, Ptr, I64) -> (Ptr, I64);
    /// The sum of a slice of strings.
    ConcatStrings = "concatstrings" (Ptr, I64, I64) -> (Ptr, I64);
    /// `string(integer)`.
    IntString = "intstring" (I64) -> (Ptr, I64);
    /// `string([]byte)`: (address, length).
    SliceByteToString = "slicebytetostring" (Ptr, I64) -> (Ptr, I64);
    /// `string([]rune)`.
    SliceRuneToString = "slicerunetostring" (Ptr, I64, I64) -> (Ptr, I64);
    /// `[]byte(string)`.
    StringToSliceByte = "stringtoslicebyte" (Ptr, I64) -> (Ptr, I64, I64);
    /// `[]rune(string)`.
    StringToSliceRune = "stringtoslicerune" (Ptr, I64) -> (Ptr, I64, I64);
    /// As `ConcatString2`, with a buffer of 32 bytes for a short result that does not outlive the frame.
    ConcatString2Buf = "concatstring2buf" (Ptr, Ptr, I64, Ptr, I64) -> (Ptr, I64);
    /// As `ConcatString3`, with such a buffer.
    ConcatString3Buf = "concatstring3buf" (Ptr, Ptr, I64, Ptr, I64, Ptr, I64) -> (Ptr, I64);
    /// As `SliceByteToString`, with such a buffer.
    SliceByteToStringBuf = "slicebytetostringbuf" (Ptr, Ptr, I64) -> (Ptr, I64);
    /// As `StringToSliceByte`, with such a buffer.
    StringToSliceByteBuf = "stringtoslicebytebuf" (Ptr, Ptr, I64) -> (Ptr, I64, I64);
    /// As `IntString`, with such a buffer.
    IntStringBuf = "intstringbuf" (Ptr, I64) -> (Ptr, I64);
    /// As `StringToSliceRune`, with a buffer of 32 runes.
    StringToSliceRuneBuf = "stringtoslicerunebuf" (Ptr, Ptr, I64) -> (Ptr, I64, I64);
    /// As `MakeSlice`, with a buffer of 32 bytes for a short array that does not outlive the frame.
    MakeSliceBuf = "makeslicebuf" (Ptr, Ptr, I64, I64) -> (Ptr);
    /// As `GrowSlice`, with a buffer that holds the first arrays of such a slice, each once: see `sliceBuf` in package runtime.
    GrowSliceBuf = "growslicebuf" (Ptr, Ptr, I64, I64, I64, Ptr) -> (Ptr, I64, I64);
    /// As `MakeMapSmall`, with room for the map and one group.
    MakeMapSmallBuf = "makesmallmapbuf" (Ptr, Ptr) -> (Ptr);
    /// The rune at an index of a string and the index behind it.
    DecodeRune = "decoderune" (Ptr, I64, I64) -> (I32, I64);
    /// Division of complex numbers.
    Complex128Div = "complex128div" (F64, F64, F64, F64) -> (F64, F64);

    // ---- interfaces
    /// The data word of a value of two bytes in an interface.
    ConvT16 = "convT16" (I16) -> (Ptr);
    /// Of four bytes.
    ConvT32 = "convT32" (I32) -> (Ptr);
    /// Of eight bytes.
    ConvT64 = "convT64" (I64) -> (Ptr);
    /// Of a string.
    ConvTString = "convTstring" (Ptr, I64) -> (Ptr);
    /// Of a slice.
    ConvTSlice = "convTslice" (Ptr, I64, I64) -> (Ptr);
    /// The itab of an interface type and a dynamic type; panics if there is none.
    AssertE2I = "assertE2I" (Ptr, Ptr) -> (Ptr);
    /// The itab of an interface type and a dynamic type, or nil.
    AssertE2I2 = "assertE2I2" (Ptr, Ptr) -> (Ptr);
    /// Runs the function of `reflect.MakeFunc` on a frame of arguments: (func value, frame). Only with package reflect.
    ReflectMake = "reflect_make" (Ptr, Ptr) -> ();
    /// What methods lead to that nothing can call.
    UnreachableMethod = "unreachableMethod" () -> ();

    // ---- maps: (map type, map, key)
    /// A map for a few entries: (type).
    MakeMapSmall = "makesmallmap" (Ptr) -> (Ptr);
    /// A map: (type, size hint, memory to use or nil).
    MakeMap = "makemap" (Ptr, I64, Ptr) -> (Ptr);
    /// Empties a map.
    MapClear = "mapclear" (Ptr, Ptr) -> ();
    /// Starts an iteration: (type, map, iterator).
    MapIterStart = "mapIterStart" (Ptr, Ptr, Ptr) -> ();
    /// Goes on to the next entry: (iterator).
    MapIterNext = "mapIterNext" (Ptr) -> ();
    /// Address of an element or of zeros.
    MapAccess1 = "mapaccess1" (Ptr, Ptr, Ptr) -> (Ptr);
    /// As `MapAccess1`, keys of four bytes.
    MapAccess1Fast32 = "mapaccess1_fast32" (Ptr, Ptr, I32) -> (Ptr);
    /// As `MapAccess1`, keys of eight bytes.
    MapAccess1Fast64 = "mapaccess1_fast64" (Ptr, Ptr, I64) -> (Ptr);
    /// As `MapAccess1`, strings.
    MapAccess1FastStr = "mapaccess1_faststr" (Ptr, Ptr, Ptr, I64) -> (Ptr);
    /// Address of an element or of zeros, and whether it is there.
    MapAccess2 = "mapaccess2" (Ptr, Ptr, Ptr) -> (Ptr, I8);
    /// As `MapAccess2`, keys of four bytes.
    MapAccess2Fast32 = "mapaccess2_fast32" (Ptr, Ptr, I32) -> (Ptr, I8);
    /// As `MapAccess2`, keys of eight bytes.
    MapAccess2Fast64 = "mapaccess2_fast64" (Ptr, Ptr, I64) -> (Ptr, I8);
    /// As `MapAccess2`, strings.
    MapAccess2FastStr = "mapaccess2_faststr" (Ptr, Ptr, Ptr, I64) -> (Ptr, I8);
    /// Address of an element, which is made if it is not there.
    MapAssign = "mapassign" (Ptr, Ptr, Ptr) -> (Ptr);
    /// As `MapAssign`, keys of four bytes.
    MapAssignFast32 = "mapassign_fast32" (Ptr, Ptr, I32) -> (Ptr);
    /// As `MapAssign`, keys of eight bytes.
    MapAssignFast64 = "mapassign_fast64" (Ptr, Ptr, I64) -> (Ptr);
    /// As `MapAssign`, pointers.
    MapAssignFast64Ptr = "mapassign_fast64ptr" (Ptr, Ptr, Ptr) -> (Ptr);
    /// As `MapAssign`, strings.
    MapAssignFastStr = "mapassign_faststr" (Ptr, Ptr, Ptr, I64) -> (Ptr);
    /// Removes an entry.
    MapDelete = "mapdelete" (Ptr, Ptr, Ptr) -> ();
    /// As `MapDelete`, keys of four bytes.
    MapDeleteFast32 = "mapdelete_fast32" (Ptr, Ptr, I32) -> ();
    /// As `MapDelete`, keys of eight bytes.
    MapDeleteFast64 = "mapdelete_fast64" (Ptr, Ptr, I64) -> ();
    /// As `MapDelete`, strings.
    MapDeleteFastStr = "mapdelete_faststr" (Ptr, Ptr, Ptr, I64) -> ();

    // ---- goroutines and channels
    /// Starts a goroutine: (func value).
    NewProc = "newproc" (Ptr) -> ();
    /// `select {}`.
    Block = "block" () -> !;
    /// A channel: (type, capacity).
    MakeChan = "makechan" (Ptr, I64) -> (Ptr);
    /// Sends the value at an address: (channel, address).
    ChanSend1 = "chansend1" (Ptr, Ptr) -> ();
    /// Receives to an address (or nil).
    ChanRecv1 = "chanrecv1" (Ptr, Ptr) -> ();
    /// As `ChanRecv1`; was a value received?
    ChanRecv2 = "chanrecv2" (Ptr, Ptr) -> (I8);
    /// `close`.
    CloseChan = "closechan" (Ptr) -> ();
    /// `len` of a channel.
    ChanLen = "chanlen" (Ptr) -> (I64);
    /// `cap` of a channel.
    ChanCap = "chancap" (Ptr) -> (I64);
    /// `select`: (cases, order, sends, receives, block?) gives the chosen case and whether a value was received.
    SelectGo = "selectgo" (Ptr, Ptr, I64, I64, I8) -> (I64, I8);

    // ---- defer, panic, recover
    /// Defers a call, record on the heap: (func value, recovery record).
    DeferProc = "deferproc" (Ptr, Ptr) -> ();
    /// Defers a call, record in the frame: (record, func value, recovery record).
    DeferProcStack = "deferprocStack" (Ptr, Ptr, Ptr) -> ();
    /// Defers a call from the body of a range over a function.
    DeferProcRange = "deferprocRange" (Ptr, Ptr) -> ();
    /// Prepares a function whose range bodies defer calls: (recovery record).
    DeferRange = "deferrange" (Ptr) -> ();
    /// Runs the deferred calls of a frame: (recovery record).
    DeferReturn = "deferreturn" (Ptr) -> ();
    /// `panic`.
    GoPanic = "gopanic" (Ptr, Ptr) -> !;
    /// `recover`: (frame pointer of the caller of the function that recovers).
    GoRecover = "gorecover" (I64) -> (Ptr, Ptr);
    /// Ends the program with a text.
    Throw = "throw" (Ptr, I64) -> !;
    /// Index out of range: (index, length).
    PanicIndex = "panicIndex" (I64, I64) -> !;
    /// As `PanicIndex`, unsigned index.
    PanicIndexU = "panicIndexU" (I64, I64) -> !;
    /// `s[:x]`, x above the length.
    PanicSliceAlen = "panicSliceAlen" (I64, I64) -> !;
    /// As `PanicSliceAlen`, unsigned.
    PanicSliceAlenU = "panicSliceAlenU" (I64, I64) -> !;
    /// `s[:x]`, x above the capacity.
    PanicSliceAcap = "panicSliceAcap" (I64, I64) -> !;
    /// As `PanicSliceAcap`, unsigned.
    PanicSliceAcapU = "panicSliceAcapU" (I64, I64) -> !;
    /// `s[x:y]`, x above y.
    PanicSliceB = "panicSliceB" (I64, I64) -> !;
    /// As `PanicSliceB`, unsigned.
    PanicSliceBU = "panicSliceBU" (I64, I64) -> !;
    /// `s[::x]`, x above the length.
    PanicSlice3Alen = "panicSlice3Alen" (I64, I64) -> !;
    /// As `PanicSlice3Alen`, unsigned.
    PanicSlice3AlenU = "panicSlice3AlenU" (I64, I64) -> !;
    /// `s[::x]`, x above the capacity.
    PanicSlice3Acap = "panicSlice3Acap" (I64, I64) -> !;
    /// As `PanicSlice3Acap`, unsigned.
    PanicSlice3AcapU = "panicSlice3AcapU" (I64, I64) -> !;
    /// `s[:x:y]`, x above y.
    PanicSlice3B = "panicSlice3B" (I64, I64) -> !;
    /// As `PanicSlice3B`, unsigned.
    PanicSlice3BU = "panicSlice3BU" (I64, I64) -> !;
    /// `s[x:y:]`, x above y.
    PanicSlice3C = "panicSlice3C" (I64, I64) -> !;
    /// As `PanicSlice3C`, unsigned.
    PanicSlice3CU = "panicSlice3CU" (I64, I64) -> !;
    /// A slice is too short for the array that it is converted to: (length, wanted).
    PanicSliceConvert = "panicSliceConvert" (I64, I64) -> !;
    /// `make` of a slice with a length that no slice can have.
    PanicMakeSliceLen = "panicmakeslicelen" () -> !;
    /// Division by zero.
    PanicDivide = "panicdivide" () -> !;
    /// Negative shift count.
    PanicShift = "panicshift" () -> !;
    /// `x.(T)` of an `any`: (type of x, T, type of the interface).
    PanicDotTypeE = "panicdottypeE" (Ptr, Ptr, Ptr) -> !;
    /// `x.(T)` of another interface: (itab of x, T, type of the interface).
    PanicDotTypeI = "panicdottypeI" (Ptr, Ptr, Ptr) -> !;
    /// `x.(T)` of a nil interface: (T).
    PanicNilDotType = "panicnildottype" (Ptr) -> !;
    /// A method of a value called through a nil pointer: (text).
    PanicWrap = "panicwrap" (Ptr, I64) -> !;
    /// A range body called when its loop is over: (state).
    PanicRangeState = "panicrangestate" (I64) -> !;

    // ---- print and println
    /// Begins a line that no other goroutine prints into.
    PrintLock = "printlock" () -> ();
    /// Ends it.
    PrintUnlock = "printunlock" () -> ();
    /// A blank.
    PrintSp = "printsp" () -> ();
    /// The end of the line.
    PrintNl = "printnl" () -> ();
    /// A bool.
    PrintBool = "printbool" (I8) -> ();
    /// A signed integer.
    PrintInt = "printint" (I64) -> ();
    /// An unsigned integer.
    PrintUint = "printuint" (I64) -> ();
    /// A `runtime.hex`.
    PrintHex = "printhex" (I64) -> ();
    /// A float32.
    PrintFloat32 = "printfloat32" (F32) -> ();
    /// A float64.
    PrintFloat64 = "printfloat64" (F64) -> ();
    /// A complex64.
    PrintComplex64 = "printcomplex64" (F32, F32) -> ();
    /// A complex128.
    PrintComplex128 = "printcomplex128" (F64, F64) -> ();
    /// A string.
    PrintString = "printstring" (Ptr, I64) -> ();
    /// A pointer-shaped value.
    PrintPointer = "printpointer" (Ptr) -> ();
    /// A slice.
    PrintSlice = "printslice" (Ptr, I64, I64) -> ();
    /// An `any`.
    PrintEface = "printeface" (Ptr, Ptr) -> ();
    /// Another interface.
    PrintIface = "printiface" (Ptr, Ptr) -> ();

    // ---- profiles
    /// Turns on the sampling of allocations, in programs that can ask for the profile.
    EnableMemProfile = "enableMemProfile" () -> ();
}

/// Bytes of short strings in frames (`tmpBuf` in package runtime).
const STRING_BUFFER: u64 = 32;
/// Bytes that short arrays have in the frame, as with gc.
const SLICE_BUFFER: u64 = 32;
/// Bytes of `sliceBuf` in package runtime: a count, and room for two arrays of that size.
const GROW_BUFFER: u64 = 8 + 2 * SLICE_BUFFER;
/// Offset of the size of a group in `internal/abi.MapType`.
pub const MAP_TYPE_GROUP_SIZE: usize = 80;
/// Bytes of `internal/runtime/maps.Map`.
const SMALL_MAP: u64 = 48;

impl RuntimeFn {
    /// How many there are.
    pub const COUNT: usize = TABLE.len();

    /// Those that the Rust runtime refers to by symbol: they are there in every program.
    pub const ROOTS: &[RuntimeFn] = &[RuntimeFn::Main, RuntimeFn::SigPanic, RuntimeFn::GoExit];

    /// Those that instructions become calls of: they are there in every program, too.
    pub const OF_INSTRUCTIONS: &[RuntimeFn] = &[RuntimeFn::NewObject, RuntimeFn::TypedMemMove, RuntimeFn::TypedMemClr];

    fn entry(self) -> &'static Entry {
        &TABLE[self as usize]
    }

    /// Its symbol: `runtime.newobject`.
    pub fn symbol(self) -> &'static str {
        self.entry().symbol
    }

    /// Its name in package runtime.
    pub fn name(self) -> &'static str {
        &self.symbol()["runtime.".len()..]
    }

    /// The flattened signature that compiled code calls it with.
    pub fn signature(self) -> Signature {
        let Entry { params, results, .. } = self.entry();
        Signature { params: params.to_vec(), results: results.to_vec(), conv: CallConv::Go }
    }

    /// Does its declaration have this signature?
    pub fn has_signature(self, sig: &Signature) -> bool {
        sig.params == self.entry().params && sig.results == self.entry().results && sig.conv == CallConv::Go
    }

    /// The same function with a buffer in the caller's frame as its first argument, and how many bytes that has.
    pub fn with_buffer(self) -> Option<(RuntimeFn, u64)> {
        Some(match self {
            RuntimeFn::ConcatString2 => (RuntimeFn::ConcatString2Buf, STRING_BUFFER),
            RuntimeFn::ConcatString3 => (RuntimeFn::ConcatString3Buf, STRING_BUFFER),
            RuntimeFn::SliceByteToString => (RuntimeFn::SliceByteToStringBuf, STRING_BUFFER),
            RuntimeFn::StringToSliceByte => (RuntimeFn::StringToSliceByteBuf, STRING_BUFFER),
            RuntimeFn::IntString => (RuntimeFn::IntStringBuf, STRING_BUFFER),
            RuntimeFn::StringToSliceRune => (RuntimeFn::StringToSliceRuneBuf, 4 * STRING_BUFFER),
            RuntimeFn::MakeSlice => (RuntimeFn::MakeSliceBuf, SLICE_BUFFER),
            RuntimeFn::GrowSlice => (RuntimeFn::GrowSliceBuf, GROW_BUFFER),
            // And a group, whose size the type of the map tells.
            RuntimeFn::MakeMapSmall => (RuntimeFn::MakeMapSmallBuf, SMALL_MAP),
            _ => return None,
        })
    }

    /// Size of the value that it puts into a new object; its arguments are the words of the value.
    pub fn boxed_size(self) -> Option<u64> {
        Some(match self {
            RuntimeFn::ConvT16 => 2,
            RuntimeFn::ConvT32 => 4,
            RuntimeFn::ConvT64 => 8,
            RuntimeFn::ConvTString => 16,
            RuntimeFn::ConvTSlice => 24,
            _ => return None,
        })
    }

    /// Is its first argument such a buffer?
    pub fn takes_buffer(self) -> bool {
        (RuntimeFn::ConcatString2Buf..=RuntimeFn::MakeMapSmallBuf).contains(&self)
    }

    /// Calls do not come back.
    pub fn is_noreturn(self) -> bool {
        self.entry().noreturn
    }

    /// Does it panic because an index or a bound of a slice is out of range?
    pub fn is_bounds_panic(self) -> bool {
        (RuntimeFn::PanicIndex..=RuntimeFn::PanicSlice3CU).contains(&self)
    }

    /// The one whose symbol this is.
    pub fn from_symbol(symbol: &str) -> Option<RuntimeFn> {
        RuntimeFn::from_name(symbol.strip_prefix("runtime.")?)
    }
}

/// Which function of a program each [`RuntimeFn`] is.
#[derive(Clone, Debug)]
pub struct RuntimeFns([Option<FuncId>; RuntimeFn::COUNT]);

impl Default for RuntimeFns {
    fn default() -> Self {
        RuntimeFns([None; RuntimeFn::COUNT])
    }
}

impl Program {
    /// The function that is `f`, if the program has it.
    pub fn runtime_fn(&self, f: RuntimeFn) -> Option<FuncId> {
        self.runtime_fns.0[f as usize]
    }

    /// Notes that the function `id` is `f`.
    pub fn set_runtime_fn(&mut self, f: RuntimeFn, id: FuncId) {
        self.runtime_fns.0[f as usize] = Some(id);
        self.funcs[id].runtime = Some(f);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_agree() {
        for (n, &f) in RuntimeFn::ALL.iter().enumerate() {
            assert_eq!(f as usize, n);
            assert_eq!(RuntimeFn::from_symbol(f.symbol()), Some(f));
            assert_eq!(format!("runtime.{}", f.name()), f.symbol());
        }
        assert_eq!(RuntimeFn::from_symbol("main.newobject"), None);
    }
}
