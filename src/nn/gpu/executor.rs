//! A plan's buffers and pipelines, and its runs.

use super::Precision;
use super::context::Context;
use super::readback::{Mapping, Staging};
use super::shader::Dispatch;
use crate::gpu::Gpu;
use crate::nn::plan::Plan;
use crate::nn::{NetworkError, Output, ops};
use std::collections::HashMap;
use std::sync::Arc;

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
        let limits = device.limits();
        let largest = (4 * plan.arena as u64).max(weights.len() as u64).max(4 * constants.len() as u64);
        let allowed = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        if largest > allowed {
            return Err(unreadable(format!(
                "it needs {} MB at once where this device gives {}",
                largest >> 20,
                allowed >> 20
            )));
        }
        if let Some(groups) = dispatches
            .iter()
            .map(|d| d.groups)
            .find(|g| g.iter().any(|&n| n > limits.max_compute_workgroups_per_dimension))
        {
            return Err(unreadable(format!("it needs {groups:?} workgroups")));
        }

        // What a device refuses it says later: without these, runs would give zeros.
        let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let buffer = |label, size: u64, usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: size.max(16),
                usage,
                mapped_at_creation: false,
            })
        };
        use wgpu::BufferUsages as Usage;
        let arena = buffer("arena", 4 * u64::from(plan.arena), Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC);
        let uploaded = |label, bytes: &[u8]| {
            let buffer = buffer(label, bytes.len() as u64, Usage::STORAGE | Usage::COPY_DST);
            queue.write_buffer(&buffer, 0, bytes);
            buffer
        };
        let weights = uploaded("weights", &weights);
        let constants = uploaded("constants", bytemuck::cast_slice(&constants));
        // One uniform holds the parameters of all operations, each in a slot of the same size.
        let longest = dispatches.iter().map(|d| d.parameters.len()).max().unwrap_or(1).max(1);
        let slot = (4 * longest as u32).next_multiple_of(limits.min_uniform_buffer_offset_alignment.max(16));
        let mut words = vec![0_u32; (slot / 4) as usize * dispatches.len().max(1)];
        for (i, dispatch) in dispatches.iter().enumerate() {
            let at = i * (slot / 4) as usize;
            words[at..at + dispatch.parameters.len()].copy_from_slice(&dispatch.parameters);
        }
        let parameters = buffer("parameters", 4 * words.len() as u64, Usage::UNIFORM | Usage::COPY_DST);
        queue.write_buffer(&parameters, 0, bytemuck::cast_slice(&words));

        let layout = bind_group_layout(device, slot);
        fn whole(buffer: &wgpu::Buffer) -> wgpu::BufferBinding<'_> {
            buffer.as_entire_buffer_binding()
        }
        let slot_of =
            wgpu::BufferBinding { buffer: &parameters, offset: 0, size: std::num::NonZeroU64::new(u64::from(slot)) };
        let buffers = [whole(&arena), whole(&weights), whole(&constants), slot_of];
        let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::Buffer(buffer) })
            .collect();
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("network"),
            layout: &layout,
            entries: &entries,
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("network"),
            bind_group_layouts: &[Some(&layout)],
            ..Default::default()
        });
        let mut pipelines: HashMap<Arc<str>, wgpu::ComputePipeline> = HashMap::new();
        let mut recorded = Vec::with_capacity(dispatches.len());
        for (i, dispatch) in dispatches.into_iter().enumerate() {
            let pipeline = match pipelines.get(dispatch.shader.as_str()) {
                Some(pipeline) => pipeline.clone(),
                None => {
                    let pipeline = pipeline(device, &pipeline_layout, &plan.nodes[i].name, &dispatch.shader);
                    pipelines.insert(dispatch.shader.into(), pipeline.clone());
                    pipeline
                }
            };
            recorded.push(Recorded { pipeline, parameters: i as u32 * slot, groups: dispatch.groups });
        }
        let (validation, memory) = (validation.pop(), memory.pop());
        if let Some(error) = validation.await.or(memory.await) {
            return Err(unreadable(error.to_string().replace('\n', " ").chars().take(300).collect()));
        }
        let results =
            plan.outputs.iter().map(|port| u64::from(port.offset) + port.elements() as u64).max().unwrap_or(0);
        Ok(Self {
            staging: Staging::new(4 * results.max(1)),
            device: device.clone(),
            queue: queue.clone(),
            arena,
            bindings,
            recorded,
            pipelines: pipelines.len(),
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

    /// Starts an inference whose input `fill` writes into the arena.
    pub(crate) fn submit(&self, fill: impl FnOnce(&mut wgpu::ComputePass<'_>)) -> Running<'_> {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        {
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
        }
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
