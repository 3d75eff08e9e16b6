// Which of the two wasms runs here, and what it draws with. The first runs everything on a graphics card through WebGPU.
// The second, the fallback, runs the networks on the processor and draws with WebGPU where there is any, else with WebGL2.

/** What each of them is made of. */
const PARTS = { webgpu: { pkg: 'pkg', networks: 'plan' }, fallback: { pkg: 'pkg-fallback', networks: 'onnx' } };

const NO_GRAPHICS =
  'This browser can draw with neither WebGPU nor WebGL 2, and Portraoke needs one of them: please open the page in Chrome or Edge 113 or newer, Safari 26 or newer, or Firefox 141 or newer (147 on a Mac).';

/** Adapters that are the processor, in browsers that do not say so. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|microsoft basic render/i;

/**
 * @param {string|null} asked 'webgpu' or 'fallback' where the address asks for it
 * @returns {Promise<{backend: 'webgpu'|'fallback', drawing: 'webgpu'|'webgl', why: string, name: string, pkg: string,
 *   networks: string}>} `why`: a key of `backend` in the locales; `networks`: the ending of the networks' files
 */
export async function chooseBackend(asked) {
  // `navigator.gpu` may be there without any adapter behind it: a blocked driver, a remote desktop.
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter && !new OffscreenCanvas(1, 1).getContext('webgl2')) throw new Error(NO_GRAPHICS);
  const software = adapter && isSoftware(adapter);
  const name = adapter ? adapterName(adapter.info) : '';
  const chosen = (backend, drawing, why) => ({ backend, drawing, why, name, ...PARTS[backend] });
  if (!adapter) return chosen('fallback', 'webgl', 'noWebGpu');
  if (asked === 'fallback') return chosen('fallback', 'webgpu', 'asked');
  if (!software) return chosen('webgpu', 'webgpu', 'card');
  return asked === 'webgpu' ? chosen('webgpu', 'webgpu', 'softwareAsked') : chosen('fallback', 'webgpu', 'software');
}

/** What to try where a graphics card was chosen and its driver refuses the networks. */
export const instead = (choice) => ({ ...choice, ...PARTS.fallback, backend: 'fallback', why: 'refused' });

function isSoftware(adapter) {
  const info = adapter.info ?? {};
  return Boolean(info.isFallbackAdapter ?? adapter.isFallbackAdapter) || SOFTWARE.test(Object.values(fields(info)).join(' '));
}

/** As the browser tells it: often the maker and the generation alone. */
function adapterName(info) {
  const { description, device, vendor, architecture } = fields(info ?? {});
  return description || device || [vendor, architecture].filter(Boolean).join(' ');
}

/** Spelt out, because they are getters that no spread copies. */
function fields({ vendor = '', architecture = '', device = '', description = '' }) {
  return { vendor, architecture, device, description };
}
