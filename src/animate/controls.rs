//! What the visitor may change about a singing portrait; by default the track and the photo decide.
//!
//! All of it acts on the motion of one moment, so that a frame stays a function of portrait, track, controls and t.

use super::person::smoothstep;
use super::retarget::retarget_rotation;
use crate::clip::Motion;
use crate::head::expression::{EXPRESSION_NAMES, expression_index};
use crate::head::rotation_matrix;
use crate::portrait::angles;
use glam::{Mat3, Vec3};
use serde::{Deserialize, Serialize};

/// The visitor's settings for one portrait. What is missing in JSON is as in [`Controls::default`], which changes no
/// pixel; what is out of range or no number is brought back ([`Controls::sane`]) wherever they are used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Controls {
    /// Strength of jaw, lips, cheeks, nose and tongue, 0 (still) to 2; 1: as the track says.
    pub mouth: f32,
    /// Strength of the brows, 0 to 2.
    pub brows: f32,
    /// Strength of lids and of the driver's gaze, 0 to 2.
    pub eyes: f32,
    /// Strength of the head's turns and shifts, 0 to 2.
    pub head: f32,
    /// Strength of blinks alone, 0 (never) to 2, on top of [`Controls::eyes`].
    pub blink: f32,
    /// The widest the jaw opens, 0..1 of `jawOpen`. Openings near it are eased under it; small ones are as they were, and lips
    /// that close still close.
    pub jaw_limit: f32,
    /// Where the eyes look.
    pub gaze: Gaze,
    /// What is seen between the lips.
    pub teeth: Teeth,
}

/// Where the eyes look. In JSON `"driver"`, `"camera"` or `{"fixed": {"yaw": 0.2, "pitch": 0}}`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Gaze {
    /// As the track says, on top of the photo's own look.
    #[default]
    Driver,
    /// At the viewer, however the head turns.
    Camera,
    /// Aside from the photo's own look by the same angles all the time.
    #[serde(rename_all = "camelCase")]
    Fixed {
        /// Radians, + to the subject's own left; within half a radian.
        yaw: f32,
        /// Radians, + down; within 0.4.
        pitch: f32,
    },
}

/// What is seen between the lips.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Teeth {
    /// Whose teeth.
    pub look: TeethLook,
    /// Brightness of built teeth, 0.5 to 1.3; 1: as the photo's light makes them.
    pub brightness: f32,
}

/// Whose teeth are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TeethLook {
    /// The photo's own where it shows some, and built ones around them.
    #[default]
    Automatic,
    /// The photo's own alone; built ones where it shows none.
    Own,
    /// Built ones alone.
    Built,
    /// None: tongue and dark.
    Hidden,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            mouth: 1.0,
            brows: 1.0,
            eyes: 1.0,
            head: 1.0,
            blink: 1.0,
            jaw_limit: 1.0,
            gaze: Gaze::default(),
            teeth: Teeth::default(),
        }
    }
}

impl Default for Teeth {
    fn default() -> Self {
        Self { look: TeethLook::default(), brightness: 1.0 }
    }
}

/// Largest gain.
const MOST: f32 = 2.0;
/// Brightness of built teeth.
const BRIGHTNESS: [f32; 2] = [0.5, 1.3];
/// How far eyes turn in the head, yaw and pitch, radians: further, people turn the head (Stahl 1999: some 30 degrees).
const EYES_TURN: [f32; 2] = [0.5, 0.4];
/// A photo's look that misses the camera by less than the first, radians, is eye contact within what irises can be read
/// to, and stays as it is; one that misses it by more than the second is brought to the camera.
const CONTACT: [f32; 2] = [0.10, 0.22];

/// How a head looks out of its photo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outlook {
    /// The head's turn in the photo, from its own axes to the camera's; and its yaw, pitch and roll, radians.
    pub rotation: Mat3,
    pub angles: [f32; 3],
    /// Where both eyes look in the photo, yaw and pitch relative to the head, radians.
    pub looks: [f32; 2],
}

