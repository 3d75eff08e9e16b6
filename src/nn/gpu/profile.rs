//! GPU time of each operation, by timestamp queries.

use super::Executor;
use super::readback::{Mapping, Staging};
use crate::nn::{NetworkError, OpTime, Profile};
impl Executor {
    /// Times each operation once, on whatever the arena holds. Where the device has no timestamp queries the list is empty.
    ///
    /// # Errors
    /// [`NetworkError::Failed`] when the device was lost.
    pub async fn profile(&self) -> Result<Profile, NetworkError> {
        let plan = self.plan();
        let mut profile = Profile {
            name: plan.name.clone(),
            dispatches: self.dispatches(),
            pipelines: self.pipelines(),
            ms: 0.0,
            ops: Vec::new(),
        };
        if !self.device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return Ok(profile);
        }
        let count = 2 * self.recorded.len() as u32;
        let queries = self.device.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("times"),
            ty: wgpu::QueryType::Timestamp,
            count,
        });
        let size = 8 * u64::from(count);
        let resolved = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("times"),
            size,
            usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        for (i, one) in (0..).zip(&self.recorded) {
            // Times are taken where passes begin and end: each operation gets its own.
            let writes = wgpu::ComputePassTimestampWrites {
                query_set: &queries,
                beginning_of_pass_write_index: Some(2 * i),
                end_of_pass_write_index: Some(2 * i + 1),
            };
            let mut pass = encoder
                .begin_compute_pass(&wgpu::ComputePassDescriptor { label: None, timestamp_writes: Some(writes) });
            pass.set_pipeline(&one.pipeline);
            pass.set_bind_group(0, &self.bindings, &[one.parameters]);
            let [x, y, z] = one.groups;
            pass.dispatch_workgroups(x, y, z);
        }
        encoder.resolve_query_set(&queries, 0..count, &resolved, 0);
        let staging = Staging::new(size);
        let buffer = staging.take(&self.device);
        encoder.copy_buffer_to_buffer(&resolved, 0, &buffer, 0, size);
        self.queue.submit([encoder.finish()]);
        let words = Mapping::start(&self.device, buffer).numbers(&staging).await;
        let words = words.map_err(|reason| NetworkError::Failed { network: plan.name.clone(), reason })?;
        // Two words a time; the numbers came as the bits of floats.
        let ticks: Vec<u64> = words
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[low, high]| u64::from(low.to_bits()) | u64::from(high.to_bits()) << 32)
            .collect();
        let ms =
            |from: u64, to: u64| to.saturating_sub(from) as f64 * f64::from(self.queue.get_timestamp_period()) / 1e6;
        for (node, [from, to]) in plan.nodes.iter().zip(ticks.as_chunks::<2>().0) {
            profile.ops.push(OpTime {
                op: node.op.kind().to_owned(),
                name: node.name.clone(),
                shape: node.shape.clone(),
                ms: ms(*from, *to),
            });
        }
        if let (Some(&first), Some(&last)) = (ticks.first(), ticks.last()) {
            profile.ms = ms(first, last);
        }
        Ok(profile)
    }
}
