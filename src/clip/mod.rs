//! A driving clip: the motion that makes a portrait sing, whatever it came from.
//!
//! A [`Track`] is what all drivers end as. [`song`](crate::song) writes one from a score; [`audio`] from a
//! recorded voice; [`video`] from a filmed face;
//! [`ensemble`] divides one among several portraits;
//! [`csv`] and [`Track::from_json`] read what other programs, or this one, have saved.

pub mod audio;
pub mod csv;
pub mod ensemble;
pub(crate) mod liveliness;
pub mod track;
pub mod video;

pub use track::{Motion, Phoneme, Track, TrackError, Word};

/// Reads a motion track from a file: a `.track.json`, or a CSV of Live Link Face.
///
/// # Errors
/// [`TrackError`]
pub fn read(bytes: &[u8]) -> Result<Track, TrackError> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') { Track::from_json(bytes) } else { csv::read(bytes) }
}
