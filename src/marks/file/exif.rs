//! Texts in EXIF, which is TIFF (EXIF 3.0, 4.6): the few that name programs or hold comments.

use super::finds::Finds;
use std::ops::Range;

const IMAGE_DESCRIPTION: u16 = 0x010e;
const SOFTWARE: u16 = 0x0131;
const EXIF_IFD: u16 = 0x8769;
const USER_COMMENT: u16 = 0x9286;
/// The most entries of a directory that are looked at.
const MAX_ENTRIES: usize = 512;

/// Looks through a TIFF header and what follows it; what does not fit is passed over.
pub(super) fn read(tiff: &[u8], finds: &mut Finds) {
    let little = match tiff {
        [b'I', b'I', 42, 0, ..] => true,
        [b'M', b'M', 0, 42, ..] => false,
        _ => return,
    };
    let tiff = Tiff { bytes: tiff, little };
    let entries = tiff.u32(4).map(|at| tiff.entries(at as usize)).unwrap_or_default();
    let more = entries.iter().find(|(tag, _)| *tag == EXIF_IFD).and_then(|(_, value)| tiff.u32(value.start));
    for (tag, value) in entries.iter().chain(&more.map(|at| tiff.entries(at as usize)).unwrap_or_default()) {
        let value = &tiff.bytes[value.clone()];
        match *tag {
            IMAGE_DESCRIPTION => finds.text(b"ImageDescription", value),
            SOFTWARE => finds.text(b"Software", value),
            // Eight bytes name the encoding; those that write JSON use ASCII or say nothing, others UTF-16.
            USER_COMMENT => match value.split_at_checked(8) {
                Some((b"UNICODE\0", text)) => finds.text(b"UserComment", tiff.utf16(text).as_bytes()),
                Some((b"ASCII\0\0\0" | b"\0\0\0\0\0\0\0\0", text)) => finds.text(b"UserComment", text),
                _ => finds.text(b"UserComment", value),
            },
            _ => {}
        }
    }
}

struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Tiff<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = super::bytes::array(self.bytes, at)?;
        Some(if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = super::bytes::array(self.bytes, at)?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    /// The directory at `at`: tags and where their values are. Values of more than four bytes lie elsewhere.
    fn entries(&self, at: usize) -> Vec<(u16, Range<usize>)> {
        let count = self.u16(at).map_or(0, usize::from).min(MAX_ENTRIES);
        let entry = |number: usize| {
            let at = at + 2 + 12 * number;
            let size = match self.u16(at + 2)? {
                1 | 2 | 6 | 7 => 1,
                3 | 8 => 2,
                4 | 9 | 11 => 4,
                5 | 10 | 12 => 8,
                _ => return None,
            };
            let length = size * self.u32(at + 4)? as usize;
            let start = if length <= 4 { at + 8 } else { self.u32(at + 8)? as usize };
            let end = start.checked_add(length).filter(|&end| end <= self.bytes.len())?;
            Some((self.u16(at)?, start..end))
        };
        (0..count).filter_map(entry).collect()
    }

    fn utf16(&self, text: &[u8]) -> String {
        let from = if self.little { u16::from_le_bytes } else { u16::from_be_bytes };
        let units: Vec<u16> = text.as_chunks::<2>().0.iter().map(|&pair| from(pair)).collect();
        String::from_utf16_lossy(&units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A TIFF with one directory and in it one text.
    fn tiff(tag: u16, value: &[u8]) -> Vec<u8> {
        let mut bytes = b"II\x2a\0\x08\0\0\0\x01\0".to_vec();
        bytes.extend(tag.to_le_bytes());
        bytes.extend([7, 0]);
        bytes.extend((value.len() as u32).to_le_bytes());
        bytes.extend(26_u32.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(value);
        bytes
    }

    #[test]
    fn comments_are_found_in_every_encoding() {
        let json = r#"{"AIGC":{"Label":"1","ContentProducer":"x"}}"#;
        let wide: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for value in [[b"ASCII\0\0\0", json.as_bytes()].concat(), [b"UNICODE\0", &wide[..]].concat(), json.into()] {
            let mut finds = Finds::default();
            read(&tiff(USER_COMMENT, &value), &mut finds);
            assert_eq!(finds.marks.len(), 1, "{value:?}");
        }
    }

    #[test]
    fn lies_about_lengths_are_passed_over() {
        let mut bytes = tiff(SOFTWARE, b"Midjourney");
        for at in 4..26 {
            let was = std::mem::replace(&mut bytes[at], 0xff);
            read(&bytes, &mut Finds::default());
            bytes[at] = was;
        }
        let mut finds = Finds::default();
        read(&bytes, &mut finds);
        assert_eq!(finds.marks.len(), 1);
    }
}
