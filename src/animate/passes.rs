//! The render pass: pipelines, buffers and the order of layers. The one file of the stage that records commands.

use super::mesh::{Mesh, PictureVertex, ShadedVertex};
use crate::gpu::{Gpu, upload_mask};
use bytemuck::{Pod, Zeroable};
use glam::Vec2;
use image::{GrayImage, Luma};
use std::sync::{Mutex, PoisonError};
use wgpu::util::DeviceExt;

/// Samples a pixel: lips and lids are hard edges.
const SAMPLES: u32 = 4;
/// Sizes of targets that are kept: the frame's, the cells' (a row may have wider ones), and the refiner's.
const KEPT_TARGETS: usize = 4;
const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth24PlusStencil8;

/// A picture and its mask, bound for drawing. A copy is the same picture.
#[derive(Debug, Clone)]
pub struct Picture(wgpu::BindGroup);

/// One thing to draw. Layers are drawn in order.
#[derive(Clone, Copy)]
pub enum Layer<'a> {
    /// The person, over everything before it; see `person.wgsl`.
    Person(&'a Picture, &'a Mesh<PictureVertex>),
    /// What a signed picture adds to everything before it.
    Added(&'a Picture, &'a Mesh<PictureVertex>),
    /// What it takes away.
    Subtracted(&'a Picture, &'a Mesh<PictureVertex>),
    /// Plain colours, over everything before them.
    Plain(&'a Mesh<ShadedVertex>),
    /// A picture, over everything before it.
    Picture(&'a Picture, &'a Mesh<PictureVertex>),
    /// The opening between the lips: marks where the next two kinds may show.
    Opening(&'a Mesh<ShadedVertex>),
    /// Behind the opening, sorted by depth.
    InOpening(&'a Mesh<ShadedVertex>),
    /// A picture behind the opening, over what is there.
    PictureInOpening(&'a Picture, &'a Mesh<PictureVertex>),
}

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Frame {
    scale: [f32; 2],
    offset: [f32; 2],
    photo: [f32; 2],
    reserved: [f32; 2],
}

/// The part of the photo's plane that is drawn, pixels.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// What of the photo is shown in the target's top-left corner.
    pub origin: Vec2,
    /// Its width and height; a negative width shows it as in a mirror, from `origin` to the left.
    pub size: Vec2,
    /// Width and height of the photo.
    pub photo: Vec2,
}

impl View {
    /// All of a photo of `size` pixels.
    pub fn whole(size: Vec2) -> Self {
        Self { origin: Vec2::ZERO, size, photo: size }
    }

    /// A place of a target of `target` pixels, in the photo's pixels.
    pub fn place(&self, at: Vec2, target: Vec2) -> Vec2 {
        self.origin + at / target * self.size
    }
}

/// Targets of one size, kept between frames.
#[derive(Debug)]
struct Targets {
    size: (u32, u32),
    color: wgpu::TextureView,
    depth: wgpu::TextureView,
}

/// Pipelines and what they share: one for all portraits that are drawn in one format.
#[derive(Debug)]
pub struct Passes {
    format: wgpu::TextureFormat,
    frame: wgpu::Buffer,
    frame_group: wgpu::BindGroup,
    picture_layout: wgpu::BindGroupLayout,
    person_layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    /// A mask that limits nothing.
    everywhere: wgpu::TextureView,
    person: wgpu::RenderPipeline,
    picture: wgpu::RenderPipeline,
    picture_in_opening: wgpu::RenderPipeline,
    added: wgpu::RenderPipeline,
    subtracted: wgpu::RenderPipeline,
    plain: wgpu::RenderPipeline,
    opening: wgpu::RenderPipeline,
    in_opening: wgpu::RenderPipeline,
    /// Most recently used last. Drawings take turns.
    targets: Mutex<Vec<Targets>>,
}

impl Passes {
    /// Builds the pipelines for targets of `format`, which is without an sRGB suffix: they write sRGB-encoded values
    /// themselves.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let device = &gpu.device;
        let frame = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("frame"),
            size: size_of::<Frame>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let uniform = wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Uniform,
            has_dynamic_offset: false,
            min_binding_size: None,
        };
        let frame_layout = bind_group_layout(device, "frame", &[(wgpu::ShaderStages::VERTEX, uniform)]);
        let texture = wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: true },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        let sampler = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering);
        let fragment = wgpu::ShaderStages::FRAGMENT;
        let bindings = [texture, texture, sampler, texture].map(|binding| (fragment, binding));
        let picture_layout = bind_group_layout(device, "picture", &bindings[..3]);
        let person_layout = bind_group_layout(device, "person", &bindings);
        let frame_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("frame"),
            layout: &frame_layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: frame.as_entire_binding() }],
        });
        let shader = |label, parts: &[&str]| {
            let source = [&[include_str!("frame.wgsl")], parts].concat().concat();
            let source = wgpu::ShaderSource::Wgsl(source.into());
            device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(label), source })
        };
        // A page that draws on the processor has no time for nine readings a pixel.
        let magnified = if gpu.is_software() && cfg!(target_arch = "wasm32") { "0.0" } else { "1.25" };
        let reading = include_str!("read_sharply.wgsl").replace("${magnified}", magnified);
        let layer = shader("layer", &[&reading, include_str!("layer.wgsl")]);
        let person = shader("person", &[&reading, include_str!("person.wgsl")]);
        let mouth = shader("mouth", &[include_str!("mouth.wgsl")]);
        let refined = shader("refined", &[include_str!("refined.wgsl")]);
        let pictures = [Some(&frame_layout), Some(&picture_layout)];
        let persons = [Some(&frame_layout), Some(&person_layout)];
        let shaded = [Some(&frame_layout)];
        let outside = wgpu::CompareFunction::Always;
        let inside = wgpu::CompareFunction::Equal;
        let over = wgpu::BlendState::ALPHA_BLENDING.color;
        let build = |label, module, layouts: &[Option<&wgpu::BindGroupLayout>], vertex, stencil, marks, depth| {
            pipeline(
                device,
                format,
                &Kind { label, fragment: "fragment_main", module, layouts, vertex, stencil, marks, depth, blend: over },
            )
        };
        let picture_vertex = || buffer_layout::<PictureVertex>(&PictureVertex::ATTRIBUTES);
        let shaded_vertex = || buffer_layout::<ShadedVertex>(&ShadedVertex::ATTRIBUTES);
        let sum = |fragment, operation| {
            let one = wgpu::BlendFactor::One;
            let sum = wgpu::BlendComponent { src_factor: one, dst_factor: one, operation };
            let kind = Kind {
                label: fragment,
                fragment,
                module: &refined,
                layouts: &pictures,
                vertex: picture_vertex(),
                stencil: outside,
                marks: false,
                depth: false,
                blend: sum,
            };
            pipeline(device, format, &kind)
        };
        Self {
            format,
            person: build("person", &person, &persons, picture_vertex(), outside, false, false),
            picture: build("picture", &layer, &pictures, picture_vertex(), outside, false, false),
            picture_in_opening: build("picture in opening", &layer, &pictures, picture_vertex(), inside, false, false),
            added: sum("added", wgpu::BlendOperation::Add),
            subtracted: sum("subtracted", wgpu::BlendOperation::ReverseSubtract),
            plain: build("plain", &mouth, &shaded, shaded_vertex(), outside, false, false),
            opening: build("opening", &mouth, &shaded, shaded_vertex(), outside, true, false),
            in_opening: build("in opening", &mouth, &shaded, shaded_vertex(), inside, false, true),
            frame,
            frame_group,
            picture_layout,
            person_layout,
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("picture"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                mipmap_filter: wgpu::MipmapFilterMode::Linear,
                ..Default::default()
            }),
            everywhere: upload_mask(gpu, "everywhere", &GrayImage::from_pixel(1, 1, Luma([255]))),
            targets: Mutex::default(),
        }
    }

    /// Binds a picture that no mask limits.
    pub fn unmasked(&self, gpu: &Gpu, picture: &wgpu::TextureView) -> Picture {
        self.picture(gpu, picture, &self.everywhere)
    }

    /// The format of the targets.
    pub fn format(&self) -> wgpu::TextureFormat {
        self.format
    }

    /// Binds a picture and the mask that limits it.
    pub fn picture(&self, gpu: &Gpu, picture: &wgpu::TextureView, mask: &wgpu::TextureView) -> Picture {
        Picture(self.bind(gpu, "picture", &self.picture_layout, &[picture, mask]))
    }

    /// Binds a photo, the person's matte and the background without the person.
    pub fn person(
        &self,
        gpu: &Gpu,
        photo: &wgpu::TextureView,
        matte: &wgpu::TextureView,
        background: &wgpu::TextureView,
    ) -> Picture {
        Picture(self.bind(gpu, "person", &self.person_layout, &[photo, matte, background]))
    }

    /// Two textures, the sampler, further textures.
    fn bind(
        &self,
        gpu: &Gpu,
        label: &str,
        layout: &wgpu::BindGroupLayout,
        textures: &[&wgpu::TextureView],
    ) -> wgpu::BindGroup {
        let mut resources: Vec<_> = textures.iter().map(|&view| wgpu::BindingResource::TextureView(view)).collect();
        resources.insert(2, wgpu::BindingResource::Sampler(&self.sampler));
        let entry = |(i, resource)| wgpu::BindGroupEntry { binding: i as u32, resource };
        let entries: Vec<_> = resources.into_iter().enumerate().map(entry).collect();
        gpu.device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some(label), layout, entries: &entries })
    }

    /// Draws what `layers` show in `view` into `target` of `size` pixels, which it fills.
    pub fn draw(&self, gpu: &Gpu, target: &wgpu::TextureView, size: (u32, u32), view: View, layers: &[Layer<'_>]) {
        let scale = Vec2::new(2.0, -2.0) / view.size;
        let offset = Vec2::new(-1.0, 1.0) - view.origin * scale;
        let frame =
            Frame { scale: scale.into(), offset: offset.into(), photo: view.photo.recip().into(), reserved: [0.0; 2] };
        gpu.queue.write_buffer(&self.frame, 0, bytemuck::bytes_of(&frame));
        let mut all = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.iter().position(|targets| targets.size == size);
        let targets = kept.map_or_else(|| Targets::new(gpu, size, self.format), |i| all.remove(i));
        let surplus = all.len().saturating_sub(KEPT_TARGETS - 1);
        all.drain(..surplus);
        all.push(targets);
        let Some(targets) = all.last() else { return };
        let buffers: Vec<Option<Buffers>> = layers.iter().map(|layer| Buffers::of(gpu, layer)).collect();
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("stage") });
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("stage"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &targets.color,
                depth_slice: None,
                resolve_target: Some(target),
                ops: wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::BLACK), store: wgpu::StoreOp::Discard },
            })],
            depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
                view: &targets.depth,
                depth_ops: Some(wgpu::Operations { load: wgpu::LoadOp::Clear(1.0), store: wgpu::StoreOp::Discard }),
                stencil_ops: Some(wgpu::Operations { load: wgpu::LoadOp::Clear(0), store: wgpu::StoreOp::Discard }),
            }),
            ..Default::default()
        });
        pass.set_stencil_reference(1);
        pass.set_bind_group(0, &self.frame_group, &[]);
        for (layer, buffers) in layers.iter().zip(&buffers) {
            let Some(buffers) = buffers else { continue };
            let (pipeline, picture) = match layer {
                Layer::Person(person, _) => (&self.person, Some(person)),
                Layer::Picture(picture, _) => (&self.picture, Some(picture)),
                Layer::Added(picture, _) => (&self.added, Some(picture)),
                Layer::Subtracted(picture, _) => (&self.subtracted, Some(picture)),
                Layer::PictureInOpening(picture, _) => (&self.picture_in_opening, Some(picture)),
                Layer::Plain(_) => (&self.plain, None),
                Layer::Opening(_) => (&self.opening, None),
                Layer::InOpening(_) => (&self.in_opening, None),
            };
            pass.set_pipeline(pipeline);
            if let Some(Picture(group)) = picture {
                pass.set_bind_group(1, group, &[]);
            }
            pass.set_vertex_buffer(0, buffers.vertices.slice(..));
            pass.set_index_buffer(buffers.indices.slice(..), wgpu::IndexFormat::Uint32);
            pass.draw_indexed(0..buffers.count, 0, 0..1);
        }
        drop(pass);
        gpu.queue.submit([encoder.finish()]);
    }
}

