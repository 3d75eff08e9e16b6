//! The wasm-bindgen surface: what the page's worker calls.
//!
//! Bytes, numbers and JSON go in and out; every decision is made in the rooms below. Errors reach JavaScript as
//! `Error`s whose message is the room's own sentence for the visitor, and leave the studio as it was: the old
//! portrait and the old clip stay. A `Studio` is not re-entrant: the worker awaits each call before the next.

mod cast;
mod clip;
mod driver;
mod frame;
mod network;
mod screen;

use crate::animate::{Passes, Refiner};
use crate::clip::{Motion, Track, video};
use crate::gpu::Gpu;
use crate::portrait::{Analyser, ModelBytes, Portrait, Tracker};
use crate::scene::{Scene, Setting};
use cast::{Member, Singer};
use clip::Clip;
use serde_json::json;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::prelude::*;

pub use network::NeuralNetwork;
use screen::Easel;
pub use screen::Screen;

/// Runs once, before anything else: a panic then reaches the console with its message and place.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// The files behind the page's models, as fetched.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Models {
    face_detector: Vec<u8>,
    face_landmarks: Vec<u8>,
    head: Vec<u8>,
}

#[wasm_bindgen]
impl Models {
    /// Takes the contents of the face networks, `models/*.plan` or `models/*.onnx`, and of `models/head.safetensors`.
    #[wasm_bindgen(constructor)]
    pub fn new(face_detector: Vec<u8>, face_landmarks: Vec<u8>, head: Vec<u8>) -> Self {
        Self { face_detector, face_landmarks, head }
    }
}

/// Everything one page holds: the GPU, the networks, and the portraits and the song that are on stage.
#[wasm_bindgen]
pub struct Studio {
    instance: wgpu::Instance,
    gpu: Gpu,
    format: wgpu::TextureFormat,
    analyser: Analyser,
    /// With WebGL2 the one canvas that it can draw on.
    easel: Option<Rc<Easel>>,
    /// What all portraits are drawn with.
    passes: Arc<Passes>,
    refiner: Option<Arc<Refiner>>,
    /// Whether the refiner is to be used.
    refining: bool,
    /// Photos that have been read, and faces of them made ready to sing, by their numbers.
    photos: BTreeMap<u32, Portrait>,
    singers: BTreeMap<u32, Singer>,
    /// The number of the next.
    next: u32,
    /// Who is on stage, in order.
    cast: Vec<Member>,
    setting: Setting,
    scene: Scene,
    clip: Option<Clip>,
    /// What portraits do before there is a clip.
    silence: Track,
    /// The song that is being sung.
    rehearsed: Option<driver::Rehearsed>,
    /// The film that is being followed.
    filmed: Option<driver::Filmed>,
    /// The face before the camera.
    live: Option<Live>,
}

struct Live {
    tracker: Tracker,
    face: video::Live,
    motion: Motion,
}

