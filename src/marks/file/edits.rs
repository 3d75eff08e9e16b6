//! What changes in a file: bytes put in, replaced or taken out, all at once.

use std::ops::Range;

/// Bytes of a file as it was, and what stands in their place.
pub(super) type Change = (Range<usize>, Vec<u8>);

/// Changes to one file, by where they are in the file as it was. They do not overlap.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<Change>);

impl Edits {
    /// Puts `bytes` before the byte at `at`, after whatever was put there earlier.
    pub(super) fn insert(&mut self, at: usize, bytes: Vec<u8>) {
        self.0.push((at..at, bytes));
    }

    /// Puts `bytes` in the place of those in `range`.
    pub(super) fn replace(&mut self, range: Range<usize>, bytes: Vec<u8>) {
        self.0.push((range, bytes));
    }

    /// Takes the bytes in `range` out.
    pub(super) fn remove(&mut self, range: Range<usize>) {
        self.replace(range, Vec::new());
    }

    /// How much longer the file gets, in bytes.
    pub(super) fn growth(&self) -> i64 {
        self.0.iter().map(growth).sum()
    }

    /// Where the byte that was at `at` stands afterwards; it must not be one of those that are replaced.
    pub(super) fn moved(&self, at: u64) -> u64 {
        let before = self.0.iter().filter(|(range, _)| range.end as u64 <= at);
        at.saturating_add_signed(before.map(growth).sum())
    }

    /// The file with all changes made.
    pub(super) fn apply(mut self, file: &[u8]) -> Vec<u8> {
        self.0.sort_by_key(|(range, _)| (range.start, range.end)); // stable: insertions at one place stay in their order
        let mut result = Vec::with_capacity(file.len().saturating_add_signed(self.growth() as isize));
        let mut kept = 0;
        for (range, bytes) in self.0 {
            result.extend_from_slice(file.get(kept..range.start).unwrap_or_default());
            result.extend(bytes);
            kept = kept.max(range.end);
        }
        result.extend_from_slice(file.get(kept..).unwrap_or_default());
        result
    }
}

fn growth((range, bytes): &Change) -> i64 {
    bytes.len() as i64 - range.len() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_made_in_order_and_offsets_follow() {
        let file = b"0123456789";
        let mut edits = Edits::default();
        edits.replace(6..8, b"x".to_vec());
        edits.insert(2, b"ab".to_vec());
        edits.insert(2, b"c".to_vec());
        edits.remove(3..5);
        assert_eq!(edits.growth(), 0);
        let offsets: Vec<u64> = [0, 2, 5, 8, 9].map(|at| edits.moved(at)).into();
        let result = edits.apply(file);
        assert_eq!(result, b"01abc25x89");
        for (was, is) in [0, 2, 5, 8, 9].into_iter().zip(offsets) {
            assert_eq!(result[is as usize], file[was], "{was}");
        }
    }
}
