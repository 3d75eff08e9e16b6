//! The rig: the head model bound to one photo, so that at the photo's own pose and expression every vertex lies
//! exactly where the landmarks say, and moves from there.

use super::aperture::Aperture;
use super::correction::spread;
use super::residual::Spread;
use super::retarget::retarget_rotation;
use super::rims::Rims;
use super::stage::Moment;
use crate::clip::Motion;
use crate::head::expression::Expression;
use crate::head::{HeadModel, rotation_matrix};
use crate::portrait::Face;
use glam::{Mat2, Mat3, Vec2, Vec3};
use image::RgbaImage;
use std::cell::OnceCell;

/// A head model bound to a photo. Pixels are the photo's.
#[derive(Debug)]
pub struct Rig {
    /// Neutral shape of this person, inter-ocular distances.
    neutral: Vec<Vec3>,
    expression: Expression,
    angles: [f32; 3],
    rotation: Mat3,
    scale: f32,
    origin: Vec2,
    /// Landmark minus projection at the source, spread over the surface; pixels.
    correction: Vec<Vec2>,
    apertures: Vec<Aperture>,
    rims: Vec<Rims>,
    /// From a step in an upright face to the photo's, where the head leans.
    upright: Mat2,
    spread: OnceCell<Spread>,
    /// Where each vertex lies in the photo; pixels.
    source: Vec<Vec3>,
}

/// The rig at one moment.
#[derive(Debug, Clone)]
pub struct Posed {
    /// Photo pixels, and depth in pixels towards the camera.
    pub vertices: Vec<Vec3>,
    /// From the neutral head's own axes to the camera's, for parts that follow the skull.
    pub skull: Placement,
    /// The expression shown.
    pub expression: Expression,
}

/// How far a part follows the head, each 0..1.
#[derive(Debug, Clone, Copy)]
pub struct Follow {
    /// In its turns: the neck less and less downwards.
    pub turn: f32,
    /// In its shifts: where a head goes the body goes too, most of the way.
    pub shift: f32,
}

impl Follow {
    /// Wholly: skull, face and what they carry.
    pub const HEAD: Self = Self { turn: 1.0, shift: 1.0 };
}

/// Share of the head's shifts that neck and shoulders make: heads shift because bodies lean.
pub const BODY_SHIFT: f32 = 0.6;

/// Where a rigid part of the head stands: model units to photo pixels.
#[derive(Debug, Clone, Copy)]
pub struct Placement {
    /// Rotation from the model's axes to the camera's.
    pub rotation: Mat3,
    /// Pixels per inter-ocular distance.
    pub scale: f32,
    /// The model's origin, pixels.
    pub origin: Vec2,
    /// How the head leans in the picture, beyond how it leans in the photo.
    pub lean: Mat2,
}

impl Placement {
    /// A point of the model in photo pixels, with depth in pixels towards the camera.
    pub fn project(&self, point: Vec3) -> Vec3 {
        let turned = self.rotation * point * self.scale;
        Vec3::new(self.origin.x + turned.x, self.origin.y - turned.y, turned.z)
    }
}

impl Rig {
    /// Binds `model` to `face` in `image`.
    pub fn new(model: &HeadModel, face: &Face, image: &RgbaImage) -> Self {
        let fit = &face.fit;
        let neutral = model.shape(&fit.identity, &Expression::default());
        let rotation = rotation_matrix(fit.rotation[0], fit.rotation[1], fit.rotation[2]);
        let mut rig = Self {
            neutral,
            expression: fit.expression,
            angles: fit.rotation,
            rotation,
            scale: fit.scale,
            origin: Vec2::from(fit.translation),
            correction: Vec::new(),
            apertures: Vec::new(),
            rims: Vec::new(),
            upright: Mat2::from_angle(-fit.rotation[2]),
            spread: OnceCell::new(),
            source: Vec::new(),
        };
        let shape = rig.shape(model, &rig.expression);
        let placement = rig.placement(&Motion::default());
        let projected: Vec<Vec3> = shape.iter().map(|&vertex| placement.project(vertex)).collect();
        rig.correction = spread(model, face, &projected, fit.scale, image);
        rig.apertures = Aperture::all(model, &shape, &rig.correction).into();
        rig.source = projected.iter().zip(&rig.correction).map(|(p, c)| *p + c.extend(0.0)).collect();
        rig.rims = Rims::all(model, &rig.source, fit.scale).into();
        rig
    }

    /// Where each vertex lies in the photo: pixels, and depth in pixels.
    pub fn source(&self) -> &[Vec3] {
        &self.source
    }

    /// Yaw, pitch and roll in the photo, radians.
    pub fn source_rotation(&self) -> &[f32; 3] {
        &self.angles
    }

    /// The expression the photo wears.
    pub fn source_expression(&self) -> &Expression {
        &self.expression
    }

