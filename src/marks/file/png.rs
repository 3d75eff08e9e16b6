//! PNG: chunks (W3C, third edition, 5.3).

use super::bytes::{array, be32, crc32};
use super::room::Frame;
use super::{Edits, FileError, Format, MAX_PIECES, Room};
use std::ops::Range;

const SIGNATURE: usize = 8;
/// A chunk's length and name before its data, its CRC behind.
const HEAD: usize = 8;
const CRC: usize = 4;

pub(super) struct Chunk {
    pub(super) kind: [u8; 4],
    /// The whole chunk.
    pub(super) range: Range<usize>,
    pub(super) data: Range<usize>,
}

fn damaged(what: &'static str) -> FileError {
    FileError::Damaged { format: Format::Png, what }
}

/// The chunks up to `IEND`; IHDR is the first.
pub(super) fn chunks(file: &[u8]) -> Result<Vec<Chunk>, FileError> {
    let mut chunks = Vec::new();
    let mut at = SIGNATURE;
    loop {
        let (Some(length), Some(kind)) = (be32(file, at), array(file, at + 4)) else {
            return Err(damaged("it ends before its last chunk"));
        };
        let end = at.saturating_add(HEAD + CRC).saturating_add(length as usize);
        if end > file.len() {
            return Err(damaged("a chunk is longer than the file"));
        }
        if chunks.is_empty() && &kind != b"IHDR" {
            return Err(damaged("it does not begin with a header"));
        }
        chunks.push(Chunk { kind, range: at..end, data: at + HEAD..end - CRC });
        if &kind == b"IEND" {
            return Ok(chunks);
        }
        if chunks.len() > MAX_PIECES {
            return Err(damaged("it has too many chunks"));
        }
        at = end;
    }
}

/// A chunk as it stands in a file.
pub(super) fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(data);
    let crc = crc32(&chunk[4..]);
    chunk.extend(crc.to_be_bytes());
    chunk
}

/// `caBX`, right behind the header.
pub(super) fn room(file: &[u8], store: usize) -> Result<Room, FileError> {
    let at = chunks(file)?[0].range.end;
    let mut frame = Frame { bytes: (store as u32).to_be_bytes().to_vec(), ..Frame::default() };
    frame.bytes.extend(b"caBX");
    frame.leave(0..store);
    frame.bytes.extend([0; CRC]);
    Ok(Room::new(file, at, frame, Edits::default()).checked(at + 4..at + HEAD + store))
}

pub(super) fn store(file: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
    let mut stores = chunks(file)?.into_iter().filter(|chunk| &chunk.kind == b"caBX");
    match (stores.next(), stores.next()) {
        (Some(_), Some(_)) => Err(damaged("it has two C2PA manifest stores")),
        (store, _) => Ok(store.map(|chunk| file[chunk.data].to_vec())),
    }
}
