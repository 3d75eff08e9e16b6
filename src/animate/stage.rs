//! The stage: one portrait, ready to be drawn at any moment of a track.

use super::controls::{Controls, Outlook, Teeth};
use super::expressions::{Pose, worn};
use super::eyes::{EyeMeshes, Eyes};
use super::mesh::{Mesh, PictureVertex, ShadedVertex};
use super::mouth::{Mouth, Opening};
use super::passes::{Layer, Passes, Picture, View};
use super::person::{Person, smoothstep};
use super::refiner::Refiner;
use super::refiner_view::{RefinerView, SIDE, Square};
use super::retarget::retarget_expression;
use super::rig::{Posed, Rig};
use super::shading::Tone;
use super::surface::Surface;
use crate::clip::{Motion, Track};
use crate::gpu::{Gpu, upload_mask, upload_rgba};
use crate::head::HeadModel;
use crate::head::expression::Expression;
use crate::marks::label;
use crate::portrait::{Layers, MAX_LONG_SIDE, Portrait};
use glam::Vec2;
use image::{GrayImage, RgbaImage, imageops};
use std::borrow::Cow;
use std::sync::Arc;

/// Width and height of what the refiner looks at.
const VIEW_SIZE: (u32, u32) = (SIDE, SIDE);

/// Seconds that hair lags behind the head, and that a breath takes while nothing is known of the lungs.
const HAIR_LAG: f32 = 0.07;
const BREATH: f32 = 4.0;

/// How far the refiner may change a mouth that shows the photo's own teeth, which are better than its idea of teeth, or is
/// to show none.
const OWN_TEETH_REFINED: f32 = 0.3;

/// A moment no further from the photo than the first, in inter-ocular distances, has none of the refiner's say; one
/// as far as the second has all of it.
const STIRRED: [f32; 2] = [0.005, 0.03];

/// Seconds over which the photo's own expression gives way to the song, and comes back at its end.
const EASE: f32 = 0.4;

/// What the stage shows at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moment<'a> {
    /// The head's turn, shift and gaze; its expression is not looked at.
    pub motion: Motion,
    /// The expression on the face, [retargeted](super::retarget).
    pub expression: Expression,
    /// The head's motion a little earlier, which hair still follows; `None`: hair goes with the head.
    pub trailing: Option<Motion>,
    /// How deep the chest has breathed in, 0..1.
    pub breath: f32,
    /// What a driver's points do beyond the head model, one step a fitted point
    /// ([`Residual`](super::residual::Residual)); empty for none.
    pub residual: &'a [Vec2],
    /// What is seen between the lips.
    pub teeth: Teeth,
}

/// How deep a calm chest has breathed in at `t` seconds, 0..1.
fn breath(t: f32) -> f32 {
    0.5 - 0.5 * (std::f32::consts::TAU * t / BREATH).cos()
}

/// One portrait with its layers on the GPU.
#[derive(Debug)]
pub struct Stage {
    model: Arc<HeadModel>,
    rig: Rig,
    person: Person,
    eyes: Eyes,
    mouth: Mouth,
    surface: Surface,
    refiner_view: RefinerView,
    /// The photo's size, pixels: the space all meshes are in.
    size: Vec2,
    passes: Arc<Passes>,
    pictures: Pictures,
    /// 0 for a black-and-white photo, 1 for full colour.
    saturation: f32,
    labelled: bool,
    refiner: Option<Arc<Refiner>>,
}

/// What the layers show.
#[derive(Debug)]
struct Pictures {
    /// The whole photo's place, and the label's.
    whole: Mesh<PictureVertex>,
    /// The same, limited by the mask.
    masked: Mesh<PictureVertex>,
    label_quad: Mesh<PictureVertex>,
    background: Picture,
    /// The photo with the person's matte and the clean background; and the photo alone.
    whole_person: Picture,
    photo: Picture,
    eye_parts: Picture,
    own_teeth: Picture,
    /// The photo, with the matte of what is before the face.
    held_out: Option<Picture>,
    label: Picture,
}

