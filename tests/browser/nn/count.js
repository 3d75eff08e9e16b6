// Counts what a page asks of WebGPU. Runs before any script of the page; only pages that are not timed have it.
(() => {
  if (!globalThis.GPUDevice) return;
  const zero = () => ({ dispatches: 0, submissions: 0, pipelines: 0, written: 0, read: 0 });
  let count = zero();
  globalThis.counted = () => {
    const so_far = count;
    count = zero();
    return so_far;
  };
  const before = (prototype, name, note) => {
    const real = prototype[name];
    prototype[name] = function (...args) {
      note.apply(this, args);
      return real.apply(this, args);
    };
  };
  const pipeline = () => count.pipelines++;
  const dispatch = () => count.dispatches++;
  before(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', dispatch);
  before(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', dispatch);
  before(GPUDevice.prototype, 'createComputePipeline', pipeline);
  before(GPUDevice.prototype, 'createComputePipelineAsync', pipeline);
  before(GPUDevice.prototype, 'createBuffer', ({ mappedAtCreation, size }) => { if (mappedAtCreation) count.written += size; });
  before(GPUQueue.prototype, 'submit', () => count.submissions++);
  before(GPUQueue.prototype, 'writeBuffer', (buffer, at, data, from = 0, length) => {
    const unit = data.BYTES_PER_ELEMENT ?? 1; // of a typed array, offset and length count elements
    count.written += length === undefined ? data.byteLength - from * unit : length * unit;
  });
  before(GPUBuffer.prototype, 'mapAsync', function (mode, from = 0, length = this.size - from) {
    count[mode === GPUMapMode.READ ? 'read' : 'written'] += length;
  });
})();