    /// How the head is turned in the photo: from its own axes to the camera's.
    pub fn rotation(&self) -> Mat3 {
        self.rotation
    }

    /// Pixels per inter-ocular distance.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// The neutral shape, inter-ocular distances.
    pub fn neutral(&self) -> &[Vec3] {
        &self.neutral
    }

    /// The rig at `moment`.
    pub fn pose(&self, model: &HeadModel, moment: &Moment<'_>) -> Posed {
        let motion = &moment.motion;
        let shape = self.shape(model, &moment.expression);
        let rigid = model.rigid();
        let mut correction = self.correction.clone();
        for aperture in &self.apertures {
            aperture.apply(&shape, &mut correction);
        }
        if !moment.residual.is_empty() {
            let spread = self.spread.get_or_init(|| Spread::new(model));
            let steps: Vec<Vec2> = moment.residual.iter().map(|&step| self.upright * step * self.scale).collect();
            spread.add(&mut correction, &steps);
        }
        let carrier = self.carrier(motion);
        let mut vertices: Vec<Vec3> = (0..shape.len())
            .map(|v| {
                let placement = carrier.placement(Follow { turn: rigid[v], shift: rigid[v].max(BODY_SHIFT) });
                // The correction belongs to the face: it leans and grows with it.
                let step = placement.lean * correction[v] * (placement.scale / self.scale);
                placement.project(shape[v]) + step.extend(0.0)
            })
            .collect();
        // Not in the photo's own face, which stays what it is.
        self.rims.iter().for_each(|rims| rims.settle(&mut vertices));
        Posed { vertices, skull: self.placement(motion), expression: moment.expression }
    }

    /// What carries parts along when the head moves.
    pub fn carrier(&self, motion: &Motion) -> Carrier<'_> {
        let turn = retarget_rotation(self.angles, motion.rotation);
        Carrier { rig: self, motion: *motion, turn, whole: self.turned(turn), none: self.turned([0.0; 3]) }
    }

    /// A point of the photo in the head's own axes, as if it lay in the plane of the pivot; inter-ocular distances.
    pub fn to_model(&self, point: Vec2) -> Vec2 {
        self.unproject(point, 0.0).truncate()
    }

    /// A point of the photo at depth `z` (pixels) in the head's own axes, inter-ocular distances.
    fn unproject(&self, point: Vec2, z: f32) -> Vec3 {
        let from_origin = point - self.origin;
        self.rotation.transpose() * (Vec3::new(from_origin.x, -from_origin.y, z) / self.scale)
    }

    fn shape(&self, model: &HeadModel, expression: &Expression) -> Vec<Vec3> {
        let mut shape = self.neutral.clone();
        model.add_expression(&mut shape, expression);
        shape
    }

    /// The skull in the untouched photo.
    pub fn at_rest(&self) -> Placement {
        self.placement(&Motion::default())
    }

    fn placement(&self, motion: &Motion) -> Placement {
        self.carrier(motion).placement(Follow::HEAD)
    }

    /// Rotation and lean of what turns by yaw, pitch and roll. The turn is about the head's own axes, so a turned head
    /// still nods along its own nose.
    fn turned(&self, [yaw, pitch, roll]: [f32; 3]) -> (Mat3, Mat2) {
        // Image y points down: what rolls counter-clockwise in the camera's axes turns the other way in pixels.
        (self.rotation * rotation_matrix(yaw, pitch, roll), Mat2::from_angle(-roll))
    }
}

/// The head's motion at one moment, for all that follows it. Most parts follow wholly or not at all, and their turn is
/// computed once.
#[derive(Debug)]
pub struct Carrier<'a> {
    rig: &'a Rig,
    motion: Motion,
    /// Yaw, pitch and roll of the skull, within the limits.
    turn: [f32; 3],
    whole: (Mat3, Mat2),
    none: (Mat3, Mat2),
}

impl Carrier<'_> {
    /// The placement of a part that follows the head's motion.
    pub fn placement(&self, follow: Follow) -> Placement {
        let (rig, motion) = (self.rig, &self.motion);
        let (rotation, lean) = match follow.turn {
            1.0 => self.whole,
            0.0 => self.none,
            share => rig.turned(self.turn.map(|angle| angle * share)),
        };
        let shift = Vec2::new(motion.translation[0], -motion.translation[1]) * follow.shift * rig.scale;
        // Weak perspective has no depth: a step towards the camera is a change of scale, small at portrait distance
        // (about ten inter-ocular distances).
        let scale = rig.scale * (1.0 + 0.1 * motion.translation[2] * follow.shift);
        Placement { lean, rotation, scale, origin: rig.origin + shift }
    }

    /// Where a point of the photo at depth `z` (pixels) goes when the head moves and it follows.
    pub fn carry(&self, point: Vec2, z: f32, follow: Follow) -> Vec2 {
        self.placement(follow).project(self.rig.unproject(point, z)).truncate()
    }
}
