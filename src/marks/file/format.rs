//! Which container a file is, by its first bytes.

use serde::Serialize;

/// A container that marks are written to and read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// ISO base media files (ISO/IEC 14496-12): MP4, M4A and QuickTime's MOV.
    Mp4,
    /// WebM and the Matroska that it is a part of (RFC 9559).
    WebM,
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// PNG, still or animated (W3C, third edition).
    Png,
    /// WebP, still or animated (RFC 9649).
    WebP,
    /// GIF (GIF89a).
    Gif,
    /// WAV (RIFF).
    Wav,
    /// Ogg (RFC 3533).
    Ogg,
}

impl Format {
    /// The format of a file that begins with `file`, by what stands there; names and types that others give it count nothing.
    pub fn of(file: &[u8]) -> Option<Self> {
        match file {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(Self::Wav),
            [b'O', b'g', b'g', b'S', ..] => Some(Self::Ogg),
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(Self::WebM),
            // AVIF and HEIC pictures are ISO base media files too, whose items are addressed in other ways.
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4)? {
                b"avif" | b"avis" | b"heic" | b"heix" | b"heif" | b"mif1" | b"msf1" => None,
                _ => Some(Self::Mp4),
            },
            _ => None,
        }
    }

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mp4 => "MP4",
            Self::WebM => "WebM",
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Wav => "WAV",
            Self::Ogg => "Ogg",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_beginning() {
        let samples: [(&[u8], Option<Format>); 12] = [
            (b"\xff\xd8\xff\xe0", Some(Format::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Some(Format::Png)),
            (b"GIF89a", Some(Format::Gif)),
            (b"RIFF....WEBP", Some(Format::WebP)),
            (b"RIFF....WAVE", Some(Format::Wav)),
            (b"RIFF....AVI ", None),
            (b"OggS", Some(Format::Ogg)),
            (b"\x1a\x45\xdf\xa3", Some(Format::WebM)),
            (b"....ftypisom", Some(Format::Mp4)),
            (b"....ftypheic", None),
            (b"....ftyp", None),
            (b"", None),
        ];
        for (bytes, format) in samples {
            assert_eq!(Format::of(bytes), format, "{bytes:?}");
        }
    }
}
