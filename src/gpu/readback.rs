//! A drawn frame back to the processor: for the command line and tests; the page's frames stay on the GPU.

use super::{Gpu, GpuError};
use image::RgbaImage;

/// Copies an `Rgba8Unorm` texture of one level into a picture.
///
/// # Errors
/// [`GpuError::ReadBack`] when the buffer cannot be mapped, for instance after the device was lost.
pub fn read_rgba(gpu: &Gpu, texture: &wgpu::Texture) -> Result<RgbaImage, GpuError> {
    let failed = |error: &dyn std::fmt::Display| GpuError::ReadBack(error.to_string());
    let (width, height) = (texture.width(), texture.height());
    let stride = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read-back"),
        size: u64::from(stride) * u64::from(height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = gpu.device.create_command_encoder(&Default::default());
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(stride),
                rows_per_image: Some(height),
            },
        },
        texture.size(),
    );
    gpu.queue.submit([encoder.finish()]);
    let (sender, receiver) = std::sync::mpsc::channel();
    buffer.map_async(wgpu::MapMode::Read, .., move |result| {
        // The receiver is gone only when this function has already returned.
        let _ = sender.send(result);
    });
    gpu.device.poll(wgpu::PollType::wait_indefinitely()).map_err(|error| failed(&error))?;
    receiver.recv().map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    let bytes = buffer.get_mapped_range(..).map_err(|error| failed(&error))?;
    let rows = bytes.chunks_exact(stride as usize).flat_map(|row| row[..(width * 4) as usize].iter().copied());
    RgbaImage::from_raw(width, height, rows.collect()).ok_or_else(|| failed(&"the buffer is too small"))
}
