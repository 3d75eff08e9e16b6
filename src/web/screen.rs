//! A canvas that frames are drawn on.

use crate::gpu::Gpu;
use std::cell::Cell;
use wasm_bindgen::prelude::*;

/// An `OffscreenCanvas` bound to the GPU.
#[wasm_bindgen]
pub struct Screen {
    surface: wgpu::Surface<'static>,
    device: wgpu::Device,
    queue: wgpu::Queue,
    format: wgpu::TextureFormat,
    size: Cell<(u32, u32)>,
}

#[wasm_bindgen]
impl Screen {
    /// Gives the canvas another size in pixels; what it shows is lost unless the size is the same.
    pub fn resize(&self, width: u32, height: u32) {
        let limit = self.device.limits().max_texture_dimension_2d;
        let size = (width.clamp(1, limit), height.clamp(1, limit));
        if self.size.replace(size) != size {
            self.configure();
        }
    }
}

impl Screen {
    pub(super) fn new(
        instance: &wgpu::Instance,
        gpu: &Gpu,
        format: wgpu::TextureFormat,
        canvas: web_sys::OffscreenCanvas,
    ) -> Result<Self, JsError> {
        let size = Cell::new((canvas.width().max(1), canvas.height().max(1)));
        let surface = instance.create_surface(wgpu::SurfaceTarget::OffscreenCanvas(canvas))?;
        let screen = Self { surface, device: gpu.device.clone(), queue: gpu.queue.clone(), format, size };
        screen.configure();
        Ok(screen)
    }

    fn configure(&self) {
        let (width, height) = self.size.get();
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

    /// Hands the canvas's next picture to `draw`. A frame that the browser cannot take now is skipped.
    pub(super) fn draw(&self, draw: impl FnOnce(&wgpu::TextureView, (u32, u32))) {
        use wgpu::CurrentSurfaceTexture::{Suboptimal, Success};
        if let Success(frame) | Suboptimal(frame) = self.surface.get_current_texture() {
            draw(&frame.texture.create_view(&wgpu::TextureViewDescriptor::default()), self.size.get());
            self.queue.present(frame);
        }
    }
}
