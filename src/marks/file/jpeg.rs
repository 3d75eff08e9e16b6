//! JPEG: marker segments up to the first scan (ITU-T T.81, annex B).

use super::bytes::{be16, be32};
use super::room::Frame;
use super::{Edits, FileError, Format, MAX_PIECES, Room};
use std::ops::Range;

pub(super) const APP0: u8 = 0xe0;
pub(super) const APP1: u8 = 0xe1;
const APP11: u8 = 0xeb;
const START_OF_SCAN: u8 = 0xda;
const END: u8 = 0xd9;

/// The most data in a segment: its length, 16 bits, counts itself.
pub(super) const MAX_DATA: usize = 0xffff - 2;

pub(super) struct Segment {
    pub(super) marker: u8,
    /// The whole segment, from the byte 0xff of its marker.
    pub(super) range: Range<usize>,
    pub(super) data: Range<usize>,
}

fn damaged(what: &'static str) -> FileError {
    FileError::Damaged { format: Format::Jpeg, what }
}

/// The segments before the first scan.
pub(super) fn segments(file: &[u8]) -> Result<Vec<Segment>, FileError> {
    let mut segments = Vec::new();
    let mut at = 2; // behind the start of the image
    loop {
        let start = at;
        if file.get(at) != Some(&0xff) {
            return Err(damaged("a segment does not begin where the one before ends"));
        }
        while file.get(at) == Some(&0xff) {
            at += 1; // any number of fill bytes
        }
        let Some(&marker) = file.get(at) else { return Err(damaged("it ends before its picture")) };
        if marker == START_OF_SCAN || marker == END {
            return Ok(segments);
        }
        let Some(length) = be16(file, at + 1) else { return Err(damaged("it ends before its picture")) };
        let end = at + 1 + length;
        if length < 2 || end > file.len() {
            return Err(damaged("a segment has an impossible length"));
        }
        segments.push(Segment { marker, range: start..end, data: at + 3..end });
        if segments.len() > MAX_PIECES {
            return Err(damaged("it has too many segments"));
        }
        at = end;
    }
}

/// Where new segments go: behind JFIF's and EXIF's, which want to be first.
pub(super) fn front(segments: &[Segment]) -> usize {
    segments.iter().take_while(|segment| matches!(segment.marker, APP0 | APP1)).last().map_or(2, |last| last.range.end)
}

// JUMBF in APP11 (ISO/IEC 19566-5, annex D): "JP", the box's number, the segment's number, the box's length and type, data.
const HEAD: usize = 2 + 2 + 4;
const BOX_HEAD: usize = 8;
/// Any number: it tells this box from other JUMBF boxes in the file.
const NUMBER: [u8; 2] = [0x02, 0x11];

/// APP11 segments, one behind the other.
pub(super) fn room(file: &[u8], store: usize) -> Result<Room, FileError> {
    let segments = segments(file)?;
    let mut frame = Frame::default();
    let head = 0..BOX_HEAD.min(store);
    let most = MAX_DATA - HEAD - BOX_HEAD;
    let mut from = head.end;
    for number in 1_u32.. {
        let piece = from..store.min(from + most);
        frame.bytes.extend([0xff, APP11]);
        frame.bytes.extend(((2 + HEAD + head.len() + piece.len()) as u16).to_be_bytes());
        frame.bytes.extend(b"JP");
        frame.bytes.extend(NUMBER);
        frame.bytes.extend(number.to_be_bytes());
        frame.leave(head.clone());
        from = piece.end;
        frame.leave(piece);
        if from >= store {
            break;
        }
    }
    Ok(Room::new(file, front(&segments), frame, Edits::default()))
}

pub(super) fn store(file: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
    let mut store: Option<(&[u8], u32, Vec<u8>)> = None;
    for segment in segments(file)?.iter().filter(|segment| segment.marker == APP11) {
        let data = &file[segment.data.clone()];
        let (Some(sequence), true) = (be32(data, 4), data.starts_with(b"JP") && data.len() > HEAD + BOX_HEAD) else {
            continue;
        };
        let number = &data[2..4];
        // The superbox's first child is its description, which begins with the type's UUID.
        let begins = sequence == 1 && data.get(HEAD + 2 * BOX_HEAD..).is_some_and(|data| data.starts_with(b"c2pa"));
        match &mut store {
            Some(_) if begins => return Err(damaged("it has two C2PA manifest stores")),
            Some((own, last, bytes)) if *own == number => {
                if sequence != *last + 1 {
                    return Err(damaged("a piece of its C2PA manifest store is missing"));
                }
                *last = sequence;
                bytes.extend_from_slice(&data[HEAD + BOX_HEAD..]);
            }
            None if begins => store = Some((number, sequence, data[HEAD..].to_vec())),
            _ => {}
        }
    }
    Ok(store.map(|(_, _, bytes)| bytes))
}
