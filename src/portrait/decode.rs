//! A visitor's file to an upright, opaque sRGB picture, under limits.

use super::{Decoded, PortraitError};
use image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::error::ImageError;
use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Longest side of a [`Decoded`] picture, pixels; larger ones are downscaled.
pub const MAX_LONG_SIDE: u32 = 4096;
/// Most pixels that are decoded at all; phones' cameras go to 50 megapixels by default.
pub const MAX_PIXELS: u64 = 100_000_000;
/// Least width and height, pixels: no face fits in less.
pub const MIN_SIDE: u32 = 32;
/// Most memory that a decoder may ask for, bytes: 100 megapixels of RGBA and some more.
const MAX_DECODER_BYTES: u64 = 512 << 20;

/// Reads JPEG (CMYK too), PNG, WebP, GIF or BMP: EXIF orientation applied, 16 bits reduced to 8, transparency
/// laid over white, the first frame of an animation, long side at most [`MAX_LONG_SIDE`]. Colour profiles are
/// ignored: values are taken as sRGB.
///
/// # Errors
/// A [`PortraitError`] naming what is wrong with the file. The size is judged from the header, before any pixel
/// is decoded.
pub fn decode(file: &[u8]) -> Result<Decoded, PortraitError> {
    if file.is_empty() {
        return Err(PortraitError::Empty);
    }
    let Some((format, name)) = known_format(file) else {
        return Err(foreign(file).unwrap_or(PortraitError::NotAnImage));
    };
    let damaged = || PortraitError::Damaged { format: name };

    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    // The size is checked right below with a message of our own.
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| damaged())?;
    let (width, height) = decoder.dimensions();
    let too_large = || PortraitError::TooLarge { width, height };
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_DECODER_BYTES {
        return Err(too_large());
    }
    if width < MIN_SIDE || height < MIN_SIDE {
        return Err(PortraitError::TooSmall { width, height });
    }
    // The JPEG decoder fills what is missing with grey and reports nothing.
    if format == ImageFormat::Jpeg && !jpeg_ends(file) {
        return Err(damaged());
    }

    let mut notes = Vec::new();
    if is_animated(file, format) {
        notes.push("This file is an animation: its first frame is used.".to_owned());
    }
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| match error {
        ImageError::Limits(_) => too_large(),
        _ => damaged(),
    })?;
    if width.max(height) > MAX_LONG_SIDE {
        // Averages areas without the float copy of the whole picture that `resize` makes.
        image = image.thumbnail(MAX_LONG_SIDE, MAX_LONG_SIDE);
        notes.push(format!(
            "The picture was reduced from {width} x {height} to {} x {} pixels.",
            image.width(),
            image.height()
        ));
        if image.width() < MIN_SIDE || image.height() < MIN_SIDE {
            return Err(PortraitError::TooSmall { width: image.width(), height: image.height() });
        }
    }
    let before = [image.width(), image.height()];
    image.apply_orientation(orientation);
    let size = if [image.width(), image.height()] == before { [width, height] } else { [height, width] };
    let mut image = image.into_rgba8();
    if lay_over_white(&mut image) {
        notes.push("The see-through parts of the picture were filled with white.".to_owned());
    }
    Ok(Decoded { image, size, notes })
}

/// The format by its signature, if a decoder for it is built in.
fn known_format(file: &[u8]) -> Option<(ImageFormat, &'static str)> {
    Some(match image::guess_format(file).ok()? {
        ImageFormat::Jpeg => (ImageFormat::Jpeg, "JPEG"),
        ImageFormat::Png => (ImageFormat::Png, "PNG"),
        ImageFormat::WebP => (ImageFormat::WebP, "WebP"),
        ImageFormat::Gif => (ImageFormat::Gif, "GIF"),
        ImageFormat::Bmp => (ImageFormat::Bmp, "BMP"),
        _ => return None,
    })
}

