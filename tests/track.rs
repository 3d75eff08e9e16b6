//! A face followed through frames made from the project's own portraits.
//!
//! Where models or portraits are not there yet, a test says so and passes.

use image::{Rgba, RgbaImage, imageops};
use portraoke::portrait::{Analyser, Face, ModelBytes, PortraitError, Recording, Tracker, decode};
use std::path::Path;

/// The models, and a bundled portrait at a size at which a test is quick.
fn stage() -> Option<(Analyser, RgbaImage)> {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        std::fs::read(&path).map_err(|_| eprintln!("SKIPPED: {} is missing", path.display())).ok()
    };
    let models = ["face_detector.onnx", "face_landmarks.onnx", "person_matte.onnx", "head.safetensors"];
    let [detector, landmarks, matte, head] = models.map(|name| read(&format!("models/{name}")));
    let (detector, landmarks, matte, head) = (detector?, landmarks?, matte?, head?);
    let models = ModelBytes { detector: &detector, landmarks: &landmarks, matte: Some(&matte), head: &head };
    let portrait = decode(&read("www/portraits/elena.jpg")?).expect("an intact picture").image;
    let analyser = pollster::block_on(Analyser::new(models, None)).expect("the committed models belong together");
    Some((analyser, imageops::thumbnail(&portrait, 240, 240 * portrait.height() / portrait.width())))
}

/// A frame of 320 x 360 with the portrait at `x`, `y` and a little noise of its own.
fn frame(portrait: &RgbaImage, x: i64, y: i64, number: u32) -> RgbaImage {
    let mut frame = RgbaImage::from_pixel(320, 360, Rgba([120, 125, 130, 255]));
    imageops::replace(&mut frame, portrait, x, y);
    for (i, pixel) in frame.pixels_mut().enumerate() {
        let noise = ((i as u32).wrapping_mul(2_654_435_761) ^ number.wrapping_mul(40_503)).wrapping_mul(2_246_822_519);
        let step = (noise >> 28) as u8;
        pixel.0[..3].iter_mut().for_each(|v| *v = v.saturating_add(step).saturating_sub(8));
    }
    frame
}

fn blank() -> RgbaImage {
    RgbaImage::from_pixel(320, 360, Rgba([90, 110, 130, 255]))
}

fn follow(tracker: &mut Tracker, analyser: &Analyser, frame: &RgbaImage) -> Result<Option<Face>, PortraitError> {
    pollster::block_on(tracker.follow(analyser, frame))
}

fn add(recording: &mut Recording, analyser: &Analyser, frame: &RgbaImage) -> Result<bool, PortraitError> {
    pollster::block_on(recording.add(analyser, frame))
}

fn nose(face: &Face) -> [f32; 2] {
    face.landmarks[30]
}

#[test]
fn a_moving_face_is_followed_with_one_neutral_face() {
    let Some((analyser, portrait)) = stage() else { return };
    let mut recording = Recording::new(None);
    let place = |i: i64| (10 + 5 * i, 20 + 2 * i);
    for i in 0..9 {
        let (x, y) = place(i);
        assert!(add(&mut recording, &analyser, &frame(&portrait, x, y, i as u32)).expect("a frame"));
    }
    let faces: Vec<Face> = recording.faces(&analyser).into_iter().map(|face| face.expect("a face")).collect();
    let start = nose(&faces[0]);
    for (i, face) in faces.iter().enumerate() {
        assert_eq!(face.fit.identity, faces[0].fit.identity);
        let went = [nose(face)[0] - start[0], nose(face)[1] - start[1]];
        let (dx, dy) = (went[0] - 5.0 * i as f32, went[1] - 2.0 * i as f32);
        assert!(dx.hypot(dy) < 1.5, "frame {i}: off by {dx}, {dy}");
        assert!(face.fit.error < 0.06, "frame {i}: {}", face.fit.error);
    }
}

#[test]
fn a_lost_face_is_found_again_elsewhere() {
    let Some((analyser, portrait)) = stage() else { return };
    let mut tracker = Tracker::new(&analyser);
    assert!(follow(&mut tracker, &analyser, &blank()).expect("a frame").is_none());
    let first = follow(&mut tracker, &analyser, &frame(&portrait, 0, 0, 0)).expect("a frame").expect("a face");
    assert!(follow(&mut tracker, &analyser, &blank()).expect("a frame").is_none());
    let again = follow(&mut tracker, &analyser, &frame(&portrait, 80, 40, 1)).expect("a frame").expect("a face");
    assert!((nose(&again)[0] - nose(&first)[0] - 80.0).abs() < 3.0);
}

#[test]
fn the_neutral_face_settles() {
    let Some((analyser, portrait)) = stage() else { return };
    let mut tracker = Tracker::new(&analyser);
    let mut last: Vec<f32> = Vec::new();
    for i in 0..44 {
        let face = follow(&mut tracker, &analyser, &frame(&portrait, 30, 20, i)).expect("a frame").expect("a face");
        assert!(i <= 40 || face.fit.identity == last, "frame {i} changed the person");
        last = face.fit.identity;
    }
}

#[test]
fn frames_may_change_their_size() {
    let Some((analyser, portrait)) = stage() else { return };
    let mut recording = Recording::new(None);
    let large = frame(&portrait, 30, 20, 0);
    let small = imageops::thumbnail(&large, 240, 270);
    for picture in [&large, &small, &large] {
        assert!(add(&mut recording, &analyser, picture).expect("a frame"));
    }
    let faces: Vec<Face> = recording.faces(&analyser).into_iter().map(|face| face.expect("a face")).collect();
    let ratio = faces[1].fit.scale / faces[0].fit.scale;
    assert!((ratio - 0.75).abs() < 0.04, "{ratio}");
}

#[test]
fn frames_without_pixels_or_faces_are_said_so() {
    let Some((analyser, _)) = stage() else { return };
    let mut tracker = Tracker::new(&analyser);
    let error = follow(&mut tracker, &analyser, &RgbaImage::new(0, 7)).expect_err("no pixels");
    assert!(matches!(error, PortraitError::TooSmall { width: 0, height: 7 }));
    assert!(follow(&mut tracker, &analyser, &RgbaImage::new(1, 1)).expect("a frame").is_none());
    let mut recording = Recording::new(None);
    assert!(recording.faces(&analyser).is_empty());
    assert!(!add(&mut recording, &analyser, &blank()).expect("a frame"));
    assert!(recording.faces(&analyser)[0].is_none());
}

#[test]
fn the_face_that_is_wanted_is_followed() {
    let Some((analyser, portrait)) = stage() else { return };
    // Two faces side by side; the left one is larger and so the more prominent.
    let mut picture = RgbaImage::from_pixel(560, 360, Rgba([120, 125, 130, 255]));
    imageops::replace(&mut picture, &portrait, 20, 20);
    imageops::replace(
        &mut picture,
        &imageops::thumbnail(&portrait, 180, 180 * portrait.height() / portrait.width()),
        330,
        40,
    );
    for (wanted, right) in [(None, false), (Some([420.0, 150.0]), true)] {
        let mut recording = Recording::new(wanted);
        assert!(add(&mut recording, &analyser, &picture).expect("a frame"));
        assert!(add(&mut recording, &analyser, &picture).expect("a frame"));
        let faces = recording.faces(&analyser);
        let face = faces[1].as_ref().expect("a face");
        assert_eq!(nose(face)[0] > 280.0, right, "{wanted:?}");
    }
}
