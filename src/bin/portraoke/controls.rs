//! The stage's controls as flags.

use portraoke::animate::{Controls, Gaze, Teeth, TeethLook};

/// How the portrait performs.
#[derive(Debug, clap::Args)]
pub(crate) struct ControlArgs {
    /// How strongly jaw and lips move: 1 as the track says, 0 not at all, 2 at most.
    #[arg(long, default_value_t = 1.0, value_parser = within::<0, 20>)]
    mouth: f32,
    /// How strongly brows move, 0 to 2.
    #[arg(long, default_value_t = 1.0, value_parser = within::<0, 20>)]
    brows: f32,
    /// How strongly lids and gaze move, 0 to 2.
    #[arg(long, default_value_t = 1.0, value_parser = within::<0, 20>)]
    eyes: f32,
    /// How strongly the head turns, 0 to 2.
    #[arg(long, default_value_t = 1.0, value_parser = within::<0, 20>)]
    head: f32,
    /// How strongly it blinks, 0 to 2.
    #[arg(long, default_value_t = 1.0, value_parser = within::<0, 20>)]
    blink: f32,
    /// The widest that the jaw opens, 0 to 1.
    #[arg(long, default_value_t = 1.0, value_parser = within::<0, 10>)]
    jaw_limit: f32,
    /// Where the eyes look: driver, camera, or YAW,PITCH in radians (+ to the own left, + down).
    #[arg(long, default_value = "driver", value_parser = gaze, allow_hyphen_values = true)]
    gaze: Gaze,
    /// Whose teeth are seen: automatic, own, built or hidden.
    #[arg(long, default_value = "automatic", value_parser = teeth_look)]
    teeth: TeethLook,
    /// Brightness of built teeth, 0.5 to 1.3.
    #[arg(long, default_value_t = 1.0, value_parser = within::<5, 13>)]
    teeth_brightness: f32,
}

impl ControlArgs {
    /// What was asked for.
    pub(crate) fn read(&self) -> Controls {
        let Self { mouth, brows, eyes, head, blink, jaw_limit, gaze, teeth, teeth_brightness } = *self;
        let teeth = Teeth { look: teeth, brightness: teeth_brightness };
        Controls { mouth, brows, eyes, head, blink, jaw_limit, gaze, teeth }
    }
}

/// A number from `LOW` to `HIGH` tenths.
fn within<const LOW: u8, const HIGH: u8>(text: &str) -> Result<f32, String> {
    let [low, high] = [LOW, HIGH].map(|tenths| f32::from(tenths) / 10.0);
    let value = text.parse().ok().filter(|value| (low..=high).contains(value));
    value.ok_or_else(|| format!("a number from {low} to {high} belongs here"))
}

fn gaze(text: &str) -> Result<Gaze, String> {
    let fixed = || {
        let (yaw, pitch) = text.split_once(',')?;
        let angle = |text: &str| text.trim().parse().ok().filter(|angle: &f32| angle.is_finite());
        Some(Gaze::Fixed { yaw: angle(yaw)?, pitch: angle(pitch)? })
    };
    match text {
        "driver" => Ok(Gaze::Driver),
        "camera" => Ok(Gaze::Camera),
        _ => fixed().ok_or_else(|| "driver, camera or two angles such as 0.2,-0.1 belong here".to_owned()),
    }
}

fn teeth_look(text: &str) -> Result<TeethLook, String> {
    serde_json::from_value(text.into()).map_err(|_| "automatic, own, built or hidden belongs here".to_owned())
}
