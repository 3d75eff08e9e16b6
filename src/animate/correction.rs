//! What the fitted model still misses: the step from each projected point to its landmark, spread smoothly over
//! the surface.

use super::aperture::parted_shape;
use super::lip_line;
use crate::head::HeadModel;
use crate::portrait::Face;
use glam::{Vec2, Vec3};
use image::RgbaImage;

/// Kernel radii, inter-ocular distances, coarse to fine: each level takes what the one before left over, as in
/// multilevel scattered-data approximation (Lee, Wolberg, Shin 1997).
const RADII: [f32; 3] = [0.45, 0.18, 0.07];

/// Radii of the last step, on the lip line alone.
const LIP_RADII: [f32; 3] = [0.08, 0.03, 0.015];

/// Lips closer than this in the photo (inter-ocular distances) are closed.
const CLOSED_LIPS: f32 = 0.02;

/// Jaw contour points of iBUG (0 to 16) follow the silhouette, not one place of the surface.
const CONTOUR: std::ops::Range<usize> = 0..17;
const CONTOUR_WEIGHT: f32 = 0.35;

/// Pixels to add to each of `projected` so that the landmarks are met. `scale`: pixels per inter-ocular distance.
pub fn spread(model: &HeadModel, face: &Face, projected: &[Vec3], scale: f32, image: &RgbaImage) -> Vec<Vec2> {
    let apart = parted_shape(model);
    let mut correction = vec![Vec2::ZERO; projected.len()];
    let landmarks = anchors(model, face, scale);
    for radius in RADII {
        add_level(&mut correction, &landmarks, projected, &apart, radius);
    }
    let lips = lip_anchors(model, projected, &correction, scale, image);
    for radius in LIP_RADII {
        add_level(&mut correction, &lips, projected, &apart, radius);
    }
    correction
}

/// Adds what `anchors` still miss, spread by a kernel of `radius`.
fn add_level(correction: &mut [Vec2], anchors: &[Anchor], projected: &[Vec3], apart: &[Vec3], radius: f32) {
    let left: Vec<Vec2> =
        anchors.iter().map(|a| a.target - projected[a.vertex].truncate() - correction[a.vertex]).collect();
    let level: Vec<Vec2> = apart.iter().map(|&at| weighted_mean(anchors, &left, apart, at, radius)).collect();
    correction.iter_mut().zip(level).for_each(|(sum, step)| *sum += step);
}

/// Where the rims of closed lips go: both onto the dark line between them. None for lips that are open.
fn lip_anchors(
    model: &HeadModel,
    projected: &[Vec3],
    correction: &[Vec2],
    scale: f32,
    image: &RgbaImage,
) -> Vec<Anchor> {
    let at = |v: u32| projected[v as usize].truncate() + correction[v as usize];
    let rims: Vec<(u32, u32)> = model.lip_upper().iter().copied().zip(model.lip_lower().iter().copied()).collect();
    let gap = rims.iter().map(|&(u, l)| (at(l) - at(u)).y).fold(0.0, f32::max);
    if gap > CLOSED_LIPS * scale {
        return Vec::new();
    }
    let middle: Vec<Vec2> = rims.iter().map(|&(u, l)| 0.5 * (at(u) + at(l))).collect();
    let line = lip_line::refine(image, &middle);
    let anchor =
        |(&(u, l), target): (&(u32, u32), Vec2)| [u, l].map(|v| Anchor { vertex: v as usize, target, weight: 8.0 });
    rims.iter().zip(line).flat_map(anchor).collect()
}

struct Anchor {
    vertex: usize,
    target: Vec2,
    weight: f32,
}

fn anchors(model: &HeadModel, face: &Face, scale: f32) -> Vec<Anchor> {
    let weight = |i: usize| {
        let sigma = face.sigma.get(i).copied().unwrap_or(0.0) / scale;
        // Twice the floor halves the trust twice; a point as unsure as a tenth of the face says little.
        1.0 / (1.0 + (sigma / 0.03).powi(2))
    };
    let ibug = model.landmarks68().iter().zip(&face.landmarks).enumerate().map(|(i, (&vertex, &point))| Anchor {
        vertex: vertex as usize,
        target: Vec2::from(point),
        weight: weight(i) * if CONTOUR.contains(&i) { CONTOUR_WEIGHT } else { 1.0 },
    });
    let dense = model.dense().iter().zip(&face.dense).enumerate().map(|(i, (&vertex, &point))| Anchor {
        vertex: vertex as usize,
        target: Vec2::from(point),
        weight: weight(70 + i),
    });
    ibug.chain(dense).collect()
}

/// The anchors' steps around `at`, weighted by a Gaussian that fades to nothing: a vertex far from every anchor
/// stays where the model puts it.
fn weighted_mean(anchors: &[Anchor], steps: &[Vec2], shape: &[Vec3], at: Vec3, radius: f32) -> Vec2 {
    const PRIOR: f32 = 0.05;
    let mut sum = Vec2::ZERO;
    let mut total = PRIOR;
    for (anchor, &step) in anchors.iter().zip(steps) {
        let distance = shape[anchor.vertex].distance_squared(at) / (radius * radius);
        if distance < 9.0 {
            let weight = anchor.weight * (-distance).exp();
            sum += step * weight;
            total += weight;
        }
    }
    sum / total
}
