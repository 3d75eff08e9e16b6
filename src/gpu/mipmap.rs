//! Mip levels made where the picture already is: each level drawn from the one above, four pixels averaged to one.

use std::sync::OnceLock;

/// The pipeline, made with the first picture that needs it.
#[derive(Debug, Default)]
pub(super) struct Mipmapper(OnceLock<(wgpu::RenderPipeline, wgpu::Sampler)>);

impl Mipmapper {
    /// Fills all levels of an `Rgba8Unorm` texture but the largest, which is there.
    pub(super) fn fill(&self, device: &wgpu::Device, queue: &wgpu::Queue, texture: &wgpu::Texture) {
        if texture.mip_level_count() == 1 {
            return;
        }
        let (pipeline, sampler) = self.0.get_or_init(|| create(device, texture.format()));
        let view = |level: u32| {
            texture.create_view(&wgpu::TextureViewDescriptor {
                base_mip_level: level,
                mip_level_count: Some(1),
                ..Default::default()
            })
        };
        let mut encoder = device.create_command_encoder(&Default::default());
        for level in 1..texture.mip_level_count() {
            let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("mip level"),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &[
                    wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(&view(level - 1)) },
                    wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(sampler) },
                ],
            });
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("mip level"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &view(level),
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                        store: wgpu::StoreOp::Store,
                    },
                })],
                ..Default::default()
            });
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &bindings, &[]);
            pass.draw(0..3, 0..1);
        }
        queue.submit([encoder.finish()]);
    }
}

fn create(device: &wgpu::Device, format: wgpu::TextureFormat) -> (wgpu::RenderPipeline, wgpu::Sampler) {
    let module = device.create_shader_module(wgpu::include_wgsl!("mipmap.wgsl"));
    let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("mip levels"),
        layout: None,
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: Some("vertex"),
            compilation_options: Default::default(),
            buffers: &[],
        },
        primitive: Default::default(),
        depth_stencil: None,
        multisample: Default::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some("fragment"),
            compilation_options: Default::default(),
            targets: &[Some(format.into())],
        }),
        multiview_mask: None,
        cache: None,
    });
    let linear = wgpu::FilterMode::Linear;
    let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
        mag_filter: linear,
        min_filter: linear,
        ..Default::default()
    });
    (pipeline, sampler)
}
