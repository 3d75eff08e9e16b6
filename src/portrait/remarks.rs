//! Remarks on a portrait: what to expect of it, and what would be better.
//!
//! Thresholds come from the distributions over 104 official portraits, blurred and darkened copies of them, and seven
//! paintings: a sharp, lit, frontal portrait gets none but the one on its teeth.

use super::{Face, Portrait};
use glam::Vec2;
use image::{GrayImage, RgbaImage, imageops};
use serde::Serialize;
use std::fmt;

/// Below this height of its box, pixels, a face has too few pixels to look sharp in a video; and below this share of the
/// picture's longer side it has, once the picture is as small as a video.
const SOFT_FACE: f32 = 110.0;
const FAR_FACE: f32 = 0.13;
/// Yaw and pitch, radians, beyond which the far side is guesswork.
const TURNED: f32 = 0.6;
const TILTED: f32 = 0.45;
/// Lips further apart than this, outer eye corners' distances, show what is between them.
const OPEN: f32 = 0.03;
/// Luma of teeth: the brightest tenth between the lips, 0..1.
const TOOTH: f32 = 0.25;
/// Lids of the network's expression, both, from which eyes are closed.
const CLOSED: f32 = 0.6;
/// Luma of the face's brightest tenth, 0..1, below which it lies in the dark: dark skin in ordinary light is at 0.5.
const DARK: f32 = 0.33;
/// Detail around the eyes, as a share of their contrast, below which the photo is blurred, and the distance between the
/// outer eye corners that it is measured at, pixels. Sharp photos have 0.037 at least, 0.08 mostly; blurred by a
/// Gaussian of 2 % of that distance, 0.03.
const DETAIL: f32 = 0.030;
const DETAIL_AT: f32 = 64.0;

/// Something worth knowing about a face, with a stable key for translations; its [`Display`](fmt::Display) is one English
/// sentence for the visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "key", rename_all = "kebab-case")]
pub enum Remark {
    /// There are several faces.
    Company {
        /// How many.
        faces: usize,
    },
    /// The face has few pixels.
    Small {
        /// Its height.
        pixels: u32,
    },
    /// The face is a small part of the picture.
    Far {
        /// Its height, as per cent of the picture's longer side.
        percent: u32,
    },
    /// The picture's edge cuts the face.
    Cut,
    /// The head is turned far.
    Turned,
    /// Teeth are seen.
    Teeth,
    /// Both eyes are closed.
    EyesClosed,
    /// The face lies in the dark.
    Dark,
    /// The face is blurred.
    Blurred,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Company { faces } => {
                write!(f, "{faces} faces were found: the most prominent one sings unless you choose another.")
            }
            Self::Small { pixels } => write!(
                f,
                "Works best a little closer: the face is only {pixels} pixels high, so the video will look soft."
            ),
            Self::Far { percent } => write!(
                f,
                "Works best a little closer: the face is only {percent} % of the picture, so little of it will be seen."
            ),
            Self::Cut => f.write_str("The face is cut by the picture's edge: what is cut off cannot move."),
            Self::Turned => {
                f.write_str("The head is turned far from the camera: a photo from the front would move better.")
            }
            Self::Teeth => f.write_str("The mouth is open: its teeth will be used."),
            Self::EyesClosed => f.write_str("The eyes are closed: they stay closed while the mouth sings."),
            Self::Dark => f.write_str("The face is in the dark: a photo with more light on it would look better."),
            Self::Blurred => f.write_str("The face is blurred: a sharper photo would look better."),
        }
    }
}

impl Portrait {
    /// Remarks on face number `face`; none for a face that there is not. Whether something covers it
    /// [`Layers::note`](super::Layers::note) says.
    pub fn remarks(&self, face: usize) -> Vec<Remark> {
        let mut remarks = Vec::new();
        if self.faces.len() > 1 {
            remarks.push(Remark::Company { faces: self.faces.len() });
        }
        remarks.extend(self.faces.get(face).map(|face| on(face, &self.image)).unwrap_or_default());
        remarks
    }
}

/// Remarks on one face, the gravest first.
fn on(face: &Face, image: &RgbaImage) -> Vec<Remark> {
    let b = face.bounds;
    let (width, height) = (image.width() as f32, image.height() as f32);
    let [yaw, pitch, _] = face.fit.rotation;
    let share = b.height / width.max(height).max(1.0);
    let small = b.height < SOFT_FACE;
    let blinks = ["eyeBlinkLeft", "eyeBlinkRight"].map(|name| face.expression.get(name));
    [
        (small, Remark::Small { pixels: b.height.round() as u32 }),
        (!small && share < FAR_FACE, Remark::Far { percent: (100.0 * share).round() as u32 }),
        (b.x < 0.0 || b.y < 0.0 || b.x + b.width > width || b.y + b.height > height, Remark::Cut),
        (yaw.abs() > TURNED || pitch.abs() > TILTED, Remark::Turned),
        (is_dark(face, image), Remark::Dark),
        (is_blurred(face, image), Remark::Blurred),
        (blinks[0].min(blinks[1]) > CLOSED, Remark::EyesClosed),
        (shows_teeth(face, image), Remark::Teeth),
    ]
    .into_iter()
    .filter_map(|(holds, remark)| holds.then_some(remark))
    .collect()
}

