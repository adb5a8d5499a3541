/** A folder to try the documentation in: outside version control, inside the workspace, so that imports resolve. */

import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { root } from './pages.js';
import { link, shellCommand } from '@patchslim/testing/platform';
import type { RealData } from '@patchslim/testing';

export interface Scratch {
  readonly folder: string;
  /** Runs shell code that stops at the first failure; gives stdout, or throws with what was written. */
  shell(code: string, variables?: Readonly<Record<string, string>>): Promise<string>;
  remove(): Promise<void>;
}

/**
 * The `patchslim` that was built, and the data under the names that the examples use; the embedded model and its images
 * always: all of them, and in `few-images` four of each class.
 */
export async function createScratch(data: RealData | undefined): Promise<Scratch> {
  await mkdir(join(root, 'docs/out'), { recursive: true });
  const folder = await mkdtemp(join(root, 'docs/out/test-'));
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const programs = join(folder, 'bin');
  await mkdir(programs);
  const program = join(root, 'packages/patchslim/bin/patchslim.js');
  await writeFile(join(programs, 'patchslim'), `#!/bin/sh\nexec node '${program}' "$@"\n`, { mode: 0o755 });
  await link(fileURLToPath(modelFolder), join(folder, 'fashion-vit'));
  await link(fileURLToPath(imageFolder), join(folder, 'fashion-images'));
  await copyFew(fileURLToPath(imageFolder), join(folder, 'few-images'));
  if (data) {
    await link(data.weights, join(folder, 'deit_tiny_patch16_224.safetensors'));
    await link(data.images, join(folder, 'imagenet_sample'));
  }
  const path = [programs, dirname(process.execPath), process.env['PATH']].join(delimiter);
  return {
    folder,
    // Nx asks for colours; what is printed here is compared as text.
    shell: (code, variables = {}) =>
      runShell(code, folder, { ...process.env, ...variables, PATH: path, FORCE_COLOR: '0' }),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** Copies the first four images of each class: a browser takes no links from a dropped folder. */
async function copyFew(images: string, few: string): Promise<void> {
  for (const name of await readdir(images)) {
    await mkdir(join(few, name), { recursive: true });
    const files = (await readdir(join(images, name))).toSorted().slice(0, 4);
    for (const file of files) await cp(join(images, name, file), join(few, name, file));
  }
}

async function runShell(code: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { program, args } = shellCommand(code);
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const status = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  if (status === 0) return stdout;
  throw new Error(`status ${status} of\n${code}\n${stdout}${stderr}`);
}
