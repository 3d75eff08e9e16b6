//! Textures from pictures, with mip levels so that a large photo shrinks without shimmer.

use super::Gpu;
use image::{GrayImage, RgbaImage, imageops};

/// Uploads an sRGB picture as `Rgba8Unorm` with all its mip levels.
///
/// The values stay sRGB-encoded: the stage resamples the photo's own pixels and must return them unchanged where
/// nothing moves, which a decode to linear and back in 8 bits would not.
pub fn upload_rgba(gpu: &Gpu, label: &str, image: &RgbaImage) -> wgpu::TextureView {
    let mut levels = vec![image.clone()];
    while let Some(last) = levels.last().filter(|last| last.width() > 1 && last.height() > 1) {
        let (width, height) = (last.width() / 2, last.height() / 2);
        let next = imageops::resize(last, width, height, imageops::FilterType::Triangle);
        levels.push(next);
    }
    let texture = create(gpu, label, image.dimensions(), levels.len() as u32, wgpu::TextureFormat::Rgba8Unorm);
    for (level, pixels) in levels.iter().enumerate() {
        write(gpu, &texture, level as u32, pixels.as_raw(), 4, pixels.dimensions());
    }
    texture.create_view(&Default::default())
}

/// Uploads a mask as `R8Unorm`, one level.
pub fn upload_mask(gpu: &Gpu, label: &str, mask: &GrayImage) -> wgpu::TextureView {
    let texture = create(gpu, label, mask.dimensions(), 1, wgpu::TextureFormat::R8Unorm);
    write(gpu, &texture, 0, mask.as_raw(), 1, mask.dimensions());
    texture.create_view(&Default::default())
}

/// A texture to draw a frame into and to read it back from.
pub fn render_target(gpu: &Gpu, width: u32, height: u32, format: wgpu::TextureFormat) -> wgpu::Texture {
    gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some("frame"),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    })
}

fn create(
    gpu: &Gpu,
    label: &str,
    (width, height): (u32, u32),
    mip_level_count: u32,
    format: wgpu::TextureFormat,
) -> wgpu::Texture {
    gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

fn write(
    gpu: &Gpu,
    texture: &wgpu::Texture,
    mip_level: u32,
    bytes: &[u8],
    bytes_per_pixel: u32,
    (width, height): (u32, u32),
) {
    let target = wgpu::TexelCopyTextureInfo {
        texture,
        mip_level,
        origin: wgpu::Origin3d::ZERO,
        aspect: wgpu::TextureAspect::All,
    };
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(width * bytes_per_pixel),
        rows_per_image: Some(height),
    };
    gpu.queue.write_texture(target, bytes, layout, wgpu::Extent3d { width, height, depth_or_array_layers: 1 });
}
