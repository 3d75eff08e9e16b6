//! The stage on a bundled portrait, drawn without a screen: what must hold whatever the picture looks like, and
//! golden images for what it looks like. `PORTRAOKE_BLESS=1 cargo test --test stage` draws new golden images; look at
//! them before committing.

use image::{Rgba, RgbaImage, imageops};
use portraoke::animate::expressions::Pose;
use portraoke::animate::{Controls, Gaze, Moment, Passes, Refiner, Rig, Stage, Teeth, TeethLook};
use portraoke::clip::{Motion, Track};
use portraoke::gpu::{Gpu, read_rgba, render_target};
use portraoke::head::HeadModel;
use portraoke::head::expression::Expression;
use portraoke::nn::lower::{Weights, compile};
use portraoke::portrait::{Analyser, MAX_LONG_SIDE, ModelBytes, Portrait};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Mean absolute difference of a channel (0..255) that drivers may show against a golden image.
const TOLERANCE: f64 = 1.0;

struct Scene {
    gpu: Gpu,
    stage: Stage,
    portrait: Portrait,
    head: Arc<HeadModel>,
    analyser: Analyser,
}

/// One scene serves all tests: reading the photo takes longer than every frame together.
fn scene() -> &'static Mutex<Scene> {
    static SCENE: OnceLock<Mutex<Scene>> = OnceLock::new();
    SCENE.get_or_init(|| {
        let read = |path: &str| std::fs::read(root().join(path)).expect(path);
        let [detector, landmarks, matte, head] =
            ["face_detector.onnx", "face_landmarks.onnx", "person_matte.onnx", "head.safetensors"]
                .map(|name| read(&format!("models/{name}")));
        let models = ModelBytes { detector: &detector, landmarks: &landmarks, matte: Some(&matte), head: &head };
        let analyser = pollster::block_on(Analyser::new(models, None)).expect("the committed models are readable");
        let photo = read("www/portraits/kenji.jpg");
        let portrait = pollster::block_on(analyser.analyse(&photo)).expect("a bundled portrait has a face");
        let gpu = Gpu::headless().expect("a Vulkan driver: install mesa-vulkan-drivers");
        let layers = pollster::block_on(analyser.layers(&portrait, 0)).expect("layers");
        let passes = Arc::new(Passes::new(&gpu, FORMAT));
        let stage = Stage::new(&gpu, &passes, Arc::clone(analyser.head()), &portrait, 0, &layers, MAX_LONG_SIDE);
        Mutex::new(Scene { gpu, stage, portrait, head: Arc::clone(analyser.head()), analyser })
    })
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl Scene {
    const SIZE: (u32, u32) = (360, 480);

    fn draw(&mut self, motion: &Motion, expression: &Expression) -> RgbaImage {
        let target = render_target(&self.gpu, Self::SIZE.0, Self::SIZE.1, FORMAT);
        let moment = Moment { motion: *motion, expression: *expression, ..Moment::default() };
        self.stage.draw_moment(&self.gpu, &target.create_view(&Default::default()), Self::SIZE, &moment);
        read_rgba(&self.gpu, &target).expect("read-back")
    }

    fn sing(&mut self, controls: &Controls, t: f32) -> RgbaImage {
        let target = render_target(&self.gpu, Self::SIZE.0, Self::SIZE.1, FORMAT);
        let view = target.create_view(&Default::default());
        self.stage.draw(&self.gpu, &view, Self::SIZE, &song(), controls, t);
        read_rgba(&self.gpu, &target).expect("read-back")
    }

    fn at_rest(&mut self) -> RgbaImage {
        let expression = *self.stage.source_expression();
        self.draw(&Motion::default(), &expression)
    }

    /// The box of some landmarks in the frame: x, y, width, height.
    fn landmarks_box(&self, range: std::ops::Range<usize>) -> [u32; 4] {
        let scale = Self::SIZE.0 as f32 / self.portrait.image.width() as f32;
        let points = &self.portrait.faces[0].landmarks[range];
        let low = points.iter().fold([f32::MAX; 2], |m, p| [m[0].min(p[0]), m[1].min(p[1])]);
        let high = points.iter().fold([f32::MIN; 2], |m, p| [m[0].max(p[0]), m[1].max(p[1])]);
        [low[0], low[1], high[0] - low[0], high[1] - low[1]].map(|v| (v * scale).max(1.0) as u32)
    }
}

