//! The residual motion: what a driver's points do that the head model's expressions cannot.
//!
//! Fifty-two expressions describe a face roughly; the landmarks that were tracked describe it well. What is left
//! between the two, relative to the driver's first frame so that the driver's own shape does not leak, is carried
//! to the source and spread over its skin (the idea of mixing explicit and residual motion is MobilePortrait's,
//! Jiang et al. 2025).

use super::aperture::parted_shape;
use crate::head::HeadModel;
use crate::portrait::Face;
use glam::{Mat2, Vec2, Vec3};

/// Kernel radii, inter-ocular distances, coarse to fine; each level takes what the one before left.
const RADII: [f32; 3] = [0.35, 0.15, 0.06];

/// Largest step that is believed, inter-ocular distances: more is a tracking error.
const LIMIT: f32 = 0.15;

/// The residual of one driver.
#[derive(Debug)]
pub struct Residual {
    /// Vertices of the fitted points: the 68, then the dense ones.
    vertices: Vec<usize>,
    first: Vec<Vec2>,
}

impl Residual {
    /// Relative to `first`, the driver's first face.
    pub fn new(model: &HeadModel, first: &Face) -> Self {
        let vertices: Vec<usize> = fitted_vertices(model).collect();
        let first = absolute(model, &vertices, first);
        Self { vertices, first }
    }

    /// The steps of the fitted points in `face`: inter-ocular distances, axes of the picture with the head's roll
    /// taken out.
    pub fn of(&self, model: &HeadModel, face: &Face) -> Vec<Vec2> {
        let now = absolute(model, &self.vertices, face);
        now.iter().zip(&self.first).map(|(now, first)| (*now - *first).clamp_length_max(LIMIT)).collect()
    }
}

fn fitted_vertices(model: &HeadModel) -> impl Iterator<Item = usize> {
    model.landmarks68().iter().chain(model.dense()).map(|&v| v as usize)
}

/// Point minus projection of the fitted model, one for each fitted point.
fn absolute(model: &HeadModel, vertices: &[usize], face: &Face) -> Vec<Vec2> {
    let fit = &face.fit;
    let shape = model.shape(&fit.identity, &fit.expression);
    let rotation = fit.rotation_matrix();
    let upright = Mat2::from_angle(fit.rotation[2]);
    let points = face.landmarks.iter().chain(&face.dense);
    vertices
        .iter()
        .zip(points)
        .map(|(&v, &point)| {
            let turned = rotation * shape[v] * fit.scale;
            let projected = Vec2::from(fit.translation) + Vec2::new(turned.x, -turned.y);
            upright * (Vec2::from(point) - projected) / fit.scale
        })
        .collect()
}

/// Spreads steps of the fitted points over the vertices: multilevel scattered-data approximation (Lee, Wolberg,
/// Shin 1997) with weights computed once.
#[derive(Debug)]
pub(super) struct Spread {
    anchors: Vec<usize>,
    /// For each level and vertex, the shares of the anchors.
    levels: Vec<Vec<Vec<(u16, f32)>>>,
}

impl Spread {
    pub(super) fn new(model: &HeadModel) -> Self {
        let anchors: Vec<usize> = fitted_vertices(model).collect();
        let shape = parted_shape(model);
        let shares = |at: &Vec3, radius: f32| {
            const PRIOR: f32 = 0.05;
            let mut near: Vec<(u16, f32)> = anchors
                .iter()
                .enumerate()
                .map(|(i, &anchor)| (i as u16, (-shape[anchor].distance_squared(*at) / (radius * radius)).exp()))
                .filter(|(_, weight)| *weight > 1e-3)
                .collect();
            let total: f32 = near.iter().map(|(_, weight)| weight).sum::<f32>() + PRIOR;
            near.iter_mut().for_each(|(_, weight)| *weight /= total);
            near
        };
        let levels = RADII.iter().map(|&radius| shape.iter().map(|at| shares(at, radius)).collect()).collect();
        Self { anchors, levels }
    }

    /// Adds to `sums`, one for each vertex, what `steps` of the fitted points say.
    pub(super) fn add(&self, sums: &mut [Vec2], steps: &[Vec2]) {
        let mut spread = vec![Vec2::ZERO; sums.len()];
        for level in &self.levels {
            let left: Vec<Vec2> = self.anchors.iter().zip(steps).map(|(&a, &step)| step - spread[a]).collect();
            for (sum, shares) in spread.iter_mut().zip(level) {
                *sum += shares.iter().filter_map(|&(i, share)| Some(*left.get(i as usize)? * share)).sum::<Vec2>();
            }
        }
        sums.iter_mut().zip(spread).for_each(|(sum, step)| *sum += step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step at one point arrives there, and not at the other side of the mouth.
    #[test]
    fn steps_arrive_at_their_points() {
        let bytes = include_bytes!("../../models/head.safetensors");
        let model = HeadModel::from_bytes(bytes).expect("the committed model");
        let spread = Spread::new(&model);
        // iBUG 62 and 66: the middles of the upper and the lower lip's inner rim, which touch in the neutral head.
        let mut steps = vec![Vec2::ZERO; spread.anchors.len()];
        steps[66] = Vec2::new(0.0, 10.0);
        let mut sums = vec![Vec2::ZERO; model.vertex_count()];
        spread.add(&mut sums, &steps);
        let (moved, across) = (sums[spread.anchors[66]].y, sums[spread.anchors[62]].y);
        assert!(moved > 4.0, "{moved}");
        assert!(across.abs() < 1.0, "{across}");
    }
}
