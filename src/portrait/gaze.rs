//! Where the eyes look, from where the irises lie in the picture.
//!
//! An iris is a point of the eyeball's surface: its offset from the projected centre of the ball, in radii, is the
//! direction's sine. The network's own angles follow a moving eye far less well than its iris points do.

use super::Face;
use crate::head::HeadModel;
use glam::{Vec2, Vec3};

/// From the eyeball's centre to its iris: 10.5 mm of 90, inter-ocular distances.
pub const IRIS_DISTANCE: f32 = 0.117;

/// Largest offset that an eye can turn its iris by, as a share of [`IRIS_DISTANCE`]; 58 degrees.
const LIMIT: f32 = 0.85;

/// Yaw and pitch of the subject's left eye, then of the right, radians relative to the head, with the head's signs
/// (yaw + to the own left, pitch + down), as in a [`Motion`](crate::clip::Motion).
pub fn gaze(model: &HeadModel, face: &Face) -> [f32; 4] {
    let fit = &face.fit;
    let rotation = fit.rotation_matrix();
    let centres = model.eye_centres(&model.shape(&fit.identity, &fit.expression));
    // The own left eye is the right one in the picture.
    let look_of = |centre: Vec3, iris: [f32; 2]| {
        let turned = rotation * centre;
        let at = (Vec2::from(iris) - Vec2::from(fit.translation)) / fit.scale;
        let offset = Vec2::new(at.x - turned.x, -at.y - turned.y) / IRIS_DISTANCE;
        let offset = offset.clamp_length_max(LIMIT);
        let towards = offset.extend((1.0 - offset.length_squared()).sqrt());
        angles(rotation.transpose() * towards)
    };
    let [left, right] = [look_of(centres[0], face.irises[1]), look_of(centres[1], face.irises[0])];
    [left[0], left[1], right[0], right[1]]
}

/// Yaw and pitch, radians, of a unit vector in the head's axes; the inverse of [`direction`].
pub fn angles(towards: Vec3) -> [f32; 2] {
    [towards.x.atan2(towards.z), -towards.y.clamp(-1.0, 1.0).asin()]
}

/// The unit vector of a yaw and a pitch, in the head's axes.
pub fn direction([yaw, pitch]: [f32; 2]) -> Vec3 {
    Vec3::new(yaw.sin() * pitch.cos(), -pitch.sin(), yaw.cos() * pitch.cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_and_angles_are_inverse() {
        for look in [[0.0, 0.0], [0.4, -0.2], [-0.5, 0.3]] {
            let back = angles(direction(look));
            assert!((back[0] - look[0]).abs() < 1e-5 && (back[1] - look[1]).abs() < 1e-5, "{look:?} {back:?}");
        }
        assert!(direction([0.3, 0.0]).x > 0.0, "+ yaw looks to the own left");
        assert!(direction([0.0, 0.3]).y < 0.0, "+ pitch looks down");
    }
}