/// Two seconds in which everything moves, most of all in the middle.
fn song() -> Track {
    let peak = |most: f32| vec![0.0, most, most, 0.0];
    let channels = [
        ("jawOpen", 0.7),
        ("mouthUpperUpLeft", 0.7),
        ("mouthUpperUpRight", 0.7),
        ("browInnerUp", 0.8),
        ("browOuterUpLeft", 0.8),
        ("eyeBlinkLeft", 0.8),
        ("yaw", 0.2),
        ("gazeLeftYaw", 0.3),
        ("gazeRightYaw", 0.3),
    ];
    let channels = channels.map(|(name, most)| (name.to_owned(), peak(most)));
    Track { rate: 1.5, channels: channels.into(), words: vec![], beats: vec![], phonemes: vec![] }
}

fn expression(values: &[(&str, f32)]) -> Expression {
    let mut expression = Expression::default();
    values.iter().for_each(|&(name, value)| expression.set(name, value));
    expression
}

/// Mean absolute difference of red, green and blue inside a box, 0..255.
fn difference(a: &RgbaImage, b: &RgbaImage, [x, y, width, height]: [u32; 4]) -> f64 {
    let pixels = (y..(y + height).min(a.height())).flat_map(|y| (x..(x + width).min(a.width())).map(move |x| (x, y)));
    let (mut sum, mut count) = (0.0, 0.0);
    for (x, y) in pixels {
        for channel in 0..3 {
            sum += f64::from(a.get_pixel(x, y)[channel].abs_diff(b.get_pixel(x, y)[channel]));
            count += 1.0;
        }
    }
    sum / count
}

#[test]
fn at_rest_the_frame_is_the_photo() {
    let mut scene = scene().lock().expect("no test panics while drawing");
    let frame = scene.at_rest();
    let photo = imageops::resize(&scene.portrait.image, Scene::SIZE.0, Scene::SIZE.1, imageops::FilterType::Triangle);
    // Above the label. Two resampling filters differ a little; a displaced lip or a halo differs much more.
    let whole = difference(&frame, &photo, [0, 0, Scene::SIZE.0, Scene::SIZE.1 * 85 / 100]);
    assert!(whole < 2.0, "mean difference {whole}");
    let mouth = scene.landmarks_box(48..68);
    assert!(difference(&frame, &photo, mouth) < 4.0, "mouth {}", difference(&frame, &photo, mouth));
}

#[test]
fn the_background_never_moves() {
    let mut scene = scene().lock().expect("no test panics while drawing");
    let rest = scene.at_rest();
    let motion = Motion { rotation: [0.15, 0.08, 0.1], translation: [0.05, 0.03, 0.2], ..Motion::default() };
    let moved = scene.draw(&motion, &expression(&[("jawOpen", 0.8)]));
    let corner = Scene::SIZE.0 / 8;
    for left in [0, Scene::SIZE.0 - corner] {
        let moved = difference(&rest, &moved, [left, 0, corner, corner]);
        assert!(moved < 0.05, "corner at {left}: {moved}");
    }
    let [x, y, width, height] = scene.landmarks_box(0..68);
    assert!(difference(&rest, &moved, [x, y, width, height]) > 5.0, "the head turns");
}

#[test]
fn a_blink_closes_the_eyes_fully() {
    let scene = scene().lock().expect("no test panics while drawing");
    let face = &scene.portrait.faces[0];
    let rig = Rig::new(&scene.head, face, &scene.portrait.image);
    // Eye aspect (Soukupova and Cech 2016) from the lids' own vertices: opening over width.
    let aspect = |shut: f32, upper: &[u32], lower: &[u32]| {
        let mut expression = face.fit.expression;
        expression.set("eyeBlinkLeft", shut);
        expression.set("eyeBlinkRight", shut);
        let posed = rig.pose(&scene.head, &Moment { expression, ..Moment::default() });
        let at = |v: u32| posed.vertices[v as usize].truncate();
        let gap = upper.iter().zip(lower).map(|(&u, &l)| at(u).distance(at(l))).fold(0.0, f32::max);
        gap / at(upper[0]).distance(at(upper[upper.len() - 1]))
    };
    let head = &scene.head;
    for (upper, lower) in
        [(head.lid_left_upper(), head.lid_left_lower()), (head.lid_right_upper(), head.lid_right_lower())]
    {
        let (open, half, shut) = (aspect(0.0, upper, lower), aspect(0.5, upper, lower), aspect(1.0, upper, lower));
        assert!(open > 0.2 && half > 0.08 && shut < 0.08, "{open} {half} {shut}");
        // A tracker sees closed lids as nearly closed.
        assert!(aspect(0.85, upper, lower) < 0.08, "{}", aspect(0.85, upper, lower));
    }
}

