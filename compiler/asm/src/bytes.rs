//! Numbers at offsets of a file that may be damaged.

/// The bytes of an object.
#[derive(Clone, Copy)]
pub struct Bytes<'a>(pub &'a [u8]);

/// What is said of files that end too early.
const SHORT: &str = "object file is damaged";

impl<'a> Bytes<'a> {
    /// `len` bytes at `at`.
    pub fn at(self, at: u64, len: u64) -> Result<&'a [u8], String> {
        // Neither is near the largest number: they come from 32 bits.
        self.0.get(at as usize..(at + len) as usize).ok_or_else(|| SHORT.to_owned())
    }

    /// One byte.
    pub fn u8(self, at: u64) -> Result<u8, String> {
        Ok(self.at(at, 1)?[0])
    }

    /// Two bytes, little-endian.
    pub fn u16(self, at: u64) -> Result<u16, String> {
        let bytes = self.at(at, 2)?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    /// Four bytes, little-endian.
    pub fn u32(self, at: u64) -> Result<u32, String> {
        let bytes = self.at(at, 4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Eight bytes, little-endian.
    pub fn i64(self, at: u64) -> Result<i64, String> {
        let (low, high) = (self.u32(at)?, self.u32(at + 4)?);
        Ok(i64::from(low) | i64::from(high) << 32)
    }

    /// The string whose length and offset stand at `at`.
    pub fn string(self, at: u64) -> Result<String, String> {
        let (len, start) = (self.u32(at)?, self.u32(at + 4)?);
        Ok(String::from_utf8_lossy(self.at(start.into(), len.into())?).into_owned())
    }
}