impl Outlook {
    /// What the eyes turn by, from where the photo's look, to meet the viewer while the head turns by `driver`.
    fn towards_camera(&self, driver: [f32; 3]) -> [f32; 2] {
        let [yaw, pitch, roll] = retarget_rotation(self.angles, driver);
        let now = angles((self.rotation * rotation_matrix(yaw, pitch, roll)).transpose() * Vec3::Z);
        let then = angles(self.rotation.transpose() * Vec3::Z);
        let missed = [0, 1].map(|axis| then[axis] - self.looks[axis]);
        let mended = smoothstep(CONTACT[0], CONTACT[1], missed[0].hypot(missed[1]));
        std::array::from_fn(|axis| {
            // The eyes turn so far in the head, whatever the photo's do.
            let at = self.looks[axis];
            let most = EYES_TURN[axis].max(at.abs());
            (at + missed[axis] * mended + now[axis] - then[axis]).clamp(-most, most) - at
        })
    }
}

impl Controls {
    /// The same with every value in its range; what is no number becomes the default.
    pub fn sane(&self) -> Self {
        let usual = Self::default();
        let within = |value: f32, usual: f32, low: f32, high: f32| {
            if value.is_nan() { usual } else { value.clamp(low, high) }
        };
        let gain = |value: f32| within(value, 1.0, 0.0, MOST);
        let gaze = match self.gaze {
            Gaze::Fixed { yaw, pitch } => {
                let [most_yaw, most_pitch] = EYES_TURN;
                Gaze::Fixed {
                    yaw: within(yaw, 0.0, -most_yaw, most_yaw),
                    pitch: within(pitch, 0.0, -most_pitch, most_pitch),
                }
            }
            other => other,
        };
        Self {
            mouth: gain(self.mouth),
            brows: gain(self.brows),
            eyes: gain(self.eyes),
            head: gain(self.head),
            blink: gain(self.blink),
            jaw_limit: within(self.jaw_limit, usual.jaw_limit, 0.0, 1.0),
            gaze,
            teeth: self.teeth.sane(),
        }
    }

    /// The driver's motion as these controls have it; expressions stay within 0..1.
    pub(super) fn apply(&self, driver: &Motion, outlook: &Outlook) -> Motion {
        let controls = self.sane();
        let mut motion = *driver;
        for (value, name) in motion.expression.0.iter_mut().zip(EXPRESSION_NAMES) {
            let gain = match name {
                _ if name.starts_with("brow") => controls.brows,
                _ if name.starts_with("eyeBlink") => controls.eyes * controls.blink,
                _ if name.starts_with("eye") => controls.eyes,
                _ => controls.mouth,
            };
            *value = (*value * gain).clamp(0.0, 1.0);
        }
        controls.limit_jaw(driver, &mut motion);
        motion.tongue_up = (motion.tongue_up * controls.mouth).clamp(0.0, 1.0);
        motion.rotation.iter_mut().chain(&mut motion.translation).for_each(|value| *value *= controls.head);
        match controls.gaze {
            Gaze::Driver => motion.gaze.iter_mut().for_each(|angle| *angle *= controls.eyes),
            Gaze::Camera => {
                let turn = outlook.towards_camera(motion.rotation);
                look(&mut motion, turn);
            }
            Gaze::Fixed { yaw, pitch } => look(&mut motion, [yaw, pitch]),
        }
        motion
    }

    /// Eases the jaw under its limit. The lips' closing shrinks or grows as the opening it closes does: a `p` is as tight
    /// as in the `driver`'s motion.
    fn limit_jaw(&self, driver: &Motion, motion: &mut Motion) {
        let before = driver.expression.get("jawOpen");
        let jaw = under(motion.expression.get("jawOpen"), self.jaw_limit);
        motion.expression.set("jawOpen", jaw);
        if before > 0.0 && jaw != before {
            let closing = driver.expression.get("mouthClose") * jaw / before;
            motion.expression.set("mouthClose", closing.clamp(0.0, 1.0));
        }
    }
}

impl Teeth {
    /// The same with the brightness in its range.
    pub fn sane(&self) -> Self {
        let [low, high] = BRIGHTNESS;
        let brightness = if self.brightness.is_nan() { 1.0 } else { self.brightness.clamp(low, high) };
        Self { brightness, ..*self }
    }
}

