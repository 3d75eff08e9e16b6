//! Ogg: pages (RFC 3533) with the comments of Opus (RFC 7845, 5.2) or Vorbis in the second packet.

use super::bytes::le32;
use super::{Edits, FileError, Finds, Format, MAX_PIECES, is_ours};
use crate::marks::{Statement, aigc};
use std::ops::Range;

/// A page's header without its table of segments.
const HEAD: usize = 27;
/// In a page's flags: it goes on with a packet of the page before.
const CONTINUED: u8 = 1;
/// The most segments of a page, and the most bytes of one; a packet ends with a shorter one.
const SEGMENTS: usize = 255;
const FULL: usize = 255;
/// The longest header of comments that is read, in bytes: there may be a cover picture in it.
const MAX_COMMENTS: usize = 16 << 20;

const OPUS: &[u8] = b"OpusTags";
const VORBIS: &[u8] = b"\x03vorbis";

struct Page {
    range: Range<usize>,
    /// The lengths of its segments.
    table: Range<usize>,
    serial: u32,
    sequence: u32,
}

fn damaged(what: &'static str) -> FileError {
    FileError::Damaged { format: Format::Ogg, what }
}

/// The page at `at`, or `None` at the end.
fn page(file: &[u8], at: usize) -> Result<Option<Page>, FileError> {
    if at == file.len() {
        return Ok(None);
    }
    let header = file.get(at..at + HEAD).filter(|header| header.starts_with(b"OggS\0"));
    let header = header.ok_or(damaged("a page does not begin where the one before ends"))?;
    let table = at + HEAD..at + HEAD + usize::from(header[26]);
    let lengths = file.get(table.clone()).ok_or(damaged("it ends within a page"))?;
    let end = table.end + lengths.iter().map(|&length| usize::from(length)).sum::<usize>();
    if end > file.len() {
        return Err(damaged("it ends within a page"));
    }
    let [serial, sequence] = [14, 18].map(|field| le32(header, field).unwrap_or(0));
    Ok(Some(Page { range: at..end, table, serial, sequence }))
}

/// The packet of comments: what is in it, the pages that it fills, and whether nothing else is on them.
struct Comments {
    packet: Vec<u8>,
    pages: Range<usize>,
    count: u32,
    first: Page,
    alone: bool,
}

/// The second packet of the file's first stream.
fn comments(file: &[u8]) -> Result<Comments, FileError> {
    let short = || damaged("it has no comments");
    let head = page(file, 0)?.ok_or_else(short)?;
    let mut at = head.range.end;
    // Other streams' first pages may stand between.
    let first = loop {
        let next = page(file, at)?.ok_or_else(short)?;
        if next.serial == head.serial {
            break next;
        }
        at = next.range.end;
    };
    let start = at;
    let mut packet = Vec::new();
    for count in 1.. {
        let page = page(file, at)?.ok_or_else(short)?;
        if page.serial != head.serial {
            return Err(FileError::Unsupported { format: Format::Ogg, what: "several streams are interleaved" });
        }
        let mut data = page.table.end;
        for (number, &length) in file[page.table.clone()].iter().enumerate() {
            packet.extend(&file[data..data + usize::from(length)]);
            data += usize::from(length);
            if usize::from(length) < FULL {
                let alone = number + 1 == page.table.len();
                return Ok(Comments { packet, pages: start..page.range.end, count, first, alone });
            }
        }
        if packet.len() > MAX_COMMENTS {
            return Err(damaged("its comments are too long"));
        }
        at = page.range.end;
    }
    Err(short())
}

/// The texts of a packet of comments: where they begin, each, and where they end. All is preceded by its length.
fn texts(packet: &[u8]) -> Option<(usize, Vec<Range<usize>>, usize)> {
    let magic = [OPUS, VORBIS].into_iter().find(|magic| packet.starts_with(magic))?;
    let vendor = le32(packet, magic.len())? as usize;
    let start = (magic.len() + 4).checked_add(vendor)?;
    let count = le32(packet, start)? as usize;
    let (mut texts, mut at) = (Vec::new(), start + 4);
    for _ in 0..count.min(MAX_PIECES) {
        let end = (at + 4).checked_add(le32(packet, at)? as usize).filter(|&end| end <= packet.len())?;
        texts.push(at + 4..end);
        at = end;
    }
    Some((start, texts, at))
}

/// A comment's name and value.
fn split(text: &[u8]) -> (&[u8], &[u8]) {
    let equals = text.iter().position(|&byte| byte == b'=').unwrap_or(text.len());
    (&text[..equals], text.get(equals + 1..).unwrap_or_default())
}

