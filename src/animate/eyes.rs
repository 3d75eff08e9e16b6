//! The eyes: the photo's own, in the opening between the lids, moved a little by the gaze.

use super::mesh::{Mesh, PictureVertex};
use super::rig::Rig;
use crate::clip::Motion;
use crate::head::HeadModel;
use glam::{Vec2, Vec3};

const ROWS: usize = 7;

/// The eyeball's radius in inter-ocular distances (12 mm of 90 mm).
const RADIUS: f32 = 0.133;

/// One eye's opening in the photo.
#[derive(Debug)]
struct Eye {
    /// Photo pixels with depth in pixels: columns, upper rim to lower.
    strip: Vec<[Vec3; ROWS]>,
    /// Index into [`Motion::gaze`] of this eye's yaw.
    gaze: usize,
}

/// Both eyes of one person.
#[derive(Debug)]
pub struct Eyes {
    eyes: [Eye; 2],
}

impl Eyes {
    /// The eyes of the face that `rig` binds.
    pub fn new(model: &HeadModel, rig: &Rig) -> Self {
        let source = rig.source();
        let eye = |upper: &[u32], lower: &[u32], gaze: usize| {
            let column = |(&u, &l): (&u32, &u32)| {
                let (u, l) = (source[u as usize], source[l as usize]);
                std::array::from_fn(|row| u.lerp(l, row as f32 / (ROWS - 1) as f32))
            };
            Eye { strip: upper.iter().zip(lower).map(column).collect(), gaze }
        };
        let left = eye(model.lid_left_upper(), model.lid_left_lower(), 0);
        let right = eye(model.lid_right_upper(), model.lid_right_lower(), 2);
        Self { eyes: [left, right] }
    }

    /// The eyes' triangles for a photo of `size` pixels. They turn with the head and do not follow the lids, which
    /// are drawn over them.
    pub fn mesh(&self, rig: &Rig, motion: &Motion, size: Vec2) -> Mesh<PictureVertex> {
        let mut mesh = Mesh::default();
        for eye in &self.eyes {
            let [yaw, pitch] = [motion.gaze[eye.gaze], motion.gaze[eye.gaze + 1]];
            let shift = Vec2::new(yaw.sin(), pitch.sin()) * RADIUS * rig.scale();
            let columns = eye.strip.len();
            mesh.push_grid(columns, ROWS, |column, row| {
                let at = eye.strip[column][row];
                // The rim stays; the middle, where the iris is, moves by the whole step.
                let across = column as f32 / (columns - 1) as f32;
                let down = row as f32 / (ROWS - 1) as f32;
                let middle = (4.0 * across * (1.0 - across)).min(1.0) * (4.0 * down * (1.0 - down)).min(1.0).sqrt();
                let position = rig.carry(at.truncate(), at.z, motion, 1.0);
                let seen = at.truncate() - shift * middle;
                PictureVertex { position: position.into(), uv: (seen / size).into(), alpha: 1.0, masked: 0.0 }
            });
        }
        mesh
    }
}
