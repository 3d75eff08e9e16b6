//! Several portraits in one frame, drawn without a screen.
//!
//! Two ignored tests are for people: `cargo test --test scene -- --ignored sheet` draws one to nine portraits in the
//! four formats into `out/scene/`; `-- --ignored --nocapture chorus_times` says what nine cost beside one.

use image::{GenericImageView, Rgba, RgbaImage, imageops};
use portraoke::animate::{Moment, Passes, Refiner};
use portraoke::clip::Motion;
use portraoke::gpu::{Gpu, read_rgba, render_target};
use portraoke::head::expression::Expression;
use portraoke::marks::label;
use portraoke::nn::lower::{Weights, compile};
use portraoke::portrait::{Analyser, Bounds, Face, Layers, MAX_LONG_SIDE, ModelBytes, Portrait, PortraitError};
use portraoke::scene::{Actor, Backdrop, Cell, Fit, Layout, MOST, Place, Scene, Set, Setting, layout};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Everything the tests draw with.
struct Studio {
    gpu: Gpu,
    passes: Arc<Passes>,
    analyser: Analyser,
    portraits: Vec<(Portrait, Layers)>,
    scene: Scene,
    /// Nine, of the four bundled portraits in turn.
    sets: Vec<Set>,
    /// Two portraits side by side in one photo whose size fits no grid, and their sets.
    group: (Portrait, Vec<Set>),
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn studio() -> MutexGuard<'static, Studio> {
    static STUDIO: OnceLock<Mutex<Studio>> = OnceLock::new();
    let studio = STUDIO.get_or_init(|| Mutex::new(pollster::block_on(Studio::new())));
    studio.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Studio {
    async fn new() -> Self {
        let read = |path: &str| std::fs::read(root().join(path)).expect(path);
        let [detector, landmarks, matte, head] =
            ["face_detector.onnx", "face_landmarks.onnx", "person_matte.onnx", "head.safetensors"]
                .map(|name| read(&format!("models/{name}")));
        let models = ModelBytes { detector: &detector, landmarks: &landmarks, matte: Some(&matte), head: &head };
        let analyser = Analyser::new(models, None).await.expect("the committed models are readable");
        let gpu = Gpu::headless().expect("a Vulkan driver: install mesa-vulkan-drivers");
        let passes = Arc::new(Passes::new(&gpu, FORMAT));
        let mut portraits = Vec::new();
        for name in ["amara", "elena", "henrik", "kenji"] {
            let portrait = analyser.analyse(&read(&format!("www/portraits/{name}.jpg"))).await.expect("a face");
            let layers = analyser.layers(&portrait, 0).await.expect("layers");
            portraits.push((portrait, layers));
        }
        let set = |(portrait, layers): &(Portrait, Layers)| {
            Set::new(&gpu, &passes, Arc::clone(analyser.head()), portrait, 0, layers, MAX_LONG_SIDE)
        };
        let sets = portraits.iter().cycle().take(MOST).map(set).collect();
        let photo = side_by_side(&portraits[0].0.image, &portraits[2].0.image);
        let portrait = analyser.analyse_image(photo).await.expect("faces");
        assert_eq!(portrait.faces.len(), 2);
        let faces = Set::group(&gpu, &passes, &analyser, &portrait, &[0, 1]).await.expect("two faces");
        let scene = Scene::new(&gpu, &passes);
        Self { gpu, passes, analyser, portraits, scene, sets, group: (portrait, faces) }
    }

    fn draw(&self, size: (u32, u32), setting: &Setting, actors: &[Actor<'_>]) -> RgbaImage {
        let target = render_target(&self.gpu, size.0, size.1, FORMAT);
        self.scene.draw(&self.gpu, &target.create_view(&Default::default()), size, setting, actors);
        read_rgba(&self.gpu, &target).expect("read-back")
    }
}

/// Two photos next to each other, close enough for shoulders to touch.
fn side_by_side(left: &RgbaImage, right: &RgbaImage) -> RgbaImage {
    let small = |image| imageops::resize(image, 360, 480, imageops::FilterType::Triangle);
    let mut group = RgbaImage::from_pixel(645, 475, Rgba([110, 115, 120, 255]));
    imageops::replace(&mut group, &small(left), -20, 0);
    imageops::replace(&mut group, &small(right), 320, 0);
    group
}

fn at_rest(set: &Set) -> Moment<'static> {
    Moment { expression: *set.stage().source_expression(), ..Moment::default() }
}

fn singing() -> Moment<'static> {
    let mut expression = Expression::default();
    expression.set("jawOpen", 0.8);
    expression.set("eyeBlinkLeft", 0.7);
    let motion = Motion { rotation: [0.12, 0.06, 0.1], translation: [0.1, 0.05, 0.1], ..Motion::default() };
    Moment { motion, expression, breath: 1.0, ..Moment::default() }
}

