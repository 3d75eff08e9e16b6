//! WebM and Matroska: EBML elements (RFC 8794) and tags (RFC 9559, 5.1.8).

use super::edits::Change;
use super::{Edits, FileError, Finds, Format, MAX_PIECES};
use crate::marks::{PRODUCER, SOURCE_TYPE, Statement, aigc};
use std::ops::Range;

const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114d_9b74;
const SEEK: u32 = 0x4dbb;
const SEEK_ID: u32 = 0x53ab;
const SEEK_POSITION: u32 = 0x53ac;
const CLUSTER: u32 = 0x1f43_b675;
const TAGS: u32 = 0x1254_c367;
const TAG: u32 = 0x7373;
const TARGETS: u32 = 0x63c0;
const SIMPLE_TAG: u32 = 0x67c8;
const TAG_NAME: u32 = 0x45a3;
const TAG_STRING: u32 = 0x4487;
const VOID: u32 = 0xec;
const CRC_32: u32 = 0xbf;
/// IPTC's digital source type has no tag of its own in Matroska, where anybody may name tags.
const SOURCE_TYPE_NAME: &[u8] = b"DIGITAL_SOURCE_TYPE";
/// What a segment consists of: such an element ends a cluster that does not say how long it is.
const TOP_LEVEL: [u32; 8] = [SEEK_HEAD, CLUSTER, TAGS, 0x1549_a966, 0x1654_ae6b, 0x1c53_bb6b, 0x1941_a469, 0x1043_a770];

#[derive(Clone)]
struct Element {
    id: u32,
    /// The whole element.
    range: Range<usize>,
    body: Range<usize>,
    /// Whether its length is not told, as in recordings that were sent while they were made.
    open: bool,
}

fn damaged(what: &'static str) -> FileError {
    FileError::Damaged { format: Format::WebM, what }
}

/// The element at `at` in what ends at `end`; one of untold length takes all.
fn element(file: &[u8], at: usize, end: usize) -> Result<Element, FileError> {
    let broken = || damaged("an element has an impossible length");
    let id_width = file.get(at).map_or(9, |byte| byte.leading_zeros() as usize + 1);
    let size_at = at + id_width;
    let size_width = file.get(size_at).map_or(9, |byte| byte.leading_zeros() as usize + 1);
    let start = size_at + size_width;
    if id_width > 4 || size_width > 8 || start > end {
        return Err(broken());
    }
    let number = |range: Range<usize>| file[range].iter().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
    let mask = (1_u64 << (7 * size_width)) - 1;
    let size = number(size_at..start) & mask;
    let open = size == mask;
    let stop = if open { Some(end) } else { usize::try_from(size).ok().and_then(|size| start.checked_add(size)) };
    let stop = stop.filter(|&stop| stop <= end).ok_or_else(broken)?;
    Ok(Element { id: number(at..size_at) as u32, range: at..stop, body: start..stop, open })
}

/// The elements in `within`.
fn elements(file: &[u8], within: Range<usize>) -> Result<Vec<Element>, FileError> {
    let mut elements = Vec::new();
    walk(file, within, &mut elements)?;
    Ok(elements)
}

/// Adds the elements in `within` to `elements` up to the end or a damage.
fn walk(file: &[u8], within: Range<usize>, elements: &mut Vec<Element>) -> Result<(), FileError> {
    let mut at = within.start;
    while at < within.end {
        let mut next = element(file, at, within.end)?;
        if next.open {
            let mut inner = next.body.start;
            while inner < within.end {
                let child = element(file, inner, within.end)?;
                if TOP_LEVEL.contains(&child.id) {
                    break;
                }
                inner = child.range.end;
            }
            (next.range.end, next.body.end) = (inner, inner);
        }
        at = next.range.end;
        elements.push(next);
        if elements.len() > MAX_PIECES {
            return Err(damaged("it has too many elements"));
        }
    }
    Ok(())
}

/// The segment: behind EBML's own header.
fn segment(file: &[u8]) -> Result<Element, FileError> {
    let mut at = 0;
    while at < file.len() {
        let next = element(file, at, file.len())?;
        if next.id == SEGMENT {
            return Ok(next);
        }
        at = next.range.end;
    }
    Err(damaged("it holds no segment"))
}

