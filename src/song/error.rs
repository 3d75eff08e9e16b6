//! What can be wrong with a score, each said in one sentence with the way out of it.

/// Why a score cannot be sung. Its `Display` is meant for the visitor.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScoreError {
    /// Nothing in the file.
    #[error("This file is empty: choose a MusicXML score (.musicxml, .xml or .mxl).")]
    Empty,
    /// Neither XML with a MusicXML root nor a compressed score.
    #[error("This is not a MusicXML score: export one (.musicxml or .mxl) from a notation program and try again.")]
    NotMusicXml,
    /// XML that does not parse. Line and column count from 1.
    #[error("This score's XML is broken at line {line}, column {column} ({reason}): export it again.")]
    BrokenXml {
        /// Line, from 1.
        line: u32,
        /// Column, from 1.
        column: u32,
        /// What the XML reader says.
        reason: String,
    },
    /// A `.mxl` that does not unpack.
    #[error("This compressed score cannot be unpacked ({0}): export it again, or save it as plain .musicxml.")]
    BrokenArchive(String),
    /// More bytes than a score needs.
    #[error("This score is larger than {limit_mb} MB: export only the song's own pages and try again.")]
    TooLarge {
        /// The limit in megabytes.
        limit_mb: usize,
    },
    /// More music than the page sings at once.
    #[error("This score lasts longer than {limit_minutes} minutes: export fewer bars, or raise its tempo.")]
    TooLong {
        /// The limit in minutes.
        limit_minutes: u32,
    },
    /// A number without which time cannot be told.
    #[error("Bar {measure} of this score has an impossible {what} ({value}): correct it and export the score again.")]
    BadNumber {
        /// What the number stands for.
        what: &'static str,
        /// The number as written.
        value: String,
        /// Bar number as printed.
        measure: String,
    },
    /// No part has words.
    #[error("This score has no lyrics under its notes: add words to one part and export it again.")]
    NoLyrics,
    /// Retyped lyrics without a single letter.
    #[error("There are no words to sing: type at least one word.")]
    NoWords,
}
