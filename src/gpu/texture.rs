//! Textures from pictures, with mip levels so that a large photo shrinks without shimmer.

use super::Gpu;
use image::{GrayImage, RgbaImage};

/// Uploads an sRGB picture as `Rgba8Unorm` with all its mip levels.
///
/// The values stay sRGB-encoded: the stage resamples the photo's own pixels and must return them unchanged where
/// nothing moves, which a decode to linear and back in 8 bits would not.
pub fn upload_rgba(gpu: &Gpu, label: &str, image: &RgbaImage) -> wgpu::TextureView {
    let (width, height) = image.dimensions();
    // Down to one pixel along the shorter side: smaller ones say nothing of a picture.
    let levels = width.min(height).max(1).ilog2() + 1;
    let texture = create(gpu, label, (width, height), levels, wgpu::TextureFormat::Rgba8Unorm);
    write(gpu, &texture, 0, image.as_raw(), 4, (width, height));
    gpu.mipmapper.fill(&gpu.device, &gpu.queue, &texture);
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
        usage: match mip_level_count {
            1 => wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            // Levels are drawn.
            _ => {
                wgpu::TextureUsages::TEXTURE_BINDING
                    | wgpu::TextureUsages::COPY_DST
                    | wgpu::TextureUsages::RENDER_ATTACHMENT
            }
        },
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