struct Buffers {
    vertices: wgpu::Buffer,
    indices: wgpu::Buffer,
    count: u32,
}

impl Buffers {
    /// Uploads a layer's triangles; `None` when it has none.
    fn of(gpu: &Gpu, layer: &Layer<'_>) -> Option<Self> {
        let (vertices, indices): (&[u8], &[u32]) = match layer {
            Layer::Person(_, mesh)
            | Layer::Picture(_, mesh)
            | Layer::Added(_, mesh)
            | Layer::Subtracted(_, mesh)
            | Layer::PictureInOpening(_, mesh) => (bytemuck::cast_slice(&mesh.vertices), &mesh.indices),
            Layer::Plain(mesh) | Layer::Opening(mesh) | Layer::InOpening(mesh) => {
                (bytemuck::cast_slice(&mesh.vertices), &mesh.indices)
            }
        };
        let buffer = |contents, usage| {
            gpu.device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: None, contents, usage })
        };
        (!indices.is_empty()).then(|| Self {
            vertices: buffer(vertices, wgpu::BufferUsages::VERTEX),
            indices: buffer(bytemuck::cast_slice(indices), wgpu::BufferUsages::INDEX),
            count: indices.len() as u32,
        })
    }
}

impl Targets {
    fn new(gpu: &Gpu, size: (u32, u32), format: wgpu::TextureFormat) -> Self {
        let texture = |label, format| {
            let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
                label: Some(label),
                size: wgpu::Extent3d { width: size.0, height: size.1, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: SAMPLES,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
                view_formats: &[],
            });
            texture.create_view(&Default::default())
        };
        Self { size, color: texture("color", format), depth: texture("depth", DEPTH) }
    }
}