fn actor(set: &Set) -> Actor<'_> {
    Actor { set, moment: at_rest(set), mirrored: false, lit: 0.5 }
}

fn cast(sets: &[Set]) -> Vec<Actor<'_>> {
    sets.iter().map(actor).collect()
}

fn part(image: &RgbaImage, cell: &Cell) -> RgbaImage {
    let [x, y, width, height] = [cell.x, cell.y, cell.width, cell.height].map(|n| n.round() as u32);
    image.view(x, y, width.min(image.width() - x), height.min(image.height() - y)).to_image()
}

/// Mean and largest difference of a channel, 0..255.
fn difference(a: &RgbaImage, b: &RgbaImage) -> (f64, u8) {
    assert_eq!(a.dimensions(), b.dimensions());
    let pairs = || a.pixels().zip(b.pixels()).flat_map(|(a, b)| (0..3).map(move |c| a[c].abs_diff(b[c])));
    let sum: f64 = pairs().map(f64::from).sum();
    (sum / f64::from(3 * a.width() * a.height()), pairs().max().unwrap_or_default())
}

fn brightness(image: &RgbaImage) -> f64 {
    let sum: f64 = image.pixels().map(|p| f64::from(p[0]) + f64::from(p[1]) + f64::from(p[2])).sum();
    sum / f64::from(3 * image.width() * image.height())
}

fn red() -> Backdrop {
    Backdrop::Colour([200, 10, 30])
}

#[test]
fn one_portrait_in_its_own_shape_is_what_the_stage_draws() {
    let studio = studio();
    let set = &studio.sets[3];
    for size in [(360, 480), (450, 600)] {
        let target = render_target(&studio.gpu, size.0, size.1, FORMAT);
        set.stage().draw_moment(&studio.gpu, &target.create_view(&Default::default()), size, &singing());
        let expected = read_rgba(&studio.gpu, &target).expect("read-back");
        for layout in [Layout::Grid, Layout::Row, Layout::Spotlight, Layout::Group] {
            for fit in [Fit::Fill, Fit::Fit] {
                let setting = Setting { layout, fit, ..Setting::default() };
                let frame = studio.draw(size, &setting, &[Actor { moment: singing(), ..actor(set) }]);
                assert!(frame == expected, "{setting:?} at {size:?}: {:?}", difference(&frame, &expected));
            }
        }
    }
}

#[test]
fn every_layout_is_labelled() {
    let studio = studio();
    for size in [(270, 480), (360, 360), (480, 270)] {
        let [x, y, width, height] = label::place(size.0 as f32, size.1 as f32);
        let plate = Cell { x, y, width, height };
        for layout in [Layout::Grid, Layout::Row, Layout::Spotlight, Layout::Group] {
            for (n, fit) in [(0, Fit::Fill), (1, Fit::Fill), (1, Fit::Fit), (5, Fit::Fill), (9, Fit::Fit)] {
                let frame = studio.draw(size, &Setting { layout, fit, ..Setting::default() }, &cast(&studio.sets[..n]));
                let plate = part(&frame, &plate);
                let white = plate.pixels().filter(|p| p.0[..3].iter().all(|&c| c > 190)).count();
                let share = white as f32 / (plate.width() * plate.height()) as f32;
                assert!((0.1..0.65).contains(&share), "{layout:?}, {n}: letters cover {share} of the plate");
            }
        }
        let group = studio.draw(size, &Setting { layout: Layout::Group, ..Setting::default() }, &cast(&studio.group.1));
        assert!(brightness(&part(&group, &plate)) > 20.0);
    }
}

