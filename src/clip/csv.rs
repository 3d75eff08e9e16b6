//! Live Link Face's CSV: what its iPhone app records, and what many tools of animators read and write.
//!
//! One line a frame: `Timecode` (`hh:mm:ss:ff.fff`, frames counted at the take's rate), `BlendShapeCount` (61), ARKit's 52
//! coefficients in Apple's order and in Pascal case, then `HeadYaw`, `HeadPitch`, `HeadRoll` and, for each eye, yaw, pitch and
//! roll. Columns are found by name, whatever their order and case, and any may be missing. Angles are taken for radians with the signs
//! of a [`Track`]; what Live Link Face records of the head's place, words and beats there is none.

use super::track::{MAX_FILE, Track, TrackError};
use crate::head::expression::EXPRESSION_NAMES;
use std::collections::BTreeMap;

/// The app's own rate, frames a second; takes state none.
const USUAL_RATE: f64 = 60.0;
/// Apple's order of the coefficients, as the app writes them.
const COLUMNS: [&str; 52] = [
    "EyeBlinkLeft",
    "EyeLookDownLeft",
    "EyeLookInLeft",
    "EyeLookOutLeft",
    "EyeLookUpLeft",
    "EyeSquintLeft",
    "EyeWideLeft",
    "EyeBlinkRight",
    "EyeLookDownRight",
    "EyeLookInRight",
    "EyeLookOutRight",
    "EyeLookUpRight",
    "EyeSquintRight",
    "EyeWideRight",
    "JawForward",
    "JawRight",
    "JawLeft",
    "JawOpen",
    "MouthClose",
    "MouthFunnel",
    "MouthPucker",
    "MouthRight",
    "MouthLeft",
    "MouthSmileLeft",
    "MouthSmileRight",
    "MouthFrownLeft",
    "MouthFrownRight",
    "MouthDimpleLeft",
    "MouthDimpleRight",
    "MouthStretchLeft",
    "MouthStretchRight",
    "MouthRollLower",
    "MouthRollUpper",
    "MouthShrugLower",
    "MouthShrugUpper",
    "MouthPressLeft",
    "MouthPressRight",
    "MouthLowerDownLeft",
    "MouthLowerDownRight",
    "MouthUpperUpLeft",
    "MouthUpperUpRight",
    "BrowDownLeft",
    "BrowDownRight",
    "BrowInnerUp",
    "BrowOuterUpLeft",
    "BrowOuterUpRight",
    "CheekPuff",
    "CheekSquintLeft",
    "CheekSquintRight",
    "NoseSneerLeft",
    "NoseSneerRight",
    "TongueOut",
];
/// The angles' columns and the channels they are here; eyes do not roll.
const ANGLES: [(&str, &str); 9] = [
    ("HeadYaw", "yaw"),
    ("HeadPitch", "pitch"),
    ("HeadRoll", "roll"),
    ("LeftEyeYaw", "gazeLeftYaw"),
    ("LeftEyePitch", "gazeLeftPitch"),
    ("LeftEyeRoll", ""),
    ("RightEyeYaw", "gazeRightYaw"),
    ("RightEyePitch", "gazeRightPitch"),
    ("RightEyeRoll", ""),
];