/// An element as it stands in a file.
fn made(id: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = id_bytes(id);
    bytes.extend(size_bytes(body.len() as u64, 1));
    bytes.extend(body);
    bytes
}

fn id_bytes(id: u32) -> Vec<u8> {
    id.to_be_bytes().into_iter().skip_while(|&byte| byte == 0).collect()
}

/// A length, at least `width` bytes wide. All ones would mean that it is not told.
fn size_bytes(size: u64, width: usize) -> Vec<u8> {
    let width = (width..8).find(|&width| size < (1 << (7 * width)) - 1).unwrap_or(8);
    (size | 1 << (7 * width)).to_be_bytes()[8 - width..].to_vec()
}

/// An element without meaning that takes exactly `length` bytes, of which there must be two at least.
fn void(length: usize) -> Vec<u8> {
    let width = if length < 10 { 1 } else { 8 };
    let mut bytes = vec![VOID as u8];
    bytes.extend(size_bytes((length - 1 - width) as u64, width));
    bytes.resize(length, 0);
    bytes
}

/// A tag's name and text.
type Text<'a> = (&'a [u8], &'a [u8]);

/// Names and texts of a tag; simple tags within others are others' business.
fn simple_tags<'a>(file: &'a [u8], tag: &Element) -> Result<Vec<Text<'a>>, FileError> {
    let mut found = Vec::new();
    for simple in elements(file, tag.body.clone())?.into_iter().filter(|inner| inner.id == SIMPLE_TAG) {
        let parts = elements(file, simple.body)?;
        let part = |id| parts.iter().find(|part| part.id == id).map_or(&[][..], |part| &file[part.body.clone()]);
        found.push((part(TAG_NAME), part(TAG_STRING)));
    }
    Ok(found)
}

/// Whether this text makes its tag one of ours.
fn is_ours((name, text): &Text) -> bool {
    *name == b"AIGC" && aigc::is_ours(&String::from_utf8_lossy(text))
}

pub(super) fn read(file: &[u8], finds: &mut Finds) -> Result<(), FileError> {
    let mut level = Vec::new();
    let whole = walk(file, segment(file)?.body, &mut level);
    for tags in level.iter().filter(|element| element.id == TAGS) {
        for tag in elements(file, tags.body.clone())?.iter().filter(|inner| inner.id == TAG) {
            let texts = simple_tags(file, tag)?;
            let by = texts.iter().any(is_ours).then_some(PRODUCER);
            for (name, text) in texts {
                match name {
                    SOURCE_TYPE_NAME => finds.source_type(text, by),
                    _ => finds.text(name, text),
                }
            }
        }
    }
    whole
}

/// All tags as one element at the segment's end, so that clusters stay where cues and seek heads say; where tags were there is
/// a void, and the seek head points to the new ones if they fit into it.
pub(super) fn write(file: &[u8], statement: &Statement) -> Result<Edits, FileError> {
    let segment = segment(file)?;
    let level = elements(file, segment.body.clone())?;
    let mut kept = Vec::new();
    let mut edits = Edits::default();
    let old: Vec<&Element> = level.iter().filter(|element| element.id == TAGS).collect();
    for tags in &old {
        for tag in elements(file, tags.body.clone())?.into_iter().filter(|inner| inner.id == TAG) {
            let texts = simple_tags(file, &tag)?;
            if !texts.iter().any(is_ours) {
                kept.extend(&file[tag.range]);
            }
        }
        if tags.range.end == segment.range.end {
            edits.remove(tags.range.clone());
        } else {
            edits.replace(tags.range.clone(), void(tags.range.len()));
        }
    }
    kept.extend(tag(statement));
    let end = segment.range.end.saturating_add_signed(edits.growth() as isize);
    if let Some((range, bytes)) = seek_head(file, &level, end - segment.body.start)? {
        edits.replace(range, bytes);
    }
    edits.insert(segment.range.end, made(TAGS, &kept));
    if !segment.open {
        // Positions count from behind this length, which may therefore become wider.
        let size_at = segment.range.start + id_bytes(SEGMENT).len();
        let size = (segment.body.len() as u64).saturating_add_signed(edits.growth());
        edits.replace(size_at..segment.body.start, size_bytes(size, segment.body.start - size_at));
    }
    Ok(edits)
}

