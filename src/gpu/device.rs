//! One device and queue, on WebGPU in the browser and on Vulkan, Metal or DX12 natively.

use super::mipmap::Mipmapper;
use std::sync::Arc;
use thiserror::Error;

/// Why no device could be had.
#[derive(Debug, Error)]
pub enum GpuError {
    /// The browser or system offers no adapter.
    #[error("no graphics adapter was found: use a browser with WebGPU, or install a Vulkan driver ({0})")]
    NoAdapter(String),
    /// The adapter refused to open a device.
    #[error("the graphics adapter could not be opened: close other programs that use it and try again ({0})")]
    NoDevice(String),
    /// Pixels could not be copied back.
    #[error("the picture could not be read back from the graphics adapter: try again ({0})")]
    ReadBack(String),
}

/// Features that are used where an adapter has them: half precision halves a network's memory traffic, timestamps tell
/// where its time goes.
const WELCOME: wgpu::Features = wgpu::Features::SHADER_F16.union(wgpu::Features::TIMESTAMP_QUERY);

/// A device with its queue and what is known of the adapter behind it.
#[derive(Debug, Clone)]
pub struct Gpu {
    /// Creates resources.
    pub device: wgpu::Device,
    /// Takes commands and uploads.
    pub queue: wgpu::Queue,
    /// Name, backend and kind of the adapter.
    pub adapter: wgpu::AdapterInfo,
    pub(super) mipmapper: Arc<Mipmapper>,
}

impl Gpu {
    /// Opens a device that can draw to `surface`, or one without a screen.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`] or [`GpuError::NoDevice`], with the system's own words.
    pub async fn open(instance: &wgpu::Instance, surface: Option<&wgpu::Surface<'_>>) -> Result<Self, GpuError> {
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            compatible_surface: surface,
            ..Default::default()
        };
        let adapter =
            instance.request_adapter(&options).await.map_err(|error| GpuError::NoAdapter(error.to_string()))?;
        let info = adapter.get_info();
        // What every WebGPU adapter has; of the largest texture all that photos can use. WebGL2 has less, each its own.
        let limits = match is_webgl(&info) {
            true => wgpu::Limits::downlevel_webgl2_defaults().using_resolution(adapter.limits()),
            false => wgpu::Limits {
                max_texture_dimension_2d: adapter.limits().max_texture_dimension_2d.min(8192),
                ..Default::default()
            },
        };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("portraoke"),
            required_features: adapter.features() & WELCOME,
            required_limits: limits,
            ..Default::default()
        };
        let (device, queue) =
            adapter.request_device(&descriptor).await.map_err(|error| GpuError::NoDevice(error.to_string()))?;
        Ok(Self { device, queue, adapter: info, mipmapper: Arc::default() })
    }

    /// Opens a device without a screen, for the command line and tests. Set `VK_DRIVER_FILES` to choose a driver.
    ///
    /// # Errors
    /// As [`Gpu::open`].
    #[cfg(not(target_arch = "wasm32"))]
    pub fn headless() -> Result<Self, GpuError> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        pollster::block_on(Self::open(&instance, None))
    }

    /// Whether frames are drawn by the processor instead of a graphics card.
    pub fn is_software(&self) -> bool {
        self.adapter.device_type == wgpu::DeviceType::Cpu
    }

    /// Whether shaders may compute in half precision.
    pub fn has_f16(&self) -> bool {
        self.device.features().contains(wgpu::Features::SHADER_F16)
    }

    /// Whether passes can be timed.
    pub fn has_timestamps(&self) -> bool {
        self.device.features().contains(wgpu::Features::TIMESTAMP_QUERY)
    }

    /// Whether this is WebGL2: it draws, but computes nothing, and has one canvas only.
    pub fn is_webgl(&self) -> bool {
        is_webgl(&self.adapter)
    }
}

fn is_webgl(adapter: &wgpu::AdapterInfo) -> bool {
    cfg!(target_arch = "wasm32") && adapter.backend == wgpu::Backend::Gl
}