#[test]
fn the_refiner_leaves_the_photo_alone_and_paints_in_the_face_only() {
    let mut scene = scene().lock().expect("no test panics while drawing");
    let onnx = std::fs::read(root().join("models/refiner.onnx")).expect("the committed refiner");
    let plan = compile("refiner", &onnx, Weights::Compact).expect("a network that compiles").to_bytes();
    let refiner = Arc::new(pollster::block_on(Refiner::new(&scene.gpu, FORMAT, &plan)).expect("a network that runs"));
    let singing = expression(&[("jawOpen", 0.7), ("eyeBlinkLeft", 0.6), ("eyeBlinkRight", 0.6)]);
    let (rest, plain) = (scene.at_rest(), scene.draw(&Motion::default(), &singing));
    scene.stage.set_refiner(Some(refiner));
    let (rest_refined, refined) = (scene.at_rest(), scene.draw(&Motion::default(), &singing));
    scene.stage.set_refiner(None);
    assert!(rest == rest_refined, "the photo itself is not repainted");
    let mouth = scene.landmarks_box(48..68);
    assert!(difference(&plain, &refined, mouth) > 1.0, "{}", difference(&plain, &refined, mouth));
    let corner = Scene::SIZE.0 / 8;
    assert_eq!(difference(&plain, &refined, [0, 0, corner, corner]), 0.0);
}

#[test]
fn the_mouth_opens_and_the_eyes_close() {
    let mut scene = scene().lock().expect("no test panics while drawing");
    let rest = scene.at_rest();
    let singing = scene.draw(&Motion::default(), &expression(&[("jawOpen", 0.9)]));
    let mouth = scene.landmarks_box(48..68);
    assert!(difference(&rest, &singing, mouth) > 12.0, "{}", difference(&rest, &singing, mouth));
    let blinking = scene.draw(&Motion::default(), &expression(&[("eyeBlinkLeft", 1.0), ("eyeBlinkRight", 1.0)]));
    for eye in [36..42, 42..48] {
        let eye = scene.landmarks_box(eye);
        assert!(difference(&rest, &blinking, eye) > 8.0, "{}", difference(&rest, &blinking, eye));
    }
}

#[test]
fn a_moment_drawn_twice_is_the_same_frame() {
    let mut scene = scene().lock().expect("no test panics while drawing");
    let channels =
        BTreeMap::from([("jawOpen".to_owned(), vec![0.0, 1.0, 0.2]), ("yaw".to_owned(), vec![0.0, 0.1, -0.1])]);
    let track = Track { rate: 2.0, channels, words: vec![], beats: vec![], phonemes: vec![] };
    let mut draw = |t: f32| {
        let target = render_target(&scene.gpu, Scene::SIZE.0, Scene::SIZE.1, FORMAT);
        let Scene { gpu, stage, .. } = &mut *scene;
        stage.draw(gpu, &target.create_view(&Default::default()), Scene::SIZE, &track, &Controls::default(), t);
        read_rgba(gpu, &target).expect("read-back")
    };
    let (first, other, again) = (draw(0.5), draw(0.9), draw(0.5));
    assert!(first == again, "the same moment");
    assert!(first != other, "another moment");
}

#[test]
fn every_frame_is_labelled() {
    let mut scene = scene().lock().expect("no test panics while drawing");
    let frame = scene.at_rest();
    let [x, y, width, height] = portraoke::marks::label::place(Scene::SIZE.0 as f32, Scene::SIZE.1 as f32);
    let white = |p: &Rgba<u8>| p[0] > 200 && p[1] > 200 && p[2] > 200;
    let plate = imageops::crop_imm(&frame, x as u32, y as u32, width as u32, height as u32).to_image();
    let share = plate.pixels().filter(|p| white(p)).count() as f32 / (width * height);
    assert!((0.15..0.6).contains(&share), "white letters cover {share} of the plate");
}

