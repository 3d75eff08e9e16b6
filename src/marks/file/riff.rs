//! RIFF: chunks of WebP (RFC 9649, 2.3) and WAV.

mod webp;

use super::bytes::{array, le32};
use super::room::Frame;
use super::{Edits, FileError, Finds, Format, MAX_PIECES, Room, exif, is_ours, packet};
use crate::marks::Statement;
use std::ops::Range;

/// A chunk's name and length before its data.
const HEAD: usize = 8;
/// `RIFF`, its length, and what it is.
const FORM: usize = 12;

struct Chunk {
    kind: [u8; 4],
    /// The whole chunk, with the byte that makes its length even.
    range: Range<usize>,
    data: Range<usize>,
}

/// The chunks in `within`, a RIFF form's or a list's data. A last chunk that claims more than there is ends where the data ends:
/// recorders that were cut short write such files, and players play them.
fn chunks(file: &[u8], within: Range<usize>, format: Format) -> Result<Vec<Chunk>, FileError> {
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
fn form(file: &[u8]) -> Range<usize> {
    let claimed = le32(file, 4).map_or(0, |length| length as usize).saturating_add(HEAD);
    FORM..claimed.clamp(FORM, file.len())
}

/// A chunk as it stands in a file.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = kind.to_vec();
    chunk.extend((data.len() as u32).to_le_bytes());
    chunk.extend(data);
    chunk.extend(vec![0; data.len() % 2]);
    chunk
}

/// Adds the form's new length to `edits`, which must hold every other change already; `more` bytes are still to come.
fn resize(file: &[u8], edits: &mut Edits, more: usize) {
    let length = (form(file).end - HEAD).saturating_add_signed(edits.growth() as isize) + more;
    edits.replace(4..8, (length as u32).to_le_bytes().to_vec());
}

/// The form's chunks, for writing: others can only be put behind the last where that one ends as it says.
fn whole(file: &[u8], format: Format) -> Result<Vec<Chunk>, FileError> {
    let chunks = chunks(file, form(file), format)?;
    let fits = |last: &Chunk| {
        let claimed = le32(file, last.range.start + 4).map_or(0, |length| length as usize);
        claimed == last.data.len() && last.range.end == form(file).end && last.range.len().is_multiple_of(2)
    };
    match chunks.last() {
        Some(last) if fits(last) => Ok(chunks),
        _ => Err(FileError::Damaged { format, what: "its last chunk is cut off" }),
    }
}

/// The chunk of XMP in WebP (RFC 9649, 2.7.1.6) and in WAV (XMP specification part 3, 3.3).
fn xmp_name(format: Format) -> &'static [u8; 4] {
    if format == Format::WebP { b"XMP " } else { b"_PMX" }
}

/// A chunk with XMP behind all others. The order is WebP's own: XMP comes last of what the format knows.
pub(super) fn write_webp(file: &[u8], statement: &Statement) -> Result<Edits, FileError> {
    let chunks = whole(file, Format::WebP)?;
    let mut edits = Edits::default();
    match chunks.first() {
        Some(header) if &header.kind == b"VP8X" && header.data.len() >= 10 => {
            let flags = header.data.start;
            edits.replace(flags..flags + 1, vec![file[flags] | webp::XMP]);
        }
        first => {
            let header = first.and_then(|first| webp::header(&first.kind, &file[first.data.clone()]));
            let header = header.ok_or(FileError::Damaged { format: Format::WebP, what: "it holds no picture" })?;
            edits.insert(FORM, chunk(b"VP8X", &header));
        }
    }
    let xmp = write_xmp(file, Format::WebP, &chunks, &mut edits, statement)?;
    edits.insert(form(file).end, xmp);
    resize(file, &mut edits, 0);
    Ok(edits)
}

/// A chunk with XMP behind all others, and a comment in the list of texts.
pub(super) fn write_wav(file: &[u8], statement: &Statement) -> Result<Edits, FileError> {
    let chunks = whole(file, Format::Wav)?;
    let mut edits = Edits::default();
    let comment = chunk(b"ICMT", &[statement.description.as_bytes(), b"\0"].concat());
    let list = chunks.iter().find(|chunk| is_info(file, chunk));
    let mut texts = b"INFO".to_vec();
    if let Some(list) = list {
        for text in self::chunks(file, list.data.start + 4..list.data.end, Format::Wav)? {
            if !(&text.kind == b"ICMT" && is_ours(&file[text.data.clone()])) {
                texts.extend(chunk(&text.kind, &file[text.data]));
            }
        }
        edits.remove(list.range.clone());
    }
    texts.extend(comment);
    let xmp = write_xmp(file, Format::Wav, &chunks, &mut edits, statement)?;
    let end = form(file).end;
    edits.insert(list.map_or(end, |list| list.range.end), chunk(b"LIST", &texts));
    edits.insert(end, xmp);
    resize(file, &mut edits, 0);
    Ok(edits)
}

/// Whether a chunk is WAV's list of texts.
fn is_info(file: &[u8], chunk: &Chunk) -> bool {
    &chunk.kind == b"LIST" && file[chunk.data.clone()].starts_with(b"INFO")
}

/// The chunk of XMP; one that is there goes.
fn write_xmp(
    file: &[u8],
    format: Format,
    chunks: &[Chunk],
    edits: &mut Edits,
    statement: &Statement,
) -> Result<Vec<u8>, FileError> {
    let existing = chunks.iter().find(|chunk| &chunk.kind == xmp_name(format));
    let packet = packet(statement, existing.map(|chunk| &file[chunk.data.clone()]))?;
    if let Some(existing) = existing {
        edits.remove(existing.range.clone());
    }
    Ok(chunk(xmp_name(format), packet.as_bytes()))
}

pub(super) fn read(file: &[u8], format: Format, finds: &mut Finds) -> Result<(), FileError> {
    for chunk in chunks(file, form(file), format)? {
        let data = &file[chunk.data.clone()];
        match &chunk.kind {
            b"XMP " | b"_PMX" => finds.xmp(data),
            b"EXIF" => exif::read(data.strip_prefix(b"Exif\0\0").unwrap_or(data), finds),
            b"LIST" if is_info(file, &chunk) => {
                for text in chunks(file, chunk.data.start + 4..chunk.data.end, format)? {
                    finds.text(&text.kind, &file[text.data]);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A chunk `C2PA` behind all others.
pub(super) fn room(file: &[u8], format: Format, store: usize) -> Result<Room, FileError> {
    whole(file, format)?;
    let mut frame = Frame { bytes: b"C2PA".to_vec(), ..Frame::default() };
    frame.bytes.extend((store as u32).to_le_bytes());
    frame.leave(0..store);
    frame.bytes.extend(vec![0; store % 2]);
    let mut edits = Edits::default();
    resize(file, &mut edits, frame.bytes.len());
    Ok(Room::new(file, form(file).end, frame, edits))
}

pub(super) fn store(file: &[u8], format: Format) -> Result<Option<Vec<u8>>, FileError> {
    let mut stores = chunks(file, form(file), format)?.into_iter().filter(|chunk| &chunk.kind == b"C2PA");
    match (stores.next(), stores.next()) {
        (Some(_), Some(_)) => Err(FileError::Damaged { format, what: "it has two C2PA manifest stores" }),
        (store, _) => Ok(store.map(|chunk| file[chunk.data].to_vec())),
    }
}
