//! What a file's metadata amount to: texts and XMP packets become marks, whatever container they were in.

use super::FileError;
use crate::marks::{Layer, Mark, aigc, source_type, words, xmp};

/// The most marks that are listed, XMP packets that are parsed, and bytes of text that are looked through: a file has a handful,
/// and a hostile one shall cost no more than a moment.
const MAX_MARKS: usize = 64;
const MAX_PACKETS: usize = 16;
const MAX_TEXT: usize = 8 << 20;
/// The longest text that is looked at.
const LONGEST: usize = 1 << 20;

/// Marks found so far, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Finds {
    pub(super) marks: Vec<Mark>,
    pub(super) trouble: Vec<FileError>,
    packets: usize,
    text: usize,
}

impl Finds {
    /// An XMP packet.
    pub(super) fn xmp(&mut self, packet: &[u8]) {
        self.packets += 1;
        if self.packets > MAX_PACKETS {
            return;
        }
        match xmp::read(packet) {
            Ok(marks) => marks.into_iter().for_each(|mark| self.add(mark)),
            Err(reason) => self.trouble.push(FileError::Xmp { reason }),
        }
    }

    /// A text and what the container calls it. It may be in Latin-1, as old containers have it.
    pub(super) fn text(&mut self, key: &[u8], value: &[u8]) {
        self.text += value.len();
        if value.len() > LONGEST || self.text > MAX_TEXT {
            return;
        }
        let [key, value] = [key, value].map(|bytes| {
            String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| bytes.iter().copied().map(char::from).collect())
        });
        let value = value.trim_matches(['\0', ' ', '\n', '\r', '\t']);
        if let Some(mark) = aigc::read(value).or_else(|| words::read(&key, value)) {
            self.add(mark);
        }
    }

    /// IPTC's digital source type outside XMP, and who says it if that is known.
    pub(super) fn source_type(&mut self, uri: &[u8], by: Option<&str>) {
        let uri = String::from_utf8_lossy(uri);
        let mark = Mark::unsigned(Layer::Iptc, source_type::says(&uri)).with("DigitalSourceType", &uri);
        self.add(by.map_or(mark.clone(), |by| mark.by(by)));
    }

    /// What is said in two places is listed once.
    fn add(&mut self, mark: Mark) {
        if self.marks.len() < MAX_MARKS && !self.marks.contains(&mark) {
            self.marks.push(mark);
        }
    }
}
