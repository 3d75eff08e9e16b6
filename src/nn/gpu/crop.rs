//! The network's input cut from a picture on the GPU: nothing is read back and nothing is uploaded but where.

use super::Executor;
use crate::nn::{Border, Patch};

/// Invocations along either side of a workgroup.
const TILE: u32 = 8;

/// The kernel that samples patches.
#[derive(Debug)]
pub(super) struct Cropper {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    parameters: wgpu::Buffer,
}

/// `Parameters` of `crop.wgsl`.
#[repr(C)]
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct Parameters {
    center: [f32; 2],
    size: [f32; 2],
    cosine: f32,
    sine: f32,
    side: f32,
    mirror: f32,
    level: f32,
    taps: u32,
    pixels: u32,
    zero_outside: u32,
    output: u32,
    padding: [u32; 3],
}

impl Cropper {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty,
            count: None,
        };
        let buffer = |ty| wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None };
        let picture = wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: true },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("crop"),
            entries: &[
                entry(0, buffer(wgpu::BufferBindingType::Storage { read_only: false })),
                entry(1, buffer(wgpu::BufferBindingType::Uniform)),
                entry(2, picture),
                entry(3, wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering)),
            ],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("crop"),
            bind_group_layouts: &[Some(&layout)],
            ..Default::default()
        });
        let module = device.create_shader_module(wgpu::include_wgsl!("crop.wgsl"));
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("crop"),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: Default::default(),
            cache: None,
        });
        let linear = wgpu::FilterMode::Linear;
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            mag_filter: linear,
            min_filter: linear,
            ..Default::default()
        });
        let parameters = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("crop"),
            size: size_of::<Parameters>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self { pipeline, layout, sampler, parameters }
    }

    /// Says which patch comes next: the queue keeps the order of writes and submissions.
    pub(super) fn prepare(
        &self,
        executor: &Executor,
        texture: &wgpu::TextureView,
        size: [u32; 2],
        pixels: u32,
        patch: Patch,
        border: Border,
    ) -> wgpu::BindGroup {
        let shrink = patch.side / pixels as f32;
        let levels = texture.texture().mip_level_count();
        let level = (shrink.max(1.0).log2() as u32).min(levels - 1);
        let parameters = Parameters {
            center: patch.center,
            size: size.map(|side| side as f32),
            cosine: patch.angle.cos(),
            sine: patch.angle.sin(),
            side: patch.side,
            mirror: if patch.mirrored { -1.0 } else { 1.0 },
            level: level as f32,
            // The level nearest above leaves a reduction of less than two: 2 x 2 samples a pixel cover it.
            taps: if shrink / (1_u32 << level) as f32 > 1.05 { 2 } else { 1 },
            pixels,
            zero_outside: u32::from(border == Border::Zero),
            output: executor.plan().inputs[0].offset,
            padding: [0; 3],
        };
        executor.queue.write_buffer(&self.parameters, 0, bytemuck::bytes_of(&parameters));
        executor.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("crop"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: executor.arena.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 1, resource: self.parameters.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 2, resource: wgpu::BindingResource::TextureView(texture) },
                wgpu::BindGroupEntry { binding: 3, resource: wgpu::BindingResource::Sampler(&self.sampler) },
            ],
        })
    }

    pub(super) fn record(&self, pass: &mut wgpu::ComputePass<'_>, crop: &wgpu::BindGroup, pixels: u32) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, crop, &[]);
        pass.dispatch_workgroups(pixels.div_ceil(TILE), pixels.div_ceil(TILE), 1);
    }
}
