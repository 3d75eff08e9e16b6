//! From a file's bytes to its XML text: plain MusicXML in UTF-8 or UTF-16, or compressed `.mxl`
//! (a ZIP whose `META-INF/container.xml` names the score, MusicXML 4.0 "Compressed .mxl files").

use crate::song::ScoreError;
use std::io::{Cursor, Read};

/// The most XML a score may hold, in bytes: an opera's vocal score stays below it, and it unpacks in a fraction of a
/// second, so that a ZIP bomb cannot fill the memory.
const MAX_XML: usize = 24 << 20;

fn too_large() -> ScoreError {
    ScoreError::TooLarge { limit_mb: MAX_XML >> 20 }
}

/// The XML text of a score file.
pub(super) fn xml_text(bytes: &[u8]) -> Result<String, ScoreError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ScoreError::Empty);
    }
    if bytes.len() > MAX_XML {
        return Err(too_large());
    }
    if bytes.starts_with(b"PK") { decode(&unpack(bytes)?) } else { decode(bytes) }
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>, ScoreError> {
    let broken = |e: zip::result::ZipError| ScoreError::BrokenArchive(e.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let root = match entry(&mut archive, "META-INF/container.xml") {
        Ok(container) => rootfile(&decode(&container)?),
        Err(ScoreError::BrokenArchive(_)) => None,
        Err(error) => return Err(error),
    };
    // Some exporters leave the container out or name a file that is not there: the one score in the archive will do.
    let named = root.filter(|name| archive.index_for_name(name).is_some());
    let fallback = || {
        let is_score =
            |name: &str| !name.starts_with("META-INF") && (name.ends_with(".xml") || name.ends_with(".musicxml"));
        archive.file_names().flatten().find(|name| is_score(name)).map(|name| name.into_owned())
    };
    let name = named.or_else(fallback).ok_or(ScoreError::NotMusicXml)?;
    entry(&mut archive, &name)
}

fn entry(archive: &mut zip::ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Vec<u8>, ScoreError> {
    let file = archive.by_name(name).map_err(|e| ScoreError::BrokenArchive(e.to_string()))?;
    let mut content = Vec::new();
    // The size in the ZIP header can lie, so what is read is what is limited.
    let read = file.take(MAX_XML as u64 + 1).read_to_end(&mut content);
    read.map_err(|e| ScoreError::BrokenArchive(e.to_string()))?;
    if content.len() > MAX_XML { Err(too_large()) } else { Ok(content) }
}

fn rootfile(container: &str) -> Option<String> {
    let document = roxmltree::Document::parse(container).ok()?;
    let node = document.descendants().find(|n| n.has_tag_name("rootfile"))?;
    node.attribute("full-path").map(str::to_owned)
}

fn decode(bytes: &[u8]) -> Result<String, ScoreError> {
    let utf16 = |from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].as_chunks::<2>().0.iter().map(|&pair| from(pair)).collect();
        String::from_utf16(&units).map_err(|_| ScoreError::NotMusicXml)
    };
    match bytes {
        [0xFF, 0xFE, ..] => utf16(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => utf16(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).map_err(|_| ScoreError::NotMusicXml),
        // Old exporters write Latin-1, whose bytes are the first 256 code points.
        _ => {
            Ok(String::from_utf8(bytes.to_vec())
                .unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_in_several_encodings() {
        let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain("<é/>".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [utf16.as_slice(), "\u{feff}<é/>".as_bytes(), b"<\xe9/>"] {
            assert_eq!(xml_text(bytes).as_deref(), Ok("<é/>"));
        }
    }

    #[test]
    fn nothing_and_rubbish_are_told_apart() {
        assert_eq!(xml_text(b" \n"), Err(ScoreError::Empty));
        assert!(matches!(xml_text(b"PK\x03\x04rubbish"), Err(ScoreError::BrokenArchive(_))));
        assert!(matches!(xml_text(&vec![b' ' + 1; MAX_XML + 1]), Err(ScoreError::TooLarge { .. })));
    }
}
