//! Metadata of MP4, M4A and MOV.
//!
//! Written: `moov/udta/meta` with handler `mdta`, names in `keys` and values in `ilst` (QuickTime File Format, "Metadata"), where
//! TC260-PG-20257A has the label; and XMP in a `uuid` box of the uppermost level (XMP specification part 3, 1.1.4). Players' own
//! title, comment and cover are in another `meta`, with handler `mdir`; that one stays as it is.

use super::bytes::{array, be16, be32};
use super::mp4::{TopBox, boxed, boxes, damaged, offsets, resize, top, walk};
use super::{Edits, FileError, Finds, is_ours, packet};
use crate::marks::{Statement, aigc};
use std::ops::Range;

const XMP: [u8; 16] = [0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac];
/// Before a value in `data`: that it is UTF-8, and no language.
const UTF_8: [u8; 8] = [0, 0, 0, 1, 0, 0, 0, 0];

pub(super) fn write(file: &[u8], statement: &Statement) -> Result<Edits, FileError> {
    let top = top(file)?;
    let moov = find(&top, b"moov").ok_or(damaged("it has no index of its samples"))?;
    let inner = boxes(file, moov.body.clone())?;
    let mut edits = Edits::default();
    let grown = match find(&inner, b"udta") {
        Some(udta) => {
            let children = boxes(file, udta.body.clone())?;
            let meta = metas(file, &children)?.into_iter().find(|meta| meta.is_mdta);
            let at = meta.as_ref().map(|meta| meta.range.clone());
            let bytes = Keys::of(file, meta)?.with(statement).into_bytes();
            let end = children.last().map_or(udta.body.start, |last| last.range.end);
            let at = at.unwrap_or(end..end);
            let grown = bytes.len() as i64 - at.len() as i64;
            edits.replace(at, bytes);
            resize(file, udta, grown, &mut edits)?;
            grown
        }
        None => {
            let bytes = boxed(b"udta", &Keys::of(file, None)?.with(statement).into_bytes());
            let grown = bytes.len() as i64;
            edits.insert(inner.last().map_or(moov.body.start, |last| last.range.end), bytes);
            grown
        }
    };
    resize(file, moov, grown, &mut edits)?;
    let existing = top.iter().find(|top| top.uuid == Some(XMP));
    let packet = packet(statement, existing.map(|existing| &file[existing.body.clone()]))?;
    let packet = boxed(b"uuid", &[&XMP[..], packet.as_bytes()].concat());
    match existing {
        Some(existing) => edits.replace(existing.range.clone(), packet),
        None => edits.insert(moov.range.end, packet),
    }
    for (range, list) in offsets(file, &top, &edits)? {
        edits.replace(range, list);
    }
    Ok(edits)
}

pub(super) fn read(file: &[u8], finds: &mut Finds) -> Result<(), FileError> {
    let mut top = Vec::new();
    let whole = walk(file, 0..file.len(), &mut top);
    for found in &top {
        match &found.kind {
            b"uuid" if found.uuid == Some(XMP) => finds.xmp(&file[found.body.clone()]),
            b"moov" => {
                let inner = boxes(file, found.body.clone())?;
                metas(file, &inner)?.iter().try_for_each(|meta| meta.read(file, finds))?;
                for udta in inner.iter().filter(|inner| &inner.kind == b"udta") {
                    read_udta(file, udta, finds)?;
                }
            }
            _ => {}
        }
    }
    whole
}

fn read_udta(file: &[u8], udta: &TopBox, finds: &mut Finds) -> Result<(), FileError> {
    let children = boxes(file, udta.body.clone())?;
    metas(file, &children)?.iter().try_for_each(|meta| meta.read(file, finds))?;
    for child in &children {
        let body = &file[child.body.clone()];
        match &child.kind {
            b"XMP_" => finds.xmp(body),
            // QuickTime's texts: length, language, text.
            [0xa9, ..] => {
                let length = be16(body, 0).unwrap_or(0);
                finds.text(&child.kind, body.get(4..4 + length).unwrap_or_default());
            }
            _ => {}
        }
    }
    Ok(())
}

fn find<'a>(boxes: &'a [TopBox], kind: &[u8; 4]) -> Option<&'a TopBox> {
    boxes.iter().find(|candidate| &candidate.kind == kind)
}

/// A `meta` box.
struct Meta {
    range: Range<usize>,
    children: Vec<TopBox>,
    /// Whether its handler says that values have names in `keys`.
    is_mdta: bool,
}