impl Stage {
    /// Binds face number `face` of `portrait` to the stage, which draws with `passes`. On the graphics card the photo has at
    /// most `longest` pixels on its long side: memory is four bytes a pixel and more, for photo and background.
    ///
    /// # Panics
    /// Never for a `face` below `portrait.faces.len()`.
    pub fn new(
        gpu: &Gpu,
        passes: &Arc<Passes>,
        model: Arc<HeadModel>,
        portrait: &Portrait,
        face: usize,
        layers: &Layers,
        longest: u32,
    ) -> Self {
        let image = &portrait.image;
        let rig = Rig::new(&model, &portrait.faces[face], image);
        let size = Vec2::new(image.width() as f32, image.height() as f32);
        let face = &portrait.faces[face];
        let skin = (1..16).chain(27..36).filter_map(|i| rig.source().get(model.landmarks68()[i] as usize));
        let tone = Tone::of_skin(image, skin.map(|p| p.truncate()));
        let (mouth, teeth_mask) = Mouth::new(&model, &rig, image, tone);
        let (eyes, eye_parts) = Eyes::new(&model, &rig, face, image, &tone);
        let everywhere = GrayImage::from_pixel(1, 1, image::Luma([255]));
        // What is before the face is painted out of all that moves, and put back on top of it, where it was.
        let moving = layers.occluder.as_ref().map_or(image, |occluder| &occluder.beneath);
        let photo = upload_rgba(gpu, "photo", &fitting(moving, longest));
        let picture = |picture: &wgpu::TextureView, mask: &GrayImage| {
            passes.picture(gpu, picture, &upload_mask(gpu, "mask", mask))
        };
        let background = upload_rgba(gpu, "background", &fitting(&layers.background, longest));
        let pictures = Pictures {
            whole: Mesh::quad(Vec2::ZERO, size),
            masked: Mesh::quad(Vec2::ZERO, size).masked(),
            label_quad: label_quad(size),
            background: picture(&background, &everywhere),
            whole_person: passes.person(gpu, &photo, &upload_mask(gpu, "matte", &layers.person), &background),
            eye_parts: picture(&upload_rgba(gpu, "eyes", &eye_parts), &everywhere),
            own_teeth: picture(&photo, &teeth_mask.unwrap_or_else(|| everywhere.clone())),
            photo: picture(&photo, &layers.person),
            held_out: layers
                .occluder
                .as_ref()
                .map(|occluder| picture(&upload_rgba(gpu, "held out", &fitting(image, longest)), &occluder.matte)),
            label: picture(&upload_rgba(gpu, "label", label::image()), &everywhere),
        };
        Self {
            person: Person::new(&model, &rig, size),
            surface: Surface::new(&model, &rig, image),
            refiner_view: RefinerView::new(&model, &rig),
            eyes,
            saturation: tone.saturation,
            labelled: true,
            refiner: None,
            model,
            rig,
            mouth,
            size,
            pictures,
            passes: Arc::clone(passes),
        }
    }

    /// Width and height of the photo, pixels.
    pub fn photo_size(&self) -> (u32, u32) {
        (self.size.x as u32, self.size.y as u32)
    }

    /// Draws the moment `t` (seconds) of `track` as `controls` have it into `target`, `width` x `height` pixels.
    pub fn draw(
        &self,
        gpu: &Gpu,
        target: &wgpu::TextureView,
        size: (u32, u32),
        track: &Track,
        controls: &Controls,
        t: f32,
    ) {
        self.draw_moment(gpu, target, size, &self.moment(track, controls, t));
    }

