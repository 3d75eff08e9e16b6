//! The stage on a bundled portrait, drawn without a screen: what must hold whatever the picture looks like, and
//! golden images for what it looks like. `PORTRAOKE_BLESS=1 cargo test --test stage` draws new golden images; look at
//! them before committing.

use image::{Rgba, RgbaImage, imageops};
use portraoke::animate::{Controls, Moment, Refiner, Rig, Stage};
use portraoke::clip::{Motion, Track};
use portraoke::gpu::{Gpu, read_rgba, render_target};
use portraoke::head::HeadModel;
use portraoke::head::expression::Expression;
use portraoke::nn::lower::{Weights, compile};
use portraoke::portrait::{Analyser, ModelBytes, Portrait};
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
}

/// One scene serves all tests: reading the photo takes longer than every frame together.
fn scene() -> &'static Mutex<Scene> {
    static SCENE: OnceLock<Mutex<Scene>> = OnceLock::new();
    SCENE.get_or_init(|| {
        let read = |path: &str| std::fs::read(root().join(path)).expect(path);
        let [detector, landmarks, matte, head] =
            ["face_detector.onnx", "face_landmarks.onnx", "person_matte.onnx", "head.safetensors"]
                .map(|name| read(&format!("models/{name}")));
        let models = ModelBytes { detector: &detector, landmarks: &landmarks, matte: &matte, head: &head };
        let analyser = pollster::block_on(Analyser::new(models, None)).expect("the committed models are readable");
        let photo = read("www/portraits/kenji.jpg");
        let portrait = pollster::block_on(analyser.analyse(&photo)).expect("a bundled portrait has a face");
        let gpu = Gpu::headless().expect("a Vulkan driver: install mesa-vulkan-drivers");
        let layers = pollster::block_on(analyser.layers(&portrait, 0)).expect("layers");
        let stage = Stage::new(&gpu, FORMAT, Arc::clone(analyser.head()), &portrait, 0, &layers);
        Mutex::new(Scene { gpu, stage, portrait, head: Arc::clone(analyser.head()) })
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