#[wasm_bindgen]
impl Studio {
    /// Opens the GPU and reads the models. `canvas_format` is what `navigator.gpu.getPreferredCanvasFormat()` says;
    /// `webgl_canvas`, where there is no WebGPU, a canvas of the studio's own: WebGL2 draws on no other. `on_lost` is
    /// called, with the browser's reason, if the GPU is taken away later.
    ///
    /// # Errors
    /// When there is no adapter or device, or a model file is not what this version expects.
    #[expect(
        clippy::arc_with_non_send_sync,
        reason = "natively it can be shared between threads, and stages take both"
    )]
    pub async fn create(
        models: Models,
        canvas_format: &str,
        webgl_canvas: Option<web_sys::OffscreenCanvas>,
        on_lost: js_sys::Function,
    ) -> Result<Studio, JsError> {
        let format = match canvas_format {
            "bgra8unorm" => wgpu::TextureFormat::Bgra8Unorm,
            _ => wgpu::TextureFormat::Rgba8Unorm,
        };
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = match webgl_canvas {
            Some(_) => wgpu::Backends::GL,
            None => wgpu::Backends::BROWSER_WEBGPU,
        };
        let instance = wgpu::Instance::new(descriptor);
        // A WebGL adapter is known by its canvas alone.
        let bound = webgl_canvas.map(|canvas| Ok::<_, JsError>((surface(&instance, &canvas)?, canvas))).transpose()?;
        let gpu = Gpu::open(&instance, bound.as_ref().map(|(surface, _)| surface)).await?;
        let easel = bound.map(|(surface, canvas)| Rc::new(Easel::new(canvas, surface, &gpu, format)));
        gpu.device.set_device_lost_callback(move |reason, message| {
            // Nobody is told when the page itself lets the device go.
            if reason != wgpu::DeviceLostReason::Destroyed {
                drop(on_lost.call1(&JsValue::NULL, &message.into()));
            }
        });
        let bytes = ModelBytes {
            detector: &models.face_detector,
            landmarks: &models.face_landmarks,
            matte: None,
            head: &models.head,
        };
        let analyser = Analyser::new(bytes, Some(&gpu)).await?;
        let passes = Arc::new(Passes::new(&gpu, format));
        Ok(Studio {
            scene: Scene::new(&gpu, &passes),
            passes,
            instance,
            gpu,
            format,
            analyser,
            easel,
            refiner: None,
            refining: true,
            photos: BTreeMap::new(),
            singers: BTreeMap::new(),
            next: 0,
            cast: Vec::new(),
            setting: Setting::default(),
            clip: None,
            silence: Track { rate: 60.0, ..Track::default() },
            rehearsed: None,
            filmed: None,
            live: None,
        })
    }

    /// Which adapter draws, whether it is the processor, and what of it matters to speed:
    /// `{name, driver, backend, is_fallback, features, limits}`.
    pub fn adapter(&self) -> String {
        let (adapter, limits) = (&self.gpu.adapter, self.gpu.device.limits());
        json!({
            "name": adapter.name,
            "driver": format!("{} {}", adapter.driver, adapter.driver_info).trim(),
            "backend": adapter.backend.to_str(),
            "is_fallback": self.gpu.is_software(),
            "features": { "shader-f16": self.gpu.has_f16(), "timestamp-query": self.gpu.has_timestamps() },
            "limits": {
                "maxTextureDimension2D": limits.max_texture_dimension_2d,
                "maxBufferSize": limits.max_buffer_size,
                "maxStorageBufferBindingSize": limits.max_storage_buffer_binding_size,
                "maxComputeWorkgroupStorageSize": limits.max_compute_workgroup_storage_size,
                "maxComputeInvocationsPerWorkgroup": limits.max_compute_invocations_per_workgroup,
            },
        })
        .to_string()
    }

    /// What each network costs on the graphics card: `{networks: [{name, dispatches, ms, ops: [{op, shape, ms}]}]}`. Empty
    /// where the processor runs them.
    ///
    /// # Errors
    /// When a run fails.
    pub async fn profile(&self) -> Result<String, JsError> {
        Ok(json!({ "networks": self.analyser.profile().await? }).to_string())
    }

    /// Lets the device go as if it had been lost, for tests.
    pub fn lose(&self) {
        self.gpu.device.destroy();
    }

    /// Lets the studio draw on a canvas: the page's, or one that is only filmed.
    ///
    /// # Errors
    /// When the canvas already belongs to another context.
    pub fn screen(&self, canvas: web_sys::OffscreenCanvas) -> Result<Screen, JsError> {
        match &self.easel {
            Some(easel) => Screen::copied(Rc::clone(easel), canvas),
            None => {
                let surface = surface(&self.instance, &canvas)?;
                Ok(Screen::direct(Easel::new(canvas, surface, &self.gpu, self.format)))
            }
        }
    }

    /// Reads the matte network, which the first face to be made ready needs and the page itself does not.
    ///
    /// # Errors
    /// When the file is damaged.
    pub async fn load_matte(&mut self, bytes: &[u8]) -> Result<(), JsError> {
        Ok(self.analyser.take_matte(bytes).await?)
    }

    /// Builds the refiner from its compiled plan; from then on it paints what geometry cannot know.
    ///
    /// # Errors
    /// When the graphics card cannot run it.
    #[expect(
        clippy::arc_with_non_send_sync,
        reason = "natively it can be shared between threads, and stages take both"
    )]
    pub async fn load_refiner(&mut self, plan: &[u8]) -> Result<(), JsError> {
        self.refiner = Some(Arc::new(Refiner::new(&self.gpu, self.format, plan).await?));
        self.refine(self.refining);
        Ok(())
    }

    /// Uses the refiner, where it is loaded, or shows what geometry alone makes.
    pub fn refine(&mut self, on: bool) {
        self.refining = on;
        for singer in self.singers.values_mut() {
            singer.set.set_refiner(self.refiner.clone().filter(|_| on));
        }
    }

    /// Resolves when the GPU has drawn all that [`Studio::render`] asked for; at once with WebGL2, which the browser
    /// paces itself.
    pub fn finished(&self) -> js_sys::Promise {
        if self.gpu.is_webgl() {
            return js_sys::Promise::resolve(&JsValue::UNDEFINED);
        }
        js_sys::Promise::new(&mut |resolve, _| {
            self.gpu.queue.on_submitted_work_done(move || drop(resolve.call0(&JsValue::NULL)));
        })
    }
}

fn surface(
    instance: &wgpu::Instance,
    canvas: &web_sys::OffscreenCanvas,
) -> Result<wgpu::Surface<'static>, wgpu::CreateSurfaceError> {
    instance.create_surface(wgpu::SurfaceTarget::OffscreenCanvas(canvas.clone()))
}