    /// What this portrait does at `t` seconds of `track`, as `controls` have it.
    pub fn moment(&self, track: &Track, controls: &Controls, t: f32) -> Moment<'static> {
        let outlook = self.outlook();
        let motion = controls.apply(&track.sample(t), &outlook);
        let rest = 1.0 - smoothstep(0.0, EASE, t) * smoothstep(0.0, EASE, track.duration() - t);
        let expression = retarget_expression(self.rig.source_expression(), &motion.expression, rest);
        let trailing = Some(controls.apply(&track.sample(t - HAIR_LAG), &outlook));
        Moment { motion, expression, trailing, breath: breath(t), residual: &[], teeth: controls.teeth }
    }

    /// What this portrait does, as `controls` have it, when a driver's motion comes from a camera, `t` seconds after it began.
    pub fn live_moment(&self, motion: &Motion, controls: &Controls, t: f32) -> Moment<'static> {
        let motion = controls.apply(motion, &self.outlook());
        let expression = retarget_expression(self.rig.source_expression(), &motion.expression, 0.0);
        Moment { motion, expression, breath: breath(t), teeth: controls.teeth, ..Moment::default() }
    }

    /// What this portrait does when it makes a face, 0 (none) to 1 in `strength`, as `controls` have it; `t`: seconds, for
    /// the breath.
    pub fn pose_moment(&self, pose: &Pose, strength: f32, controls: &Controls, t: f32) -> Moment<'static> {
        let motion = controls.apply(&pose.motion(), &self.outlook());
        let expression = worn(self.rig.source_expression(), &motion.expression, strength);
        let share = if strength.is_nan() { 1.0 } else { strength.clamp(0.0, 1.0) };
        Moment {
            motion: motion.scaled(share),
            expression,
            breath: breath(t),
            teeth: controls.teeth,
            ..Moment::default()
        }
    }

    /// The untouched photo.
    pub fn rest_moment(&self) -> Moment<'static> {
        Moment { expression: *self.rig.source_expression(), ..Moment::default() }
    }

    /// From now on `refiner` paints what geometry cannot know, or nothing does.
    pub fn set_refiner(&mut self, refiner: Option<Arc<Refiner>>) {
        self.refiner = refiner;
    }

    /// Leaves the label out, or puts it back.
    ///
    /// Only for a measurement that compares the frames with a film of the same person doing the same: whoever shows
    /// frames to people keeps the label.
    pub fn set_labelled(&mut self, labelled: bool) {
        self.labelled = labelled;
    }

    /// Yaw, pitch and roll of the head in the photo, radians.
    pub fn source_rotation(&self) -> &[f32; 3] {
        self.rig.source_rotation()
    }

    fn outlook(&self) -> Outlook {
        Outlook { rotation: self.rig.rotation(), angles: *self.rig.source_rotation(), looks: self.eyes.looks() }
    }

    /// What the photo itself wears.
    pub fn source_expression(&self) -> &Expression {
        self.rig.source_expression()
    }

    /// Draws `moment` into `target`, `width` x `height` pixels: the whole photo, with the label.
    pub fn draw_moment(&self, gpu: &Gpu, target: &wgpu::TextureView, (width, height): (u32, u32), moment: &Moment<'_>) {
        let label = self.labelled.then_some(Layer::Picture(&self.pictures.label, &self.pictures.label_quad));
        self.draw_view(gpu, target, (width, height), View::whole(self.size), moment, label.as_slice());
    }

    /// Draws what `view` shows of `moment` into `target`, `width` x `height` pixels, and `over` on top of it, whose
    /// positions are the photo's pixels too. No label is drawn: whoever shows the frame to people adds it.
    pub fn draw_view(
        &self,
        gpu: &Gpu,
        target: &wgpu::TextureView,
        (width, height): (u32, u32),
        view: View,
        moment: &Moment<'_>,
        over: &[Layer<'_>],
    ) {
        let meshes = self.meshes(moment);
        let share = smoothstep(STIRRED[0], STIRRED[1], self.stir(&meshes.posed, moment));
        // Where nothing of its answer would show, the network is not asked.
        let refined = self.refiner.clone().filter(|_| share > 0.0).map(|refiner| {
            let targets = refiner.targets();
            let square = self.draw_face(gpu, (&targets.frame, &targets.guide), &meshes);
            let photo = Layer::Picture(&self.pictures.photo, &self.pictures.whole);
            self.passes.draw(gpu, &targets.source, VIEW_SIZE, self.refiner_view.photo().view(self.size), &[photo]);
            refiner.run(gpu, if self.mouth.keeps_to(moment.teeth) { OWN_TEETH_REFINED } else { 1.0 });
            (self.passes.picture(gpu, &targets.residual, &targets.frame), square.mesh(share, self.saturation))
        });
        let mut layers = self.pictures.layers(&meshes);
        if let Some((residual, place)) = &refined {
            layers.extend([Layer::Added(residual, place), Layer::Subtracted(residual, place)]);
        }
        if let Some(held_out) = &self.pictures.held_out {
            layers.push(Layer::Picture(held_out, &self.pictures.masked));
        }
        layers.extend(over);
        self.passes.draw(gpu, target, (width, height), view, &layers);
    }

    /// Draws what the refiner sees of `moment`: the face cut out of the frame without its label, and the guide. Both
    /// targets are [`SIDE`](super::REFINER_SIDE) pixels wide and high. Returns the square they show.
    pub fn draw_refiner_inputs(
        &self,
        gpu: &Gpu,
        (frame, guide): (&wgpu::TextureView, &wgpu::TextureView),
        moment: &Moment<'_>,
    ) -> Square {
        let meshes = self.meshes(moment);
        self.draw_face(gpu, (frame, guide), &meshes)
    }

    fn draw_face(
        &self,
        gpu: &Gpu,
        (frame, guide): (&wgpu::TextureView, &wgpu::TextureView),
        meshes: &Meshes,
    ) -> Square {
        let square = self.refiner_view.square(&meshes.posed.skull);
        let view = square.view(self.size);
        self.passes.draw(gpu, frame, VIEW_SIZE, view, &self.pictures.layers(meshes));
        let Meshes { person, eyes, cavity, surface, .. } = meshes;
        let triangles = self.refiner_view.guide(&square, self.size, person, eyes, cavity, surface);
        self.passes.draw(gpu, guide, VIEW_SIZE, view, &[Layer::Plain(&triangles)]);
        square
    }

    /// How far the moment is from the untouched photo: the largest step of a vertex, inter-ocular distances, or a
    /// fifth of the eyes' turn, radians.
    fn stir(&self, posed: &Posed, moment: &Moment<'_>) -> f32 {
        let steps = posed.vertices.iter().zip(self.rig.source());
        let step = steps.map(|(now, then)| (now.truncate() - then.truncate()).length()).fold(0.0, f32::max);
        let turn = moment.motion.gaze.iter().fold(0.0_f32, |most, angle| most.max(angle.abs()));
        (step / self.rig.scale()).max(0.2 * turn)
    }

    fn meshes(&self, moment: &Moment<'_>) -> Meshes {
        let (model, rig) = (&self.model, &self.rig);
        let motion = &moment.motion;
        let posed = rig.pose(model, moment);
        let opening = Opening::new(model, &posed.vertices, rig.scale());
        Meshes {
            person: self.person.mesh(rig, &posed, moment),
            eyes: self.eyes.meshes(rig, motion, self.size),
            cavity: self.mouth.cavity(&opening),
            inside: self.mouth.inside(&opening, &posed, motion.tongue_up, moment.teeth),
            own_teeth: self.mouth.own_teeth(rig, &opening, motion, self.size, moment.teeth.look),
            surface: self.surface.mesh(rig, &posed),
            posed,
        }
    }
}

