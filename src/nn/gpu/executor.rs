//! A plan's buffers and pipelines, and its runs.

use super::Precision;
use super::context::Context;
use super::readback::{Mapping, Staging};
use super::shader::Dispatch;
use crate::gpu::Gpu;
use crate::nn::plan::Plan;
use crate::nn::{NetworkError, Output, ops};
use std::collections::HashMap;

/// One operation, ready to be recorded.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) pipeline: wgpu::ComputePipeline,
    /// Where its parameters are in the uniform buffer, bytes.
    pub(super) parameters: u32,
    pub(super) groups: [u32; 3],
}

/// A network on the GPU.
#[derive(Debug)]
pub struct Executor {
    pub(super) plan: Plan,
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) arena: wgpu::Buffer,
    pub(super) bindings: wgpu::BindGroup,
    pub(super) recorded: Vec<Recorded>,
    pipelines: usize,
    staging: Staging,
}

/// An inference under way. Dropping it leaves the GPU to finish in vain.
#[derive(Debug)]
pub struct Running<'a> {
    executor: &'a Executor,
    mapping: Mapping,
}

impl Executor {
    /// Uploads the weights and builds the pipelines. Ready when the device has accepted all of them.
    ///
    /// # Errors
    /// [`NetworkError::Unreadable`] when the network is too large for this device, or its driver refuses a shader.
    pub async fn new(gpu: &Gpu, plan: Plan) -> Result<Self, NetworkError> {
        // Processors that act as graphics cards have no use for half precision; of the others, a driver may promise it
        // and then refuse a shader.
        if gpu.has_f16()
            && !gpu.is_software()
            && let Ok(executor) = Self::with_precision(gpu, plan.clone(), Precision::Half).await
        {
            return Ok(executor);
        }
        Self::with_precision(gpu, plan, Precision::Single).await
    }

    /// As [`Executor::new`], in a precision of the caller's choice.
    ///
    /// # Errors
    /// As [`Executor::new`], and when the device has no half precision.
    pub async fn with_precision(gpu: &Gpu, plan: Plan, precision: Precision) -> Result<Self, NetworkError> {
        let unreadable = |reason: String| NetworkError::Unreadable { network: plan.name.clone(), reason };
        let (device, queue) = (&gpu.device, &gpu.queue);
        if precision == Precision::Half && !gpu.has_f16() {
            return Err(unreadable("this device has no half precision".to_owned()));
        }
        let mut context = Context::new(&plan, gpu.is_software(), precision);
        let dispatches: Vec<Dispatch> = plan.nodes.iter().map(|node| ops::dispatch(node, &mut context)).collect();
        let weights: Vec<u8> = match precision {
            Precision::Single => bytemuck::cast_slice(&context.weights).to_vec(),
            Precision::Half => context.weights.iter().flat_map(|&w| half::f16::from_f32(w).to_le_bytes()).collect(),
        };
        let constants = std::mem::take(&mut context.constants);
        fits(&device.limits(), &plan, weights.len(), constants.len(), &dispatches).map_err(&unreadable)?;

        // What a device refuses it says later: without these, runs would give zeros.
        let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let buffers = Buffers::new(device, queue, &plan, &weights, &constants, &dispatches);
        let (recorded, pipelines) = record(device, &plan, &buffers, dispatches);
        let (validation, memory) = (validation.pop(), memory.pop());
        if let Some(error) = validation.await.or(memory.await) {
            return Err(unreadable(error.to_string().replace('\n', " ").chars().take(300).collect()));
        }
        let results =
            plan.outputs.iter().map(|port| u64::from(port.offset) + port.elements() as u64).max().unwrap_or(0);
        let mut plan = plan;
        // The weights are on the device now.
        plan.constants.iter_mut().for_each(|constant| constant.values = Vec::new());
        Ok(Self {
            staging: Staging::new(4 * results.max(1)),
            device: device.clone(),
            queue: queue.clone(),
            arena: buffers.arena,
            bindings: buffers.bindings,
            recorded,
            pipelines,
            plan,
        })
    }

    /// What it runs.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Kernels started by an inference.
    pub fn dispatches(&self) -> usize {
        self.recorded.len()
    }

    /// Different kernels.
    pub fn pipelines(&self) -> usize {
        self.pipelines
    }

