//! The face layer: the head model's own triangles with the photo on them, where lips and lids can part.

use super::light::Light;
use super::mesh::{Mesh, PictureVertex};
use super::person::smoothstep;
use super::rig::{Posed, Rig};
use crate::head::expression::expression_index;
use crate::head::{HeadModel, Region};
use glam::{Vec2, Vec3};
use image::RgbaImage;

/// Rounds of averaging over neighbours that turn the layer's edge into a ramp.
const FEATHER_ROUNDS: usize = 6;

/// The part of the head drawn as triangles, farthest first, with its coverage.
#[derive(Debug)]
pub struct Surface {
    triangles: Vec<[u32; 3]>,
    alpha: Vec<f32>,
    size: Vec2,
    lids: [UpperLid; 2],
    light: Light,
    /// How strongly each vertex is lit in the photo; nothing for those that no triangle shows.
    lit: Vec<Option<f32>>,
    /// The triangles that give what is shown its normals.
    around: Vec<[u32; 3]>,
}

/// The skin of one upper lid.
///
/// An open eye shows a narrow band of it, which a blink would stretch together with the lashes into a dark smear.
/// Skin that a blink unfolds looks like the skin above the fold, so while the lid closes its inner vertices show
/// that instead; only the rim keeps its lashes.
#[derive(Debug)]
struct UpperLid {
    /// Vertices and their share of the step: full beside the rim, none at the fold, so that the skin is compressed
    /// and never repeated.
    vertices: Vec<(u32, f32)>,
    /// Position in ARKit's names.
    blink: usize,
    /// What a fully closed lid shows, relative to where the vertex lies in the photo; pixels.
    above: Vec2,
}

/// Distance from the lid to the skin that stands in for it: inter-ocular distances, but no more than this share of
/// the way to the brow, whose hair must stay out of the lid.
const ABOVE_LID: f32 = 0.055;
const TOWARDS_BROW: f32 = 0.25;
/// Height of the lid's skin below the fold on the mean head, inter-ocular distances.
const LID_HEIGHT: f32 = 0.08;

impl Surface {
    /// The triangles of `model` that the photo (`size` pixels) shows.
    pub fn new(model: &HeadModel, rig: &Rig, image: &RgbaImage) -> Self {
        let size = Vec2::new(image.width() as f32, image.height() as f32);
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
        // iBUG 19 and 24: the middle of the image-left and image-right brow.
        let lids = [
            UpperLid::new(model, rig, model.lid_left_upper(), 24, "eyeBlinkLeft"),
            UpperLid::new(model, rig, model.lid_right_upper(), 19, "eyeBlinkRight"),
        ];
        let is_skin = |v: &usize| model.region()[*v] == Region::Face && normals[*v].z > 0.25;
        let skin = (0..source.len()).filter(is_skin).map(|v| (source[v].truncate(), normals[v]));
        let light = Light::estimate(image, skin);
        let mut lit = vec![None; source.len()];
        for &v in triangles.as_flattened() {
            lit[v as usize] = Some(light.at(normals[v as usize]));
        }
        let touches = |t: &&[u32; 3]| t.iter().any(|&v| lit[v as usize].is_some());
        let around = model.triangles().iter().filter(touches).copied().collect();
        Self { triangles, alpha, size, lids, light, lit, around }
    }

    /// The layer's triangles at a pose.
    pub fn mesh(&self, rig: &Rig, posed: &Posed) -> Mesh<PictureVertex> {
        let turned = normals(&self.around, &posed.vertices);
        let gain =
            |(before, &after): (&Option<f32>, &Vec3)| before.map_or(1.0, |b| Light::gain(b, self.light.at(after)));
        let gains = self.lit.iter().zip(&turned).map(gain);
        let vertex = |(((position, source), &alpha), gain): (((&Vec3, &Vec3), &f32), f32)| PictureVertex {
            position: position.truncate().into(),
            uv: (source.truncate() / self.size).into(),
            alpha,
            masked: 1.0,
            gain,
        };
        let mut vertices: Vec<_> =
            posed.vertices.iter().zip(rig.source()).zip(&self.alpha).zip(gains).map(vertex).collect();
        for lid in &self.lids {
            let closing = posed.expression.0[lid.blink] - rig.source_expression().0[lid.blink];
            let shift = lid.above / self.size * closing.clamp(0.0, 1.0);
            for &(v, share) in &lid.vertices {
                let uv = &mut vertices[v as usize].uv;
                *uv = (Vec2::from(*uv) + shift * share).into();
            }
        }
        Mesh { vertices, indices: self.triangles.as_flattened().to_vec() }
    }
}

impl UpperLid {
    fn new(model: &HeadModel, rig: &Rig, rim: &[u32], brow: usize, blink: &str) -> Self {
        let at = |v: u32| rig.source()[v as usize].truncate();
        let (first, last) = (at(rim[0]), at(rim[rim.len() - 1]));
        let along = (last - first).normalize_or_zero();
        // Image y points down: the perpendicular towards the brow.
        let up = Vec2::new(along.y, -along.x);
        let middle = 0.5 * (first + last);
        let to_brow = (at(model.landmarks68()[brow]) - at(rim[rim.len() / 2])).dot(up).max(0.0);
        let above = (ABOVE_LID * rig.scale()).min(TOWARDS_BROW * to_brow);
        let is_own =
            |v: &u32| model.region()[*v as usize] == Region::UpperLid && at(*v).distance(middle) < first.distance(last);
        let to_rim = |v: u32| {
            let from = model.mean()[v as usize];
            rim.iter().map(|&r| from.distance(model.mean()[r as usize])).fold(f32::INFINITY, f32::min)
        };
        let vertices = (0..model.vertex_count() as u32)
            .filter(is_own)
            .filter(|v| !rim.contains(v))
            .map(|v| (v, 1.0 - smoothstep(0.0, LID_HEIGHT, to_rim(v))))
            .collect();
        Self { vertices, blink: expression_index(blink).unwrap_or_default(), above: up * above }
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
