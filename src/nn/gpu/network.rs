//! A plan with its executor, as [`Network`](crate::nn::Network) uses it.

use super::Executor;
use super::crop::Cropper;
use crate::gpu::Gpu;
use crate::nn::plan::Plan;
use crate::nn::{Input, NetworkError, Output, Picture, Port, Profile};
use std::sync::OnceLock;

/// A network ready to run on the graphics card.
#[derive(Debug)]
pub struct GpuNetwork {
    executor: Executor,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    /// Made with the first crop.
    cropper: OnceLock<Cropper>,
}

impl GpuNetwork {
    /// Reads a plan and builds it on `gpu`.
    ///
    /// # Errors
    /// [`NetworkError::Unreadable`] when the bytes are no plan of this version or the device is too small for it.
    pub async fn load(name: &str, plan: &[u8], gpu: &Gpu) -> Result<Self, NetworkError> {
        let plan = Plan::from_bytes(name, plan)?;
        let ports = |ports: &[crate::nn::plan::PlanPort]| ports.iter().map(|port| port.port()).collect();
        let (inputs, outputs) = (ports(&plan.inputs), ports(&plan.outputs));
        Ok(Self { executor: Executor::new(gpu, plan).await?, inputs, outputs, cropper: OnceLock::new() })
    }

    /// What runs it.
    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    /// Names and shapes of the inputs.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// Names and shapes of the outputs, in the plan's order.
    pub fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// One result for each of `inputs`; all are submitted before any is awaited.
    ///
    /// # Errors
    /// [`NetworkError::Contract`] when an input has another length or its picture is on the processor,
    /// [`NetworkError::Failed`] when the device was lost or an output is not finite.
    pub async fn run(&self, inputs: &[Input<'_>]) -> Result<Vec<Vec<Output>>, NetworkError> {
        let running = inputs.iter().map(|input| self.start(input)).collect::<Result<Vec<_>, _>>()?;
        let mut results = Vec::with_capacity(running.len());
        for one in running {
            results.push(one.outputs().await?);
        }
        Ok(results)
    }

    /// What each operation costs.
    ///
    /// # Errors
    /// [`NetworkError::Failed`] when the device was lost.
    pub async fn profile(&self) -> Result<Profile, NetworkError> {
        self.executor.profile().await
    }

    fn start(&self, input: &Input<'_>) -> Result<super::Running<'_>, NetworkError> {
        let plan = self.executor.plan();
        let contract = |reason: String| NetworkError::Contract { network: plan.name.clone(), reason };
        match *input {
            Input::Values(values) => self.executor.start(&[values]),
            Input::Crop { picture: Picture::Cpu(_), .. } => Err(contract("its picture is on the processor".to_owned())),
            Input::Crop { picture: Picture::Gpu { texture, size }, patch, border } => {
                let port = &plan.inputs[0];
                let [1, 3, side, width] = port.shape[..] else {
                    return Err(contract(format!("its input is {:?}, no picture", port.shape)));
                };
                if side != width {
                    return Err(contract(format!("its input is {:?}, no square picture", port.shape)));
                }
                let cropper = self.cropper.get_or_init(|| Cropper::new(&self.executor.device));
                let crop = cropper.prepare(&self.executor, texture, *size, side as u32, patch, border);
                Ok(self.executor.submit(|pass| cropper.record(pass, &crop, side as u32)))
            }
        }
    }
}
