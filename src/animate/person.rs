//! The person layer: hair, ears, neck and shoulders on a grid that follows the head softly.

use super::mesh::{Mesh, PictureVertex};
use super::rig::{BODY_SHIFT, Follow, Posed, Rig};
use super::stage::Moment;
use crate::head::{HeadModel, Region};
use glam::{Vec2, Vec3};

/// Cells along the picture's longer side.
const CELLS: usize = 72;
/// Cells beyond the picture's edge, where its last pixels are repeated: a head that moves away from the edge never
/// uncovers a gap.
const MARGIN: isize = 6;
/// Head vertices that a node takes its step from.
const NEIGHBOURS: usize = 6;
/// Every n-th vertex of the head model is enough for a smooth field.
const STRIDE: usize = 3;
/// Distance beyond the head's surface over which a node stops following its vertices and follows the skull instead;
/// inter-ocular distances.
const REACH: f32 = 0.22;

/// Largest share of a step that comes late.
const SOFTEST: f32 = 0.7;
/// How far shoulders rise with a breath, inter-ocular distances: about a millimetre.
const BREATH_STEP: f32 = 0.012;

/// One node of the grid and whom it follows.
#[derive(Debug, Clone)]
struct Node {
    at: Vec2,
    /// Vertices and their shares; the shares sum to 1.
    followed: [(u32, f32); NEIGHBOURS],
    /// Share of the vertices' step, 0..1; the rest is the skull's.
    surface: f32,
    /// How far the skull carries this place.
    follow: Follow,
    /// Share of the step that comes a little late, as loose hair does.
    soft: f32,
    /// Share of the chest's breath.
    chest: f32,
}

/// The grid over one photo.
#[derive(Debug)]
pub struct Person {
    size: Vec2,
    columns: usize,
    rows: usize,
    nodes: Vec<Node>,
}

impl Person {
    /// A grid over a photo of `size` pixels for the head bound by `rig`.
    pub fn new(model: &HeadModel, rig: &Rig, size: Vec2) -> Self {
        let cell = size.max_element() / CELLS as f32;
        let count = |extent: f32| (extent / cell).ceil() as isize + 1;
        let range = |extent: f32| -MARGIN..count(extent) + MARGIN;
        let carriers = carriers(model, rig);
        let nodes = range(size.y)
            .flat_map(|row| range(size.x).map(move |column| Vec2::new(column as f32, row as f32) * cell))
            .map(|at| node(at, &carriers, rig))
            .collect();
        let length = |extent: f32| range(extent).len();
        Self { size, columns: length(size.x), rows: length(size.y), nodes }
    }

    /// The layer's triangles at a pose.
    pub fn mesh(&self, rig: &Rig, posed: &Posed, moment: &Moment<'_>) -> Mesh<PictureVertex> {
        let carrier = rig.carrier(&moment.motion);
        let trailing = moment.trailing.as_ref().map(|motion| rig.carrier(motion));
        let mut mesh = Mesh::default();
        mesh.push_grid(self.columns, self.rows, |column, row| {
            let node = &self.nodes[row * self.columns + column];
            let skull = carrier.carry(node.at, 0.0, node.follow) - node.at;
            let skull = match trailing.as_ref().filter(|_| node.soft > 0.0) {
                Some(trailing) => skull.lerp(trailing.carry(node.at, 0.0, node.follow) - node.at, node.soft),
                None => skull,
            };
            let skull = skull - Vec2::Y * node.chest * BREATH_STEP * moment.breath * rig.scale();
            let surface: Vec2 = node
                .followed
                .iter()
                .map(|&(v, share)| (posed.vertices[v as usize] - rig.source()[v as usize]).truncate() * share)
                .sum();
            let position = node.at + surface * node.surface + skull * (1.0 - node.surface);
            PictureVertex {
                position: position.into(),
                uv: (node.at / self.size).into(),
                alpha: 1.0,
                masked: 1.0,
                gain: 1.0,
            }
        });
        mesh
    }
}

/// Vertices whose motion the grid takes over: the outer skin that faces the camera, without lips and lids, whose
/// motion is a tear and not a field.
fn carriers(model: &HeadModel, rig: &Rig) -> Vec<(u32, Vec3)> {
    let normals = super::surface::normals(model.triangles(), rig.source());
    let wanted = |v: &usize| {
        matches!(model.region()[*v], Region::Face | Region::Ear | Region::Neck | Region::Scalp) && normals[*v].z > 0.05
    };
    (0..model.vertex_count()).filter(wanted).step_by(STRIDE).map(|v| (v as u32, rig.source()[v])).collect()
}

fn node(at: Vec2, carriers: &[(u32, Vec3)], rig: &Rig) -> Node {
    let scale = rig.scale();
    let mut near: Vec<(f32, u32)> =
        carriers.iter().map(|&(v, p)| (p.truncate().distance_squared(at) / (scale * scale), v)).collect();
    let kept = NEIGHBOURS.min(near.len());
    if kept > 0 && kept < near.len() {
        near.select_nth_unstable_by(kept - 1, |a, b| a.0.total_cmp(&b.0));
    }
    near.truncate(kept);
    let nearest = near.iter().map(|n| n.0).fold(f32::INFINITY, f32::min).sqrt();
    let mut followed = [(0, 0.0); NEIGHBOURS];
    // Softened inverse distance: smooth across the cells, close to exact at a vertex.
    let total: f32 = near.iter().map(|n| 1.0 / (n.0 + 0.002)).sum();
    for (slot, &(distance, vertex)) in followed.iter_mut().zip(&near) {
        *slot = (vertex, 1.0 / (distance + 0.002) / total);
    }
    let place = rig.to_model(at);
    let follow = follow(place);
    // Hair that lies on the head moves with it; what hangs beside or stands above gives.
    let soft = SOFTEST * follow.turn * smoothstep(0.5 * REACH, 3.0 * REACH, nearest);
    let chest = (1.0 - smoothstep(-2.4, -1.6, place.y)) * smoothstep(-6.0, -3.0, place.y);
    Node { at, followed, surface: (-(nearest / REACH).powi(2)).exp(), follow, soft, chest }
}

/// How far the skull carries a place beside the head, by where it lies in the head's own axes: wholly beside and
/// above the face; its turns less down the neck, not at all at the shoulders or far out; its shifts most of the way
/// down to the chest, and less and less towards waist and hands.
fn follow(at: Vec2) -> Follow {
    let turn = smoothstep(-2.2, -0.7, at.y) * (1.0 - smoothstep(1.3, 2.8, at.x.abs()));
    let body = BODY_SHIFT * smoothstep(-9.0, -2.5, at.y) * (1.0 - smoothstep(2.5, 6.0, at.x.abs()));
    Follow { turn, shift: turn + (1.0 - turn) * body }
}

/// Cubic Hermite step from 0 at `low` to 1 at `high`, which may be the same: then it is a jump.
pub(crate) fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low).max(f32::MIN_POSITIVE)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
