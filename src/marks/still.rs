//! Single frames as PNG files that say what they are, for the command line.

use super::file;
use super::{PRODUCER, Statement};
use image::{ImageFormat, RgbImage};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{Cursor, Error, Write};
use std::time::SystemTime;

/// Writes `frame` as a PNG with everything that [`file::write`] says.
///
/// # Errors
/// When `to` cannot be written.
pub fn write_png(frame: &RgbImage, mut to: impl Write) -> Result<(), Error> {
    let mut bytes = Vec::new();
    frame.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).map_err(Error::other)?;
    to.write_all(&file::write(bytes, &statement()).map_err(Error::other)?)
}

fn statement() -> Statement {
    // The system's randomness is behind the standard library's hashers.
    let half = || RandomState::new().build_hasher().finish().to_ne_bytes();
    let mut id = [0; 16];
    id[..8].copy_from_slice(&half());
    id[8..].copy_from_slice(&half());
    Statement {
        id,
        producer: PRODUCER.to_owned(),
        title: String::new(),
        description: "AI generated: a portrait animated by Portraoke".to_owned(),
        made: SystemTime::UNIX_EPOCH.elapsed().ok().map(|since| since.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::{Layer, list};

    #[test]
    fn a_frame_says_what_it_is_and_keeps_its_pixels() {
        let frame = RgbImage::from_fn(5, 3, |x, y| image::Rgb([x as u8 * 40, y as u8 * 60, 7]));
        let mut bytes = Vec::new();
        write_png(&frame, &mut bytes).expect("memory takes it");
        assert_eq!(image::load_from_memory(&bytes).expect("a PNG").to_rgb8(), frame);
        let layers: Vec<Layer> = list(&bytes).marks.iter().filter(|mark| mark.ours).map(|mark| mark.layer).collect();
        for layer in [Layer::Iptc, Layer::Aigc, Layer::Text] {
            assert!(layers.contains(&layer), "{layers:?}");
        }
        assert_ne!(statement().id, statement().id);
    }
}