#[test]
fn a_mirrored_portrait_is_mirrored_and_its_label_is_not() {
    let studio = studio();
    let set = &studio.sets[0];
    for (size, fit) in [((360, 480), Fit::Fill), ((300, 300), Fit::Fill), ((301, 300), Fit::Fit)] {
        let setting = Setting { fit, ..Setting::default() };
        let straight = studio.draw(size, &setting, &[actor(set)]);
        let mirrored = studio.draw(size, &setting, &[Actor { mirrored: true, ..actor(set) }]);
        let above = |image: &RgbaImage| image.view(0, 0, size.0, size.1 * 88 / 100).to_image();
        let (mean, most) = difference(&above(&imageops::flip_horizontal(&straight)), &above(&mirrored));
        assert!(mean < 0.2 && most < 16, "{size:?} {fit:?}: {mean}, {most}");
        let [x, y, width, height] = label::place(size.0 as f32, size.1 as f32);
        let letters = Cell { x, y, width, height };
        let (mean, _) = difference(&part(&straight, &letters), &part(&mirrored, &letters));
        assert!(mean < 30.0, "{mean}: the same letters, over another part of the photo");
    }
}

#[test]
fn nine_stand_apart_and_a_tenth_is_not_drawn() {
    let studio = studio();
    let size = (360, 480);
    let setting = Setting { backdrop: red(), gap: 0.05, ..Setting::default() };
    let actors = cast(&studio.sets);
    let frame = studio.draw(size, &setting, &actors);
    let cells = layout(&setting, 9, size);
    // Between the cells nothing but the backdrop.
    let inside = |x: u32, y: u32| {
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        cells.iter().any(|c| x > c.x && x < c.x + c.width && y > c.y && y < c.y + c.height)
    };
    let [_, label_top, ..] = label::place(size.0 as f32, size.1 as f32);
    let between = frame.enumerate_pixels().filter(|(x, y, _)| !inside(*x, *y) && (*y as f32) < label_top - 1.0);
    let wrong = between.filter(|(_, _, p)| p.0 != [200, 10, 30, 255]).count();
    assert_eq!(wrong, 0, "pixels between the cells");
    // One sings: only its cell changes.
    let mut sung = actors.clone();
    sung[4].moment = singing();
    let moved = studio.draw(size, &setting, &sung);
    for (i, cell) in cells.iter().enumerate() {
        let (mean, most) = difference(&part(&frame, cell), &part(&moved, cell));
        assert!(if i == 4 { mean > 2.0 } else { most == 0 }, "cell {i}: {mean}, {most}");
    }
    let mut ten = actors.clone();
    ten.push(Actor { moment: singing(), ..actor(&studio.group.1[0]) });
    assert!(studio.draw(size, &setting, &ten) == frame, "the tenth is left out");
    assert_eq!(Scene::places(&setting, &ten, size).len(), MOST);
}

#[test]
fn the_spotlight_dims_who_does_not_sing() {
    let studio = studio();
    let size = (480, 270);
    let setting = Setting { layout: Layout::Spotlight, ..Setting::default() };
    let lit = |lit: f32| {
        let mut actors = cast(&studio.sets[..4]);
        actors[1].lit = lit;
        let frame = studio.draw(size, &setting, &actors);
        let cells = layout(&setting, 4, size);
        // The middle of a cell shows nearly the same whatever its size.
        let [own, other] = [1, 3].map(|i| {
            let Cell { x, y, width, height } = cells[i];
            let middle = Cell { x: x + width / 4.0, y: y + height / 4.0, width: width / 2.0, height: height / 2.0 };
            brightness(&part(&frame, &middle))
        });
        (own, other)
    };
    let ((dark, other), (half, _), (bright, still)) = (lit(0.0), lit(0.5), lit(1.0));
    assert!((dark / bright - 0.45).abs() < 0.04, "{dark} of {bright}");
    assert!((half / bright - 0.725).abs() < 0.04, "{half} of {bright}");
    assert_eq!(other, still, "the others stay");
    assert_eq!(lit(f32::NAN).0, dark);
    // Whoever sings is larger.
    let places = |lit: f32| {
        let mut actors = cast(&studio.sets[..4]);
        actors[1].lit = lit;
        Scene::places(&setting, &actors, size)[1].scale[0]
    };
    assert!((places(1.0) / places(0.0) - 1.06).abs() < 1e-3);
}

