//! What the refiner looks at: the face cut out of the drawn frame, and a guide that says what geometry did there.
//!
//! The cut is an upright square that goes with the skull and not with the jaw, so that nothing in it shakes when the
//! mouth moves. The guide's red and green say how far the surface moved inside the square since the photo (0.5 still,
//! half a side to each end of the range), its blue what lies there: 0 the opening of the mouth, 0.2 of an eye, 0.4 to
//! 0.8 skin pressed together or pulled apart (0.6 + 0.2 log2 of the area), 1 anything else.

use super::eyes::EyeMeshes;
use super::mesh::{Mesh, PictureVertex, ShadedVertex};
use super::passes::View;
use super::rig::{Placement, Rig};
use crate::head::HeadModel;
use glam::{Vec2, Vec3};

/// Pixels of the cut's side.
pub const SIDE: u32 = 128;

/// Side of the square, in longer sides of the box round the neutral face's landmarks.
const MARGIN: f32 = 1.5;

const MOUTH: f32 = 0.0;
const EYE: f32 = 0.2;
const ELSEWHERE: f32 = 1.0;

/// A square of the frame, in photo pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Square {
    /// Its middle.
    pub center: Vec2,
    /// Its side.
    pub side: f32,
}

impl Square {
    /// The part of the plane that it is.
    pub(super) fn view(&self, photo: Vec2) -> View {
        let size = Vec2::splat(self.side);
        View { origin: self.center - 0.5 * size, size, photo }
    }

    /// Its two triangles, for `refined.wgsl`: shares of the residual and of its colour.
    pub(super) fn mesh(&self, share: f32, saturation: f32) -> Mesh<PictureVertex> {
        let half = Vec2::splat(0.5 * self.side);
        let mut mesh = Mesh::quad(self.center - half, self.center + half);
        mesh.vertices.iter_mut().for_each(|vertex| (vertex.alpha, vertex.masked) = (share, saturation));
        mesh
    }

    fn inside(&self, at: Vec2) -> Vec2 {
        (at - self.center) / self.side
    }
}

/// The square of one person.
#[derive(Debug)]
pub struct RefinerView {
    /// Middle of the face in the head's axes and the square's side, inter-ocular distances.
    middle: Vec3,
    side: f32,
    photo: Square,
}

impl RefinerView {
    /// For the face that `rig` binds.
    pub fn new(model: &HeadModel, rig: &Rig) -> Self {
        let landmarks = model.landmarks(rig.neutral());
        let low = landmarks.iter().copied().fold(Vec3::INFINITY, Vec3::min);
        let high = landmarks.iter().copied().fold(Vec3::NEG_INFINITY, Vec3::max);
        let side = MARGIN * (high - low).truncate().max_element();
        let mut view = Self { middle: 0.5 * (low + high), side, photo: Square { center: Vec2::ZERO, side: 1.0 } };
        view.photo = view.square(&rig.at_rest());
        view
    }

    /// The square in the untouched photo.
    pub fn photo(&self) -> Square {
        self.photo
    }

    /// The square while the skull stands at `skull`.
    pub fn square(&self, skull: &Placement) -> Square {
        Square { center: skull.project(self.middle).truncate(), side: self.side * skull.scale }
    }

    /// The guide's triangles, in the order in which the frame's layers are drawn.
    pub fn guide(
        &self,
        square: &Square,
        photo_size: Vec2,
        person: &Mesh<PictureVertex>,
        eyes: &EyeMeshes,
        cavity: &Mesh<ShadedVertex>,
        surface: &Mesh<PictureVertex>,
    ) -> Mesh<ShadedVertex> {
        let mut guide = Mesh::default();
        let colored = |position: [f32; 2], before: Vec2, what: f32, alpha: f32| {
            let moved = square.inside(position.into()) - self.photo.inside(before);
            let motion = (0.5 + 2.0 * moved).clamp(Vec2::ZERO, Vec2::ONE);
            ShadedVertex { position: [position[0], position[1], 0.0], color: [motion.x, motion.y, what, alpha] }
        };
        let of =
            |v: &PictureVertex, what: f32, alpha: f32| colored(v.position, Vec2::from(v.uv) * photo_size, what, alpha);
        guide.append(&person.indices, person.vertices.iter().map(|v| of(v, ELSEWHERE, 1.0)));
        guide.append(&eyes.own.indices, eyes.own.vertices.iter().map(|v| of(v, EYE, 1.0)));
        // The cavity is nowhere in the photo.
        let still = |v: &ShadedVertex| ShadedVertex {
            position: [v.position[0], v.position[1], 0.0],
            color: [0.5, 0.5, MOUTH, 1.0],
        };
        guide.append(&cavity.indices, cavity.vertices.iter().map(still));
        let stretch = stretch(surface, photo_size, square.side / self.photo.side);
        guide.append(&surface.indices, surface.vertices.iter().zip(&stretch).map(|(v, s)| of(v, *s, v.alpha)));
        guide
    }
}

/// The guide's blue for each vertex of the face.
fn stretch(surface: &Mesh<PictureVertex>, photo_size: Vec2, zoom: f32) -> Vec<f32> {
    let mut areas = vec![[0.0_f32; 2]; surface.vertices.len()];
    for t in surface.indices.chunks_exact(3) {
        let area = |at: &dyn Fn(&PictureVertex) -> Vec2| {
            let [a, b, c] = [t[0], t[1], t[2]].map(|v| at(&surface.vertices[v as usize]));
            (b - a).perp_dot(c - a).abs()
        };
        let now = area(&|v| v.position.into()) / (zoom * zoom);
        let before = area(&|v| Vec2::from(v.uv) * photo_size);
        for &v in t {
            areas[v as usize][0] += now;
            areas[v as usize][1] += before;
        }
    }
    // A thousandth of a pixel keeps empty triangles from speaking.
    areas.iter().map(|[now, before]| (0.6 + 0.2 * ((now + 1e-3) / (before + 1e-3)).log2()).clamp(0.4, 0.8)).collect()
}
