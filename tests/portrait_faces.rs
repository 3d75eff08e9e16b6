//! Faces in whole pictures, with the models as committed and the project's own portraits.
//!
//! Where models or portraits are not there yet, a test says so and passes. The last test looks at real photos where the
//! folder of the project's assets is beside it (`PORTRAOKE_PHOTOS` names another place).

use image::{Rgba, RgbaImage, imageops};
use portraoke::portrait::{Analyser, Bounds, Face, Layers, ModelBytes, Portrait, PortraitError, Remark, decode};
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// An analyser whose answers are waited for.
struct Reader(Analyser);

impl Reader {
    fn analyse(&self, file: &[u8]) -> Result<Portrait, PortraitError> {
        pollster::block_on(self.0.analyse(file))
    }

    fn analyse_image(&self, image: RgbaImage) -> Result<Portrait, PortraitError> {
        pollster::block_on(self.0.analyse_image(image))
    }

    fn layers(&self, portrait: &Portrait, face: usize) -> Result<Layers, PortraitError> {
        pollster::block_on(self.0.layers(portrait, face))
    }
}

fn analyser() -> Option<Reader> {
    let read = |name: &str| {
        let path = root().join("models").join(name);
        std::fs::read(&path).map_err(|_| eprintln!("SKIPPED: {} is missing", path.display())).ok()
    };
    let detector = read("face_detector.onnx")?;
    let landmarks = read("face_landmarks.onnx")?;
    let matte = read("person_matte.onnx")?;
    let head = read("head.safetensors")?;
    let models = ModelBytes { detector: &detector, landmarks: &landmarks, matte: Some(&matte), head: &head };
    Some(Reader(pollster::block_on(Analyser::new(models, None)).expect("the committed models belong together")))
}

/// The pictures in `folder`, sorted.
fn pictures(folder: &Path) -> Vec<PathBuf> {
    let is_picture = |path: &PathBuf| {
        path.extension()
            .is_some_and(|e| ["jpg", "jpeg", "png", "webp"].iter().any(|known| e.eq_ignore_ascii_case(known)))
    };
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_picture).collect())
        .unwrap_or_default();
    found.sort();
    if found.is_empty() {
        eprintln!("SKIPPED: no pictures in {}", folder.display());
    }
    found
}

fn portraits() -> Vec<RgbaImage> {
    let read =
        |path: &PathBuf| decode(&std::fs::read(path).expect("a readable file")).expect("an intact picture").image;
    pictures(&root().join("www/portraits")).iter().map(read).collect()
}