#[test]
fn overlays_lie_where_they_are_put_and_show_the_part_they_are_told() {
    let mut studio = studio();
    let size = (270, 480);
    // Left half green, right half blue; in the lower half clear.
    let picture = RgbaImage::from_fn(120, 40, |x, y| match (x < 60, y < 20) {
        (_, false) => Rgba([0, 0, 0, 0]),
        (true, _) => Rgba([0, 255, 0, 255]),
        (false, _) => Rgba([0, 0, 255, 255]),
    });
    let Studio { scene, gpu, .. } = &mut *studio;
    for slot in [2, 99] {
        scene.set_overlay(gpu, slot, &picture);
    }
    let arrangements = [(1, Fit::Fill, false), (1, Fit::Fill, true), (1, Fit::Fit, true), (5, Fit::Fill, false)];
    for (n, fit, mirrored) in arrangements {
        let setting = Setting { fit, ..Setting::default() };
        let draw = |studio: &Studio| {
            let mut actors = cast(&studio.sets[..n]);
            actors.iter_mut().for_each(|actor| actor.mirrored = mirrored);
            studio.draw(size, &setting, &actors)
        };
        studio.scene.hide_overlay(2);
        let bare = draw(&studio);
        studio.scene.show_overlay(2, [30.0, 100.0, 120.0, 40.0], 0.0, 0.75);
        let shown = draw(&studio);
        for (x, y, pixel) in shown.enumerate_pixels() {
            let (u, v) = (i64::from(x) - 30, i64::from(y) - 100);
            let expected = match (u, v) {
                (0..60, 0..20) => [0, 255, 0, 255],
                (60..90, 0..20) => [0, 0, 255, 255],
                _ => bare.get_pixel(x, y).0,
            };
            // The rows and columns where two colours meet are read between pixels when the frame is a photo's part.
            let seam =
                (-1..91).contains(&u) && (-1..22).contains(&v) && ((18..22).contains(&v) || (58..62).contains(&u))
                    || [-1, 0, 89, 90].contains(&u)
                    || [-1, 0].contains(&v);
            let off = (0..3).map(|c| pixel[c].abs_diff(expected[c])).max().unwrap_or_default();
            assert!(off <= 1 || seam, "{n} {fit:?} {mirrored}: {pixel:?} at {x}, {y}; not {expected:?}");
        }
        for [from, to] in [[0.5, 0.5], [0.7, 0.2], [f32::NAN, f32::NAN]] {
            studio.scene.show_overlay(2, [30.0, 100.0, 120.0, 40.0], from, to);
            assert!(draw(&studio) == bare, "an empty part hides");
        }
        studio.scene.show_overlay(2, [f32::NAN, 100.0, 120.0, 40.0], 0.0, 1.0);
        studio.scene.show_overlay(77, [0.0, 0.0, 10.0, 10.0], 0.0, 1.0);
        assert!(draw(&studio) == bare);
    }
}

#[test]
fn a_whole_photo_lies_on_its_backdrop() {
    let studio = studio();
    let size = (480, 270);
    let draw = |backdrop| {
        let setting = Setting { fit: Fit::Fit, backdrop, ..Setting::default() };
        studio.draw(size, &setting, &[actor(&studio.sets[1])])
    };
    let (plain, blurred) = (draw(red()), draw(Backdrop::Blur));
    assert_eq!(plain.get_pixel(3, 3).0, [200, 10, 30, 255]);
    assert_eq!(plain.get_pixel(476, 3).0, [200, 10, 30, 255]);
    let photo = |image: &RgbaImage| image.view(139, 0, 202, 200).to_image();
    assert_eq!(difference(&photo(&plain), &photo(&blurred)), (0.0, 0), "the photo does not care");
    // Smooth, and darker than the photo.
    let side = blurred.view(0, 0, 130, 200).to_image();
    let steps =
        side.enumerate_pixels().filter(|(x, ..)| *x > 0).map(|(x, y, p)| p[0].abs_diff(side.get_pixel(x - 1, y)[0]));
    assert!(steps.max().unwrap_or_default() < 12);
    assert!(brightness(&side) < 0.9 * brightness(&photo(&blurred)));
}