#[test]
fn frames_look_as_they_did() {
    let mut scene = scene().lock().expect("no test panics while drawing");
    let turned = Motion { rotation: [-0.12, 0.05, 0.08], gaze: [0.1, 0.0, 0.1, 0.0], ..Motion::default() };
    let moments = [
        (
            "open",
            Motion::default(),
            expression(&[("jawOpen", 0.7), ("mouthLowerDownLeft", 0.3), ("mouthLowerDownRight", 0.3)]),
        ),
        ("round", turned, expression(&[("jawOpen", 0.3), ("mouthFunnel", 0.6), ("mouthPucker", 0.4)])),
        (
            "blink",
            Motion::default(),
            expression(&[("eyeBlinkLeft", 1.0), ("eyeBlinkRight", 1.0), ("browInnerUp", 0.5)]),
        ),
    ];
    for (name, motion, expression) in moments {
        let frame = scene.draw(&motion, &expression);
        let path = root().join(format!("tests/data/golden/{name}.png"));
        if std::env::var_os("PORTRAOKE_BLESS").is_some() {
            frame.save(&path).expect("golden images can be written");
        }
        compare(&frame, &path);
    }
}

fn compare(frame: &RgbaImage, path: &Path) {
    let golden = image::open(path).expect("a golden image").to_rgba8();
    assert_eq!(golden.dimensions(), frame.dimensions());
    let difference = difference(&golden, frame, [0, 0, frame.width(), frame.height()]);
    if difference > TOLERANCE {
        let _ = frame.save(path.with_extension("new.png"));
    }
    assert!(difference <= TOLERANCE, "{}: mean difference {difference}; compare with .new.png", path.display());
}

#[test]
fn every_control_shows_at_once_where_it_belongs() {
    let mut scene = scene().lock().expect("no test panics while drawing");
    // The head is still, so that regions stay where they are.
    let usual = Controls { head: 0.0, ..Controls::default() };
    let plain = scene.sing(&usual, 1.0);
    let [mouth, brows, right_eye, left_eye] =
        [48..68, 17..27, 36..42, 42..48].map(|points| scene.landmarks_box(points));
    let teeth = |look, brightness| Controls { teeth: Teeth { look, brightness }, ..usual };
    let cases = [
        ("mouth", Controls { mouth: 0.0, ..usual }, mouth, 8.0),
        ("jaw limit", Controls { jaw_limit: 0.3, ..usual }, mouth, 6.0),
        ("brows", Controls { brows: 0.0, ..usual }, brows, 1.5),
        ("eyes", Controls { eyes: 0.0, ..usual }, left_eye, 5.0),
        ("blink", Controls { blink: 0.0, ..usual }, left_eye, 5.0),
        ("gaze", Controls { gaze: Gaze::Fixed { yaw: -0.4, pitch: 0.0 }, ..usual }, right_eye, 3.0),
        ("eye contact", Controls { gaze: Gaze::Camera, ..usual }, right_eye, 3.0),
        ("hidden teeth", teeth(TeethLook::Hidden, 1.0), mouth, 1.0),
        ("darker teeth", teeth(TeethLook::Built, 0.5), mouth, 0.5),
    ];
    for (name, controls, region, least) in cases {
        let frame = scene.sing(&controls, 1.0);
        let there = difference(&plain, &frame, region);
        assert!(there > least, "{name}: {there}");
        let chest = [0, Scene::SIZE.1 * 9 / 10, Scene::SIZE.0, Scene::SIZE.1 / 10];
        assert!(difference(&plain, &frame, chest) < 0.05, "{name} reaches the chest");
        let other = if region == mouth { right_eye } else { mouth };
        assert!(
            difference(&plain, &frame, other) < 1.0,
            "{name} reaches further: {}",
            difference(&plain, &frame, other)
        );
    }
    let turned = scene.sing(&Controls::default(), 1.0);
    assert!(difference(&plain, &turned, scene.landmarks_box(0..68)) > 4.0, "the head's strength");
    // Where the driver is a camera it is the same.
    let motion = song().sample(1.0);
    let mut live = |controls: &Controls| {
        let target = render_target(&scene.gpu, Scene::SIZE.0, Scene::SIZE.1, FORMAT);
        let Scene { gpu, stage, .. } = &mut *scene;
        let moment = stage.live_moment(&motion, controls, 1.0);
        stage.draw_moment(gpu, &target.create_view(&Default::default()), Scene::SIZE, &moment);
        read_rgba(gpu, &target).expect("read-back")
    };
    let (plain, shut) = (live(&usual), live(&Controls { mouth: 0.0, ..usual }));
    assert!(difference(&plain, &shut, mouth) > 8.0, "{}", difference(&plain, &shut, mouth));
}

