//! Remarks on a portrait in plain sentences: what to expect of it, and what would be better.

use super::Face;

/// Below this height of its box, pixels, a face has too few pixels to look sharp in a video.
const SOFT_FACE: f32 = 110.0;
/// Yaw and pitch, radians, beyond which the far side is guesswork.
const TURNED: f32 = 0.6;
const TILTED: f32 = 0.45;

/// Remarks on the faces (the most prominent first) of a picture of this size.
pub(super) fn on(faces: &[Face], width: u32, height: u32) -> Vec<String> {
    let mut notes = Vec::new();
    let Some(face) = faces.first() else { return notes };
    if faces.len() > 1 {
        notes
            .push(format!("{} faces were found: the most prominent one sings unless you choose another.", faces.len()));
    }
    if face.bounds.height < SOFT_FACE {
        notes.push(format!(
            "The face is only {:.0} pixels high: the video will look soft, a larger photo would be better.",
            face.bounds.height
        ));
    }
    let [yaw, pitch, _] = face.fit.rotation;
    if yaw.abs() > TURNED || pitch.abs() > TILTED {
        notes.push("The head is turned far from the camera: a photo from the front would move better.".to_owned());
    }
    if lip_gap(face) > 0.06 {
        notes.push("The mouth is open: its teeth will be reused.".to_owned());
    }
    if face.expression.get("eyeBlinkLeft").min(face.expression.get("eyeBlinkRight")) > 0.6 {
        notes.push("The eyes are closed: they stay closed while the mouth sings.".to_owned());
    }
    let b = face.bounds;
    if b.x < 0.0 || b.y < 0.0 || b.x + b.width > width as f32 || b.y + b.height > height as f32 {
        notes.push("The face is cut by the picture's edge: what is cut off cannot move.".to_owned());
    }
    notes
}

/// Distance between the lips' inner rims at the middle, as a fraction of the distance of the outer eye corners.
fn lip_gap(face: &Face) -> f32 {
    let distance = |a: usize, b: usize| match (face.landmarks.get(a), face.landmarks.get(b)) {
        (Some(a), Some(b)) => (a[0] - b[0]).hypot(a[1] - b[1]),
        _ => 0.0,
    };
    distance(62, 66) / distance(36, 45).max(1e-3)
}
