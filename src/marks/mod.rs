//! Marks: what tells people and machines that a file was made here, written and read.
//!
//! In: a finished frame or file and the [`Statement`] that it shall carry; or any file at all. Out: the frame or file with
//! the marks; or every [`Mark`] found, ours and others'. The visible [`label`] and the invisible watermark are in the
//! pixels, the rest in the file. A mark that is found says what somebody wrote; that none is found says nothing.

mod aigc;
pub mod file;
pub mod label;
mod list;
mod mark;
pub mod source_type;
mod statement;
#[cfg(not(target_arch = "wasm32"))]
pub mod still;
mod words;
mod xmp;

pub use list::{Listing, list};
pub use mark::{Layer, Mark, Says, Trust};
pub use statement::{PRODUCER, SOURCE_TYPE, Statement};
