//! MP4, M4A and MOV: boxes (ISO/IEC 14496-12, 4.2).

use super::bytes::{array, be32, be64};
use super::edits::Change;
use super::room::Frame;
use super::{Edits, FileError, Format, MAX_PIECES, Room};
use std::ops::Range;

/// C2PA's box (2.2, A.5 "Embedding manifests into BMFF-based assets").
const C2PA: [u8; 16] = [0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81];
/// What that box holds, the store behind it: version and flags, purpose, and where a first Merkle tree is (there is none).
const MANIFEST: &[u8] = b"\0\0\0\0manifest\0\0\0\0\0\0\0\0\0";

/// A box of the uppermost level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopBox {
    /// Four letters, `moov` for instance.
    pub kind: [u8; 4],
    /// The type of a `uuid` box.
    pub uuid: Option<[u8; 16]>,
    /// The whole box.
    pub range: Range<usize>,
    /// Its content, behind length, kind and UUID.
    pub(super) body: Range<usize>,
}

pub(super) fn damaged(what: &'static str) -> FileError {
    FileError::Damaged { format: Format::Mp4, what }
}

fn unsupported(what: &'static str) -> FileError {
    FileError::Unsupported { format: Format::Mp4, what }
}

/// The boxes of the uppermost level; they cover the file.
pub(super) fn top(file: &[u8]) -> Result<Vec<TopBox>, FileError> {
    boxes(file, 0..file.len())
}

/// The boxes in `within`, another box's content. Up to seven bytes at the end are nobody's: QuickTime closes some lists with four
/// zeros.
pub(super) fn boxes(file: &[u8], within: Range<usize>) -> Result<Vec<TopBox>, FileError> {
    let mut boxes = Vec::new();
    walk(file, within, &mut boxes)?;
    Ok(boxes)
}

/// Adds the boxes in `within` to `boxes` up to the end or a damage.
pub(super) fn walk(file: &[u8], within: Range<usize>, boxes: &mut Vec<TopBox>) -> Result<(), FileError> {
    let mut at = within.start;
    while at + 8 <= within.end {
        let (Some(size), Some(kind)) = (be32(file, at), array(file, at + 4)) else { break };
        let (size, mut head) = match size {
            0 => ((within.end - at) as u64, 8), // to the end of what it is in
            1 => (be64(file, at + 8).unwrap_or(0), 16),
            size => (u64::from(size), 8),
        };
        let uuid = if &kind == b"uuid" { array(file, at + head) } else { None };
        head += uuid.map_or(0, |uuid| uuid.len());
        if size < head as u64 || size > (within.end - at) as u64 {
            return Err(damaged("a box has an impossible length"));
        }
        let end = at + size as usize;
        boxes.push(TopBox { kind, uuid, range: at..end, body: at + head..end });
        if boxes.len() > MAX_PIECES {
            return Err(damaged("it has too many boxes"));
        }
        at = end;
    }
    Ok(())
}

/// A box as it stands in a file; `body` is shorter than 4 GB.
pub(super) fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = (8 + body.len() as u32).to_be_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend(body);
    bytes
}

/// Has a box say that it is `growth` bytes longer.
pub(super) fn resize(file: &[u8], top: &TopBox, growth: i64, edits: &mut Edits) -> Result<(), FileError> {
    let at = top.range.start;
    let size = (top.range.len() as u64).saturating_add_signed(growth);
    match (be32(file, at), u32::try_from(size)) {
        (Some(1), _) => edits.replace(at + 8..at + 16, size.to_be_bytes().to_vec()),
        (_, Ok(size)) => edits.replace(at..at + 4, size.to_be_bytes().to_vec()),
        _ => return Err(unsupported("a box would become longer than 4 GB")),
    }
    Ok(())
}