#[test]
fn places_say_where_lips_are() {
    let studio = studio();
    for (layout, mirrored) in
        [(Layout::Grid, false), (Layout::Grid, true), (Layout::Group, false), (Layout::Group, true)]
    {
        let setting = Setting { layout, ..Setting::default() };
        let of_group = layout == Layout::Group;
        let sets = if of_group { &studio.group.1 } else { &studio.sets };
        let mut actors = cast(sets);
        actors.iter_mut().for_each(|actor| actor.mirrored = mirrored);
        let size = (480, 480);
        let rest = studio.draw(size, &setting, &actors);
        for i in 0..actors.len().min(3) {
            let face = if of_group { &studio.group.0.faces[i] } else { &studio.portraits[i].0.faces[0] };
            let mut open = actors.clone();
            open[i].moment.expression.set("jawOpen", 0.6);
            let opened = studio.draw(size, &setting, &open);
            let Place { origin, scale, clip } = Scene::places(&setting, &actors, size)[i];
            assert_eq!(scale[0] < 0.0, mirrored);
            let mouth: [f32; 2] = [0, 1].map(|k| face.landmarks[60..68].iter().map(|p| p[k]).sum::<f32>() / 8.0);
            let at = [0, 1].map(|k| origin[k] + scale[k] * mouth[k]);
            // What changes lies around the lips and the chin below them.
            let (mut sum, mut weight) = ([0.0; 2], 0.0);
            for (x, y, pixel) in opened.enumerate_pixels() {
                let changed = f32::from(pixel[0].abs_diff(rest.get_pixel(x, y)[0]));
                weight += changed;
                sum = [sum[0] + changed * x as f32, sum[1] + changed * y as f32];
            }
            let width = face.bounds.width * scale[1];
            let off = [sum[0] / weight - at[0], sum[1] / weight - at[1]];
            assert!(off[0].abs() < 0.12 * width && off[1].abs() < 0.35 * width, "{layout:?} {i}: {off:?} of {width}");
            assert!(clip.width > 0.0 && clip.x + clip.width <= 480.0);
        }
    }
}

/// The largest difference of a channel outside the eyes and lips of `faces`: a stage at rest redraws a few of their
/// pixels by itself, and must change no other.
fn difference_around(a: &RgbaImage, b: &RgbaImage, faces: &[Face], place: &Place) -> u8 {
    let redrawn = |x: u32, y: u32| {
        let photo = [x, y].map(|n| n as f32 + 0.5);
        let [x, y] = [0, 1].map(|k| (photo[k] - place.origin[k]) / place.scale[k]);
        faces.iter().any(|face| {
            let room = 0.1 * face.bounds.width;
            [36..42, 42..48, 48..68].into_iter().filter_map(|range| Bounds::of(&face.landmarks[range])).any(|part| {
                (part.x - room..part.x + part.width + room).contains(&x)
                    && (part.y - room..part.y + part.height + room).contains(&y)
            })
        })
    };
    let pixels = a.enumerate_pixels().filter(|(x, y, _)| !redrawn(*x, *y));
    let off = |(x, y, p): (u32, u32, &Rgba<u8>)| (0..3).map(|c| p[c].abs_diff(b.get_pixel(x, y)[c])).max();
    pixels.filter_map(off).max().unwrap_or_default()
}

