//! Canvases that frames are drawn on.
//!
//! WebGPU draws on any number of canvases. WebGL2 draws on the one it was opened with; other canvases get copies.

use crate::gpu::Gpu;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{OffscreenCanvas, OffscreenCanvasRenderingContext2d};

/// An `OffscreenCanvas` that shows what the studio renders.
#[wasm_bindgen]
pub struct Screen {
    easel: Rc<Easel>,
    /// Where the picture goes from the easel, if it does not stay there.
    copy: Option<(OffscreenCanvas, OffscreenCanvasRenderingContext2d)>,
    size: Cell<(u32, u32)>,
}

#[wasm_bindgen]
impl Screen {
    /// Gives the canvas another size in pixels; what it shows is lost unless the size is the same.
    pub fn resize(&self, width: u32, height: u32) {
        let limit = self.easel.device.limits().max_texture_dimension_2d;
        let size = (width.clamp(1, limit), height.clamp(1, limit));
        if self.size.replace(size) == size {
            return;
        }
        match &self.copy {
            None => self.easel.fit(size),
            Some((canvas, _)) => {
                canvas.set_width(size.0);
                canvas.set_height(size.1);
            }
        }
    }
}

impl Screen {
    /// A canvas that the GPU draws on itself.
    pub(super) fn direct(easel: Easel) -> Self {
        let size = (easel.canvas.width().max(1), easel.canvas.height().max(1));
        easel.fit(size);
        Self { easel: Rc::new(easel), copy: None, size: Cell::new(size) }
    }

    /// A canvas that gets copies of what is drawn on `easel`.
    pub(super) fn copied(easel: Rc<Easel>, canvas: OffscreenCanvas) -> Result<Self, JsError> {
        let context = canvas.get_context("2d").ok().flatten();
        let pen: Option<OffscreenCanvasRenderingContext2d> = context.and_then(|context| context.dyn_into().ok());
        let pen = pen.ok_or_else(|| JsError::new("This canvas already belongs to another context."))?;
        let size = Cell::new((canvas.width().max(1), canvas.height().max(1)));
        Ok(Self { easel, copy: Some((canvas, pen)), size })
    }

    /// Hands the canvas's next picture to `draw`. A frame that the browser cannot take now is skipped.
    pub(super) fn draw(&self, draw: impl FnOnce(&wgpu::TextureView, (u32, u32))) {
        self.easel.fit(self.size.get());
        let drawn = self.easel.draw(draw);
        if let (true, Some((_, pen))) = (drawn, &self.copy) {
            // At once, because a WebGL canvas keeps its picture only until the browser has its turn. It fails for an
            // easel without pixels alone.
            drop(pen.draw_image_with_offscreen_canvas(&self.easel.canvas, 0.0, 0.0));
        }
    }
}

/// A canvas bound to the GPU.
pub(super) struct Easel {
    canvas: OffscreenCanvas,
    surface: wgpu::Surface<'static>,
    device: wgpu::Device,
    queue: wgpu::Queue,
    format: wgpu::TextureFormat,
    size: Cell<(u32, u32)>,
}

impl Easel {
    /// `surface` is that of `canvas`; it takes a size with the first screen.
    pub(super) fn new(
        canvas: OffscreenCanvas,
        surface: wgpu::Surface<'static>,
        gpu: &Gpu,
        format: wgpu::TextureFormat,
    ) -> Self {
        let (device, queue) = (gpu.device.clone(), gpu.queue.clone());
        Self { canvas, surface, device, queue, format, size: Cell::new((0, 0)) }
    }

    fn fit(&self, (width, height): (u32, u32)) {
        if self.size.replace((width, height)) == (width, height) {
            return;
        }
        let configuration = wgpu::SurfaceConfiguration {
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            format: self.format,
            color_space: wgpu::SurfaceColorSpace::Auto,
            width,
            height,
            present_mode: wgpu::PresentMode::Fifo,
            desired_maximum_frame_latency: 2,
            alpha_mode: wgpu::CompositeAlphaMode::Opaque,
            view_formats: Vec::new(),
        };
        self.surface.configure(&self.device, &configuration);
    }

    /// Whether there was a picture to draw.
    fn draw(&self, draw: impl FnOnce(&wgpu::TextureView, (u32, u32))) -> bool {
        use wgpu::CurrentSurfaceTexture::{Suboptimal, Success};
        let (Success(frame) | Suboptimal(frame)) = self.surface.get_current_texture() else { return false };
        draw(&frame.texture.create_view(&wgpu::TextureViewDescriptor::default()), self.size.get());
        self.queue.present(frame);
        true
    }
}