fn point(face: &Face, i: usize) -> Vec2 {
    face.landmarks.get(i).copied().map_or(Vec2::ZERO, Vec2::from)
}

/// Distance of the outer eye corners, pixels.
fn unit(face: &Face) -> f32 {
    point(face, 36).distance(point(face, 45)).max(1.0)
}

/// Red, green and blue at a place, 0..1; `None` outside.
fn color(image: &RgbaImage, at: Vec2) -> Option<[f32; 3]> {
    let inside = at.x >= 0.0 && at.y >= 0.0;
    let pixel = inside.then(|| image.get_pixel_checked(at.x as u32, at.y as u32)).flatten()?;
    Some([0, 1, 2].map(|channel| f32::from(pixel[channel]) / 255.0))
}

/// Rec. 709's luma of sRGB-encoded values, 0..1.
fn luma([r, g, b]: [f32; 3]) -> f32 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// The value that `share` of `values` lie below; 0 for none.
fn quantile(values: &mut [f32], share: f32) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(((values.len().max(1) - 1) as f32 * share).round() as usize).copied().unwrap_or(0.0)
}

/// Whether something pale and bright lies between the lips.
fn shows_teeth(face: &Face, image: &RgbaImage) -> bool {
    if point(face, 62).distance(point(face, 66)) < OPEN * unit(face) {
        return false;
    }
    // iBUG's inner lips: three upper points and those below them.
    let columns = [(61, 67), (62, 66), (63, 65)].map(|(u, l)| (point(face, u), point(face, l)));
    let between = columns.iter().flat_map(|&(u, l)| (1..=9).map(move |row| u.lerp(l, row as f32 / 10.0)));
    let colors: Vec<[f32; 3]> = between.filter_map(|at| color(image, at)).collect();
    let mut levels: Vec<f32> = colors.iter().map(|c| luma(*c)).collect();
    let bright = quantile(&mut levels, 0.9);
    // Lips and tongue are bright too, but not pale.
    let pale = |c: &[f32; 3]| c.iter().copied().fold(1.0, f32::min) > 0.6 * c.iter().copied().fold(0.0, f32::max);
    bright >= TOOTH && colors.iter().any(|c| luma(*c) > 0.8 * bright && pale(c))
}

fn is_dark(face: &Face, image: &RgbaImage) -> bool {
    const STEPS: usize = 24;
    let b = face.bounds;
    let at = |i: usize| {
        let u = Vec2::new((i % STEPS) as f32 + 0.5, (i / STEPS) as f32 + 0.5) / STEPS as f32;
        Vec2::new(b.x + u.x * b.width, b.y + u.y * b.height)
    };
    let mut levels: Vec<f32> = (0..STEPS * STEPS).filter_map(|i| color(image, at(i)).map(luma)).collect();
    !levels.is_empty() && quantile(&mut levels, 0.9) < DARK
}

/// Whether the band of the eyes, where every face has fine lines, has none. Faces of few pixels have lost them anyway.
fn is_blurred(face: &Face, image: &RgbaImage) -> bool {
    let scale = DETAIL_AT / unit(face);
    let eyes = (36..48).map(|i| point(face, i));
    let margin = 4.0 / scale;
    let low = (eyes.clone().fold(Vec2::INFINITY, Vec2::min) - margin).max(Vec2::ZERO);
    let high = eyes.fold(Vec2::ZERO, Vec2::max) + margin;
    let (x, y) = (low.x as u32, low.y as u32);
    if scale > 1.0 || x >= image.width() || y >= image.height() || !high.is_finite() {
        return false;
    }
    let band = imageops::crop_imm(image, x, y, (high.x - low.x) as u32 + 1, (high.y - low.y) as u32 + 1).to_image();
    let side = |n: u32| ((n as f32 * scale).round() as u32).max(8);
    // Area averaging, which `thumbnail` does, keeps what detail there is and makes none.
    let band: GrayImage = imageops::grayscale(&imageops::thumbnail(&band, side(band.width()), side(band.height())));
    let smooth = imageops::blur(&band, 1.0);
    let mut levels: Vec<f32> = band.pixels().map(|p| f32::from(p[0])).collect();
    let fine: Vec<f32> = band.pixels().zip(smooth.pixels()).map(|(a, b)| f32::from(a[0]) - f32::from(b[0])).collect();
    let count = fine.len() as f32;
    let mean = fine.iter().sum::<f32>() / count;
    let detail = (fine.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / count).sqrt();
    let contrast = quantile(&mut levels, 0.98) - quantile(&mut levels, 0.02);
    detail < DETAIL * contrast.max(1.0)
}
