//! Networks on the graphics card: a compiled plan, run by WGSL. A stand-in until the executor is merged.

use super::{Input, NetworkError, Output, Port, Profile};
use crate::gpu::Gpu;

/// A network ready to run on the graphics card.
#[derive(Debug)]
pub struct GpuNetwork {
    name: String,
    ports: Vec<Port>,
}

impl GpuNetwork {
    /// Uploads a plan.
    ///
    /// # Errors
    /// Always, until there is an executor.
    pub fn load(name: &str, _plan: &[u8], _gpu: &Gpu) -> Result<Self, NetworkError> {
        Err(not_built(name))
    }

    /// Names and shapes of the inputs.
    pub fn inputs(&self) -> &[Port] {
        &self.ports
    }

    /// Names and shapes of the outputs, in the plan's order.
    pub fn outputs(&self) -> &[Port] {
        &self.ports
    }

    /// One result for each of `inputs`; all are submitted before any is awaited.
    ///
    /// # Errors
    /// Always, until there is an executor.
    pub async fn run(&self, _inputs: &[Input<'_>]) -> Result<Vec<Vec<Output>>, NetworkError> {
        Err(not_built(&self.name))
    }

    /// What each dispatch of a run costs.
    ///
    /// # Errors
    /// Always, until there is an executor.
    pub async fn profile(&self) -> Result<Profile, NetworkError> {
        Err(not_built(&self.name))
    }
}

fn not_built(name: &str) -> NetworkError {
    NetworkError::Unreadable { network: name.to_owned(), reason: "plans cannot be run yet".to_owned() }
}
