//! PNG: chunks (W3C, third edition, 5.3).

use super::bytes::{array, be32, crc32};
use super::room::Frame;
use super::{Edits, FileError, Finds, Format, MAX_PIECES, Room, exif, is_ours, packet};
use crate::marks::{Statement, aigc};
use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;

const SIGNATURE: usize = 8;
/// A chunk's length and name before its data, its CRC behind.
const HEAD: usize = 8;
const CRC: usize = 4;

struct Chunk {
    kind: [u8; 4],
    /// The whole chunk.
    range: Range<usize>,
    data: Range<usize>,
}

fn damaged(what: &'static str) -> FileError {
    FileError::Damaged { format: Format::Png, what }
}

/// The chunks up to `IEND`; IHDR is the first.
fn chunks(file: &[u8]) -> Result<Vec<Chunk>, FileError> {
    let mut chunks = Vec::new();
    walk(file, &mut chunks)?;
    Ok(chunks)
}

/// Adds the chunks to `chunks` up to `IEND` or a damage.
fn walk(file: &[u8], chunks: &mut Vec<Chunk>) -> Result<(), FileError> {
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
            return Ok(());
        }
        if chunks.len() > MAX_PIECES {
            return Err(damaged("it has too many chunks"));
        }
        at = end;
    }
}

/// A chunk as it stands in a file.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(data);
    let crc = crc32(&chunk[4..]);
    chunk.extend(crc.to_be_bytes());
    chunk
}

/// XMP's keyword (XMP specification part 3, 1.1.5).
const XMP: &[u8] = b"XML:com.adobe.xmp";
/// The most that a compressed text may unpack to, in bytes.
const MAX_TEXT: u64 = 1 << 20;

/// The keyword and the text of a `tEXt`, `zTXt` or `iTXt` chunk (11.3.3).
fn text<'a>(kind: &[u8; 4], data: &'a [u8]) -> Option<(&'a [u8], Cow<'a, [u8]>)> {
    let (keyword, rest) = cut(data)?;
    let (packed, text) = match (kind, rest) {
        (b"tEXt", text) => (false, text),
        (b"zTXt", [0, text @ ..]) => (true, text),
        (b"iTXt", [packed, _, rest @ ..]) => (*packed == 1, cut(cut(rest)?.1)?.1), // behind language and translated keyword
        _ => return None,
    };
    if !packed {
        return Some((keyword, text.into()));
    }
    let mut unpacked = Vec::new();
    flate2::read::ZlibDecoder::new(text).take(MAX_TEXT).read_to_end(&mut unpacked).ok()?;
    Some((keyword, unpacked.into()))
}

/// What is before and behind the first zero.
fn cut(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let zero = data.iter().position(|&byte| byte == 0)?;
    Some((&data[..zero], &data[zero + 1..]))
}

/// A text chunk: `tEXt` where Latin-1's lower half will do, which everything reads, else `iTXt`.
fn text_chunk(keyword: &[u8], text: &str) -> Vec<u8> {
    match keyword != XMP && text.is_ascii() {
        true => chunk(b"tEXt", &[keyword, b"\0", text.as_bytes()].concat()),
        false => chunk(b"iTXt", &[keyword, b"\0\0\0\0\0", text.as_bytes()].concat()),
    }
}

/// Text chunks right behind the header.
pub(super) fn write(file: &[u8], statement: &Statement) -> Result<Edits, FileError> {
    let chunks = chunks(file)?;
    let mut edits = Edits::default();
    let mut existing = None;
    for chunk in &chunks {
        let Some((keyword, text)) = text(&chunk.kind, &file[chunk.data.clone()]) else { continue };
        let replaced = match keyword {
            XMP => {
                existing = Some(text);
                true
            }
            b"AIGC" => aigc::is_ours(&String::from_utf8_lossy(&text)),
            b"Description" => is_ours(&text),
            _ => false,
        };
        if replaced {
            edits.remove(chunk.range.clone());
        }
    }
    let front = chunks[0].range.end;
    edits.insert(front, text_chunk(b"Description", &statement.description));
    edits.insert(front, text_chunk(b"AIGC", &aigc::label(statement)));
    edits.insert(front, text_chunk(XMP, &packet(statement, existing.as_deref())?));
    Ok(edits)
}

pub(super) fn read(file: &[u8], finds: &mut Finds) -> Result<(), FileError> {
    let mut chunks = Vec::new();
    let whole = walk(file, &mut chunks);
    for chunk in chunks {
        let data = &file[chunk.data];
        match text(&chunk.kind, data) {
            Some((XMP, packet)) => finds.xmp(&packet),
            Some((keyword, text)) => finds.text(keyword, &text),
            None if &chunk.kind == b"eXIf" => exif::read(data, finds),
            None => {}
        }
    }
    whole
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
