//! JPEG: marker segments up to the first scan (ITU-T T.81, annex B).

use super::bytes::{be16, be32};
use super::room::Frame;
use super::{Edits, FileError, Finds, Format, MAX_PIECES, Room, exif, packet};
use crate::marks::Statement;
use std::ops::Range;

const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP11: u8 = 0xeb;
const COMMENT: u8 = 0xfe;
const START_OF_SCAN: u8 = 0xda;
const END: u8 = 0xd9;

/// The most data in a segment: its length, 16 bits, counts itself.
const MAX_DATA: usize = 0xffff - 2;

struct Segment {
    marker: u8,
    /// The whole segment, from the byte 0xff of its marker.
    range: Range<usize>,
    data: Range<usize>,
}

fn damaged(what: &'static str) -> FileError {
    FileError::Damaged { format: Format::Jpeg, what }
}

/// The segments before the first scan.
fn segments(file: &[u8]) -> Result<Vec<Segment>, FileError> {
    let mut segments = Vec::new();
    walk(file, &mut segments)?;
    Ok(segments)
}

/// Adds the segments to `segments` up to the first scan or a damage.
fn walk(file: &[u8], segments: &mut Vec<Segment>) -> Result<(), FileError> {
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
            return Ok(());
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
fn front(segments: &[Segment]) -> usize {
    segments.iter().take_while(|segment| matches!(segment.marker, APP0 | APP1)).last().map_or(2, |last| last.range.end)
}

/// What begins XMP's segment (XMP specification part 3, 1.1.3) and EXIF's.
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXIF: &[u8] = b"Exif\0\0";

/// XMP in an APP1.
pub(super) fn write(file: &[u8], statement: &Statement) -> Result<Edits, FileError> {
    let segments = segments(file)?;
    let data = |segment: &Segment| &file[segment.data.clone()];
    let existing = segments.iter().find(|segment| segment.marker == APP1 && data(segment).starts_with(XMP));
    let packet = packet(statement, existing.map(|segment| &data(segment)[XMP.len()..]))?;
    let length = 2 + XMP.len() + packet.len();
    if length > 2 + MAX_DATA {
        return Err(FileError::Unsupported { format: Format::Jpeg, what: "its XMP metadata leave no room" });
    }
    let segment = [&[0xff, APP1][..], &(length as u16).to_be_bytes(), XMP, packet.as_bytes()].concat();
    let mut edits = Edits::default();
    match existing {
        Some(existing) => edits.replace(existing.range.clone(), segment),
        None => edits.insert(front(&segments), segment),
    }
    Ok(edits)
}

pub(super) fn read(file: &[u8], finds: &mut Finds) -> Result<(), FileError> {
    let mut segments = Vec::new();
    let whole = walk(file, &mut segments);
    for segment in segments {
        let data = &file[segment.data];
        match segment.marker {
            APP1 => match (data.strip_prefix(XMP), data.strip_prefix(EXIF)) {
                (Some(packet), _) => finds.xmp(packet),
                (_, Some(tiff)) => exif::read(tiff, finds),
                _ => {}
            },
            COMMENT => finds.text(b"Comment", data),
            _ => {}
        }
    }
    whole
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
