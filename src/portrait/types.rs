//! What is known about a portrait.

use super::PortraitError;
use super::landmarks::{SPARSE, Shape};
use crate::head::expression::Expression;
use glam::{EulerRot, Mat3, Vec2, Vec3};

/// A picture read from a file, before anything is known about the faces in it.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// sRGB, upright, opaque; at most [`MAX_LONG_SIDE`](super::MAX_LONG_SIDE) on the long side.
    pub image: image::RgbaImage,
    /// Width and height in the file, upright, before any reduction; pixels.
    pub size: [u32; 2],
    /// What was done to the file, in plain sentences for the visitor.
    pub notes: Vec<String>,
}

/// A picture and the faces found in it, the most prominent first.
#[derive(Debug, Clone)]
pub struct Portrait {
    /// sRGB, upright, opaque; at most [`MAX_LONG_SIDE`](super::MAX_LONG_SIDE) on the long side. All coordinates
    /// of [`Portrait::faces`] are pixels of this picture.
    pub image: image::RgbaImage,
    /// At least one; the most prominent (large, sure, central) first.
    pub faces: Vec<Face>,
    /// Remarks on the picture in plain sentences for the visitor.
    pub notes: Vec<String>,
}

impl Portrait {
    /// Face number `face` alone, in the part of the picture that `[x, y, width, height]` (pixels) cuts out of it: a
    /// portrait of its own, all of whose coordinates are the part's. What reaches beyond the picture is left off.
    ///
    /// # Errors
    /// [`PortraitError::NoSuchFace`] when there are fewer faces.
    pub fn cropped(&self, face: usize, [x, y, width, height]: [u32; 4]) -> Result<Self, PortraitError> {
        let missing = || PortraitError::NoSuchFace { index: face, count: self.faces.len() };
        let found = self.faces.get(face).ok_or_else(missing)?;
        let (x, y) = (x.min(self.image.width().saturating_sub(1)), y.min(self.image.height().saturating_sub(1)));
        let image = image::imageops::crop_imm(&self.image, x, y, width.max(1), height.max(1)).to_image();
        Ok(Self { image, faces: vec![found.moved([-(x as f32), -(y as f32)])], notes: self.notes.clone() })
    }
}

/// An axis-aligned box in image pixels; may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width, >= 0.
    pub width: f32,
    /// Height, >= 0.
    pub height: f32,
}

impl Bounds {
    /// The tight box of `points`; `None` when there are none.
    pub fn of(points: &[[f32; 2]]) -> Option<Self> {
        let first = points.first()?;
        let (mut low, mut high) = (*first, *first);
        for p in points {
            for axis in 0..2 {
                low[axis] = low[axis].min(p[axis]);
                high[axis] = high[axis].max(p[axis]);
            }
        }
        Some(Self { x: low[0], y: low[1], width: high[0] - low[0], height: high[1] - low[1] })
    }

    /// The box's middle.
    pub fn center(&self) -> [f32; 2] {
        [self.x + 0.5 * self.width, self.y + 0.5 * self.height]
    }

    /// The longer side, pixels.
    pub fn longer_side(&self) -> f32 {
        self.width.max(self.height)
    }

    /// Area of the overlap of two boxes, px^2.
    fn overlap(&self, other: &Self) -> f32 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        width.max(0.0) * height.max(0.0)
    }

    /// Intersection over union with `other`, 0..1.
    pub fn intersection_over_union(&self, other: &Self) -> f32 {
        let overlap = self.overlap(other);
        let union = self.width * self.height + other.width * other.height - overlap;
        if union > 0.0 { overlap / union } else { 0.0 }
    }

    /// Overlap as a fraction of the smaller of the two boxes, 0..1: 1 where one lies within the other.
    pub fn overlap_of_smaller(&self, other: &Self) -> f32 {
        let smaller = (self.width * self.height).min(other.width * other.height);
        if smaller > 0.0 { self.overlap(other) / smaller } else { 0.0 }
    }
}

