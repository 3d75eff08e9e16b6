//! A filmed face becomes a motion track: any video drives any portrait.
//!
//! In: what a [`Recording`](crate::portrait::Recording) saw, frame by frame, with the frames' own times. Out: a [`Track`]
//! whose zero is the driver's rest, estimated over the whole clip ([`neutral`]): no frame has to be neutral, and the driver's
//! own features do not leak into the portrait. [`reading`] takes from a face what a track holds, [`pose`] frees the head's
//! motion from where the camera stood, and [`timeline`] bridges lost faces and brings uneven frames onto an even clock.

mod live;
mod neutral;
mod pose;
mod reading;
mod timeline;

pub use live::Live;

use super::track::Track;
use crate::head::HeadModel;
use crate::portrait::Face;
use reading::Reading;
use thiserror::Error;

/// A frame of a video, and the face that was followed in it.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// Seconds from the clip's start; ascending.
    pub time: f64,
    /// The face, in the frame's pixels; `None` where it is not seen.
    pub face: Option<Face>,
    /// Width and height of the frame, pixels.
    pub size: [u32; 2],
}

/// Why a video cannot drive a portrait. Messages are for the visitor.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum VideoError {
    /// No frame shows a face.
    #[error(
        "No face is seen in this video: choose one in which a face looks towards the camera and fills at least an eighth of the picture."
    )]
    NoFace,
    /// Too little to learn from.
    #[error("A face is seen for less than half a second in this video: choose a longer one.")]
    TooBrief,
}

/// A face must be seen for this long, seconds.
const BRIEFEST: f64 = 0.5;
/// Samples a second that are never exceeded: more shows on no screen.
const FASTEST: f64 = 60.0;

/// The motion of the face in `frames`, at the frames' own rate (60 Hz at most), from the clip's start to its last frame.
///
/// # Errors
/// [`VideoError`] where there is too little of a face.
pub fn track(head: &HeadModel, frames: &[Sighting]) -> Result<Track, VideoError> {
    let mut readings: Vec<Reading> = frames
        .iter()
        .filter_map(|frame| Some(Reading::new(head, frame.time, frame.face.as_ref()?, frame.size)))
        .collect();
    if readings.is_empty() {
        return Err(VideoError::NoFace);
    }
    let rate = rate(frames);
    if (readings.len() as f64) < BRIEFEST * rate {
        return Err(VideoError::TooBrief);
    }
    let shots = pose::shots(&readings);
    let rest = neutral::Rest::of(&readings);
    readings.iter_mut().for_each(|reading| rest.subtract(reading));
    pose::settle(&mut readings, &shots);
    reading::hold_gaze_in_blinks(&mut readings);
    let last = frames.last().map_or(0.0, |frame| frame.time);
    let mut track = timeline::even(&readings, &shots, rate, last);
    track.quantise();
    Ok(track)
}

