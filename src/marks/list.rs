//! Every mark in a file, whoever put it there.

use super::Mark;
use super::file::{self, Format};
use serde::Serialize;

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// What kind of file it is, where that is known.
    pub format: Option<Format>,
    /// The marks. None of them proves that it is true, unless a signature by a key that one knows stands behind it; that there
    /// is none proves nothing either.
    pub marks: Vec<Mark>,
    /// What could not be read, one English sentence each.
    pub trouble: Vec<String>,
}

/// Every mark in `file`. What cannot be read is told, and the rest listed.
pub fn list(file: &[u8]) -> Listing {
    let (marks, trouble) = file::read(file);
    // C2PA's marks join here: those of `c2pa::read`, and its trouble.
    Listing { format: Format::of(file), marks, trouble: trouble.iter().map(ToString::to_string).collect() }
}