/// One face of a [`Portrait`]. Lengths and points are image pixels.
#[derive(Debug, Clone)]
pub struct Face {
    /// The tight box of the 68 landmarks.
    pub bounds: Bounds,
    /// How sure detector and landmark network are together that this is a face, 0..1: the product of both.
    pub score: f32,
    /// The 68 iBUG landmarks in their order: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, lips 48-67.
    pub landmarks: Vec<[f32; 2]>,
    /// Iris centres: image-left eye, image-right eye.
    pub irises: [[f32; 2]; 2],
    /// The head model's `dense` points, in its order.
    pub dense: Vec<[f32; 2]>,
    /// Expected error of each point, pixels: 68 landmarks, 2 irises, then the dense points.
    pub sigma: Vec<f32>,
    /// What the landmark network reads from the face directly.
    pub expression: Expression,
    /// Yaw and pitch of the image-left eye, then of the image-right eye; radians, relative to the head.
    pub gaze: [f32; 4],
    /// The head model fitted to the points.
    pub fit: HeadFit,
}

impl Face {
    /// A face as read by the networks, with the head model fitted to it.
    pub(super) fn new(shape: Shape, fit: HeadFit) -> Self {
        Self {
            bounds: Bounds::of(&shape.points[..68]).unwrap_or_default(),
            score: shape.score,
            landmarks: shape.points[..68].to_vec(),
            irises: [shape.points[68], shape.points[69]],
            dense: shape.points[SPARSE..].to_vec(),
            sigma: shape.sigma,
            expression: shape.expression,
            gaze: shape.gaze,
            fit,
        }
    }

    /// The same face in a picture whose origin lies elsewhere: `step` is added to every place, pixels.
    fn moved(&self, step: [f32; 2]) -> Self {
        let moved = |[x, y]: [f32; 2]| [x + step[0], y + step[1]];
        let all = |points: &[[f32; 2]]| points.iter().copied().map(moved).collect();
        Self {
            bounds: Bounds { x: self.bounds.x + step[0], y: self.bounds.y + step[1], ..self.bounds },
            landmarks: all(&self.landmarks),
            irises: self.irises.map(moved),
            dense: all(&self.dense),
            fit: HeadFit { translation: moved(self.fit.translation), ..self.fit.clone() },
            ..self.clone()
        }
    }
}

/// The head model's parameters for one face, under the weak-perspective camera of `ARCHITECTURE.md`.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadFit {
    /// Coefficients of the identity modes, N(0, 1) a priori; may be shorter than the model's list (the rest is 0).
    pub identity: Vec<f32>,
    /// Expression of the photo that the fit found, each 0..1.
    pub expression: Expression,
    /// Yaw, pitch, roll in radians. Yaw + turns to the subject's own left (image right), pitch + nods down, roll +
    /// lifts the own left ear.
    pub rotation: [f32; 3],
    /// Pixels for one inter-ocular distance of the mean head (its outer eye corners).
    pub scale: f32,
    /// Where the model's origin (the head's pivot) falls, pixels.
    pub translation: [f32; 2],
    /// Root-mean-square distance between the points and the model, as a fraction of the inter-ocular distance.
    pub error: f32,
}

impl HeadFit {
    /// R = Ry(yaw) Rx(pitch) Rz(roll).
    pub fn rotation_matrix(&self) -> Mat3 {
        let [yaw, pitch, roll] = self.rotation;
        Mat3::from_euler(EulerRot::YXZ, yaw, pitch, roll)
    }

    /// Image position, pixels, of one point in head-model units.
    pub fn project_point(&self, vertex: Vec3) -> Vec2 {
        let turned = self.rotation_matrix() * vertex;
        Vec2::new(self.scale * turned.x + self.translation[0], -self.scale * turned.y + self.translation[1])
    }

    /// Image positions, pixels, of `vertices` in head-model units (identity and expression already applied).
    pub fn project(&self, vertices: &[Vec3]) -> Vec<Vec2> {
        let rotation = self.rotation_matrix();
        let origin = Vec2::from(self.translation);
        vertices
            .iter()
            .map(|&vertex| {
                let turned = rotation * vertex;
                origin + self.scale * Vec2::new(turned.x, -turned.y)
            })
            .collect()
    }
}

/// What lies in front of what, for one face. All pictures have the portrait's size.
#[derive(Debug, Clone)]
pub struct Layers {
    /// Coverage by the person (skin, hair, clothes), 0..255.
    pub person: image::GrayImage,
    /// Coverage by hair (beard and brows not included), 0..255.
    pub hair: image::GrayImage,
    /// The picture with the person painted out, opaque sRGB.
    pub background: image::RgbaImage,
    /// Share of the face that a hand, a microphone or another thing covers, 0..1.
    pub covered: f32,
    /// What covers it, held out: it stays where it is while the face moves behind it.
    pub occluder: Option<Occluder>,
}

