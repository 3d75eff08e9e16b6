//! GIF: blocks (GIF89a, 15 to 27).

use super::room::Frame;
use super::{Edits, FileError, Finds, Format, MAX_PIECES, Room, is_ours, packet};
use crate::marks::Statement;
use std::ops::Range;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;
/// An extension's label: something of an application's own, or words.
const APPLICATION: u8 = 0xff;
const COMMENT: u8 = 0xfe;
/// The most data in a sub-block: its length is a byte.
const SUB_BLOCK: usize = 255;

/// C2PA's application identifier and authentication code.
const C2PA: &[u8; 11] = b"C2PA_GIF\x01\x00\x00";

/// An extension, or an image.
struct Block {
    /// The extension's label; `None` for an image.
    label: Option<u8>,
    /// The whole block.
    range: Range<usize>,
    /// Its sub-blocks, with their lengths and the last, empty one.
    data: Range<usize>,
}

fn damaged(what: &'static str) -> FileError {
    FileError::Damaged { format: Format::Gif, what }
}

/// The length in bytes of a colour table that a byte of flags announces.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Behind the last of the sub-blocks that begin at `at`.
fn sub_blocks_end(file: &[u8], mut at: usize) -> Result<usize, FileError> {
    loop {
        match file.get(at) {
            None => return Err(damaged("it ends within a block")),
            Some(0) => return Ok(at + 1),
            Some(&length) => at += 1 + usize::from(length),
        }
    }
}

/// The blocks up to the trailer.
fn blocks(file: &[u8]) -> Result<Vec<Block>, FileError> {
    let mut blocks = Vec::new();
    walk(file, &mut blocks)?;
    Ok(blocks)
}

/// Where the blocks begin: behind the colours that all images share.
fn start(file: &[u8]) -> usize {
    13 + colours(file.get(10).copied().unwrap_or(0))
}

/// Adds the blocks to `blocks` up to the trailer or a damage.
fn walk(file: &[u8], blocks: &mut Vec<Block>) -> Result<(), FileError> {
    let mut at = start(file);
    loop {
        let (label, data) = match (file.get(at), file.get(at + 1)) {
            (Some(&TRAILER), _) => return Ok(()),
            (Some(&EXTENSION), Some(&label)) => (Some(label), at + 2),
            (Some(&IMAGE), _) => {
                let &flags = file.get(at + 9).ok_or(damaged("it ends within an image"))?;
                (None, at + 10 + colours(flags) + 1)
            }
            (None, _) => return Err(damaged("it ends before its trailer")),
            _ => return Err(damaged("a block is of no known kind")),
        };
        let end = sub_blocks_end(file, data)?;
        blocks.push(Block { label, range: at..end, data: data..end });
        if blocks.len() > MAX_PIECES {
            return Err(damaged("it has too many blocks"));
        }
        at = end;
    }
}

/// Sub-blocks joined.
fn join(mut sub_blocks: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    while let Some((&length, rest)) = sub_blocks.split_first()
        && length > 0
        && let Some((piece, rest)) = rest.split_at_checked(usize::from(length))
    {
        data.extend(piece);
        sub_blocks = rest;
    }
    data
}

/// Whether a block is the application extension `name`: eight letters and three more bytes.
fn is_application(file: &[u8], block: &Block, name: &[u8; 11]) -> bool {
    block.label == Some(APPLICATION)
        && file[block.data.clone()].split_first().is_some_and(|(&length, rest)| length == 11 && rest.starts_with(name))
}

/// What follows an application extension's name, joined.
fn application_data(file: &[u8], block: &Block) -> Vec<u8> {
    join(file[block.data.clone()].get(12..).unwrap_or_default())
}

/// Where new extensions go: before the first image, behind the extension that makes an animation repeat, which some
/// readers look for in the first place.
fn front(file: &[u8], blocks: &[Block]) -> usize {
    let leading = blocks.iter().take_while(|block| block.label == Some(APPLICATION));
    leading.last().map_or_else(|| start(file), |last| last.range.end)
}

/// Extensions are new in GIF89a.
fn upgrade(edits: &mut Edits) {
    edits.replace(0..6, b"GIF89a".to_vec());
}

/// XMP's application extension (XMP specification part 3, 1.1.2). The packet is not in sub-blocks; behind it come 258 bytes that lead
/// whoever takes it for sub-blocks to the end, wherever in them he lands.
const XMP: &[u8; 11] = b"XMP DataXMP";
const XMP_HEAD: usize = 2 + 1 + XMP.len();
const MAGIC: usize = 258;

/// An XMP extension and a comment before the first image.
pub(super) fn write(file: &[u8], statement: &Statement) -> Result<Edits, FileError> {
    let blocks = blocks(file)?;
    let mut edits = Edits::default();
    upgrade(&mut edits);
    let mut existing = None;
    for block in &blocks {
        if is_application(file, block, XMP) {
            existing = xmp(file, block);
            edits.remove(block.range.clone());
        } else if block.label == Some(COMMENT) && is_ours(&join(&file[block.data.clone()])) {
            edits.remove(block.range.clone());
        }
    }
    let mut extension =
        [&[EXTENSION, APPLICATION, 11], &XMP[..], packet(statement, existing)?.as_bytes(), &[1]].concat();
    extension.extend((0..=255).rev());
    extension.push(0);
    edits.insert(front(file, &blocks), extension);
    let mut comment = vec![EXTENSION, COMMENT];
    for piece in statement.description.as_bytes().chunks(SUB_BLOCK) {
        comment.push(piece.len() as u8);
        comment.extend(piece);
    }
    comment.push(0);
    edits.insert(front(file, &blocks), comment);
    Ok(edits)
}

/// The packet in an XMP extension.
fn xmp<'a>(file: &'a [u8], block: &Block) -> Option<&'a [u8]> {
    file.get(block.range.start + XMP_HEAD..block.range.end.checked_sub(MAGIC)?)
}

pub(super) fn read(file: &[u8], finds: &mut Finds) -> Result<(), FileError> {
    let mut blocks = Vec::new();
    let whole = walk(file, &mut blocks);
    for block in blocks {
        if is_application(file, &block, XMP) {
            xmp(file, &block).into_iter().for_each(|packet| finds.xmp(packet));
        } else if block.label == Some(COMMENT) {
            finds.text(b"Comment", &join(&file[block.data]));
        }
    }
    whole
}

/// An application extension before the first image.
pub(super) fn room(file: &[u8], store: usize) -> Result<Room, FileError> {
    let mut frame = Frame { bytes: vec![EXTENSION, APPLICATION, 11], ..Frame::default() };
    frame.bytes.extend(C2PA);
    for from in (0..store).step_by(SUB_BLOCK) {
        let piece = from..store.min(from + SUB_BLOCK);
        frame.bytes.push(piece.len() as u8);
        frame.leave(piece);
    }
    frame.bytes.push(0);
    let mut edits = Edits::default();
    upgrade(&mut edits);
    Ok(Room::new(file, front(file, &blocks(file)?), frame, edits))
}

pub(super) fn store(file: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
    let blocks = blocks(file)?;
    let mut stores = blocks.iter().filter(|block| is_application(file, block, C2PA));
    match (stores.next(), stores.next()) {
        (Some(_), Some(_)) => Err(damaged("it has two C2PA manifest stores")),
        (store, _) => Ok(store.map(|block| application_data(file, block))),
    }
}
