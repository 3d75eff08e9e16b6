//! RIFF: chunks of WebP (RFC 9649, 2.3) and WAV.

use super::bytes::{array, le32};
use super::room::Frame;
use super::{Edits, FileError, Format, MAX_PIECES, Room};
use std::ops::Range;

/// A chunk's name and length before its data.
const HEAD: usize = 8;
/// `RIFF`, its length, and what it is.
const FORM: usize = 12;

pub(super) struct Chunk {
    pub(super) kind: [u8; 4],
    /// The whole chunk, with the byte that makes its length even.
    pub(super) range: Range<usize>,
    pub(super) data: Range<usize>,
}

/// The chunks in `within`, a RIFF form's or a list's data. A last chunk that claims more than there is ends where the data ends:
/// recorders that were cut short write such files, and players play them.
pub(super) fn chunks(file: &[u8], within: Range<usize>, format: Format) -> Result<Vec<Chunk>, FileError> {
    let mut chunks = Vec::new();
    let mut at = within.start;
    while let (Some(kind), Some(length), true) = (array(file, at), le32(file, at + 4), at + HEAD <= within.end) {
        let end = (at + HEAD).saturating_add(length as usize).min(within.end);
        let even = end.saturating_add(length as usize % 2).min(within.end);
        chunks.push(Chunk { kind, range: at..even, data: at + HEAD..end });
        if chunks.len() > MAX_PIECES {
            return Err(FileError::Damaged { format, what: "it has too many chunks" });
        }
        at = even;
    }
    Ok(chunks)
}

/// Where the form's chunks are: behind its head, up to the end that it claims or the file's.
pub(super) fn form(file: &[u8]) -> Range<usize> {
    let claimed = le32(file, 4).map_or(0, |length| length as usize).saturating_add(HEAD);
    FORM..claimed.clamp(FORM, file.len())
}

/// A chunk as it stands in a file.
pub(super) fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = kind.to_vec();
    chunk.extend((data.len() as u32).to_le_bytes());
    chunk.extend(data);
    chunk.extend(vec![0; data.len() % 2]);
    chunk
}

/// Adds the form's new length to `edits`, which must hold every other change already; `more` bytes are still to come.
pub(super) fn resize(file: &[u8], edits: &mut Edits, more: usize) {
    let length = (form(file).end - HEAD).saturating_add_signed(edits.growth() as isize) + more;
    edits.replace(4..8, (length as u32).to_le_bytes().to_vec());
}

/// A chunk `C2PA` behind all others.
pub(super) fn room(file: &[u8], format: Format, store: usize) -> Result<Room, FileError> {
    let form = form(file);
    if form.len() % 2 == 1 {
        return Err(FileError::Damaged { format, what: "its last chunk is cut off" });
    }
    let mut frame = Frame { bytes: b"C2PA".to_vec(), ..Frame::default() };
    frame.bytes.extend((store as u32).to_le_bytes());
    frame.leave(0..store);
    frame.bytes.extend(vec![0; store % 2]);
    let mut edits = Edits::default();
    resize(file, &mut edits, frame.bytes.len());
    Ok(Room::new(file, form.end, frame, edits))
}

pub(super) fn store(file: &[u8], format: Format) -> Result<Option<Vec<u8>>, FileError> {
    let mut stores = chunks(file, form(file), format)?.into_iter().filter(|chunk| &chunk.kind == b"C2PA");
    match (stores.next(), stores.next()) {
        (Some(_), Some(_)) => Err(FileError::Damaged { format, what: "it has two C2PA manifest stores" }),
        (store, _) => Ok(store.map(|chunk| file[chunk.data].to_vec())),
    }
}