#[test]
fn a_group_at_rest_is_its_photo() {
    let studio = studio();
    let (portrait, sets) = &studio.group;
    let (width, height) = portrait.image.dimensions();
    let setting = Setting { layout: Layout::Group, fit: Fit::Fit, ..Setting::default() };
    let own_size = studio.draw((width, height), &setting, &cast(sets));
    let above = |image: &RgbaImage| image.view(0, 0, width, height * 85 / 100).to_image();
    let place = Scene::places(&setting, &cast(sets), (width, height))[0];
    assert_eq!((place.origin, place.scale), ([0.0; 2], [1.0; 2]));
    assert!(difference_around(&above(&own_size), &above(&portrait.image), &portrait.faces, &place) <= 1);
    assert!(difference(&above(&own_size), &above(&portrait.image)).0 < 0.01);
    // In other sizes: where only the other one is drawn, this face is the still photo.
    for (size, mirrored) in [((430, 316), false), ((240, 240), true), ((900, 700), true), ((100, 80), false)] {
        let actors = cast(sets).into_iter().map(|actor| Actor { mirrored, ..actor }).collect::<Vec<_>>();
        let place = Scene::places(&setting, &actors, size)[0];
        let both = studio.draw(size, &setting, &actors);
        for actor in actors {
            let still = studio.draw(size, &setting, &[actor]);
            let most = difference_around(&both, &still, &portrait.faces, &place);
            // Made larger, an edge of the stage's grid that lies between pixels (which are 256ths wide to a card) shows
            // the photo by as much beside its place.
            let bound = if size.0 > width { 2 } else { 1 };
            assert!(most <= bound, "{size:?}: {most}");
            assert!(difference(&both, &still).0 < 0.02);
        }
    }
}

#[test]
fn nobody_in_a_group_drags_a_neighbour_along() {
    let studio = studio();
    let (portrait, sets) = &studio.group;
    for (size, mirrored, fit) in [
        ((646, 476), false, Fit::Fit),
        ((430, 316), false, Fit::Fill),
        ((240, 240), true, Fit::Fit),
        ((900, 700), true, Fit::Fill),
    ] {
        let setting = Setting { layout: Layout::Group, fit, ..Setting::default() };
        let rest: Vec<Actor<'_>> = cast(sets).into_iter().map(|actor| Actor { mirrored, ..actor }).collect();
        let frame = studio.draw(size, &setting, &rest);
        let place = Scene::places(&setting, &rest, size)[0];
        let around = |face: usize| {
            let bounds = portrait.faces[face].bounds;
            let ends = [bounds.x, bounds.x + bounds.width].map(|x| place.origin[0] + place.scale[0] * x);
            Cell {
                x: ends[0].min(ends[1]).max(0.0),
                y: place.origin[1] + place.scale[1] * bounds.y,
                width: (ends[0] - ends[1]).abs(),
                height: place.scale[1] * bounds.height,
            }
        };
        for (singer, neighbour) in [(0, 1), (1, 0)] {
            let mut actors = rest.clone();
            actors[singer].moment = singing();
            let moved = studio.draw(size, &setting, &actors);
            let [(mean, _), (_, most)] =
                [singer, neighbour].map(|face| difference(&part(&frame, &around(face)), &part(&moved, &around(face))));
            assert!(mean > 4.0, "{size:?}: the singer moves by {mean}");
            assert_eq!(most, 0, "{size:?}: the neighbour stays");
        }
    }
}

#[test]
fn faces_of_a_group_stand_in_cells_too() {
    let studio = studio();
    let mut actors = cast(&studio.group.1);
    actors.push(actor(&studio.sets[0]));
    // Not all of one photo: the grid.
    let [group, grid] = [Layout::Group, Layout::Grid]
        .map(|layout| studio.draw((300, 300), &Setting { layout, ..Setting::default() }, &actors));
    assert!(group == grid);
    let missing =
        pollster::block_on(Set::group(&studio.gpu, &studio.passes, &studio.analyser, &studio.group.0, &[0, 7]));
    assert!(matches!(missing, Err(PortraitError::NoSuchFace { index: 7, count: 2 })));
}

#[test]
fn the_smallest_frames_are_drawn() {
    let studio = studio();
    for size in [(2, 2), (1, 1), (2, 64), (64, 2)] {
        for layout in [Layout::Grid, Layout::Row, Layout::Spotlight, Layout::Group] {
            for fit in [Fit::Fill, Fit::Fit] {
                let setting = Setting { layout, fit, ..Setting::default() };
                for n in [1, 2, 9] {
                    studio.draw(size, &setting, &cast(&studio.sets[..n]));
                }
                studio.draw(size, &setting, &cast(&studio.group.1));
            }
        }
    }
}

