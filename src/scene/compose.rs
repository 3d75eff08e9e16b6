//! What is laid into a frame: pictures and plain colours on rectangles.

use super::layout::Cell;
use crate::animate::{Layer, Mesh, Picture, PictureVertex, ShadedVertex, View};
use glam::Vec2;

/// One rectangle of the frame. Positions are frame pixels until [`Item::into_view`].
#[derive(Debug)]
pub(super) enum Item {
    Picture(Picture, Mesh<PictureVertex>),
    Plain(Mesh<ShadedVertex>),
}

impl Item {
    /// The part of a picture between two of its places (0..1; the second may be the smaller: mirrored), its colours
    /// times `gain`.
    pub(super) fn picture(picture: &Picture, at: Cell, uv: [Vec2; 2], gain: f32) -> Self {
        let mut mesh = Mesh::quad(at.low(), at.high());
        for vertex in &mut mesh.vertices {
            vertex.uv = (uv[0] + Vec2::from(vertex.uv) * (uv[1] - uv[0])).into();
            vertex.gain = gain;
        }
        Self::Picture(picture.clone(), mesh)
    }

    /// The same, limited by the picture's mask.
    pub(super) fn masked(self) -> Self {
        match self {
            Self::Picture(picture, mesh) => Self::Picture(picture, mesh.masked()),
            plain => plain,
        }
    }

    /// A plain colour, sRGB.
    pub(super) fn plain(at: Cell, colour: [u8; 3]) -> Self {
        let [r, g, b] = colour.map(|channel| f32::from(channel) / 255.0);
        let mut mesh = Mesh::default();
        mesh.push_grid(2, 2, |column, row| {
            let place = at.low() + Vec2::new(column as f32, row as f32) * at.size();
            ShadedVertex { position: place.extend(0.0).into(), color: [r, g, b, 1.0] }
        });
        Self::Plain(mesh)
    }

    /// The same rectangle for a drawing whose positions are the pixels of a photo, of which `view` is seen in a frame
    /// of `frame` pixels.
    pub(super) fn into_view(mut self, view: &View, frame: Vec2) -> Self {
        let scale = view.size / frame;
        match &mut self {
            Self::Picture(_, mesh) => mesh.vertices.iter_mut().for_each(|vertex| {
                vertex.position = (view.origin + Vec2::from(vertex.position) * scale).into();
            }),
            Self::Plain(mesh) => mesh.vertices.iter_mut().for_each(|vertex| {
                let [x, y, z] = vertex.position;
                vertex.position = (view.origin + Vec2::new(x, y) * scale).extend(z).into();
            }),
        }
        self
    }

    pub(super) fn layer(&self) -> Layer<'_> {
        match self {
            Self::Picture(picture, mesh) => Layer::Picture(picture, mesh),
            Self::Plain(mesh) => Layer::Plain(mesh),
        }
    }
}

/// The middle of a photo that covers a cell: two places in it, 0..1.
pub(super) fn covering(photo: Vec2, cell: Vec2) -> [Vec2; 2] {
    let seen = cell / photo.max(Vec2::ONE);
    let half = 0.5 * seen / seen.max_element().max(f32::MIN_POSITIVE);
    [0.5 - half, 0.5 + half]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backdrop_keeps_its_shape() {
        let [low, high] = covering(Vec2::new(300.0, 400.0), Vec2::new(100.0, 100.0));
        assert!((low - Vec2::new(0.0, 0.125)).length() < 1e-6 && (high - Vec2::new(1.0, 0.875)).length() < 1e-6);
    }
}