/// `value`, 0..1, eased under `limit`: the same up to limit^2, then bending so that it nears the limit and keeps its order.
/// A limit of 1 changes nothing.
fn under(value: f32, limit: f32) -> f32 {
    let knee = limit * limit;
    let room = limit - knee;
    match () {
        () if value <= knee => value,
        () if room <= 0.0 => limit,
        () => knee + room * (1.0 - (-(value - knee) / room).exp()),
    }
}

/// Turns both eyes by `yaw` and `pitch`, and lids and skin as ARKit has them follow.
pub(super) fn look(motion: &mut Motion, [yaw, pitch]: [f32; 2]) {
    motion.gaze = [yaw, pitch, yaw, pitch];
    // Coefficient 1 is some half a radian, as in the songs' own tracks. Yaw + is outwards for the left eye.
    for (name, angle) in [
        ("eyeLookDownLeft", pitch),
        ("eyeLookDownRight", pitch),
        ("eyeLookUpLeft", -pitch),
        ("eyeLookUpRight", -pitch),
        ("eyeLookOutLeft", yaw),
        ("eyeLookInRight", yaw),
        ("eyeLookInLeft", -yaw),
        ("eyeLookOutRight", -yaw),
    ] {
        if let Some(i) = expression_index(name) {
            motion.expression.0[i] = (2.0 * angle).clamp(0.0, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portrait::direction;

    fn frontal() -> Outlook {
        Outlook { rotation: Mat3::IDENTITY, angles: [0.0; 3], looks: [0.0; 2] }
    }

    fn driver() -> Motion {
        let mut driver = Motion { rotation: [0.2, 0.0, 0.0], gaze: [0.1; 4], tongue_up: 0.5, ..Motion::default() };
        for name in ["jawOpen", "mouthClose", "browInnerUp", "eyeBlinkLeft", "eyeWideLeft"] {
            driver.expression.set(name, 0.6);
        }
        driver
    }

    #[test]
    fn defaults_change_nothing() {
        assert_eq!(Controls::default().apply(&driver(), &frontal()), driver());
        let read: Controls = serde_json::from_str("{}").expect("all fields have defaults");
        assert_eq!(read, Controls::default());
        assert_eq!(read.sane(), read);
    }

    #[test]
    fn gains_act_on_their_own_region() {
        let controls = Controls { mouth: 2.0, brows: 0.5, eyes: 0.0, ..Controls::default() };
        let motion = controls.apply(&driver(), &frontal());
        let of = |name| motion.expression.get(name);
        assert_eq!([of("jawOpen"), of("browInnerUp"), of("eyeBlinkLeft"), of("eyeWideLeft")], [1.0, 0.3, 0.0, 0.0]);
        assert_eq!((motion.gaze[0], motion.rotation[0], motion.tongue_up), (0.0, 0.2, 1.0));
        let motion = Controls { blink: 0.5, head: 0.0, ..Controls::default() }.apply(&driver(), &frontal());
        assert_eq!((motion.expression.get("eyeBlinkLeft"), motion.expression.get("eyeWideLeft")), (0.3, 0.6));
        assert_eq!((motion.rotation, motion.gaze[0]), ([0.0; 3], 0.1));
    }

    #[test]
    fn the_jaw_stays_under_its_limit_keeps_its_order_and_lips_close() {
        for limit in [0.0, 0.2, 0.5, 0.9] {
            let controls = Controls { jaw_limit: limit, ..Controls::default() };
            let mut last = -1.0;
            for step in 0..=20 {
                let open = step as f32 / 20.0;
                let mut driver = Motion::default();
                driver.expression.set("jawOpen", open);
                driver.expression.set("mouthClose", open);
                let shown = controls.apply(&driver, &frontal()).expression;
                let jaw = shown.get("jawOpen");
                assert!(jaw <= limit && jaw <= open && jaw >= last, "{limit}: {open} becomes {jaw}");
                assert!((shown.get("mouthClose") - jaw).abs() < 1e-6, "a closed lip opens");
                assert!(open > limit * limit || jaw == open, "{limit}: a small opening changed");
                last = jaw;
            }
        }
        assert_eq!(under(0.83, 1.0), 0.83);
    }

    #[test]
    fn eyes_meet_the_camera_while_the_head_turns() {
        let controls = Controls { gaze: Gaze::Camera, ..Controls::default() };
        let rotation = rotation_matrix(0.25, -0.1, 0.05);
        for looks in [[-0.1, 0.12], [0.2, 0.1]] {
            let outlook = Outlook { rotation, angles: [0.25, -0.1, 0.05], looks };
            let turn = [-0.3, 0.1, 0.1];
            let motion = controls.apply(&Motion { rotation: turn, ..Motion::default() }, &outlook);
            let eye = direction([looks[0] + motion.gaze[0], looks[1] + motion.gaze[1]]);
            let [yaw, pitch, roll] = retarget_rotation(outlook.angles, turn);
            let seen = rotation * rotation_matrix(yaw, pitch, roll) * eye;
            assert!(seen.truncate().length() < CONTACT[1], "{looks:?}: it looks to {seen}");
        }
        // Who looks at the camera in the photo is left alone while the head is still.
        let outlook = Outlook { looks: [0.05, -0.04], ..frontal() };
        assert!(controls.apply(&Motion::default(), &outlook).gaze.iter().all(|angle| angle.abs() < 1e-6));
    }

    #[test]
    fn a_fixed_look_moves_both_eyes_and_the_lids() {
        let controls = Controls { gaze: Gaze::Fixed { yaw: 0.2, pitch: 0.1 }, eyes: 0.0, ..Controls::default() };
        let motion = controls.apply(&driver(), &frontal());
        assert_eq!(motion.gaze, [0.2, 0.1, 0.2, 0.1]);
        let of = |name| motion.expression.get(name);
        assert_eq!([of("eyeLookOutLeft"), of("eyeLookOutRight"), of("eyeLookDownLeft")], [0.4, 0.0, 0.2]);
    }

    #[test]
    fn nonsense_is_brought_into_range() {
        let controls = Controls {
            mouth: f32::NAN,
            brows: -3.0,
            eyes: f32::INFINITY,
            head: 9.0,
            blink: f32::NEG_INFINITY,
            jaw_limit: 7.0,
            gaze: Gaze::Fixed { yaw: f32::NAN, pitch: 9.0 },
            teeth: Teeth { look: TeethLook::Built, brightness: 50.0 },
        };
        let sane = Controls {
            mouth: 1.0,
            brows: 0.0,
            eyes: 2.0,
            head: 2.0,
            blink: 0.0,
            jaw_limit: 1.0,
            gaze: Gaze::Fixed { yaw: 0.0, pitch: 0.4 },
            teeth: Teeth { look: TeethLook::Built, brightness: 1.3 },
        };
        assert_eq!(controls.sane(), sane);
    }

    #[test]
    fn json_is_read_strictly() {
        let json = r#"{"mouth": 1.4, "jawLimit": 0.5, "gaze": {"fixed": {"yaw": 0.1, "pitch": 0}}, "teeth": {"look": "hidden"}}"#;
        let read: Controls = serde_json::from_str(json).expect("a full example");
        assert_eq!((read.mouth, read.jaw_limit, read.teeth.look), (1.4, 0.5, TeethLook::Hidden));
        assert_eq!(read.gaze, Gaze::Fixed { yaw: 0.1, pitch: 0.0 });
        assert_eq!(serde_json::from_str::<Controls>(r#"{"gaze": "camera"}"#).expect("a name").gaze, Gaze::Camera);
        for wrong in [r#"{"jaw_limit": 1}"#, r#"{"gaze": "up"}"#, r#"{"mouth": null}"#, r#"{"teeth": {"colour": 1}}"#] {
            assert!(serde_json::from_str::<Controls>(wrong).is_err(), "{wrong}");
        }
        let text = serde_json::to_string(&read).expect("plain values");
        assert_eq!(serde_json::from_str::<Controls>(&text).expect("its own words"), read);
    }
}