/// Reads a take. Frames that the app dropped are bridged; its frame count starts anew with each second.
///
/// # Errors
/// [`TrackError`]
pub fn read(bytes: &[u8]) -> Result<Track, TrackError> {
    if bytes.len() > MAX_FILE {
        return Err(TrackError::TooLarge);
    }
    let not = |reason: String| TrackError::NotATrack { reason };
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| not(error.to_string()))?.clone();
    let timecode = header.iter().position(|name| name.trim_start_matches('\u{feff}').eq_ignore_ascii_case("timecode"));
    let known = |name: &str| -> Option<&'static str> {
        let angle = ANGLES.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)).map(|(_, channel)| *channel);
        angle.or_else(|| EXPRESSION_NAMES.into_iter().find(|known| known.eq_ignore_ascii_case(name)))
    };
    let columns: Vec<(usize, &str)> = header
        .iter()
        .enumerate()
        .filter_map(|(i, name)| Some((i, known(name).filter(|channel| !channel.is_empty())?)))
        .collect();
    if columns.is_empty() {
        return Err(not("its first line names none of ARKit's blendshapes".to_owned()));
    }
    let mut codes: Vec<Option<Timecode>> = Vec::new();
    let mut channels: Vec<Vec<f32>> = vec![Vec::new(); columns.len()];
    for (line, record) in reader.records().enumerate() {
        let record = record.map_err(|error| not(error.to_string()))?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        codes.push(timecode.and_then(|column| Timecode::parse(record.get(column)?)));
        for (samples, (column, name)) in channels.iter_mut().zip(&columns) {
            let text = record.get(*column).unwrap_or_default();
            // Where the app saw no face it leaves the cells empty: they keep what was before.
            let value = if text.is_empty() {
                samples.last().copied().unwrap_or(0.0)
            } else {
                text.parse()
                    .map_err(|_| TrackError::Damaged { reason: format!("{name} in line {} is no number", line + 2) })?
            };
            samples.push(value);
        }
    }
    let (rate, times) = clock(&codes);
    let channels =
        columns.iter().zip(channels).map(|((_, name), samples)| ((*name).to_owned(), evenly(&times, &samples, rate)));
    let channels: BTreeMap<String, Vec<f32>> = channels.collect();
    Track { rate: rate as f32, channels, words: Vec::new(), beats: Vec::new(), phonemes: Vec::new() }.checked()
}

/// Writes a take at the app's 60 frames a second.
pub fn write(track: &Track) -> String {
    let mut text = String::from("Timecode,BlendShapeCount");
    for name in COLUMNS.iter().copied().chain(ANGLES.map(|(column, _)| column)) {
        text.push(',');
        text.push_str(name);
    }
    text.push('\n');
    let count = (f64::from(track.duration()) * USUAL_RATE).round() as u64 + 1;
    for frame in 0..count {
        let motion = track.sample((frame as f64 / USUAL_RATE) as f32);
        let (second, part) = (frame / 60, frame % 60);
        let code = format!("{:02}:{:02}:{:02}:{part:02}.000", second / 3600, second / 60 % 60, second % 60);
        text.push_str(&format!("{code},{}", COLUMNS.len() + ANGLES.len()));
        let coefficient = |column: &&str| {
            let at = EXPRESSION_NAMES.iter().position(|name| name.eq_ignore_ascii_case(column));
            at.map_or(0.0, |at| motion.expression.0[at])
        };
        let [yaw, pitch, roll] = motion.rotation;
        let [left_yaw, left_pitch, right_yaw, right_pitch] = motion.gaze;
        let angles = [yaw, pitch, roll, left_yaw, left_pitch, 0.0, right_yaw, right_pitch, 0.0];
        for value in COLUMNS.iter().map(coefficient).chain(angles) {
            text.push_str(&format!(",{value:.5}"));
        }
        text.push('\n');
    }
    text
}

/// `hh:mm:ss:ff.fff`: whole seconds and the frame within.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Timecode {
    seconds: u32,
    frame: f64,
}

impl Timecode {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let mut number = || parts.next()?.parse::<u32>().ok();
        let (hours, minutes, seconds) = (number()?, number()?, number()?);
        let frame = parts.next()?.parse().ok().filter(|frame: &f64| (0.0..1000.0).contains(frame))?;
        Some(Self {
            seconds: hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)?,
            frame,
        })
    }
}

/// The take's rate and the seconds of its frames from the first; evenly 60 a second where there are no timecodes.
fn clock(codes: &[Option<Timecode>]) -> (f64, Vec<f64>) {
    let even = || (USUAL_RATE, (0..codes.len()).map(|i| i as f64 / USUAL_RATE).collect());
    let Some(codes) = codes.iter().copied().collect::<Option<Vec<Timecode>>>() else { return even() };
    let Some(first) = codes.first().copied() else { return even() };
    // Frames are counted from 0 within each second: the highest count tells the rate.
    let highest = codes.iter().map(|code| code.frame).fold(0.0, f64::max).floor() + 1.0;
    let rate = [24.0, 25.0, 30.0, 48.0, 50.0, 60.0].into_iter().find(|rate| highest <= *rate).unwrap_or(highest);
    let rate = if codes.iter().all(|code| code.seconds == first.seconds) { USUAL_RATE.max(highest) } else { rate };
    let time = |code: &Timecode| f64::from(code.seconds) + code.frame / rate;
    let times: Vec<f64> = codes.iter().map(|code| time(code) - time(&first)).collect();
    // A take over midnight, or one whose clock was set, is counted by its lines.
    if times.windows(2).all(|pair| pair[1] > pair[0]) { (rate, times) } else { even() }
}