/// Our tag, of the file as a whole.
fn tag(statement: &Statement) -> Vec<u8> {
    let texts = [
        (&b"AIGC"[..], aigc::label(statement)),
        (SOURCE_TYPE_NAME, SOURCE_TYPE.to_owned()),
        (b"DESCRIPTION", statement.description.clone()),
    ];
    let simple = |(name, text): (&[u8], String)| {
        let parts = [made(TAG_NAME, name), made(TAG_STRING, text.as_bytes())];
        made(SIMPLE_TAG, &parts.concat())
    };
    made(TAG, &[made(TARGETS, &[]), texts.into_iter().flat_map(simple).collect()].concat())
}

/// The first seek head with `position` for the tags, in the bytes that it and a void behind it take: where, and the bytes. `None` where
/// there is no seek head, or not enough room in it.
fn seek_head(file: &[u8], level: &[Element], position: usize) -> Result<Option<Change>, FileError> {
    let Some(at) = level.iter().position(|element| element.id == SEEK_HEAD) else { return Ok(None) };
    let head = &level[at];
    let room = level.get(at + 1).filter(|next| next.id == VOID).map_or(head.range.end, |void| void.range.end);
    let room = head.range.start..room;
    let mut entries = Vec::new();
    for entry in elements(file, head.body.clone())? {
        let parts = if entry.id == SEEK { elements(file, entry.body.clone())? } else { Vec::new() };
        let is_tags = parts.iter().any(|part| part.id == SEEK_ID && file[part.body.clone()] == id_bytes(TAGS)[..]);
        if !is_tags && entry.id != CRC_32 {
            entries.extend(&file[entry.range]);
        }
    }
    // A void takes two bytes at least, so that one byte too few is made up for by a wider number.
    Ok((1..=8).rev().find_map(|width| {
        let position = (position as u64).to_be_bytes();
        if position[..8 - width].iter().any(|&byte| byte != 0) {
            return None;
        }
        let seek = [made(SEEK_ID, &id_bytes(TAGS)), made(SEEK_POSITION, &position[8 - width..])].concat();
        let mut bytes = made(SEEK_HEAD, &[&entries[..], &made(SEEK, &seek)].concat());
        match room.len().checked_sub(bytes.len())? {
            0 => {}
            1 => return None,
            left => bytes.extend(void(left)),
        }
        Some((room.clone(), bytes))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_as_long_as_they_say() {
        for length in [2, 3, 9, 10, 11, 126, 127, 128, 20_000] {
            let bytes = void(length);
            let read = element(&bytes, 0, bytes.len()).expect("an element");
            assert_eq!((read.id, read.range, bytes.len()), (VOID, 0..length, length));
        }
        for size in [0, 126, 127, 128, 16_382, 16_383, 1 << 40] {
            for width in [1, 4, 8] {
                let bytes = size_bytes(size, width);
                assert!(bytes.len() >= width);
                let value = bytes.iter().fold(0_u64, |value, &byte| value << 8 | u64::from(byte));
                assert_eq!(value & !(1 << (7 * bytes.len())), size);
            }
        }
    }

    #[test]
    fn a_cluster_of_untold_length_ends_where_the_next_element_of_the_segment_begins() {
        let simple_block = made(0xa3, b"frame");
        let cluster = [&id_bytes(CLUSTER)[..], &[0xff], &simple_block, &simple_block].concat();
        let bytes = [&cluster[..], &cluster, &made(TAGS, b"")].concat();
        let found = elements(&bytes, 0..bytes.len()).expect("elements");
        let ids: Vec<u32> = found.iter().map(|element| element.id).collect();
        assert_eq!(ids, [CLUSTER, CLUSTER, TAGS]);
        assert_eq!(found[1].range.len(), cluster.len());
    }
}
