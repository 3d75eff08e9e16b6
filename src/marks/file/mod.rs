//! Files and the places in them where marks are kept.
//!
//! In: a finished file in any container that the page writes. Out: the file with a [`Statement`] in it,
//! or with room for a C2PA manifest store; or the marks and the store that are in it. Every format finds its places
//! ([`png`], [`jpeg`], [`mp4`], ...) and says what changes as [`Edits`]; nothing is decoded or encoded anew.
//!
//! Own code: kept crates write some of these containers (`img-parts` JPEG, PNG and WebP; `mp4` and `matroska` theirs), but
//! none keeps an MP4's or a WebM's other bytes as they are, and none bounds what a hostile file may claim.

mod bytes;
mod edits;
mod error;
mod exif;
mod finds;
mod format;
mod gif;
mod jpeg;
mod mp4;
mod mp4_meta;
mod ogg;
mod png;
mod riff;
mod room;
mod webm;

pub use error::FileError;
pub use format::Format;
pub use mp4::TopBox;
pub use room::Room;

use super::{Mark, PRODUCER, Statement};
use edits::Edits;
use finds::Finds;

/// The largest file that is looked at, in bytes: more than the page exports, and what a tab's memory holds twice.
pub const MAX_FILE: usize = 512 << 20;

/// The most chunks, segments or boxes at one level of a file. A page of real media has thousands.
const MAX_PIECES: usize = 1 << 20;

/// Our packet, with what `existing` holds.
fn packet(statement: &Statement, existing: Option<&[u8]>) -> Result<String, FileError> {
    super::xmp::packet(statement, existing).map_err(|reason| FileError::Xmp { reason })
}

/// Whether a comment or description is ours, so that a new one replaces it.
fn is_ours(text: &[u8]) -> bool {
    text.windows(PRODUCER.len()).any(|window| window == PRODUCER.as_bytes())
}

/// The file's format, if it is one of ours and not too large.
fn known(file: &[u8]) -> Result<Format, FileError> {
    if file.len() > MAX_FILE {
        return Err(FileError::TooLarge { limit_mb: MAX_FILE >> 20 });
    }
    Format::of(file).ok_or(FileError::Unknown)
}

/// The file with `statement` in it: as XMP (IPTC's digital source type, `TC260:AIGC`, title, description, program, date) where the
/// format has a place for XMP, as the label and description that the format's own metadata hold. A statement of ours that is
/// there already is replaced; all else stays: pictures, sound, others' marks.
///
/// # Errors
/// When the file is of no known format, damaged, of a rare kind, or signed.
pub fn write(file: Vec<u8>, statement: &Statement) -> Result<Vec<u8>, FileError> {
    let format = known(&file)?;
    if store(&file)?.is_some() {
        return Err(FileError::Signed);
    }
    let edits = match format {
        Format::Mp4 => mp4_meta::write(&file, statement),
        Format::WebM => webm::write(&file, statement),
        Format::Jpeg => jpeg::write(&file, statement),
        Format::Png => png::write(&file, statement),
        Format::WebP => riff::write_webp(&file, statement),
        Format::Wav => riff::write_wav(&file, statement),
        Format::Gif => gif::write(&file, statement),
        Format::Ogg => ogg::write(&file, statement),
    };
    Ok(edits?.apply(&file))
}

/// The marks in a file's metadata, whoever wrote them, and what of them could not be read. What stands before a damage is
/// found. C2PA's and the watermark are not among them.
pub fn read(file: &[u8]) -> (Vec<Mark>, Vec<FileError>) {
    let mut finds = Finds::default();
    let whole = known(file).and_then(|format| match format {
        Format::Mp4 => mp4_meta::read(file, &mut finds),
        Format::WebM => webm::read(file, &mut finds),
        Format::Jpeg => jpeg::read(file, &mut finds),
        Format::Png => png::read(file, &mut finds),
        Format::WebP | Format::Wav => riff::read(file, format, &mut finds),
        Format::Gif => gif::read(file, &mut finds),
        Format::Ogg => ogg::read(file, &mut finds),
    });
    finds.trouble.extend(whole.err());
    (finds.marks, finds.trouble)
}

/// A copy of `file` with room for a C2PA manifest store of `store` bytes, in the place that C2PA's technical specification
/// (2.2, annex A "Embedding manifests into assets") gives it in the file's format.
///
/// # Errors
/// When the file is of no known format or damaged, when C2PA has no place in the format, when there is a store already.
pub fn room(file: &[u8], store: usize) -> Result<Room, FileError> {
    let format = known(file)?;
    if self::store(file)?.is_some() {
        return Err(FileError::Signed);
    }
    match format {
        Format::Mp4 => mp4::room(file, store),
        Format::Jpeg => jpeg::room(file, store),
        Format::Png => png::room(file, store),
        Format::WebP | Format::Wav => riff::room(file, format, store),
        Format::Gif => gif::room(file, store),
        Format::WebM | Format::Ogg => Err(FileError::NoPlace { format }),
    }
}

/// The C2PA manifest store in `file`: a JUMBF superbox, its pieces joined; `None` where there is none, as in formats in
/// which C2PA has no place. Nothing of it is checked.
///
/// # Errors
/// When the file is of no known format or damaged.
pub fn store(file: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
    match known(file)? {
        Format::Mp4 => mp4::store(file),
        Format::Jpeg => jpeg::store(file),
        Format::Png => png::store(file),
        format @ (Format::WebP | Format::Wav) => riff::store(file, format),
        Format::Gif => gif::store(file),
        Format::WebM | Format::Ogg => Ok(None),
    }
}

/// The boxes of an MP4's uppermost level, in order; they cover the whole file.
///
/// # Errors
/// When the file is no MP4, or damaged.
pub fn boxes(file: &[u8]) -> Result<Vec<TopBox>, FileError> {
    match known(file)? {
        Format::Mp4 => mp4::top(file),
        _ => Err(FileError::Unknown),
    }
}