fn metas(file: &[u8], siblings: &[TopBox]) -> Result<Vec<Meta>, FileError> {
    let open = |meta: &TopBox| {
        // QuickTime's has no version and flags before its children.
        let bare = file.get(meta.body.start + 4..meta.body.start + 8) == Some(b"hdlr");
        let start = (meta.body.start + if bare { 0 } else { 4 }).min(meta.body.end);
        let children = boxes(file, start..meta.body.end)?;
        let handler = find(&children, b"hdlr").and_then(|handler| array(file, handler.body.start + 8));
        Ok(Meta { range: meta.range.clone(), is_mdta: handler == Some(*b"mdta"), children })
    };
    siblings.iter().filter(|sibling| &sibling.kind == b"meta").map(open).collect()
}

impl Meta {
    fn read(&self, file: &[u8], finds: &mut Finds) -> Result<(), FileError> {
        let keys = self.keys(file)?;
        for list in self.children.iter().filter(|child| &child.kind == b"ilst") {
            for item in boxes(file, list.body.clone())? {
                let parts = boxes(file, item.body.clone())?;
                let name = parts
                    .iter()
                    .find(|part| &part.kind == b"name")
                    .and_then(|name| file.get(name.body.start + 4..name.body.end));
                let number = (u32::from_be_bytes(item.kind) as usize).wrapping_sub(1);
                let key = keys.get(number).map(|key| &key[4..]).or(name).unwrap_or(&item.kind);
                for data in parts.iter().filter(|part| &part.kind == b"data") {
                    // Type 1 is UTF-8; covers and numbers have others.
                    if be32(file, data.body.start) == Some(1) {
                        finds.text(key, file.get(data.body.start + UTF_8.len()..data.body.end).unwrap_or_default());
                    }
                }
            }
        }
        Ok(())
    }

    /// Namespaces of four letters and names, one behind the other.
    fn keys(&self, file: &[u8]) -> Result<Vec<Vec<u8>>, FileError> {
        let Some(keys) = find(&self.children, b"keys").filter(|_| self.is_mdta) else { return Ok(Vec::new()) };
        let listed = boxes(file, (keys.body.start + 8).min(keys.body.end)..keys.body.end)?;
        Ok(listed.into_iter().map(|key| [&key.kind, &file[key.body]].concat()).collect())
    }
}

/// Names and values of a `meta` box with handler `mdta`.
struct Keys {
    keys: Vec<Vec<u8>>,
    /// Numbers of keys, from 1, and what `ilst` holds for them.
    items: Vec<(u32, Vec<u8>)>,
    /// What else is in the box.
    others: Vec<u8>,
}

impl Keys {
    fn of(file: &[u8], meta: Option<Meta>) -> Result<Self, FileError> {
        // Version and flags, and a place that must be zero; then the handler; then twelve bytes and an empty name.
        let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0mdta\0\0\0\0\0\0\0\0\0\0\0\0\0");
        let Some(meta) = meta else { return Ok(Self { keys: Vec::new(), items: Vec::new(), others: handler }) };
        let mut keys = Self { keys: meta.keys(file)?, items: Vec::new(), others: Vec::new() };
        for child in &meta.children {
            match &child.kind {
                b"keys" => {}
                b"ilst" => {
                    let items = boxes(file, child.body.clone())?.into_iter();
                    keys.items.extend(items.map(|item| (u32::from_be_bytes(item.kind), file[item.body].to_vec())));
                }
                _ => keys.others.extend(&file[child.range.clone()]),
            }
        }
        Ok(keys)
    }

    fn with(mut self, statement: &Statement) -> Self {
        let label = |value: &[u8]| aigc::is_ours(&String::from_utf8_lossy(value));
        self.set(b"mdtaAIGC", &aigc::label(statement), label);
        self.set(b"mdtadescription", &statement.description, is_ours);
        self
    }

    /// Sets a key: in the place of its value that is `ours`, or beside others' values.
    fn set(&mut self, key: &[u8], value: &str, ours: impl Fn(&[u8]) -> bool) {
        let data = boxed(b"data", &[&UTF_8, value.as_bytes()].concat());
        let named = |number: u32| self.keys.get((number as usize).wrapping_sub(1)).is_some_and(|name| name == key);
        let value = |item: &[u8]| item.get(8 + UTF_8.len()..).is_some_and(&ours);
        if let Some(item) = self.items.iter_mut().find(|(number, item)| named(*number) && value(item)) {
            item.1 = data;
        } else {
            self.keys.push(key.to_vec());
            self.items.push((self.keys.len() as u32, data));
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        let mut keys = [0; 4].to_vec();
        keys.extend((self.keys.len() as u32).to_be_bytes());
        for key in &self.keys {
            keys.extend((4 + key.len() as u32).to_be_bytes());
            keys.extend(key);
        }
        let items: Vec<u8> = self.items.iter().flat_map(|(number, item)| boxed(&number.to_be_bytes(), item)).collect();
        let parts = [&[0; 4][..], &self.others, &boxed(b"keys", &keys), &boxed(b"ilst", &items)];
        boxed(b"meta", &parts.concat())
    }
}
