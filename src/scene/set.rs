//! One portrait made ready to stand among others.

use super::framing::Subject;
use super::group::Seat;
use crate::animate::{Moment, Passes, Picture, Refiner, Stage, View};
use crate::gpu::{Gpu, upload_rgba};
use crate::head::HeadModel;
use crate::portrait::{Layers, Portrait};
use glam::Vec2;
use image::{RgbaImage, imageops};
use std::sync::{Arc, Mutex, PoisonError};

/// Longer side of a blurred photo, pixels, and the blur's standard deviation in them: small, because it is magnified.
const BLURRED_SIDE: u32 = 48;
const BLUR: f32 = 2.2;

/// One portrait's stage, and what composing it with others needs.
#[derive(Debug)]
pub struct Set {
    stage: Stage,
    pub(super) subject: Subject,
    /// The photo, blurred.
    pub(super) blurred: Picture,
    /// Where it sits, when it is one face of a group photo.
    pub(super) seat: Option<Seat>,
    /// What the stage was drawn into last: kept, because the next frame needs the same size.
    canvas: Mutex<Option<Canvas>>,
}

#[derive(Debug)]
struct Canvas {
    size: (u32, u32),
    target: wgpu::TextureView,
    picture: Picture,
}

impl Set {
    /// Makes face number `face` of `portrait` ready. `passes` are those of the [`Scene`](super::Scene) it stands in;
    /// `longest` as for [`Stage::new`].
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
        let photo = Vec2::new(portrait.image.width() as f32, portrait.image.height() as f32);
        Self {
            subject: Subject::of(&model, &portrait.faces[face], photo),
            blurred: blurred(gpu, passes, &portrait.image),
            stage: Stage::new(gpu, passes, model, portrait, face, layers, longest),
            seat: None,
            canvas: Mutex::default(),
        }
    }

    pub(super) fn seated(mut self, seat: Seat) -> Self {
        self.seat = Some(seat);
        self
    }

    /// The portrait alone: what it does at a moment of a track.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Width and height, pixels, of the photo that [`Scene::places`](super::Scene::places) speaks of: for a face of a
    /// group photo that of all of it.
    pub fn photo_size(&self) -> (u32, u32) {
        self.seat.as_ref().map_or(self.stage.photo_size(), |seat| seat.photo.size())
    }

    /// From now on `refiner` paints what geometry cannot know, or nothing does. One network serves all portraits: it
    /// runs once for each of them in every frame.
    pub fn set_refiner(&mut self, refiner: Option<Arc<Refiner>>) {
        self.stage.set_refiner(refiner);
    }

    /// Draws what `view` shows of `moment` into a picture of `size` pixels, which stands until the next call.
    pub(super) fn drawn(
        &self,
        gpu: &Gpu,
        passes: &Passes,
        size: (u32, u32),
        view: View,
        moment: &Moment<'_>,
    ) -> Picture {
        let mut canvas = self.canvas.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = canvas.take().filter(|canvas| canvas.size == size);
        let canvas = canvas.insert(kept.unwrap_or_else(|| self.canvas(gpu, passes, size)));
        self.stage.draw_view(gpu, &canvas.target, size, view, moment, &[]);
        canvas.picture.clone()
    }

    fn canvas(&self, gpu: &Gpu, passes: &Passes, size: (u32, u32)) -> Canvas {
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("cell"),
            size: wgpu::Extent3d { width: size.0, height: size.1, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: passes.format(),
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        });
        let target = texture.create_view(&Default::default());
        let picture = match &self.seat {
            Some(seat) => passes.picture(gpu, &target, &seat.mask),
            None => passes.unmasked(gpu, &target),
        };
        Canvas { size, target, picture }
    }
}

/// A photo for a backdrop.
pub(super) fn blurred(gpu: &Gpu, passes: &Passes, image: &RgbaImage) -> Picture {
    let longer = image.width().max(image.height()).max(1);
    let side = |n: u32| (n * BLURRED_SIDE.min(longer)).div_ceil(longer).max(1);
    let small = imageops::thumbnail(image, side(image.width()), side(image.height()));
    passes.unmasked(gpu, &upload_rgba(gpu, "backdrop", &imageops::blur(&small, BLUR)))
}