    /// Starts an inference on row-major arrays, one for each input.
    ///
    /// # Errors
    /// [`NetworkError::Contract`] when an array has another length.
    pub fn start(&self, inputs: &[&[f32]]) -> Result<Running<'_>, NetworkError> {
        let contract = |reason: String| NetworkError::Contract { network: self.plan.name.clone(), reason };
        if inputs.len() != self.plan.inputs.len() {
            return Err(contract(format!("{} inputs where {} belong", inputs.len(), self.plan.inputs.len())));
        }
        for (port, values) in self.plan.inputs.iter().zip(inputs) {
            if values.len() != port.elements() {
                return Err(contract(format!(
                    "{} values for `{}` where {} belong",
                    values.len(),
                    port.name,
                    port.elements()
                )));
            }
            self.queue.write_buffer(&self.arena, 4 * u64::from(port.offset), bytemuck::cast_slice(values));
        }
        Ok(self.submit(|_| ()))
    }

    /// All tensors of a run; ports say where theirs begin, in values.
    pub(crate) fn arena(&self) -> &wgpu::Buffer {
        &self.arena
    }

    /// Runs the network on what `fill` writes into the arena, has `take` use the results there, and reads nothing back.
    pub(crate) fn run_in_place(
        &self,
        fill: impl FnOnce(&mut wgpu::ComputePass<'_>),
        take: impl FnOnce(&mut wgpu::ComputePass<'_>),
    ) {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        self.record(&mut encoder, fill, take);
        self.queue.submit([encoder.finish()]);
    }

    fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        fill: impl FnOnce(&mut wgpu::ComputePass<'_>),
        take: impl FnOnce(&mut wgpu::ComputePass<'_>),
    ) {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        fill(&mut pass);
        let mut current: Option<&wgpu::ComputePipeline> = None;
        for one in &self.recorded {
            if current != Some(&one.pipeline) {
                pass.set_pipeline(&one.pipeline);
                current = Some(&one.pipeline);
            }
            pass.set_bind_group(0, &self.bindings, &[one.parameters]);
            let [x, y, z] = one.groups;
            pass.dispatch_workgroups(x, y, z);
        }
        take(&mut pass);
    }

    /// Starts an inference whose input `fill` writes into the arena.
    pub(crate) fn submit(&self, fill: impl FnOnce(&mut wgpu::ComputePass<'_>)) -> Running<'_> {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        self.record(&mut encoder, fill, |_| ());
        let staging = self.staging.take(&self.device);
        encoder.copy_buffer_to_buffer(&self.arena, 0, &staging, 0, staging.size());
        self.queue.submit([encoder.finish()]);
        Running { executor: self, mapping: Mapping::start(&self.device, staging) }
    }
}

impl Running<'_> {
    /// The results, in the order of the plan's outputs.
    ///
    /// # Errors
    /// [`NetworkError::Failed`] when the device was lost or a result is not a number.
    pub async fn outputs(self) -> Result<Vec<Output>, NetworkError> {
        let plan = &self.executor.plan;
        let failed = |reason: String| NetworkError::Failed { network: plan.name.clone(), reason };
        let numbers = self.mapping.numbers(&self.executor.staging).await.map_err(failed)?;
        plan.outputs
            .iter()
            .map(|port| {
                let from = port.offset as usize;
                let values = numbers.get(from..from + port.elements()).unwrap_or_default().to_vec();
                if !values.iter().all(|v| v.is_finite()) {
                    return Err(failed(format!("`{}` holds values that are not numbers", port.name)));
                }
                Ok(Output { name: port.name.clone(), shape: port.shape.clone(), values })
            })
            .collect()
    }
}

/// That the device takes buffers and dispatches of these sizes.
fn fits(
    limits: &wgpu::Limits,
    plan: &Plan,
    weight_bytes: usize,
    constants: usize,
    dispatches: &[Dispatch],
) -> Result<(), String> {
    let largest = (4 * plan.arena as u64).max(weight_bytes as u64).max(4 * constants as u64);
    let allowed = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
    if largest > allowed {
        let (needed, allowed) = (largest.div_ceil(1 << 20), allowed >> 20);
        return Err(format!("it needs {needed} MB at once where this device gives {allowed}"));
    }
    let most = limits.max_compute_workgroups_per_dimension;
    match dispatches.iter().map(|dispatch| dispatch.groups).find(|groups| groups.iter().any(|&n| n > most)) {
        Some(groups) => Err(format!("it needs {groups:?} workgroups where this device gives {most}")),
        None => Ok(()),
    }
}

/// All that a network keeps on the device, bound.
struct Buffers {
    arena: wgpu::Buffer,
    layout: wgpu::BindGroupLayout,
    bindings: wgpu::BindGroup,
    /// Bytes from one operation's parameters to the next one's.
    slot: u32,
}

impl Buffers {
    fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        plan: &Plan,
        weights: &[u8],
        constants: &[f32],
        dispatches: &[Dispatch],
    ) -> Self {
        use wgpu::BufferUsages as Usage;
        let buffer = |label, size: u64, usage| {
            let size = size.max(16);
            device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
        };
        let uploaded = |label, bytes: &[u8], usage| {
            let buffer = buffer(label, bytes.len() as u64, usage | Usage::COPY_DST);
            queue.write_buffer(&buffer, 0, bytes);
            buffer
        };
        let arena = buffer("arena", 4 * u64::from(plan.arena), Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC);
        let weights = uploaded("weights", weights, Usage::STORAGE);
        let constants = uploaded("constants", bytemuck::cast_slice(constants), Usage::STORAGE);
        // One uniform holds the parameters of all operations, each in a slot of the same size.
        let longest = dispatches.iter().map(|d| d.parameters.len()).max().unwrap_or(1).max(1);
        let slot = (4 * longest as u32).next_multiple_of(device.limits().min_uniform_buffer_offset_alignment.max(16));
        let mut words = vec![0_u32; (slot / 4) as usize * dispatches.len().max(1)];
        for (place, dispatch) in words.chunks_exact_mut((slot / 4) as usize).zip(dispatches) {
            place[..dispatch.parameters.len()].copy_from_slice(&dispatch.parameters);
        }
        let parameters = uploaded("parameters", bytemuck::cast_slice(&words), Usage::UNIFORM);
        let own =
            wgpu::BufferBinding { buffer: &parameters, offset: 0, size: std::num::NonZeroU64::new(u64::from(slot)) };
        let resources = [
            arena.as_entire_binding(),
            weights.as_entire_binding(),
            constants.as_entire_binding(),
            wgpu::BindingResource::Buffer(own),
        ];
        let entries: Vec<wgpu::BindGroupEntry<'_>> =
            (0..).zip(resources).map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource }).collect();
        let layout = bind_group_layout(device, slot);
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("network"),
            layout: &layout,
            entries: &entries,
        });
        Self { arena, layout, bindings, slot }
    }
}

