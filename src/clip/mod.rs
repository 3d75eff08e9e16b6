//! A driving clip: the motion that makes a portrait sing, whatever it came from.

pub mod audio;
pub mod track;

pub use track::{Motion, Phoneme, Track, Word};
