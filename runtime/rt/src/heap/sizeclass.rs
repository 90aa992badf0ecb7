//! Size classes (the numbers of Go 1.27's allocator) and the tables derived from them.

/// Size classes, with class 0, which no small object has.
pub const NUM: usize = 68;
/// Bytes of the largest class.
pub const MAX_SMALL: usize = 32768;
/// Objects up to this size have their pointer bits in the span.
pub const MAX_IN_SPAN_BITS: usize = 512;
/// Bytes of the type in front of an object that has it there.
pub const HEADER: usize = 8;

/// Bytes of an object, by class.
pub static SIZE: [u16; NUM] = [
    0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448,
    480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096,
    4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072,
    20480, 21760, 24576, 27264, 28672, 32768,
];
/// Pages of a span, by class.
pub static PAGES: [u8; NUM] = [
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2,
    1, 2, 1, 3, 2, 3, 1, 3, 2, 3, 4, 5, 6, 1, 7, 6, 5, 4, 3, 5, 7, 2, 9, 7, 5, 8, 3, 10, 7, 4,
];

const fn table8() -> [u8; 1024 / 8 + 1] {
    let mut t = [0u8; 1024 / 8 + 1];
    let (mut i, mut c) = (0, 1);
    while i <= 1024 / 8 {
        while (SIZE_C[c] as usize) < i * 8 {
            c += 1;
        }
        t[i] = c as u8;
        i += 1;
    }
    t
}
const fn table128() -> [u8; (MAX_SMALL - 1024) / 128 + 1] {
    let mut t = [0u8; (MAX_SMALL - 1024) / 128 + 1];
    let (mut i, mut c) = (0, 1);
    while i <= (MAX_SMALL - 1024) / 128 {
        while (SIZE_C[c] as usize) < 1024 + i * 128 {
            c += 1;
        }
        t[i] = c as u8;
        i += 1;
    }
    t
}
const SIZE_C: [u16; NUM] = SIZE_TABLE;
const SIZE_TABLE: [u16; NUM] = [
    0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448,
    480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096,
    4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072,
    20480, 21760, 24576, 27264, 28672, 32768,
];
static CLASS8: [u8; 1024 / 8 + 1] = table8();
static CLASS128: [u8; (MAX_SMALL - 1024) / 128 + 1] = table128();

/// The class of objects of `size` bytes, at most `MAX_SMALL`.
#[inline(always)]
pub fn class_of(size: usize) -> usize {
    debug_assert!(size <= MAX_SMALL);
    // SAFETY: the tables cover all sizes up to MAX_SMALL.
    unsafe {
        if size <= 1024 {
            *CLASS8.get_unchecked(size.div_ceil(8)) as usize
        } else {
            *CLASS128.get_unchecked((size - 1024).div_ceil(128)) as usize
        }
    }
}

/// Bytes of an object of class `c`.
#[inline(always)]
pub fn class_size(c: usize) -> usize {
    // SAFETY: c < NUM at all callers.
    unsafe { *SIZE.get_unchecked(c) as usize }
}

/// Usable bytes of an allocation of `size` bytes; what `append` grows to.
pub fn round_up_size(size: usize, noscan: bool) -> usize {
    let req = if !noscan && size > MAX_IN_SPAN_BITS { size + HEADER } else { size };
    if req <= MAX_SMALL - HEADER {
        return class_size(class_of(req)) - (req - size);
    }
    // Large: whole pages.
    match size.checked_add(8191) {
        Some(s) => s & !8191,
        None => size,
    }
}

/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_roundupsize(size: usize, noscan: u8) -> usize {
    round_up_size(size, noscan != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn classes_fit_tightly() {
        assert_eq!(SIZE, SIZE_TABLE);
        for size in 1..=MAX_SMALL {
            let c = class_of(size);
            assert!(class_size(c) >= size && class_size(c - 1) < size, "{size}");
        }
    }
    #[test]
    fn growth_numbers_of_gc() {
        assert_eq!(round_up_size(5 * 8, true), 48);
        assert_eq!(round_up_size(848 * 8, true), 6784);
        assert_eq!(round_up_size(520, false), 568);
        assert_eq!(round_up_size(40000, true), 40960);
        assert_eq!(round_up_size(32767, true), 32768);
    }
}