fn eye_distance(face: &Face) -> f32 {
    let [a, b] = [face.landmarks[36], face.landmarks[45]];
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[test]
fn bundled_portraits_have_one_well_fitted_face_each() {
    let Some(analyser) = analyser() else { return };
    for image in portraits() {
        let portrait = analyser.analyse_image(image).expect("a face");
        assert_eq!(portrait.faces.len(), 1);
        let face = &portrait.faces[0];
        assert!(face.fit.error < 0.05, "fit off by {} of the inter-ocular distance", face.fit.error);
        assert_eq!((face.landmarks.len(), face.sigma.len()), (68, 70 + face.dense.len()));
        let again = analyser.analyse_image(portrait.image.clone()).expect("a face");
        assert_eq!(again.faces[0].landmarks, face.landmarks, "the same picture gives the same points");

        let layers = analyser.layers(&portrait, 0).expect("layers");
        assert_eq!(layers.person.dimensions(), portrait.image.dimensions());
        let nose = face.landmarks[30];
        assert_eq!(layers.person.get_pixel(nose[0] as u32, nose[1] as u32).0[0], 255, "the nose is the person's");
        let covered = layers.person.pixels().filter(|p| p.0[0] > 127).count() as f32;
        let share = covered / (portrait.image.width() * portrait.image.height()) as f32;
        assert!((0.1..0.95).contains(&share), "the person covers {share} of the picture");
        assert!(matches!(analyser.layers(&portrait, 1), Err(PortraitError::NoSuchFace { index: 1, count: 1 })));
    }
}

#[test]
fn mirrored_leaning_and_lying_portraits_are_read_the_same() {
    let Some(analyser) = analyser() else { return };
    for image in portraits() {
        let upright = analyser.analyse_image(image.clone()).expect("a face").faces.remove(0);
        let distance = eye_distance(&upright);
        let mirrored = analyser.analyse_image(imageops::flip_horizontal(&image)).expect("a face").faces.remove(0);
        let width = image.width() as f32;
        for (here, there) in [(36, 45), (48, 54), (30, 30), (8, 8)] {
            let [x, y] = mirrored.landmarks[there];
            let off = (upright.landmarks[here][0] - (width - x)).hypot(upright.landmarks[here][1] - y);
            assert!(off < 0.03 * distance, "point {here} moves by {} in the mirror", off / distance);
        }
        let lying = analyser.analyse_image(imageops::rotate90(&image)).expect("a face");
        assert_eq!(lying.image.dimensions(), image.dimensions(), "it is turned upright");
        assert!(lying.notes.iter().any(|note| note.contains("turned upright")));
        let leaning = turned(&image, 20_f32.to_radians());
        let face = analyser.analyse_image(leaning).expect("a face").faces.remove(0);
        assert!((eye_distance(&face) / distance - 1.0).abs() < 0.04);
        assert!((face.fit.rotation[2] - upright.fit.rotation[2] + 20_f32.to_radians()).abs() < 0.1, "roll follows");
    }
}

/// The picture turned clockwise about its middle; its edges continued.
fn turned(image: &RgbaImage, angle: f32) -> RgbaImage {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let (sin, cos) = angle.sin_cos();
    RgbaImage::from_fn(image.width(), image.height(), |x, y| {
        let (dx, dy) = (x as f32 + 0.5 - width / 2.0, y as f32 + 0.5 - height / 2.0);
        let u = (width / 2.0 + cos * dx + sin * dy) / width;
        let v = (height / 2.0 + cos * dy - sin * dx) / height;
        imageops::sample_bilinear(image, u.clamp(0.0, 1.0), v.clamp(0.0, 1.0)).unwrap_or(Rgba([128, 128, 128, 255]))
    })
}

#[test]
fn several_faces_are_all_found_and_the_larger_is_first() {
    let Some(analyser) = analyser() else { return };
    let all = portraits();
    let [first, second, ..] = &all[..] else { return };
    let large = imageops::resize(first, 400, 400 * first.height() / first.width(), imageops::FilterType::Triangle);
    let small = imageops::resize(second, 240, 240 * second.height() / second.width(), imageops::FilterType::Triangle);
    let mut group = RgbaImage::from_pixel(640, large.height().max(small.height()), Rgba([120, 125, 130, 255]));
    imageops::replace(&mut group, &large, 0, 0);
    imageops::replace(&mut group, &small, 400, 0);
    let portrait = analyser.analyse_image(group).expect("faces");
    assert_eq!(portrait.faces.len(), 2);
    assert!(portrait.faces[0].bounds.center()[0] < 400.0);
    assert!(portrait.remarks(0)[0].to_string().contains("2 faces"));
}

#[test]
fn small_faces_of_a_group_are_found() {
    let Some(analyser) = analyser() else { return };
    // Heights of the faces' boxes, pixels; the largest is large enough to sing.
    let heights = [22.0, 26.0, 32.0, 40.0];
    let mut group = RgbaImage::from_pixel(520, 300, Rgba([96, 104, 110, 255]));
    let mut places = Vec::new();
    for (k, image) in portraits().iter().enumerate() {
        let bounds = analyser.analyse_image(image.clone()).expect("a face").faces[0].bounds;
        for (row, &height) in heights.iter().enumerate().skip(k % 2).step_by(2) {
            let factor = height / bounds.height;
            let [width, tall] = [image.width(), image.height()].map(|side| (side as f32 * factor).round() as u32);
            let small = imageops::resize(image, width, tall, imageops::FilterType::Triangle);
            let (x, y) = (20 + 125 * k as i64, 15 + 68 * row as i64);
            imageops::replace(&mut group, &small, x, y);
            let [cx, cy] = bounds.center();
            places.push([x as f32 + cx * factor, y as f32 + cy * factor, height]);
        }
    }
    let faces = analyser.analyse_image(group).expect("faces").faces;
    for [x, y, height] in &places {
        let near = |face: &&Face| {
            let [cx, cy] = face.bounds.center();
            (cx - x).hypot(cy - y) < 0.4 * height
        };
        assert!(faces.iter().any(|face| near(&face)), "no face of {height} px found at {x}, {y}");
    }
    assert_eq!(faces.len(), places.len(), "and nothing else");
}

#[test]
fn grey_dark_and_cut_portraits_are_still_read() {
    let Some(analyser) = analyser() else { return };
    for image in portraits() {
        let face = analyser.analyse_image(image.clone()).expect("a face").faces.remove(0);
        let distance = eye_distance(&face);
        let near = |other: &Face, shift: f32, tolerance: f32| {
            (17..68).all(|i| {
                let (a, b) = (face.landmarks[i], other.landmarks[i]);
                (a[0] - shift - b[0]).hypot(a[1] - b[1]) < tolerance * distance
            })
        };
        let mut grey = image.clone();
        grey.pixels_mut().for_each(|p| {
            p.0 = {
                let g = (0.3 * f32::from(p.0[0]) + 0.59 * f32::from(p.0[1]) + 0.11 * f32::from(p.0[2])) as u8;
                [g, g, g, 255]
            }
        });
        let read = analyser.analyse_image(grey).expect("a face without colour").faces.remove(0);
        assert!(near(&read, 0.0, 0.08), "without colour the points move");
        let mut dark = image.clone();
        dark.pixels_mut().for_each(|p| p.0 = [p.0[0] / 4, p.0[1] / 4, p.0[2] / 4, 255]);
        let read = analyser.analyse_image(dark).expect("a dark face").faces.remove(0);
        assert!(near(&read, 0.0, 0.12), "in the dark the points move");
        // The border cuts the cheek off.
        let x = (face.bounds.x + 0.12 * face.bounds.width) as u32;
        let cut = imageops::crop_imm(&image, x, 0, image.width() - x, image.height()).to_image();
        let portrait = analyser.analyse_image(cut).expect("a face at the border");
        assert!(near(&portrait.faces[0], x as f32, 0.15), "at the border the points move");
    }
}

#[test]
fn pictures_without_a_face_say_so() {
    let Some(analyser) = analyser() else { return };
    let plain = RgbaImage::from_pixel(300, 200, Rgba([90, 120, 60, 255]));
    let stripes = RgbaImage::from_fn(200, 300, |x, y| Rgba([(x * 9) as u8, (y * 7) as u8, (x * y) as u8, 255]));
    let noise = RgbaImage::from_fn(256, 256, |x, y| {
        let n = (x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0xc2b2_ae35);
        Rgba([(n >> 8) as u8, (n >> 16) as u8, (n >> 24) as u8, 255])
    });
    let sliver = RgbaImage::from_pixel(4000, 40, Rgba([200, 180, 170, 255]));
    for image in [plain, stripes, noise, sliver, RgbaImage::from_pixel(1, 1, Rgba([1, 2, 3, 255]))] {
        let (width, height) = image.dimensions();
        let result = analyser.analyse_image(image);
        assert!(matches!(result, Err(PortraitError::NoFace)), "{width} x {height}: {result:?}");
    }
}

#[test]
fn real_portraits_are_found() {
    let Some(analyser) = analyser() else { return };
    let photos =
        std::env::var_os("PORTRAOKE_PHOTOS").map_or_else(|| root().join("../shared/assets/photos"), PathBuf::from);
    // Every eighth picture: all of them take minutes.
    for (group, step, least) in
        [("modern", 8, 1.0), ("congress", 16, 0.95), ("historic", 8, 0.8), ("paintings", 1, 1.0)]
    {
        let files: Vec<PathBuf> = pictures(&photos.join(group)).into_iter().step_by(step).collect();
        let mut missed = Vec::new();
        for path in &files {
            let file = std::fs::read(path).expect("a readable file");
            if analyser.analyse(&file).is_err() {
                missed.push(path.file_name().unwrap_or_default().to_owned());
            }
        }
        let found = files.len() - missed.len();
        assert!(found as f32 >= least * files.len() as f32, "{group}: {found} of {}, missed {missed:?}", files.len());
    }
}

/// What a portrait is told after each thing that may be wrong with it is done to it; faces as they were found before.
#[test]
fn remarks_say_what_is_wrong_and_nothing_else() {
    let Some(analyser) = analyser() else { return };
    for image in portraits() {
        let portrait = analyser.analyse_image(image).expect("a bundled portrait has a face");
        let (image, face) = (&portrait.image, &portrait.faces[0]);
        let unit = eye_distance(face);
        let said = |image: RgbaImage, face: Face| {
            Portrait { image, faces: vec![face], notes: Vec::new() }
                .remarks(0)
                .into_iter()
                .filter(|r| *r != Remark::Teeth)
        };
        assert_eq!(said(image.clone(), face.clone()).collect::<Vec<_>>(), [], "a good portrait");
        let blurred = imageops::blur(image, 0.03 * unit);
        assert_eq!(said(blurred, face.clone()).collect::<Vec<_>>(), [Remark::Blurred]);
        let mut dark = image.clone();
        dark.pixels_mut().for_each(|p| (0..3).for_each(|c| p[c] = (f32::from(p[c]) * 0.3) as u8));
        assert!(said(dark, face.clone()).any(|r| r == Remark::Dark));
        let mut shut = face.clone();
        ["eyeBlinkLeft", "eyeBlinkRight"].iter().for_each(|name| shut.expression.set(name, 0.9));
        assert_eq!(said(image.clone(), shut).collect::<Vec<_>>(), [Remark::EyesClosed]);
        let mut turned = face.clone();
        turned.fit.rotation[0] = -0.8;
        assert_eq!(said(image.clone(), turned).collect::<Vec<_>>(), [Remark::Turned]);
        let Bounds { y, height, .. } = face.bounds;
        let cut = imageops::crop_imm(image, 0, 0, image.width(), (y + 0.9 * height) as u32).to_image();
        assert_eq!(said(cut, face.clone()).collect::<Vec<_>>(), [Remark::Cut]);
        let mut far = RgbaImage::from_pixel(12 * height as u32, image.height(), Rgba([90, 90, 90, 255]));
        imageops::replace(&mut far, image, 0, 0);
        assert!(matches!(said(far, face.clone()).next(), Some(Remark::Far { percent: 7..=9 })));
        let twice = Portrait { faces: vec![face.clone(), face.clone()], ..portrait.clone() };
        assert_eq!(twice.remarks(1).first(), Some(&Remark::Company { faces: 2 }));
        assert!(twice.remarks(9).len() == 1, "a face that there is not");
        let small = imageops::resize(
            image,
            image.width() * 70 / height as u32,
            image.height() * 70 / height as u32,
            imageops::FilterType::Triangle,
        );
        let small = analyser.analyse_image(small).expect("a small face is a face");
        let remarks = small.remarks(0);
        let closer = |remark: &Remark| remark.to_string().starts_with("Works best a little closer");
        assert!(remarks.iter().any(closer), "{remarks:?}");
    }
}