/// The lists of samples' offsets, as `edits` moves the samples: where each list is, and the list.
pub(super) fn offsets(file: &[u8], top: &[TopBox], edits: &Edits) -> Result<Vec<Change>, FileError> {
    if top.iter().any(|top| matches!(&top.kind, b"moof" | b"sidx" | b"mfra")) {
        return Err(unsupported("it is fragmented"));
    }
    for meta in top.iter().filter(|top| &top.kind == b"meta") {
        let content = (meta.body.start + 4).min(meta.body.end)..meta.body.end;
        if boxes(file, content)?.iter().any(|inner| &inner.kind == b"iloc") {
            return Err(unsupported("it holds still pictures"));
        }
    }
    let mut lists = Vec::new();
    for table in sample_tables(file, top)? {
        for list in boxes(file, table)? {
            let width = match &list.kind {
                b"stco" => 4,
                b"co64" => 8,
                b"saio" => return Err(unsupported("it is encrypted")),
                _ => continue,
            };
            let count = be32(file, list.body.start + 4).unwrap_or(0) as usize;
            let offsets = list.body.start + 8..(list.body.start + 8).saturating_add(count.saturating_mul(width));
            if offsets.end > list.body.end {
                return Err(damaged("a list of samples is longer than its box"));
            }
            let mut moved = Vec::with_capacity(offsets.len());
            for entry in file[offsets.clone()].chunks_exact(width) {
                match (be64(entry, 0), be32(entry, 0)) {
                    (Some(offset), _) => moved.extend(edits.moved(offset).to_be_bytes()),
                    (None, offset) => {
                        let offset = u32::try_from(edits.moved(offset.map_or(0, u64::from)));
                        moved.extend(offset.map_err(|_| damaged("samples lie beyond its end"))?.to_be_bytes());
                    }
                }
            }
            lists.push((offsets, moved));
        }
    }
    Ok(lists)
}

/// The contents of all `moov/trak/mdia/minf/stbl`.
fn sample_tables(file: &[u8], top: &[TopBox]) -> Result<Vec<Range<usize>>, FileError> {
    let mut level: Vec<Range<usize>> =
        top.iter().filter(|top| &top.kind == b"moov").map(|moov| moov.body.clone()).collect();
    for kind in [b"trak", b"mdia", b"minf", b"stbl"] {
        let mut next = Vec::new();
        for within in level {
            next.extend(boxes(file, within)?.into_iter().filter(|inner| &inner.kind == kind).map(|inner| inner.body));
        }
        level = next;
    }
    Ok(level)
}

/// C2PA's box, right behind `ftyp`.
pub(super) fn room(file: &[u8], store: usize) -> Result<Room, FileError> {
    let top = top(file)?;
    let at = top.iter().find(|top| &top.kind == b"ftyp").map_or(0, |ftyp| ftyp.range.end);
    let size = 8 + C2PA.len() + MANIFEST.len() + store;
    let mut frame = Frame { bytes: (size as u32).to_be_bytes().to_vec(), ..Frame::default() };
    frame.bytes.extend(b"uuid");
    frame.bytes.extend(C2PA);
    frame.bytes.extend(MANIFEST);
    frame.leave(0..store);
    // The room takes the place of as many zeros, so that offsets can be told before it is made.
    let mut moved = Edits::default();
    moved.insert(at, vec![0; frame.bytes.len()]);
    let mut edits = Edits::default();
    for (range, list) in offsets(file, &top, &moved)? {
        edits.replace(range, list);
    }
    Ok(Room::new(file, at, frame, edits))
}

pub(super) fn store(file: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
    let mut store = None;
    for top in top(file)?.iter().filter(|top| top.uuid == Some(C2PA)) {
        let body = &file[top.body.clone()];
        // The other purpose is `merkle`: hashes of fragments.
        let Some(words) = body.get(4..) else { continue };
        let Some(end) = words.iter().take(16).position(|&byte| byte == 0) else { continue };
        match &words[..end] {
            b"manifest" => {}
            b"original" | b"update" => return Err(unsupported("its Content Credentials are in two parts")),
            _ => continue,
        }
        if store.is_some() {
            return Err(damaged("it has two C2PA manifest stores"));
        }
        let Some(bytes) = words.get(end + 1 + 8..) else { return Err(damaged("its C2PA manifest store is cut off")) };
        store = Some(bytes.to_vec());
    }
    Ok(store)
}
