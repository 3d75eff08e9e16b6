//! Room for a C2PA manifest store: the file around it is final, so that it can be hashed before the store is written.

use super::Edits;
use super::bytes::crc32;
use std::ops::Range;

/// A file with room for a C2PA manifest store.
#[derive(Debug, Clone)]
pub struct Room {
    /// The file; where the store goes there are zeros.
    pub bytes: Vec<u8>,
    /// Which bytes of the store go where: the first byte's place in the file, and the store's bytes. JPEG repeats the
    /// beginning in every segment.
    pieces: Vec<(usize, Range<usize>)>,
    /// What a data hash must leave out: the segments, the chunk or the extension as a whole, one beside the other.
    pub excluded: Vec<Range<usize>>,
    /// Bytes whose CRC-32 stands right behind them (PNG).
    checked: Option<Range<usize>>,
    store: usize,
}

/// What is put round a store: the bytes, the store's own being zero, and which of the store's bytes go where in them.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) bytes: Vec<u8>,
    pub(super) pieces: Vec<(usize, Range<usize>)>,
}

impl Frame {
    /// Leaves room for the bytes `piece` of the store.
    pub(super) fn leave(&mut self, piece: Range<usize>) {
        let at = self.bytes.len();
        self.bytes.resize(at + piece.len(), 0);
        self.pieces.push((at, piece));
    }
}

impl Room {
    /// The room that `frame` makes before the byte at `at`, beside other `edits` of which none moves that byte.
    pub(super) fn new(file: &[u8], at: usize, frame: Frame, mut edits: Edits) -> Self {
        let store = frame.pieces.iter().map(|(_, piece)| piece.end).max().unwrap_or(0);
        let excluded = at..at + frame.bytes.len();
        let pieces = frame.pieces.into_iter().map(|(inside, piece)| (at + inside, piece)).collect();
        edits.insert(at, frame.bytes);
        Self { bytes: edits.apply(file), pieces, excluded: vec![excluded], checked: None, store }
    }

    /// Has the CRC-32 of the bytes `range` written right behind them when the room is filled.
    pub(super) fn checked(mut self, range: Range<usize>) -> Self {
        self.checked = Some(range);
        self
    }

    /// The finished file.
    ///
    /// # Panics
    /// When `store` is not exactly as long as was asked for.
    pub fn fill(mut self, store: &[u8]) -> Vec<u8> {
        assert_eq!(store.len(), self.store, "the room was made for a store of another length");
        for (at, piece) in self.pieces {
            self.bytes[at..at + piece.len()].copy_from_slice(&store[piece]);
        }
        if let Some(range) = self.checked {
            let crc = crc32(&self.bytes[range.clone()]).to_be_bytes();
            self.bytes[range.end..range.end + crc.len()].copy_from_slice(&crc);
        }
        self.bytes
    }
}
