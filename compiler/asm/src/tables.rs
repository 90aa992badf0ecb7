//! Tables from program counters to values, as gc's linker has them.

/// Values over ranges of a function's code.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PcValues {
    /// Start of each range, and its value; a range ends where the next begins. Ascending.
    pub ranges: Vec<(u32, i32)>,
}

impl PcValues {
    /// Decodes pairs of a zigzag difference of values and a difference of program counters; the first value is the difference from -1.
    /// On machines whose instructions are words counters count those (`quantum` bytes).
    pub fn decode(mut bytes: &[u8], quantum: u32) -> Result<PcValues, String> {
        let mut table = PcValues::default();
        let (mut pc, mut value) = (0u32, -1i32);
        while !bytes.is_empty() {
            let difference = number(&mut bytes)?;
            // The table may end itself by a difference of nothing.
            if difference == 0 && pc != 0 {
                break;
            }
            value = value.wrapping_add((difference >> 1) as i32 ^ -((difference & 1) as i32));
            table.ranges.push((pc, value));
            pc = pc.wrapping_add(number(&mut bytes)?.wrapping_mul(quantum));
        }
        Ok(table)
    }

    /// The value at `pc`.
    pub fn at(&self, pc: u32) -> Option<i32> {
        let next = self.ranges.partition_point(|&(start, _)| start <= pc);
        Some(self.ranges[next.checked_sub(1)?].1)
    }

    /// The largest value.
    pub fn max(&self) -> i32 {
        self.ranges.iter().map(|&(_, value)| value).max().unwrap_or(0)
    }
}

fn number(bytes: &mut &[u8]) -> Result<u32, String> {
    let mut value = 0u32;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or("table of an object file ends early")?;
        *bytes = rest;
        value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("number in a table of an object file is too long".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_differences() {
        // 0 for 4 bytes, 16 for 300 bytes, 8 for the rest.
        let table = PcValues::decode(&[2, 4, 32, 0xac, 2, 15, 1, 0], 1).unwrap();
        assert_eq!(table.ranges, [(0, 0), (4, 16), (304, 8)]);
        assert_eq!([table.at(0), table.at(4), table.at(303), table.at(1000)], [0, 16, 16, 8].map(Some));
        assert_eq!(table.max(), 16);
        assert_eq!(PcValues::decode(&[2, 1], 4).unwrap().ranges, [(0, 0)]);
        assert!(PcValues::decode(&[2], 1).is_err());
        assert!(PcValues::decode(&[0xff; 9], 1).is_err());
        assert_eq!(PcValues::default().at(3), None);
    }
}