impl Pictures {
    /// What moves, and the background, back to front.
    fn layers<'a>(&'a self, meshes: &'a Meshes) -> Vec<Layer<'a>> {
        vec![
            Layer::Picture(&self.background, &self.whole),
            Layer::Person(&self.whole_person, &meshes.person),
            Layer::Picture(&self.eye_parts, &meshes.eyes.whites),
            Layer::Picture(&self.eye_parts, &meshes.eyes.irises),
            Layer::Picture(&self.photo, &meshes.eyes.own),
            Layer::Opening(&meshes.cavity),
            Layer::InOpening(&meshes.inside),
            Layer::PictureInOpening(&self.own_teeth, &meshes.own_teeth),
            Layer::Picture(&self.photo, &meshes.surface),
        ]
    }
}

/// The triangles of one moment.
struct Meshes {
    posed: Posed,
    person: Mesh<PictureVertex>,
    eyes: EyeMeshes,
    cavity: Mesh<ShadedVertex>,
    inside: Mesh<ShadedVertex>,
    own_teeth: Mesh<PictureVertex>,
    surface: Mesh<PictureVertex>,
}

/// A photo of at most `longest` pixels on its long side, and small enough for any GPU if its maker passed the decoder by.
fn fitting(image: &RgbaImage, longest: u32) -> Cow<'_, RgbaImage> {
    let longest = longest.min(MAX_LONG_SIDE);
    let longer = image.width().max(image.height());
    if longer <= longest {
        return Cow::Borrowed(image);
    }
    let side = |n: u32| (u64::from(n) * u64::from(longest) / u64::from(longer)).max(1) as u32;
    Cow::Owned(imageops::resize(image, side(image.width()), side(image.height()), imageops::FilterType::CatmullRom))
}

/// Where the label goes in a photo of `size` pixels.
fn label_quad(size: Vec2) -> Mesh<PictureVertex> {
    let [x, y, width, height] = label::place(size.x, size.y);
    Mesh::quad(Vec2::new(x, y), Vec2::new(x + width, y + height))
}