/// Files that visitors bring by mistake, by signature, each with a way out.
fn foreign(file: &[u8]) -> Option<PortraitError> {
    const VIDEO_ADVICE: &str = "take a still picture from it and choose that";
    let start = |signature: &[u8]| file.starts_with(signature);
    let text: Vec<u8> =
        file.iter().take(512).filter(|b| !b.is_ascii_whitespace()).map(u8::to_ascii_lowercase).collect();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let (kind, advice) = if file.get(4..8) == Some(b"ftyp") {
        // ISO 14496-12 file type box; HEIF brands in ISO 23008-12 annex B, AVIF's in its specification.
        match file.get(8..12).unwrap_or_default() {
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
                ("a HEIC photo", "share it as JPEG (on iPhone: Settings, Camera, Formats, Most Compatible)")
            }
            b"avif" | b"avis" => ("an AVIF picture", "save it as JPEG or PNG"),
            b"crx " => ("a raw photo", "save it as JPEG"),
            b"M4A " => ("a sound file", "choose a photo here"),
            _ => ("a video", VIDEO_ADVICE),
        }
    } else if start(b"\x1a\x45\xdf\xa3") || (start(b"RIFF") && file.get(8..12) == Some(b"AVI ")) {
        ("a video", VIDEO_ADVICE)
    } else if start(b"%PDF") {
        ("a PDF document", "save its picture as JPEG or PNG, or take a screenshot of it")
    } else if start(b"II*\0") || start(b"MM\0*") || start(b"IIRO") || start(b"FUJIFILMCCD-RAW") {
        ("a TIFF or raw photo", "save it as JPEG or PNG")
    } else if start(b"\xff\x0a") || start(b"\0\0\0\x0cJXL ") {
        ("a JPEG XL picture", "save it as JPEG or PNG")
    } else if start(b"\0\0\0\x0cjP  ") || start(b"\xff\x4f\xff\x51") {
        ("a JPEG 2000 picture", "save it as JPEG or PNG")
    } else if start(b"8BPS") {
        ("a Photoshop file", "save it as JPEG or PNG")
    } else if start(b"PK\x03\x04") || start(b"\x1f\x8b") || start(b"7z\xbc\xaf") || start(b"Rar!") {
        ("an archive or office document", "take the photo out of it and choose that")
    } else if start(b"ID3") || start(b"OggS") || start(b"fLaC") || start(b"RIFF") && file.get(8..12) == Some(b"WAVE") {
        ("a sound file", "choose a photo here")
    } else if text.starts_with(b"<svg") || text.starts_with(b"<?xml") && text.windows(4).any(|w| w == b"<svg") {
        ("an SVG drawing", "save it as PNG")
    } else if text.starts_with(b"<!doctypehtml") || text.starts_with(b"<html") {
        ("a web page, not a picture", "open it and save the photo itself")
    } else {
        return None;
    };
    Some(PortraitError::Foreign { kind, advice })
}

/// Whether an end-of-image marker follows the first scan (ITU-T T.81, annex B). Thumbnails in earlier segments do
/// not count, and what follows the marker (a phone's motion photo) does not matter.
fn jpeg_ends(file: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = file.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([high, low]));
        match marker {
            START_OF_SCAN => return file[at..].windows(2).any(|pair| pair == END_OF_IMAGE),
            // Fill byte before a marker.
            0xff => at += 1,
            _ => at += 2 + length,
        }
    }
    // Bytes that belong to no segment stand between two of them: decoders skip these, so search from here.
    file.get(at..).is_some_and(|rest| rest.windows(2).any(|pair| pair == END_OF_IMAGE))
}

/// Whether there is a second frame.
fn is_animated(file: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Gif => GifDecoder::new(Cursor::new(file)).is_ok_and(|gif| gif.into_frames().take(2).count() > 1),
        ImageFormat::Png => PngDecoder::new(Cursor::new(file)).is_ok_and(|png| png.is_apng().unwrap_or(false)),
        ImageFormat::WebP => WebPDecoder::new(Cursor::new(file)).is_ok_and(|webp| webp.has_animation()),
        _ => false,
    }
}

/// Makes every pixel opaque; returns whether any was not.
fn lay_over_white(image: &mut image::RgbaImage) -> bool {
    let mut changed = false;
    for pixel in image.pixels_mut() {
        let [r, g, b, a] = pixel.0;
        if a < 255 {
            changed = true;
            let over = |c: u8| ((u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a)) + 127) / 255) as u8;
            pixel.0 = [over(r), over(g), over(b), 255];
        }
    }
    changed
}