/// `samples` at `times` (ascending), every 1 / `rate` seconds.
fn evenly(times: &[f64], samples: &[f32], rate: f64) -> Vec<f32> {
    let count = times.last().map_or(0, |last| (last * rate).round() as usize + 1);
    // Beyond the longest clip the track is refused anyway: no memory is spent on it.
    let count = count.min((super::track::LONGEST as f64 * rate) as usize + 2);
    (0..count)
        .map(|k| {
            let time = k as f64 / rate;
            let next = times.partition_point(|t| *t <= time).clamp(1, times.len().max(2) - 1);
            let (Some(a), Some(b)) = (times.get(next - 1), times.get(next)) else { return samples[0] };
            let share = ((time - a) / (b - a).max(1e-9)).clamp(0.0, 1.0) as f32;
            samples[next - 1] + (samples[next] - samples[next - 1]) * share
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_take_is_read_again() {
        let ramp: Vec<f32> = (0..121).map(|i| i as f32 / 240.0).collect();
        let channels = BTreeMap::from([
            ("jawOpen".to_owned(), ramp.clone()),
            ("browInnerUp".to_owned(), vec![0.25; 121]),
            ("yaw".to_owned(), ramp.iter().map(|v| v - 0.2).collect()),
            ("gazeRightPitch".to_owned(), ramp.clone()),
        ]);
        let track = Track { rate: 60.0, channels, words: vec![], beats: vec![], phonemes: vec![] };
        let text = write(&track);
        assert_eq!(text.lines().next().map(|line| line.split(',').count()), Some(63));
        let again = read(text.as_bytes()).expect("our own file");
        assert_eq!((again.rate, again.channels["jawOpen"].len()), (60.0, 121));
        for (name, samples) in &track.channels {
            for (a, b) in samples.iter().zip(&again.channels[name]) {
                assert!((a - b).abs() < 1e-4, "{name}: {a} {b}");
            }
        }
    }

    #[test]
    fn takes_of_the_app_and_of_other_tools_are_read() {
        // A clock of the day, 30 frames a second, a dropped frame, another case, an unknown column, a blank line.
        let take = "\u{feff}Timecode,BlendShapeCount,jawopen,HEADYAW,Extra\n\
            11:59:59:28.500,61,0.0,0.1,x\n11:59:59:29.500,61,0.1,0.1,x\n\n12:00:00:01.500,61,0.3,0.1,x\n12:00:00:02.500,61,,,\n";
        let track = read(take.as_bytes()).expect("a take");
        assert_eq!(track.rate, 30.0);
        let jaw: Vec<f32> = track.channels["jawOpen"].iter().map(|v| (v * 100.0).round() / 100.0).collect();
        assert_eq!(jaw, [0.0, 0.1, 0.2, 0.3, 0.3]);
        assert_eq!(track.channels["yaw"], [0.1; 5]);
    }

    #[test]
    fn what_is_no_take_is_said() {
        let error = |text: &str| read(text.as_bytes()).expect_err(text);
        assert!(matches!(error("name,age\nAda,36\n"), TrackError::NotATrack { .. }));
        assert!(matches!(error(""), TrackError::NotATrack { .. }));
        assert_eq!(error("Timecode,JawOpen\n"), TrackError::Empty);
        let damaged = error("Timecode,JawOpen\n00:00:00:00.0,wide\n");
        assert!(damaged.to_string().contains("jawOpen in line 2"), "{damaged}");
        let long = "Timecode,JawOpen\n00:00:00:00.0,0\n99:00:00:00.0,1\n";
        assert!(matches!(error(long), TrackError::TooLong { .. }));
    }
}