/// Frames a second: what most of the gaps between frames say.
fn rate(frames: &[Sighting]) -> f64 {
    let mut gaps: Vec<f64> =
        frames.windows(2).map(|pair| pair[1].time - pair[0].time).filter(|gap| *gap > 1e-4).collect();
    gaps.sort_by(f64::total_cmp);
    let median = gaps.get(gaps.len() / 2).copied().unwrap_or(1.0 / 30.0);
    // Times come in whole microseconds or milliseconds: 33 ms means 30 Hz.
    let rate = (1.0 / median).clamp(5.0, FASTEST);
    let usual = [12.0, 12.5, 15.0, 20.0, 24.0, 25.0, 30.0, 48.0, 50.0, 60.0];
    usual.into_iter().find(|usual| (rate / usual - 1.0).abs() < 0.02).unwrap_or(rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::expression::Expression;
    use crate::portrait::{Bounds, HeadFit};

    /// So large that all places are near its middle.
    const SIZE: [u32; 2] = [600, 600];

    fn head() -> HeadModel {
        HeadModel::from_bytes(include_bytes!("../../../models/head.safetensors")).expect("the committed model")
    }

    /// A face whose points are those of the model, with the lower jaw `open` and the head turned by `yaw`.
    fn face(head: &HeadModel, open: f32, yaw: f32, scale: f32, at: [f32; 2]) -> Face {
        let mut expression = Expression::default();
        expression.set("jawOpen", open);
        let fit =
            HeadFit { identity: vec![], expression, rotation: [yaw, 0.0, 0.0], scale, translation: at, error: 0.0 };
        let points = fit.project(&head.shape(&[], &fit.expression));
        let of = |vertices: &[u32]| -> Vec<[f32; 2]> { vertices.iter().map(|&v| points[v as usize].into()).collect() };
        let landmarks = of(head.landmarks68());
        let eyes = head.eye_centres(&head.shape(&[], &fit.expression));
        let iris = |eye: glam::Vec3| fit.project_point(eye + glam::Vec3::Z * 0.117).into();
        Face {
            bounds: Bounds::of(&landmarks).expect("points"),
            score: 1.0,
            landmarks,
            irises: [iris(eyes[1]), iris(eyes[0])],
            dense: of(head.dense()),
            sigma: vec![],
            expression,
            gaze: [0.0; 4],
            fit,
        }
    }

    fn frames(count: usize, rate: f64, face: impl Fn(usize) -> Option<Face>) -> Vec<Sighting> {
        (0..count).map(|i| Sighting { time: i as f64 / rate, face: face(i), size: SIZE }).collect()
    }

    #[test]
    fn a_driver_who_rests_with_an_open_mouth_rests_in_the_track() {
        let head = head();
        let open = |i: usize| if i % 20 < 5 { 0.7 } else { 0.2 };
        let track = track(&head, &frames(100, 25.0, |i| Some(face(&head, open(i), 0.3, 80.0, [300.0, 300.0]))))
            .expect("a face");
        assert_eq!(track.rate, 25.0);
        let jaw = &track.channels["jawOpen"];
        assert!(jaw[10].abs() < 0.01 && (jaw[2] - 0.5).abs() < 0.02, "{} {}", jaw[10], jaw[2]);
        // Filmed from the side throughout: that is where the camera stood, not how the head moves.
        assert!(track.channels.get("yaw").is_none_or(|yaw| yaw.iter().all(|angle| angle.abs() < 0.01)));
    }

    #[test]
    fn a_lost_face_eases_to_rest_and_back() {
        let head = head();
        let open = |i: usize| if i < 20 { 0.0 } else { 0.6 };
        let seen = |i: usize| (!(50..100).contains(&i)).then(|| face(&head, open(i), 0.0, 80.0, [300.0, 300.0]));
        let track = track(&head, &frames(150, 25.0, seen)).expect("a face");
        let jaw = &track.channels["jawOpen"];
        assert_eq!(jaw.len(), 150);
        assert!(jaw[49] > 0.5 && jaw[75] == 0.0 && jaw[101] > 0.5, "{} {} {}", jaw[49], jaw[75], jaw[101]);
        let steps = jaw[45..110].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(steps < 0.2, "eased, not switched: {steps}");
    }

    #[test]
    fn a_cut_moves_nobody() {
        let head = head();
        // Cut at frame 50: the face is twice as large, elsewhere, and filmed from another side.
        let seen = |i: usize| match i < 50 {
            true => Some(face(&head, 0.1, 0.2, 60.0, [200.0, 300.0])),
            false => Some(face(&head, 0.1, -0.2, 120.0, [500.0, 200.0])),
        };
        let track = track(&head, &frames(100, 25.0, seen)).expect("a face");
        for name in ["yaw", "x", "y", "z"] {
            let still = track.channels.get(name).is_none_or(|values| values.iter().all(|value| value.abs() < 0.02));
            assert!(still, "{name}: {:?}", track.channels[name]);
        }
    }

    #[test]
    fn uneven_frames_come_onto_an_even_clock() {
        let head = head();
        // A ramp of the jaw, filmed at times that waver: sampled evenly it is the same ramp.
        let time = |i: usize| i as f64 / 30.0 + if i % 3 == 1 { 0.009 } else { 0.0 };
        let frames: Vec<Sighting> = (0..90)
            .map(|i| Sighting {
                time: time(i),
                face: Some(face(&head, (0.3 * time(i)) as f32, 0.0, 80.0, [300.0, 300.0])),
                size: SIZE,
            })
            .collect();
        let track = track(&head, &frames).expect("a face");
        let jaw = &track.channels["jawOpen"];
        let slope = |i: usize| (jaw[i + 20] - jaw[i]) * track.rate / 20.0;
        assert!((slope(30) - 0.3).abs() < 0.02 && (slope(50) - 0.3).abs() < 0.02, "{} {}", slope(30), slope(50));
    }

    #[test]
    fn too_little_of_a_face_is_said() {
        let head = head();
        assert_eq!(track(&head, &frames(50, 25.0, |_| None)), Err(VideoError::NoFace));
        assert_eq!(track(&head, &[]), Err(VideoError::NoFace));
        let brief = frames(50, 25.0, |i| (i < 5).then(|| face(&head, 0.0, 0.0, 80.0, [0.0, 0.0])));
        assert_eq!(track(&head, &brief), Err(VideoError::TooBrief));
    }
}