#[test]
#[ignore = "a sheet for people to look at"]
fn sheet() {
    let studio = studio();
    let folder = root().join("out/scene");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let formats = [("9x16", (270, 480)), ("1x1", (360, 360)), ("4x5", (320, 400)), ("16x9", (480, 270))];
    let kinds = [
        ("grid", Layout::Grid, Fit::Fill),
        ("fit", Layout::Grid, Fit::Fit),
        ("row", Layout::Row, Fit::Fill),
        ("spotlight", Layout::Spotlight, Fit::Fill),
    ];
    for (kind, layout, fit) in kinds {
        let setting = Setting { layout, fit, ..Setting::default() };
        for (format, size) in formats {
            let mut page = RgbaImage::from_pixel(5 * (size.0 + 8), 2 * (size.1 + 8), Rgba([255; 4]));
            for n in 1..=MOST {
                let mut actors = cast(&studio.sets[..n]);
                actors.iter_mut().enumerate().for_each(|(i, actor)| actor.lit = f32::from(u8::from(i == n / 2)));
                let at = |i: usize, side: u32| (i as u32 * (side + 8)) as i64;
                let frame = studio.draw(size, &setting, &actors);
                imageops::replace(&mut page, &frame, at((n - 1) % 5, size.0), at((n - 1) / 5, size.1));
            }
            page.save(folder.join(format!("{kind}-{format}.png"))).expect("a picture can be written");
        }
    }
    for (format, size) in formats {
        for fit in [Fit::Fill, Fit::Fit] {
            let setting = Setting { layout: Layout::Group, fit, ..Setting::default() };
            let mut actors = cast(&studio.group.1);
            let rest = studio.draw(size, &setting, &actors);
            actors[0].moment = singing();
            let mut page = RgbaImage::from_pixel(2 * size.0 + 8, size.1, Rgba([255; 4]));
            imageops::replace(&mut page, &rest, 0, 0);
            imageops::replace(&mut page, &studio.draw(size, &setting, &actors), i64::from(size.0) + 8, 0);
            page.save(folder.join(format!("group-{format}-{fit:?}.png"))).expect("a picture can be written");
        }
    }
}

#[test]
#[ignore = "a measurement"]
fn chorus_times() {
    const FRAMES: usize = 10;
    let mut studio = studio();
    let onnx = std::fs::read(root().join("models/refiner.onnx")).expect("the committed refiner");
    let plan = compile("refiner", &onnx, Weights::Compact).expect("a network that compiles").to_bytes();
    let refiner = Arc::new(pollster::block_on(Refiner::new(&studio.gpu, FORMAT, &plan)).expect("a network that runs"));
    println!("frames drawn by {}", studio.gpu.adapter.name);
    for refined in [false, true] {
        let refiner = refined.then(|| Arc::clone(&refiner));
        studio.sets.iter_mut().for_each(|set| set.set_refiner(refiner.clone()));
        for size in [(1080, 1080), (608, 1080)] {
            let mut first = 0.0;
            for n in [1, 2, 4, 9] {
                let mut actors = cast(&studio.sets[..n]);
                actors.iter_mut().for_each(|actor| actor.moment = singing());
                let target = render_target(&studio.gpu, size.0, size.1, FORMAT);
                let view = target.create_view(&Default::default());
                let finish = || studio.gpu.device.poll(wgpu::PollType::wait_indefinitely()).expect("drawn");
                let draw = || studio.scene.draw(&studio.gpu, &view, size, &Setting::default(), &actors);
                draw();
                finish();
                let start = std::time::Instant::now();
                (0..FRAMES).for_each(|_| draw());
                let recorded = start.elapsed().as_secs_f64() * 1e3 / FRAMES as f64;
                finish();
                let ms = start.elapsed().as_secs_f64() * 1e3 / FRAMES as f64;
                first = if n == 1 { ms } else { first };
                println!(
                    "{size:?}{}, {n}: {ms:.1} ms a frame, {:.2} of one's; {recorded:.1} ms until recorded",
                    if refined { ", refined" } else { "" },
                    ms / first
                );
            }
        }
    }
}