pub(super) fn read(file: &[u8], finds: &mut Finds) -> Result<(), FileError> {
    let Comments { packet, .. } = comments(file)?;
    let (_, texts, _) = texts(&packet).ok_or(damaged("its comments do not hold"))?;
    for text in texts {
        let (name, value) = split(&packet[text]);
        finds.text(name, value);
    }
    Ok(())
}

/// Comments `COMMENT` and `AIGC`. Pages behind them get new numbers where the comments now fill more pages or fewer.
pub(super) fn write(file: &[u8], statement: &Statement) -> Result<Edits, FileError> {
    let comments = comments(file)?;
    if !comments.packet.starts_with(OPUS) || !comments.alone {
        return Err(FileError::Unsupported { format: Format::Ogg, what: "it is not Opus" });
    }
    let packet = with(&comments.packet, statement).ok_or(damaged("its comments do not hold"))?;
    let pages = paged(&packet, &comments.first);
    let more = (pages.len() as u32).wrapping_sub(comments.count);
    let mut edits = Edits::default();
    let mut at = comments.pages.end;
    edits.replace(comments.pages, pages.concat());
    while let Some(page) = page(file, at)?.filter(|_| more != 0) {
        if page.serial == comments.first.serial {
            let mut bytes = file[page.range.clone()].to_vec();
            bytes[18..22].copy_from_slice(&page.sequence.wrapping_add(more).to_le_bytes());
            edits.replace(page.range.clone(), checked(bytes));
        }
        at = page.range.end;
    }
    Ok(edits)
}

/// The packet with our comments in it.
fn with(packet: &[u8], statement: &Statement) -> Option<Vec<u8>> {
    let (start, texts, end) = texts(packet)?;
    let ours = |text: &Range<usize>| match split(&packet[text.clone()]) {
        (name, value) if name.eq_ignore_ascii_case(b"AIGC") => aigc::is_ours(&String::from_utf8_lossy(value)),
        (name, value) => name.eq_ignore_ascii_case(b"COMMENT") && is_ours(value),
    };
    let mut kept: Vec<Vec<u8>> =
        texts.iter().filter(|text| !ours(text)).map(|text| packet[text.clone()].to_vec()).collect();
    kept.push([b"COMMENT=", statement.description.as_bytes()].concat());
    kept.push([b"AIGC=", aigc::label(statement).as_bytes()].concat());
    let mut bytes = packet[..start].to_vec();
    bytes.extend((kept.len() as u32).to_le_bytes());
    for text in kept {
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text);
    }
    bytes.extend(&packet[end..]);
    Some(bytes)
}

/// A packet as pages of its own, numbered from `first`'s number on.
fn paged(packet: &[u8], first: &Page) -> Vec<Vec<u8>> {
    // The last segment is shorter than full, and may be empty.
    let lengths: Vec<u8> = (0..=packet.len() / FULL).map(|i| (packet.len() - i * FULL).min(FULL) as u8).collect();
    let mut rest = packet;
    let mut pages = Vec::new();
    for (number, table) in lengths.chunks(SEGMENTS).enumerate() {
        let length = table.iter().map(|&length| usize::from(length)).sum();
        let (data, behind) = rest.split_at(length);
        rest = behind;
        let ends = rest.is_empty() && table.last().is_some_and(|&length| usize::from(length) < FULL);
        // The time at which the last packet that ends here is over: none for headers, -1 where none ends.
        let position = if ends { 0 } else { u64::MAX };
        let mut page = b"OggS\0".to_vec();
        page.push(if number == 0 { 0 } else { CONTINUED });
        page.extend(position.to_le_bytes());
        page.extend(first.serial.to_le_bytes());
        page.extend(first.sequence.wrapping_add(number as u32).to_le_bytes());
        page.extend([0; 4]);
        page.push(table.len() as u8);
        page.extend(table);
        page.extend(data);
        pages.push(checked(page));
    }
    pages
}

/// The page with its checksum: CRC-32, polynomial 0x04c11db7, highest bit first, initial and final value 0 (RFC 3533, 6).
fn checked(mut page: Vec<u8>) -> Vec<u8> {
    page[22..26].fill(0);
    let crc = page.iter().fold(0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 24, |crc, _| crc << 1 ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 })
    });
    page[22..26].copy_from_slice(&crc.to_le_bytes());
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_comments_take_several_pages() {
        let page = |sequence| Page { range: 0..0, table: 0..0, serial: 7, sequence };
        for length in [0, 1, 254, 255, 256, SEGMENTS * FULL - 1, SEGMENTS * FULL, SEGMENTS * FULL + 1, 200_000] {
            let packet: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let mut file = paged(b"OpusHead", &page(0)).concat();
            file.extend(paged(&packet, &page(1)).concat());
            let found = comments(&file).expect("pages");
            assert!(found.packet == packet && found.alone, "{length}");
            assert_eq!(found.pages.end, file.len());
        }
    }
}
