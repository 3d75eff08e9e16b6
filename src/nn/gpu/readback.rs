//! Results on their way from the GPU: buffers that are mapped while the next inference already runs.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// Free staging buffers of one size. One is taken for each inference under way, so there are as many as inferences
/// have ever been in flight together.
#[derive(Debug)]
pub(super) struct Staging {
    size: u64,
    free: Mutex<Vec<wgpu::Buffer>>,
}

impl Staging {
    pub(super) fn new(size: u64) -> Self {
        Self { size, free: Mutex::new(Vec::new()) }
    }

    pub(super) fn take(&self, device: &wgpu::Device) -> wgpu::Buffer {
        let free = self.free.lock().ok().and_then(|mut free| free.pop());
        free.unwrap_or_else(|| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("results"),
                size: self.size,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            })
        })
    }

    fn give_back(&self, buffer: wgpu::Buffer) {
        if let Ok(mut free) = self.free.lock() {
            free.push(buffer);
        }
    }
}

#[derive(Debug, Default)]
struct State {
    result: Option<Result<(), wgpu::BufferAsyncError>>,
    waker: Option<Waker>,
}

/// A buffer being mapped.
#[derive(Debug)]
pub(super) struct Mapping {
    device: wgpu::Device,
    buffer: wgpu::Buffer,
    state: Arc<Mutex<State>>,
}

impl Mapping {
    /// Asks for the whole buffer; everything submitted before is done when it comes.
    pub(super) fn start(device: &wgpu::Device, buffer: wgpu::Buffer) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            if let Ok(mut state) = shared.lock() {
                state.result = Some(result);
                if let Some(waker) = state.waker.take() {
                    waker.wake();
                }
            }
        });
        Self { device: device.clone(), buffer, state }
    }

    /// The buffer's numbers.
    ///
    /// # Errors
    /// The device's words, when it was lost on the way.
    pub(super) async fn numbers(self, staging: &Staging) -> Result<Vec<f32>, String> {
        // Natively somebody has to wait for the GPU; on the web the browser does, and this is no work.
        self.device.poll(wgpu::PollType::wait_indefinitely()).map_err(|error| error.to_string())?;
        Ready(Arc::clone(&self.state)).await.map_err(|error| error.to_string())?;
        let numbers = {
            let bytes = self.buffer.get_mapped_range(..).map_err(|error| error.to_string())?;
            bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
        };
        self.buffer.unmap();
        staging.give_back(self.buffer);
        Ok(numbers)
    }
}

struct Ready(Arc<Mutex<State>>);

impl Future for Ready {
    type Output = Result<(), wgpu::BufferAsyncError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Ok(mut state) = self.0.lock() else { return Poll::Ready(Err(wgpu::BufferAsyncError)) };
        match state.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
