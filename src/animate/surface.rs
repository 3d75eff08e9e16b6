//! The face layer: the head model's own triangles with the photo on them, where lips and lids can part.

use super::mesh::{Mesh, PictureVertex};
use super::person::smoothstep;
use super::rig::{Posed, Rig};
use crate::head::{HeadModel, Region};
use glam::{Vec2, Vec3};

/// Rounds of averaging over neighbours that turn the layer's edge into a ramp.
const FEATHER_ROUNDS: usize = 6;

/// The part of the head drawn as triangles, farthest first, with its coverage.
#[derive(Debug)]
pub struct Surface {
    triangles: Vec<[u32; 3]>,
    alpha: Vec<f32>,
    size: Vec2,
}

impl Surface {
    /// The triangles of `model` that the photo (`size` pixels) shows.
    pub fn new(model: &HeadModel, rig: &Rig, size: Vec2) -> Self {
        let source = rig.source();
        let normals = normals(model.triangles(), source);
        let alpha = coverage(model, &normals);
        let faces_camera = |t: &&[u32; 3]| facing(t, source) > 0.0 && t.iter().any(|&v| alpha[v as usize] > 0.01);
        let outside = |t: &&[u32; 3]| !t.iter().all(|&v| is_inside(model.region()[v as usize]));
        let mut triangles: Vec<[u32; 3]> =
            model.triangles().iter().filter(faces_camera).filter(outside).copied().collect();
        // The painter's order at the source holds for the small turns a still photo allows, and needs no depth
        // buffer, with which a transparent edge would hide what lies behind it.
        let depth = |t: &[u32; 3]| t.iter().map(|&v| source[v as usize].z).sum::<f32>();
        triangles.sort_by(|a, b| depth(a).total_cmp(&depth(b)));
        Self { triangles, alpha, size }
    }

    /// The layer's triangles at a pose.
    pub fn mesh(&self, rig: &Rig, posed: &Posed) -> Mesh<PictureVertex> {
        let vertices = posed.vertices.iter().zip(rig.source()).zip(&self.alpha).map(|((p, s), &alpha)| PictureVertex {
            position: p.truncate().into(),
            uv: (s.truncate() / self.size).into(),
            alpha,
            masked: 1.0,
        });
        Mesh { vertices: vertices.collect(), indices: self.triangles.as_flattened().to_vec() }
    }
}

/// Full on the face, lips and lids; fading into the person layer at hair, ears, neck and wherever the surface turns
/// away, because there a small error of the fit would pick up the background.
fn coverage(model: &HeadModel, normals: &[Vec3]) -> Vec<f32> {
    let region = model.region();
    let kept =
        |v: usize| matches!(region[v], Region::UpperLip | Region::LowerLip | Region::UpperLid | Region::LowerLid);
    let inside: Vec<f32> = (0..region.len())
        .map(|v| match region[v] {
            Region::Ear | Region::Scalp | Region::Shoulder => 0.0,
            Region::Neck => smoothstep(0.55, 0.9, model.rigid()[v]),
            _ => smoothstep(0.12, 0.40, normals[v].z),
        })
        .collect();
    let mut alpha = inside.clone();
    let neighbours = neighbours(model);
    for _ in 0..FEATHER_ROUNDS {
        let mean = |v: usize| {
            let around = &neighbours[v];
            let sum: f32 = around.iter().map(|&n| alpha[n as usize]).sum();
            if around.is_empty() { alpha[v] } else { sum / around.len() as f32 }
        };
        // Never above the start: the ramp lies inside the layer.
        alpha =
            (0..alpha.len()).map(|v| if kept(v) { inside[v].max(alpha[v]) } else { mean(v).min(inside[v]) }).collect();
    }
    alpha
}

fn is_inside(region: Region) -> bool {
    matches!(region, Region::InsideMouth | Region::EyeSocket)
}

fn neighbours(model: &HeadModel) -> Vec<Vec<u32>> {
    let mut around = vec![Vec::new(); model.vertex_count()];
    for &[a, b, c] in model.triangles() {
        for (from, to) in [(a, b), (b, c), (c, a), (b, a), (c, b), (a, c)] {
            around[from as usize].push(to);
        }
    }
    for list in &mut around {
        list.sort_unstable();
        list.dedup();
    }
    around
}

/// Twice the signed area of a triangle in the picture, positive when its outside faces the camera.
fn facing(triangle: &[u32; 3], points: &[Vec3]) -> f32 {
    let [a, b, c] = triangle.map(|v| points[v as usize].truncate());
    // Image y points down, so the counter-clockwise outside appears clockwise.
    -(b - a).perp_dot(c - a)
}

/// Unit normals of `points` in camera axes (x right, y up, z towards the camera), averaged by area. `points` are
/// pixels with depth in pixels.
pub(super) fn normals(triangles: &[[u32; 3]], points: &[Vec3]) -> Vec<Vec3> {
    let upright = |v: u32| points[v as usize] * Vec3::new(1.0, -1.0, 1.0);
    let mut sum = vec![Vec3::ZERO; points.len()];
    for &[a, b, c] in triangles {
        let normal = (upright(b) - upright(a)).cross(upright(c) - upright(a));
        for v in [a, b, c] {
            sum[v as usize] += normal;
        }
    }
    sum.into_iter().map(Vec3::normalize_or_zero).collect()
}
