//! The visible label: "AI GENERATED" on every frame.

use image::RgbaImage;
use std::sync::OnceLock;

/// White letters on a translucent plate, drawn by `label.py` beside it.
const PNG: &[u8] = include_bytes!("label.png");

/// Height of the plate as a share of the frame's shorter side; its letters take the 5 % that labelling rules ask
/// for (GB 45438-2025).
const HEIGHT: f32 = 0.072;
const MARGIN: f32 = 0.025;

/// The label's picture.
pub fn image() -> &'static RgbaImage {
    static IMAGE: OnceLock<RgbaImage> = OnceLock::new();
    IMAGE.get_or_init(|| {
        // The file is part of the program: a picture that cannot be read would be a broken build, caught by the test.
        image::load_from_memory(PNG).map_or_else(|_| RgbaImage::new(1, 1), |picture| picture.to_rgba8())
    })
}

/// Where it goes in a frame of `width` x `height`: x, y, width, height. Bottom left, clear of the mouth in any
/// portrait.
pub fn place(width: f32, height: f32) -> [f32; 4] {
    let picture = image();
    let shorter = width.min(height);
    let (margin, tall) = (MARGIN * shorter, HEIGHT * shorter);
    let wide = tall * picture.width() as f32 / picture.height() as f32;
    [margin, height - margin - tall, wide, tall]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_is_readable_and_inside_the_frame() {
        assert!(image().width() > 100);
        for (width, height) in [(480.0, 640.0), (1920.0, 1080.0), (256.0, 256.0)] {
            let [x, y, w, h] = place(width, height);
            assert!(x >= 0.0 && y >= 0.0 && x + w <= width && y + h <= height, "{width}x{height}: {x} {y} {w} {h}");
            assert!(h >= 0.07 * width.min(height));
        }
    }
}
