//! The refiner: a small network that paints what geometry cannot know.
//!
//! It looks at the face cut out of the drawn frame, at the guide ([`refiner_view`](super::refiner_view)) and at the same
//! cut of the photo, and answers with colours and how much of them to take: teeth and tongue in the light of this photo,
//! the skin of closed lids, folds, uncovered rims. What it changes is added to the frame at the frame's own resolution,
//! so pores and hair stay. All of it stays on the graphics card.

use super::refiner_view::SIDE;
use crate::gpu::Gpu;
use crate::nn::NetworkError;
use crate::nn::gpu::Executor;
use crate::nn::plan::Plan;

/// The network's inputs, in its order.
const INPUTS: [&str; 3] = ["frame", "guide", "source"];

/// Cells along either side of a workgroup.
const TILE: u32 = 8;

/// The network on the graphics card, for any number of portraits in turn.
#[derive(Debug)]
pub struct Refiner {
    executor: Executor,
    fill: wgpu::ComputePipeline,
    take: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    uniform: wgpu::Buffer,
    places: Places,
    targets: Targets,
}

/// What the network looks at and what it says, [`SIDE`] pixels wide and high.
#[derive(Debug)]
pub(super) struct Targets {
    pub(super) frame: wgpu::TextureView,
    pub(super) guide: wgpu::TextureView,
    pub(super) source: wgpu::TextureView,
    /// What to add to the frame: signed, linear in sRGB-encoded values.
    pub(super) residual: wgpu::TextureView,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct Places {
    /// Where each tensor begins in the arena.
    inputs: [u32; 3],
    output: u32,
    mouth: f32,
    reserved: [u32; 7],
}

impl Refiner {
    /// Builds the network of a compiled plan, for stages that draw in `format`.
    ///
    /// # Errors
    /// [`NetworkError::Unreadable`] when the bytes are no plan or the device cannot run it; [`NetworkError::Contract`]
    /// when the network has other inputs or outputs than the stage gives and takes.
    pub async fn new(gpu: &Gpu, format: wgpu::TextureFormat, plan: &[u8]) -> Result<Self, NetworkError> {
        let plan = Plan::from_bytes("refiner", plan)?;
        let places = places(&plan)?;
        let executor = Executor::new(gpu, plan).await?;
        let device = &gpu.device;
        let uniform = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("refiner"),
            size: size_of::<Places>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        gpu.queue.write_buffer(&uniform, 0, bytemuck::bytes_of(&places));
        let targets = Targets::new(device, format);
        let layout = layout(device);
        let views = [&targets.frame, &targets.guide, &targets.source, &targets.residual];
        let mut entries = vec![
            wgpu::BindGroupEntry { binding: 0, resource: executor.arena().as_entire_binding() },
            wgpu::BindGroupEntry { binding: 1, resource: uniform.as_entire_binding() },
        ];
        entries.extend((2..).zip(views).map(|(binding, view)| wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::TextureView(view),
        }));
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("refiner"),
            layout: &layout,
            entries: &entries,
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("refiner"),
            bind_group_layouts: &[Some(&layout)],
            ..Default::default()
        });
        let module = device.create_shader_module(wgpu::include_wgsl!("refiner.wgsl"));
        let pipeline = |entry| {
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(entry),
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some(entry),
                compilation_options: Default::default(),
                cache: None,
            })
        };
        Ok(Self { executor, fill: pipeline("fill"), take: pipeline("take"), bindings, uniform, places, targets })
    }

    /// What the network looks at and what it says.
    pub(super) fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Has the network look at the targets as they are; afterwards `residual` holds its answer, and the share `mouth` of
    /// it inside the mouth.
    pub(super) fn run(&self, gpu: &Gpu, mouth: f32) {
        gpu.queue.write_buffer(&self.uniform, 0, bytemuck::bytes_of(&Places { mouth, ..self.places }));
        let groups = SIDE.div_ceil(TILE);
        let own = |pass: &mut wgpu::ComputePass<'_>, pipeline: &wgpu::ComputePipeline| {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &self.bindings, &[]);
            pass.dispatch_workgroups(groups, groups, 1);
        };
        self.executor.run_in_place(|pass| own(pass, &self.fill), |pass| own(pass, &self.take));
    }
}

/// Where the tensors of the network are, if it is the stage's.
fn places(plan: &Plan) -> Result<Places, NetworkError> {
    let contract = |reason: String| NetworkError::Contract { network: plan.name.clone(), reason };
    let side = SIDE as usize;
    let mut inputs = [0; 3];
    for (place, name) in inputs.iter_mut().zip(INPUTS) {
        let port = plan.inputs.iter().find(|port| port.name == name);
        let port = port.ok_or_else(|| contract(format!("it has no input `{name}`")))?;
        if port.shape != [1, 3, side, side] {
            return Err(contract(format!("its input `{name}` is {:?}", port.shape)));
        }
        *place = port.offset;
    }
    match &plan.outputs[..] {
        [port] if port.shape == [1, 4, side, side] => {
            Ok(Places { inputs, output: port.offset, mouth: 1.0, reserved: [0; 7] })
        }
        ports => Err(contract(format!("its outputs are {:?}", ports.iter().map(|p| &p.shape).collect::<Vec<_>>()))),
    }
}

impl Targets {
    fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        use wgpu::TextureUsages as Usage;
        let texture = |label, format, usage| {
            let texture = device.create_texture(&wgpu::TextureDescriptor {
                label: Some(label),
                size: wgpu::Extent3d { width: SIDE, height: SIDE, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: usage | Usage::TEXTURE_BINDING,
                view_formats: &[],
            });
            texture.create_view(&Default::default())
        };
        Self {
            frame: texture("refiner's frame", format, Usage::RENDER_ATTACHMENT),
            guide: texture("refiner's guide", format, Usage::RENDER_ATTACHMENT),
            source: texture("refiner's source", format, Usage::RENDER_ATTACHMENT),
            residual: texture("refiner's residual", wgpu::TextureFormat::Rgba16Float, Usage::STORAGE_BINDING),
        }
    }
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let buffer = |ty| wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None };
    let picture = wgpu::BindingType::Texture {
        sample_type: wgpu::TextureSampleType::Float { filterable: true },
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    };
    let written = wgpu::BindingType::StorageTexture {
        access: wgpu::StorageTextureAccess::WriteOnly,
        format: wgpu::TextureFormat::Rgba16Float,
        view_dimension: wgpu::TextureViewDimension::D2,
    };
    let kinds = [
        buffer(wgpu::BufferBindingType::Storage { read_only: false }),
        buffer(wgpu::BufferBindingType::Uniform),
        picture,
        picture,
        picture,
        written,
    ];
    let entries: Vec<wgpu::BindGroupLayoutEntry> = (0..)
        .zip(kinds)
        .map(|(binding, ty)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty,
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("refiner"), entries: &entries })
}
