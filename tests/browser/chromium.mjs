// Headless Chromium with real WebGPU on SwiftShader, the same on every machine.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  // Without the rest, canvas pixels read back blank: the compositor and WebGPU must share one Vulkan.
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--enable-gpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
];

/** @param {{webgpu?: boolean}} options `webgpu: false` gives a browser that has none */
export function launch({ webgpu = true } = {}) {
  const { VK_DRIVER_FILES, ...env } = process.env; // meant for the native tests: it would hide Chromium's own driver
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync),
    args: webgpu ? FLAGS : ['--disable-features=WebGPU', '--disable-gpu'],
    env,
  });
}