#[test]
fn a_pose_is_made_and_unmade() {
    let mut scene = scene().lock().expect("no test panics while drawing");
    let rest = scene.at_rest();
    let pose = Pose::find("surprise").expect("offered");
    let mut make = |strength: f32| {
        let target = render_target(&scene.gpu, Scene::SIZE.0, Scene::SIZE.1, FORMAT);
        let Scene { gpu, stage, .. } = &mut *scene;
        let view = target.create_view(&Default::default());
        let moment = stage.pose_moment(pose, strength, &Controls::default(), 0.0);
        stage.draw_moment(gpu, &view, Scene::SIZE, &moment);
        read_rgba(gpu, &target).expect("read-back")
    };
    let (none, half, full) = (make(0.0), make(0.5), make(1.0));
    assert!(none == rest, "no strength is the photo");
    let mouth = scene.landmarks_box(48..68);
    let (half, full) = (difference(&rest, &half, mouth), difference(&rest, &full, mouth));
    assert!(half > 2.0 && full > half + 2.0, "{half} {full}");
}

#[test]
fn a_corrected_mouth_corner_takes_the_lips_along_and_leaves_the_eyes() {
    let scene = scene().lock().expect("no test panics while drawing");
    let face = &scene.portrait.faces[0];
    let places =
        |face: &portraoke::portrait::Face| Rig::new(&scene.head, face, &scene.portrait.image).source().to_vec();
    // The subject's left corner, six pixels outwards and up.
    let step = glam::Vec2::new(4.8, -3.6);
    let from = face.landmarks[54];
    let corrected = scene.analyser.correct(face, &[(54, [from[0] + step.x, from[1] + step.y])]);
    assert_eq!(corrected.moved.len(), 1);
    let went = |i: usize| glam::Vec2::from(corrected.face.landmarks[i]) - glam::Vec2::from(face.landmarks[i]);
    assert!(went(54).distance(step) < 1e-2 && went(48).length() < 1e-2, "{} {}", went(54), went(48));
    assert!(went(53).length() > 1.0, "neighbours follow: {}", went(53));
    let (before, after) = (places(face), places(&corrected.face));
    let moved = |v: u32| (after[v as usize] - before[v as usize]).truncate();
    let corner = scene.head.lip_upper()[scene.head.lip_upper().len() - 1];
    assert!(moved(corner).distance(step) < 2.0, "the rim's corner went {}", moved(corner));
    let lids = [scene.head.lid_left_upper(), scene.head.lid_left_lower(), scene.head.lid_right_upper()];
    for &v in lids.iter().copied().flatten() {
        assert!(moved(v).length() < 0.75, "a lid went {}", moved(v));
    }
    // Without the correction everything is as it was, and nonsense corrects nothing.
    let undone = scene.analyser.correct(face, &[]);
    assert!(undone.face.landmarks == face.landmarks && undone.face.fit == face.fit && undone.moved.is_empty());
    let nonsense = scene.analyser.correct(face, &[(70, [0.0; 2]), (3, [f32::NAN, 1.0]), (usize::MAX, [1.0; 2])]);
    assert!(nonsense.moved.is_empty() && nonsense.face.landmarks == face.landmarks);
    // No point goes further than half the distance of the outer eye corners; the last word counts.
    let far = scene.analyser.correct(face, &[(54, [1.0, 1.0]), (54, [1e9, from[1]]), (68, face.irises[1])]);
    let unit = glam::Vec2::from(face.landmarks[36]).distance(face.landmarks[45].into());
    let went = glam::Vec2::from(far.moved[0].1) - glam::Vec2::from(from);
    assert!((went.length() - 0.5 * unit).abs() < 1.0 && went.x > 0.0, "{went}");
    assert!(far.face.irises[0] != face.irises[0] && far.face.fit.error < 0.1, "{}", far.face.fit.error);
}
