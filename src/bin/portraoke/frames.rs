//! A stage without a screen: frames as pictures.

use crate::failure::Failure;
use image::{RgbImage, RgbaImage};
use portraoke::animate::expressions::Pose;
use portraoke::animate::{Controls, Moment, Passes, REFINER_SIDE, Refiner, Square, Stage};
use portraoke::clip::Track;
use portraoke::gpu::{Gpu, read_rgba, render_target};
use portraoke::head::expression::Expression;
use portraoke::portrait::{Analyser, MAX_LONG_SIDE, Portrait};
use std::sync::Arc;

pub(crate) const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// One portrait on a stage that draws into a picture.
pub(crate) struct Screen<'a> {
    gpu: &'a Gpu,
    stage: Stage,
    target: wgpu::Texture,
}

impl<'a> Screen<'a> {
    /// The first face of `portrait`; `long_side`: pixels of the frames' longer side, the photo's own when absent.
    pub(crate) async fn new(
        gpu: &'a Gpu,
        analyser: &Analyser,
        portrait: &Portrait,
        long_side: Option<u32>,
    ) -> Result<Self, Failure> {
        let layers = analyser.layers(portrait, 0).await?;
        let passes = Arc::new(Passes::new(gpu, FORMAT));
        let stage = Stage::new(gpu, &passes, Arc::clone(analyser.head()), portrait, 0, &layers, MAX_LONG_SIDE);
        let (width, height) = frame_size(stage.photo_size(), long_side);
        Ok(Self { gpu, stage, target: render_target(gpu, width, height, FORMAT) })
    }

    /// The frame at `t` seconds of `track`.
    pub(crate) fn frame(&mut self, track: &Track, controls: &Controls, t: f32) -> Result<RgbImage, Failure> {
        self.draw(track, controls, t);
        self.read()
    }

    /// Draws the frame at `t` without reading it back.
    pub(crate) fn draw(&mut self, track: &Track, controls: &Controls, t: f32) {
        let size = (self.target.width(), self.target.height());
        self.stage.draw(self.gpu, &self.target.create_view(&Default::default()), size, track, controls, t);
    }

    /// Waits until everything is drawn.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        let waited = self.gpu.device.poll(wgpu::PollType::wait_indefinitely());
        waited.map(|_| ()).map_err(|error| Failure::Ours(error.to_string()))
    }

    /// The frame of one moment.
    pub(crate) fn frame_of(&mut self, moment: &Moment<'_>) -> Result<RgbImage, Failure> {
        let size = (self.target.width(), self.target.height());
        self.stage.draw_moment(self.gpu, &self.target.create_view(&Default::default()), size, moment);
        self.read()
    }

    /// The portrait making a face.
    pub(crate) fn frame_of_pose(&mut self, pose: &Pose, controls: &Controls) -> Result<RgbImage, Failure> {
        self.frame_of(&self.stage.pose_moment(pose, 1.0, controls, 0.0))
    }

    /// What the refiner sees of a moment: the drawn face and the guide, and the square of the frame they show.
    pub(crate) fn refiner_inputs(&mut self, moment: &Moment<'_>) -> Result<(RgbImage, RgbImage, Square), Failure> {
        let target = || render_target(self.gpu, REFINER_SIDE, REFINER_SIDE, FORMAT);
        let (frame, guide) = (target(), target());
        let views = [&frame, &guide].map(|texture| texture.create_view(&Default::default()));
        let square = self.stage.draw_refiner_inputs(self.gpu, (&views[0], &views[1]), moment);
        Ok((opaque(&read_rgba(self.gpu, &frame)?), opaque(&read_rgba(self.gpu, &guide)?), square))
    }

    /// See [`Stage::set_refiner`].
    pub(crate) fn set_refiner(&mut self, refiner: Option<Arc<Refiner>>) {
        self.stage.set_refiner(refiner);
    }

    /// See [`Stage::set_labelled`].
    pub(crate) fn set_labelled(&mut self, labelled: bool) {
        self.stage.set_labelled(labelled);
    }

    /// Yaw, pitch and roll of the head in the photo, radians.
    pub(crate) fn source_rotation(&self) -> &[f32; 3] {
        self.stage.source_rotation()
    }

    /// What the photo itself wears.
    pub(crate) fn source_expression(&self) -> &Expression {
        self.stage.source_expression()
    }

    fn read(&self) -> Result<RgbImage, Failure> {
        Ok(opaque(&read_rgba(self.gpu, &self.target)?))
    }
}

/// Size of the frames of a photo: even numbers, as video codecs ask for.
fn frame_size((width, height): (u32, u32), long_side: Option<u32>) -> (u32, u32) {
    let long = width.max(height);
    let scale = f64::from(long_side.unwrap_or(long)) / f64::from(long);
    let side = |n: u32| ((f64::from(n) * scale / 2.0).round() as u32 * 2).max(2);
    (side(width), side(height))
}

fn opaque(image: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let p = image.get_pixel(x, y);
        image::Rgb([p[0], p[1], p[2]])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_even_sides() {
        assert_eq!(frame_size((101, 67), None), (102, 68));
        assert_eq!(frame_size((900, 1200), Some(720)), (540, 720));
        assert_eq!(frame_size((1, 1), Some(1)), (2, 2));
    }
}