struct Kind<'a> {
    label: &'a str,
    /// Name of the fragment shader.
    fragment: &'a str,
    blend: wgpu::BlendComponent,
    module: &'a wgpu::ShaderModule,
    layouts: &'a [Option<&'a wgpu::BindGroupLayout>],
    vertex: wgpu::VertexBufferLayout<'a>,
    stencil: wgpu::CompareFunction,
    /// Whether it marks the stencil.
    marks: bool,
    /// Whether it is sorted by depth.
    depth: bool,
}

fn pipeline(device: &wgpu::Device, format: wgpu::TextureFormat, kind: &Kind<'_>) -> wgpu::RenderPipeline {
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(kind.label),
        bind_group_layouts: kind.layouts,
        ..Default::default()
    });
    let stencil = wgpu::StencilFaceState {
        compare: kind.stencil,
        pass_op: if kind.marks { wgpu::StencilOperation::Replace } else { wgpu::StencilOperation::Keep },
        ..wgpu::StencilFaceState::IGNORE
    };
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(kind.label),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module: kind.module,
            entry_point: Some("vertex_main"),
            compilation_options: Default::default(),
            buffers: &[Some(kind.vertex.clone())],
        },
        primitive: Default::default(),
        depth_stencil: Some(wgpu::DepthStencilState {
            format: DEPTH,
            depth_write_enabled: Some(kind.depth),
            depth_compare: Some(if kind.depth {
                wgpu::CompareFunction::LessEqual
            } else {
                wgpu::CompareFunction::Always
            }),
            stencil: wgpu::StencilState { front: stencil, back: stencil, read_mask: 0xff, write_mask: 0xff },
            bias: Default::default(),
        }),
        multisample: wgpu::MultisampleState { count: SAMPLES, ..Default::default() },
        fragment: Some(wgpu::FragmentState {
            module: kind.module,
            entry_point: Some(kind.fragment),
            compilation_options: Default::default(),
            targets: &[Some(wgpu::ColorTargetState {
                format,
                // The target stays opaque whatever is drawn over it.
                blend: Some(wgpu::BlendState { color: kind.blend, alpha: wgpu::BlendComponent::OVER }),
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}

fn buffer_layout<V>(attributes: &[wgpu::VertexAttribute]) -> wgpu::VertexBufferLayout<'_> {
    wgpu::VertexBufferLayout {
        array_stride: size_of::<V>() as u64,
        step_mode: wgpu::VertexStepMode::Vertex,
        attributes,
    }
}

fn bind_group_layout(
    device: &wgpu::Device,
    label: &str,
    entries: &[(wgpu::ShaderStages, wgpu::BindingType)],
) -> wgpu::BindGroupLayout {
    let entries: Vec<_> = entries
        .iter()
        .enumerate()
        .map(|(i, &(visibility, ty))| wgpu::BindGroupLayoutEntry { binding: i as u32, visibility, ty, count: None })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries: &entries })
}
