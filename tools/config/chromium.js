// The Chromium for the browser tests: CHROME_PATH, the system's, or Playwright's.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';
import { browserPlaces } from '../testing/platform.mjs';

/** Path of the executable, or undefined. */
export function findChromium() {
  const wanted = process.env.CHROME_PATH;
  if (wanted) return existsSync(wanted) ? wanted : undefined;
  return [...browserPlaces.chromium, chromium.executablePath()].find((path) => existsSync(path));
}

// WebGPU without a GPU: Chromium's SwiftShader as Vulkan driver.
export const chromiumFlags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan,WebGPU',
  '--enable-blink-features=ForceEagerMeasureMemory', // a page that measures its memory need not wait for a garbage collection
];
