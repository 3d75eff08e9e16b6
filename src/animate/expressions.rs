//! Twenty expressions to try on a portrait, before there is a song.

use super::controls::look;
use crate::clip::Motion;
use crate::head::expression::{EXPRESSION_COUNT, EXPRESSION_NAMES, Expression};

/// A face to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Its name in kebab-case, which the page translates.
    pub key: &'static str,
    /// ARKit's coefficients, 0..1; what is not named is 0. A name without side stands for both.
    coefficients: &'static [(&'static str, f32)],
    /// Yaw, pitch and roll from where the photo's head is, radians.
    turn: [f32; 3],
    /// Yaw and pitch of the gaze from where the photo looks, radians.
    gaze: [f32; 2],
}

/// A pose that keeps head and gaze.
const fn still(key: &'static str, coefficients: &'static [(&'static str, f32)]) -> Pose {
    Pose { key, coefficients, turn: [0.0; 3], gaze: [0.0; 2] }
}

/// All poses, in the order in which they are offered.
pub const POSES: [Pose; 20] = [
    still("smile", &[("mouthSmile", 0.95), ("cheekSquint", 0.45), ("eyeSquint", 0.3), ("mouthDimple", 0.2)]),
    Pose {
        turn: [0.0, -0.10, 0.06],
        ..still(
            "laugh",
            &[
                ("jawOpen", 0.5),
                ("mouthSmile", 0.9),
                ("mouthUpperUp", 0.45),
                ("mouthLowerDown", 0.25),
                ("cheekSquint", 0.7),
                ("eyeSquint", 0.45),
                ("browOuterUp", 0.2),
            ],
        )
    },
    Pose {
        turn: [0.03, 0.0, -0.07],
        ..still(
            "smirk",
            &[
                ("mouthSmileLeft", 1.0),
                ("mouthDimpleLeft", 0.6),
                ("mouthLeft", 0.3),
                ("cheekSquintLeft", 0.4),
                ("eyeSquint", 0.3),
                ("browOuterUpLeft", 0.4),
                ("browDownRight", 0.3),
            ],
        )
    },
    Pose {
        turn: [0.0, 0.04, 0.08],
        ..still(
            "wink-left",
            &[
                ("eyeBlinkLeft", 1.0),
                ("cheekSquintLeft", 0.7),
                ("mouthSmileLeft", 0.75),
                ("mouthSmileRight", 0.35),
                ("browDownLeft", 0.3),
                ("browOuterUpRight", 0.35),
            ],
        )
    },
    Pose {
        turn: [0.0, 0.04, -0.08],
        ..still(
            "wink-right",
            &[
                ("eyeBlinkRight", 1.0),
                ("cheekSquintRight", 0.7),
                ("mouthSmileRight", 0.75),
                ("mouthSmileLeft", 0.35),
                ("browDownRight", 0.3),
                ("browOuterUpLeft", 0.35),
            ],
        )
    },
    Pose {
        turn: [0.0, -0.05, 0.05],
        ..still("kiss", &[("mouthPucker", 1.0), ("eyeBlink", 1.0), ("browInnerUp", 0.3)])
    },
    still(
        "surprise",
        &[("jawOpen", 0.5), ("mouthFunnel", 0.3), ("browInnerUp", 0.9), ("browOuterUp", 0.9), ("eyeWide", 0.8)],
    ),
    Pose {
        turn: [0.0, -0.04, 0.0],
        ..still(
            "fear",
            &[
                ("jawOpen", 0.22),
                ("mouthStretch", 0.8),
                ("mouthLowerDown", 0.4),
                ("mouthFrown", 0.3),
                ("browInnerUp", 1.0),
                ("browOuterUp", 0.3),
                ("eyeWide", 0.9),
            ],
        )
    },
    Pose {
        turn: [0.0, 0.08, 0.0],
        gaze: [0.0, 0.04],
        ..still(
            "sad",
            &[
                ("mouthFrown", 0.9),
                ("mouthShrugLower", 0.5),
                ("browInnerUp", 1.0),
                ("eyeBlink", 0.2),
                ("mouthPress", 0.2),
            ],
        )
    },
    Pose {
        turn: [0.0, 0.12, 0.0],
        ..still(
            "angry",
            &[
                ("browDown", 1.0),
                ("noseSneer", 0.6),
                ("eyeSquint", 0.5),
                ("mouthPress", 0.7),
                ("mouthFrown", 0.7),
                ("mouthShrugLower", 0.25),
            ],
        )
    },
    Pose {
        turn: [-0.05, -0.05, 0.0],
        ..still(
            "disgust",
            &[
                ("noseSneer", 0.85),
                ("mouthUpperUp", 0.4),
                ("mouthFrown", 0.5),
                ("mouthShrugLower", 0.4),
                ("browDown", 0.6),
                ("eyeSquint", 0.6),
                ("cheekSquint", 0.4),
            ],
        )
    },
    still("pout", &[("mouthPucker", 0.8), ("mouthShrugLower", 1.0), ("mouthFrown", 0.6), ("browInnerUp", 0.7)]),
    still("eyebrow-raise", &[("browInnerUp", 0.9), ("browOuterUp", 1.0), ("eyeWide", 0.35), ("mouthPress", 0.2)]),
    Pose {
        turn: [0.08, 0.0, -0.08],
        ..still(
            "doubtful",
            &[
                ("browOuterUpLeft", 1.0),
                ("browDownRight", 1.0),
                ("eyeWideLeft", 0.4),
                ("eyeSquintRight", 0.7),
                ("mouthLeft", 0.45),
                ("mouthPress", 0.3),
            ],
        )
    },
    Pose {
        turn: [-0.06, -0.05, 0.05],
        gaze: [-0.32, -0.28],
        ..still(
            "thinking",
            &[("mouthRight", 0.55), ("mouthPucker", 0.35), ("browOuterUpRight", 0.5), ("browDownLeft", 0.3)],
        )
    },
    Pose {
        turn: [0.0, 0.10, 0.10],
        ..still("sleepy", &[("eyeBlink", 0.42), ("browInnerUp", 0.25), ("jawOpen", 0.08), ("mouthFrown", 0.15)])
    },
    Pose {
        turn: [0.0, -0.06, 0.0],
        ..still(
            "sing-ah",
            &[
                ("jawOpen", 0.8),
                ("mouthLowerDown", 0.25),
                ("mouthUpperUp", 0.15),
                ("browInnerUp", 0.5),
                ("browOuterUp", 0.35),
            ],
        )
    },
    Pose {
        turn: [0.0, -0.05, -0.04],
        ..still(
            "sing-oh",
            &[
                ("jawOpen", 0.5),
                ("mouthFunnel", 0.75),
                ("mouthPucker", 0.3),
                ("browInnerUp", 0.6),
                ("browOuterUp", 0.3),
            ],
        )
    },
    still(
        "whistle",
        &[("jawOpen", 0.10), ("mouthPucker", 1.0), ("mouthFunnel", 0.2), ("cheekSquint", 0.2), ("browOuterUp", 0.4)],
    ),
    Pose {
        turn: [0.0, -0.04, 0.05],
        ..still("bliss", &[("eyeBlink", 1.0), ("mouthSmile", 0.6), ("cheekSquint", 0.3), ("browInnerUp", 0.35)])
    },
];

impl Pose {
    /// The pose called `key`.
    pub fn find(key: &str) -> Option<&'static Self> {
        POSES.iter().find(|pose| pose.key == key)
    }

    /// What a driver does that makes this face; its eyes stay where the pose looks while the head turns.
    pub fn motion(&self) -> Motion {
        let mut motion = Motion { rotation: self.turn, ..Motion::default() };
        look(&mut motion, [self.gaze[0] - self.turn[0], self.gaze[1] - self.turn[1]]);
        for (value, name) in motion.expression.0.iter_mut().zip(EXPRESSION_NAMES) {
            let both = name.strip_suffix("Left").or(name.strip_suffix("Right"));
            let named = |entry: &&(&str, f32)| entry.0 == name || Some(entry.0) == both;
            *value = self.coefficients.iter().find(named).map_or(*value, |entry| entry.1);
        }
        motion
    }
}

/// `pose` in place of what a `source` wears, 0 (the source's own face) to 1 in `strength`: a smile in the photo does not
/// stay under a sad face. What the eyes' form is and not the mood's, narrow lids and squints, stays.
pub(super) fn worn(source: &Expression, pose: &Expression, strength: f32) -> Expression {
    let strength = if strength.is_nan() { 1.0 } else { strength.clamp(0.0, 1.0) };
    let mut worn = [0.0; EXPRESSION_COUNT];
    for (i, name) in EXPRESSION_NAMES.iter().enumerate() {
        let own = source.0[i];
        let kept = match name {
            _ if name.starts_with("eyeBlink") || name.starts_with("eyeLook") => own,
            _ if name.starts_with("eyeSquint") => 0.5 * own,
            _ => 0.0,
        };
        let made = kept + (1.0 - kept) * pose.0[i];
        worn[i] = (own * (1.0 - strength) + made * strength).clamp(0.0, 1.0);
    }
    Expression(worn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::expression::expression_index;
    use std::collections::BTreeSet;

    #[test]
    fn every_pose_has_a_name_of_its_own_and_known_coefficients() {
        let keys: BTreeSet<&str> = POSES.iter().map(|pose| pose.key).collect();
        assert_eq!(keys.len(), POSES.len());
        for pose in &POSES {
            assert!(pose.key.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", pose.key);
            assert_eq!(Pose::find(pose.key), Some(pose));
            for &(name, value) in pose.coefficients {
                let known = expression_index(name).or_else(|| expression_index(&format!("{name}Left")));
                assert!(known.is_some() && (0.0..=1.0).contains(&value), "{}: {name}", pose.key);
            }
        }
        assert_eq!(Pose::find("nobody"), None);
    }

    #[test]
    fn no_two_poses_are_alike() {
        let motions: Vec<Motion> = POSES.iter().map(Pose::motion).collect();
        for (i, a) in motions.iter().enumerate() {
            for (j, b) in motions.iter().enumerate().skip(i + 1) {
                let far: f32 = a.expression.0.iter().zip(&b.expression.0).map(|(a, b)| (a - b).abs()).sum();
                assert!(far > 0.6, "{} and {}: {far}", POSES[i].key, POSES[j].key);
            }
        }
    }

    #[test]
    fn a_name_without_side_is_both_and_a_wink_is_one() {
        let smile = Pose::find("smile").map(Pose::motion).expect("offered").expression;
        assert!(smile.get("mouthSmileLeft") > 0.5 && smile.get("mouthSmileLeft") == smile.get("mouthSmileRight"));
        let wink = Pose::find("wink-left").map(Pose::motion).expect("offered").expression;
        assert_eq!((wink.get("eyeBlinkLeft"), wink.get("eyeBlinkRight")), (1.0, 0.0));
    }

    #[test]
    fn a_pose_replaces_the_photos_smile_and_none_leaves_it() {
        let mut source = Expression::default();
        source.set("mouthSmileLeft", 0.8);
        source.set("eyeBlinkLeft", 0.3);
        let sad = Pose::find("sad").map(Pose::motion).expect("offered").expression;
        let worn_fully = worn(&source, &sad, 1.0);
        assert_eq!((worn_fully.get("mouthSmileLeft"), worn_fully.get("browInnerUp")), (0.0, 1.0));
        assert!(worn_fully.get("eyeBlinkLeft") > 0.3);
        assert_eq!(worn(&source, &sad, 0.0), source);
        assert_eq!(worn(&source, &sad, f32::NAN), worn_fully);
    }
}
