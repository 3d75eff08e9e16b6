//! Visitors' photos, good and bad, through the public API.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use portraoke::portrait::{MAX_LONG_SIDE, PortraitError, decode};
use std::io::Cursor;

fn data(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("a committed test file")
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).expect("encoding in memory");
    bytes.into_inner()
}

/// Whether the pixel has the colour, give or take what JPEG and CMYK change.
fn close(pixel: &Rgba<u8>, colour: [u8; 3]) -> bool {
    pixel.0.iter().zip(colour).all(|(&a, b)| a.abs_diff(b) < 40) && pixel.0[3] == 255
}

fn message(file: &[u8]) -> String {
    let error = decode(file).expect_err("a bad file");
    let text = error.to_string();
    assert!(text.ends_with(['.', ')']) && !text.contains('\n'), "one sentence: {text}");
    text
}

#[test]
fn baseline_progressive_and_cmyk_jpeg_show_the_same_colours() {
    for name in ["quarters.jpg", "progressive.jpg", "cmyk.jpg", "animated.webp", "animated.png"] {
        let picture = decode(&data(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(picture.image.dimensions(), (64, 48), "{name}");
        assert!(close(picture.image.get_pixel(8, 8), [220, 30, 30]), "{name}: {:?}", picture.image.get_pixel(8, 8));
        assert!(close(picture.image.get_pixel(8, 40), [30, 30, 220]), "{name}");
        assert!(close(picture.image.get_pixel(56, 40), [128, 128, 128]), "{name}");
        assert_eq!(picture.notes.iter().any(|n| n.contains("first frame")), name.starts_with("animated"), "{name}");
    }
}

#[test]
fn exif_orientation_is_applied() {
    let picture = decode(&data("orientation6.jpg")).expect("an intact file");
    assert_eq!(picture.image.dimensions(), (48, 64));
    assert_eq!(picture.size, [48, 64]);
    assert!(close(picture.image.get_pixel(40, 8), [220, 30, 30]), "the top left went to the top right");
    assert!(close(picture.image.get_pixel(8, 8), [30, 30, 220]));
}

#[test]
fn grey_16_bit_and_transparent_pictures_become_opaque_rgb() {
    let deep = image::ImageBuffer::<Rgb<u16>, _>::from_pixel(40, 40, Rgb([65535, 32768, 0]));
    let picture = decode(&encoded(deep, ImageFormat::Png)).expect("16 bits a channel");
    assert!(close(picture.image.get_pixel(3, 3), [255, 128, 0]));
    let grey = image::GrayImage::from_pixel(40, 40, image::Luma([90]));
    let picture = decode(&encoded(grey, ImageFormat::Png)).expect("grey");
    assert!(close(picture.image.get_pixel(3, 3), [90, 90, 90]));
    let glass = RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 51]));
    let picture = decode(&encoded(glass, ImageFormat::Png)).expect("alpha");
    assert_eq!(picture.image.get_pixel(3, 3).0, [204, 204, 204, 255]);
    assert!(picture.notes[0].contains("white"));
}

#[test]
fn animated_gif_gives_its_first_frame_and_a_note() {
    let mut bytes = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        for grey in [40, 200] {
            let frame = RgbaImage::from_pixel(40, 40, Rgba([grey, grey, grey, 255]));
            encoder.encode_frame(image::Frame::new(frame)).expect("encoding in memory");
        }
    }
    let picture = decode(&bytes).expect("an intact file");
    assert!(close(picture.image.get_pixel(3, 3), [40, 40, 40]));
    assert!(picture.notes[0].contains("first frame"));
}

#[test]
fn large_pictures_are_reduced() {
    let wide = RgbImage::from_pixel(5000, 1000, Rgb([10, 20, 30]));
    let picture = decode(&encoded(wide, ImageFormat::Png)).expect("an intact file");
    assert_eq!(picture.image.width(), MAX_LONG_SIDE);
    assert_eq!(picture.size, [5000, 1000]);
    assert!(close(picture.image.get_pixel(9, 9), [10, 20, 30]));
    assert_eq!(picture.notes.len(), 1);
}

#[test]
fn bad_files_get_one_sentence_each() {
    assert!(message(&[]).contains("empty"));
    assert!(message(b"hello, I am no picture").contains("not a picture"));
    assert!(message(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").contains("HEIC"));
    assert!(message(b"\0\0\0\x18ftypavif\0\0\0\0mif1avif").contains("AVIF"));
    assert!(message(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom").contains("video"));
    assert!(message(b"\x1a\x45\xdf\xa3....").contains("video"));
    assert!(message(b"%PDF-1.7 ...").contains("PDF"));
    assert!(message(b"II*\0........").contains("TIFF"));
    assert!(message(b"<!DOCTYPE html><html>").contains("web page"));
    assert!(message(b"<svg xmlns='http://www.w3.org/2000/svg'>").contains("SVG"));
    let dot = encoded(RgbImage::new(1, 1), ImageFormat::Png);
    assert!(message(&dot).contains("1 x 1"));
}

#[test]
fn truncated_files_are_refused_at_every_length() {
    let noisy = RgbImage::from_fn(64, 64, |x, y| Rgb([(x * 37 + y * 11) as u8, (x * y) as u8, (x ^ y) as u8]));
    let mut files = vec![data("quarters.jpg"), data("progressive.jpg"), data("cmyk.jpg")];
    files.extend(
        [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp].map(|f| encoded(noisy.clone(), f)),
    );
    for file in &files {
        decode(file).expect("whole");
        for percent in [3, 10, 30, 50, 70, 90, 95] {
            let cut = &file[..file.len() * percent / 100];
            assert!(decode(cut).is_err(), "{percent} % of {:?}", image::guess_format(file));
        }
        // Damage inside: any answer, but an answer.
        for at in (0..file.len()).step_by(1 + file.len() / 400) {
            let mut damaged = file.clone();
            damaged[at] ^= 0x5a;
            drop(decode(&damaged));
        }
    }
}

#[test]
fn huge_headers_are_refused_before_decoding() {
    let mut png = encoded(RgbImage::new(40, 40), ImageFormat::Png);
    // IHDR's width and height, then its checksum, which decoders verify.
    png[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert!(message(&png).contains("30000 x 30000"));
    let mut jpeg = data("quarters.jpg");
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).expect("a frame header");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
    assert!(matches!(decode(&jpeg), Err(PortraitError::TooLarge { width: 30000, height: 30000 })));
    let mut gif = encoded(RgbImage::new(40, 40), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0x30, 0x75, 0x30, 0x75]);
    assert!(matches!(decode(&gif), Err(PortraitError::TooLarge { width: 30000, height: 30000 })));
}

/// The checksum of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 })
    })
}
