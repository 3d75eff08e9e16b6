//! Square patches of a picture as network input: rotated, mirrored, filtered when they shrink.
//!
//! A [`Picture`] is prepared once and sampled many times, where the networks run: on the processor from a pyramid of
//! halvings, on the graphics card from a texture with mip levels.

mod pyramid;

pub use pyramid::Pyramid;

use crate::gpu::{Gpu, upload_rgba};
use image::RgbaImage;

/// A picture that patches can be taken from.
#[derive(Debug)]
pub enum Picture<'a> {
    /// For networks on the processor.
    Cpu(Pyramid<'a>),
    /// For networks on the graphics card: `Rgba8Unorm`, sRGB-encoded, with all mip levels.
    Gpu {
        /// All levels.
        texture: wgpu::TextureView,
        /// Width and height of the largest level, pixels.
        size: [u32; 2],
    },
}

impl<'a> Picture<'a> {
    /// Prepares `image` for networks that run on `gpu`, or on the processor.
    pub fn new(image: &'a RgbaImage, gpu: Option<&Gpu>) -> Self {
        match gpu {
            None => Self::Cpu(Pyramid::new(image)),
            Some(gpu) => {
                Self::Gpu { texture: upload_rgba(gpu, "picture", image), size: [image.width(), image.height()] }
            }
        }
    }
}

/// What lies outside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// The network's zero, middle grey.
    Zero,
    /// The nearest pixel of the picture.
    Edge,
}

/// A square region of the picture. Its own coordinates run 0..1 from its top-left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patch {
    /// Image pixels.
    pub center: [f32; 2],
    /// Image pixels.
    pub side: f32,
    /// Radians by which the patch is turned clockwise on the screen: its x axis points at (cos, sin).
    pub angle: f32,
    /// Whether the patch shows the picture left-right mirrored (before turning).
    pub mirrored: bool,
}

impl Patch {
    /// Patch coordinates 0..1 to image pixels.
    pub fn to_image(self, [u, v]: [f32; 2]) -> [f32; 2] {
        let (sin, cos) = self.angle.sin_cos();
        let dx = (u - 0.5) * self.side * if self.mirrored { -1.0 } else { 1.0 };
        let dy = (v - 0.5) * self.side;
        [self.center[0] + cos * dx - sin * dy, self.center[1] + sin * dx + cos * dy]
    }

    /// Image pixels to patch coordinates; the inverse of [`Patch::to_image`].
    pub fn to_patch(self, [x, y]: [f32; 2]) -> [f32; 2] {
        let (sin, cos) = self.angle.sin_cos();
        let (dx, dy) = (x - self.center[0], y - self.center[1]);
        let (u, v) = (cos * dx + sin * dy, cos * dy - sin * dx);
        [u / self.side * if self.mirrored { -1.0 } else { 1.0 } + 0.5, v / self.side + 0.5]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patch_coordinates_go_both_ways() {
        for mirrored in [false, true] {
            let patch = Patch { center: [30.0, 40.0], side: 20.0, angle: 0.4, mirrored };
            let there = patch.to_image([0.2, 0.9]);
            let back = patch.to_patch(there);
            assert!((back[0] - 0.2).abs() < 1e-5 && (back[1] - 0.9).abs() < 1e-5);
        }
        let upright = Patch { center: [10.0, 10.0], side: 10.0, angle: 0.0, mirrored: false };
        assert_eq!(upright.to_image([0.0, 0.0]), [5.0, 5.0]);
    }
}