/// Every operation with its pipeline, and how many different ones there are.
fn record(device: &wgpu::Device, plan: &Plan, buffers: &Buffers, dispatches: Vec<Dispatch>) -> (Vec<Recorded>, usize) {
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("network"),
        bind_group_layouts: &[Some(&buffers.layout)],
        ..Default::default()
    });
    let mut pipelines: HashMap<String, wgpu::ComputePipeline> = HashMap::new();
    let mut recorded = Vec::with_capacity(dispatches.len());
    for ((i, dispatch), node) in (0..).zip(dispatches).zip(&plan.nodes) {
        let pipeline = pipelines
            .entry(dispatch.shader)
            .or_insert_with_key(|shader| pipeline(device, &layout, &node.name, shader))
            .clone();
        recorded.push(Recorded { pipeline, parameters: i * buffers.slot, groups: dispatch.groups });
    }
    (recorded, pipelines.len())
}

fn bind_group_layout(device: &wgpu::Device, slot: u32) -> wgpu::BindGroupLayout {
    let storage = |read_only| wgpu::BufferBindingType::Storage { read_only };
    let kinds = [storage(false), storage(true), storage(true), wgpu::BufferBindingType::Uniform];
    let entries: Vec<wgpu::BindGroupLayoutEntry> = (0..)
        .zip(kinds)
        .map(|(binding, ty)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty,
                has_dynamic_offset: ty == wgpu::BufferBindingType::Uniform,
                min_binding_size: (ty == wgpu::BufferBindingType::Uniform)
                    .then(|| std::num::NonZeroU64::new(u64::from(slot)))
                    .flatten(),
            },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("network"), entries: &entries })
}

fn pipeline(device: &wgpu::Device, layout: &wgpu::PipelineLayout, name: &str, shader: &str) -> wgpu::ComputePipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(shader.into()),
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(name),
        layout: Some(layout),
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions {
            zero_initialize_workgroup_memory: false,
            ..Default::default()
        },
        cache: None,
    })
}

/// The WGSL of every operation, for browsers to be asked about without running it.
pub fn shaders(plan: &Plan, precision: Precision) -> Vec<String> {
    let mut context = Context::new(plan, false, precision);
    plan.nodes.iter().map(|node| ops::dispatch(node, &mut context).shader).collect()
}
