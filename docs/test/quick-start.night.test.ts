/** The page of the quick start: its program as it stands, bundled by Vite, in Chromium. */

import { patchslim } from '@patchslim/browser/vite';
import { modelFolder } from '@patchslim/fashion-vit';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { expect, it } from 'vitest';
import { codeBlocks, readPage } from './pages.js';
import { launchChromium, serveBuilt } from './playground/visit.js';
import { createScratch } from './scratch.js';

it('the page of the quick start says how fast a plan is', { timeout: 240_000 }, async () => {
  const programs = codeBlocks(await readPage('docs/guide/quick-start.md'), 'js');
  const [program] = programs.filter((code) => code.includes('createSlimWorker'));
  const scratch = await createScratch(undefined);
  const { folder } = scratch;
  await writeFile(join(folder, 'page.js'), program!);
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><script type="module" src="/page.js"></script>',
  );
  await cp(fileURLToPath(modelFolder), join(folder, 'public/models/deit-tiny'), { recursive: true });
  await build({ root: folder, configFile: false, plugins: [patchslim()], logLevel: 'error' });
  const server = await serveBuilt(folder, 'dist', true);
  const browser = await launchChromium(false);
  try {
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('console', (message) => message.type() === 'log' && said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    await page.goto(server.origin);
    await expect.poll(() => said.length, { timeout: 180_000 }).toBe(2);
    expect(said[0]).toMatch(/^wasm /);
    expect(said[1]).toMatch(/^\d+\.\d\d times as fast as dense$/);
  } finally {
    await browser.close();
    await server.close();
    await scratch.remove();
  }
});
