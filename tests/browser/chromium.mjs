// Headless Chromium with real WebGPU (or only WebGL) on SwiftShader, the same on every machine.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const WEBGL = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist', '--enable-gpu'];
export const FLAGS = {
  webgpu: [
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    // Without the rest, canvas pixels read back blank: the compositor and WebGPU must share one Vulkan.
    ...WEBGL,
    '--enable-features=Vulkan',
    '--use-vulkan=swiftshader',
  ],
  webgl: ['--disable-features=WebGPU', ...WEBGL],
  none: ['--disable-features=WebGPU', '--disable-gpu', '--disable-webgl', '--disable-webgl2', '--disable-software-rasterizer'],
};

/**
 * @param {{graphics?: 'webgpu'|'webgl'|'none', flags?: string[]}} options `graphics`: the best that the browser can draw with
 */
export function launch({ graphics = 'webgpu', flags = [] } = {}) {
  const { VK_DRIVER_FILES, ...env } = process.env; // meant for the native tests: it would hide Chromium's own driver
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync),
    args: [...FLAGS[graphics], ...flags],
    env,
  });
}