/// A hand, a microphone or another thing before the face, and the picture without it.
#[derive(Debug, Clone)]
pub struct Occluder {
    /// Coverage, 0..255.
    pub matte: image::GrayImage,
    /// The picture with the thing painted out, opaque sRGB.
    pub beneath: image::RgbaImage,
}

impl Layers {
    /// A sentence for the visitor when much of the face is hidden.
    pub fn note(&self) -> Option<String> {
        let stays = match &self.occluder {
            Some(_) => "stay in front of it",
            None => "move with it",
        };
        (self.covered > COVERED).then(|| {
            format!("Something covers part of the face and will {stays}: a photo with nothing before the face would look better.")
        })
    }
}

/// Covered share of a face from which it shows.
const COVERED: f32 = 0.08;

#[cfg(test)]
mod tests {
    use super::*;

    fn upright() -> HeadFit {
        HeadFit {
            identity: Vec::new(),
            expression: Expression::default(),
            rotation: [0.0; 3],
            scale: 100.0,
            translation: [200.0, 300.0],
            error: 0.0,
        }
    }

    #[test]
    fn projection_follows_the_stated_axes() {
        let nose = Vec3::new(0.0, 0.0, 1.0);
        let left_ear = Vec3::new(1.0, 0.0, 0.0);
        let fit = upright();
        assert_eq!(fit.project_point(Vec3::new(0.5, 1.0, 0.0)), Vec2::new(250.0, 200.0));
        let turned = HeadFit { rotation: [0.3, 0.0, 0.0], ..upright() };
        assert!(turned.project_point(nose).x > 200.0, "yaw + turns towards image right");
        let nodding = HeadFit { rotation: [0.0, 0.3, 0.0], ..upright() };
        assert!(nodding.project_point(nose).y > 300.0, "pitch + nods down");
        let tilted = HeadFit { rotation: [0.0, 0.0, 0.3], ..upright() };
        assert!(tilted.project_point(left_ear).y < 300.0, "roll + lifts the own left ear");
    }

    #[test]
    fn a_cropped_portrait_is_one_of_its_own() {
        let image = image::RgbaImage::from_fn(60, 50, |x, y| image::Rgba([x as u8, y as u8, 0, 255]));
        let at = [[30.0, 20.0]];
        let face = Face {
            bounds: Bounds { x: 25.0, y: 15.0, width: 10.0, height: 12.0 },
            score: 0.9,
            landmarks: at.repeat(68),
            irises: [at[0]; 2],
            dense: at.to_vec(),
            sigma: vec![1.0; 71],
            expression: Expression::default(),
            gaze: [0.0; 4],
            fit: upright(),
        };
        let portrait = Portrait { image, faces: vec![face.clone(), face], notes: Vec::new() };
        let crop = portrait.cropped(1, [16, 8, 100, 32]).expect("face 1 is there");
        assert_eq!(crop.image.dimensions(), (44, 32), "it ends with the picture");
        assert_eq!(crop.image.get_pixel(0, 0).0, [16, 8, 0, 255]);
        let face = &crop.faces[0];
        assert_eq!((face.bounds.x, face.bounds.y, face.bounds.width), (9.0, 7.0, 10.0));
        let moved = [14.0, 12.0];
        assert!(face.landmarks.iter().chain(&face.irises).chain(&face.dense).all(|&point| point == moved));
        assert_eq!(face.fit.translation, [184.0, 292.0]);
        assert_eq!(crop.faces.len(), 1);
        assert!(matches!(portrait.cropped(2, [0, 0, 9, 9]), Err(PortraitError::NoSuchFace { index: 2, count: 2 })));
    }

    #[test]
    fn boxes_overlap() {
        let a = Bounds { x: 0.0, y: 0.0, width: 2.0, height: 2.0 };
        let b = Bounds { x: 1.0, y: 0.0, width: 2.0, height: 2.0 };
        assert!((a.intersection_over_union(&b) - 1.0 / 3.0).abs() < 1e-6);
        assert!((a.overlap_of_smaller(&b) - 0.5).abs() < 1e-6);
        assert_eq!(Bounds::default().intersection_over_union(&a), 0.0);
        assert_eq!(Bounds::of(&[]), None);
    }
}
