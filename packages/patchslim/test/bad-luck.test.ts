/** Full disks, folders that cannot be written, and signals: real processes, and what they leave behind. */

import type { ChildProcess } from 'node:child_process';
import { fileSource, readSafetensors } from '@patchslim/vit-models';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { runMain } from './main.js';
import { bundlePatchslim } from './patchslim.js';
import { temporaryFolder, writeTinyImages, writeTinyModel } from './tiny-model.js';
import {
  closedFolder,
  endNow,
  fullDevice,
  interrupt,
  isPosix,
  isRoot,
  makeReadOnly,
  terminate,
} from '@patchslim/testing/platform';
import { filesIn, when } from './watch-files.js';

const patchslim = bundlePatchslim();

/** Times that the process is killed at a moment of its run. */
const kills = process.env['PATCHSLIM_NIGHTLY'] === '1' ? 10 : 3;

let folder: string;
let out: string;
let spill: string;
let args: string[];
beforeEach(async () => {
  folder = await temporaryFolder();
  out = join(folder, 'out');
  spill = join(folder, 'tmp');
  await mkdir(spill);
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  const images = await writeTinyImages(join(folder, 'images'), 24);
  args = ['custom', '--weights', weights, '--data', images];
});

/** Slims with the features spilled to `spill`; other images and schedule where asked. */
const slimming = (schedule: string): string[] => [
  ...['slim', ...args, '--out', out, '--method', 'patch-slimming', '--images', '16', '--schedule', schedule],
];
const inSpill = () => ({ env: { TMPDIR: spill } });

/** Files that are not whole yet; hidden ones. */
const halves = async () => (await readdir(folder)).filter((name) => /^\.patchslim-.*\.tmp$/.test(name));

/** Files of ours in the temporary folder; the TypeScript loader keeps its own there. */
const spilled = async () => (await filesIn(spill)).filter((name) => name.startsWith('patchslim-'));

describe.runIf(isPosix)('a full disk (made by a limit that Windows lacks)', () => {
  it('keeps the old plan and leaves no half of the new one', async () => {
    await mkdir(out);
    await writeFile(join(out, 'plan.json'), 'old');
    const { status, stderr } = await patchslim(slimming('counts:64,64,1'), { largestFile: 1024 });
    expect(stderr).toMatch(/cannot write .*plan.json: EFBIG.* \[IO_FAILED\]\n$/);
    expect(status).toBe(1);
    expect(await filesIn(out)).toEqual(['plan.json']);
    expect(await readFile(join(out, 'plan.json'), 'utf8')).toBe('old');
  });

  it('keeps the plan when there is no room for the report', async () => {
    const { status, stderr } = await patchslim(slimming('counts:65,20,1'), { largestFile: 20_000 });
    expect(stderr).toMatch(/cannot write .*report.html: EFBIG.* \[IO_FAILED\]\n$/);
    expect(status).toBe(1);
    expect(await filesIn(out)).toEqual(['plan.json', 'report.json']);
    const evaluated = await runMain(['eval', ...args, '--plan', join(out, 'plan.json'), '--limit', '4']);
    expect(evaluated.status).toBe(0);
  });

  it('ends the run when features cannot be spilled, and gives the room back', async () => {
    const { status, stderr } = await patchslim(slimming('top-down:tolerance=0.1'), {
      ...inSpill(),
      largestFile: 100_000,
    });
    expect(stderr).toMatch(
      /collectFeatures\(\): cannot write to .*EFBIG.*TMPDIR names another folder \[IO_FAILED\]/,
    );
    expect(status).toBe(1);
    expect(await spilled()).toEqual([]);
    expect(await filesIn(out)).toEqual([]);
  });

  it('keeps the old export', async () => {
    const onnx = join(folder, 'model.onnx');
    await writeFile(onnx, 'old');
    const exporting = ['export', ...args.slice(0, 3), '--onnx', onnx];
    const { status, stderr } = await patchslim(exporting, { largestFile: 100_000 });
    expect(stderr).toMatch(/cannot write .*model.onnx: EFBIG.* \[IO_FAILED\]/);
    expect(status).toBe(1);
    expect(await readFile(onnx, 'utf8')).toBe('old');
    expect(await halves()).toEqual([]);
  });

  it('behind stdout is told', async () => {
    const { status, stderr } = await patchslim(['models'], { stdoutTo: fullDevice });
    expect(stderr).toMatch(/cannot write the result: ENOSPC.*\[IO_FAILED\]/);
    expect(status).toBe(1);
  });
});

describe('an output folder that cannot be written', () => {
  it('below a file', async () => {
    out = join(folder, 'tiny.safetensors', 'out');
    const { status, stderr } = await runMain(slimming('counts:65,20,1'));
    expect(stderr).toMatch(/cannot write to the folder .*tiny.safetensors\/out: ENOTDIR.* \[IO_FAILED\]/);
    expect(status).toBe(1);
  });

  it('read-only', async () => {
    // Permissions do not bind root; the folder of processes takes no files from anybody.
    out = isRoot ? closedFolder : join(folder, 'locked');
    if (!isRoot) {
      await mkdir(out);
      await makeReadOnly(out);
    }
    const { status, stderr } = await runMain(slimming('counts:65,20,1'));
    expect(stderr).toMatch(/cannot write to the folder .* \[IO_FAILED\]/);
    expect(status).toBe(1);
    const exported = await runMain(['export', ...args.slice(0, 3), '--onnx', join(out, 'model.onnx')]);
    expect(exported.stderr).toMatch(/cannot write .*model.onnx: .* \[IO_FAILED\]/);
    expect(exported.status).toBe(1);
  });
});

describe.runIf(isPosix)('Ctrl-C (a signal, which Windows cannot send)', () => {
  // Long enough for a signal to come in the middle.
  beforeEach(async () => {
    await rm(join(folder, 'images'), { recursive: true });
    await writeTinyImages(join(folder, 'images'), 300, 400);
  });
  const long = (): string[] => [...slimming('top-down:tolerance=0.1'), ...['--images', '150', '--quiet']];

  it.each<[string, typeof interrupt, () => Promise<boolean>, string[]]>([
    ['when the folder is there', interrupt, async () => (await filesIn(folder)).includes('out'), []],
    ['while features are spilled', interrupt, async () => (await spilled()).length > 1, []],
    ['while features are spilled', terminate, async () => (await spilled()).length > 1, []],
    [
      'while the plan is evaluated',
      interrupt,
      async () => (await filesIn(out)).includes('plan.json'),
      ['plan.json'],
    ],
  ])('%s, as %o, ends with status 130 and keeps what is whole', async (_, ask, moment, left) => {
    const { status, stdout, stderr } = await patchslim(long(), {
      ...inSpill(),
      whileRunning: (child) => void when(moment, child).then(() => ask(child)),
    });
    expect(stderr).toBe('patchslim: interrupted\n');
    expect(stdout).toBe('');
    expect(status).toBe(130);
    expect(await spilled()).toEqual([]);
    expect(await filesIn(out)).toEqual(left);
  });

  it('twice ends it at once, and the next run removes what is left', async () => {
    const twice = async (child: ChildProcess) => {
      await when(async () => (await spilled()).length > 1, child);
      interrupt(child);
      interrupt(child);
    };
    const first = await patchslim(long(), { ...inSpill(), whileRunning: (child) => void twice(child) });
    expect(first.status).toBe(130);
    const second = await patchslim([...slimming('top-down:tolerance=0.1'), '--evaluate', '0'], inSpill());
    expect(second.status).toBe(0);
    expect(await spilled()).toEqual([]);
  });
});

describe('kill -9', () => {
  it('at any moment leaves every file whole or absent, and the next run cleans up', async () => {
    const run = slimming('top-down:tolerance=0.1');
    const start = performance.now();
    expect((await patchslim(run, inSpill())).status).toBe(0);
    const duration = performance.now() - start;
    const moments = Array.from({ length: kills }, (_, i) => ((i + 1) / (kills + 1)) * duration);
    for (const moment of moments) {
      await rm(out, { recursive: true, force: true });
      await patchslim(run, {
        ...inSpill(),
        whileRunning: (child) => void setTimeout(() => endNow(child), moment),
      });
      await expectWhole();
    }
    expect((await patchslim(run, inSpill())).status).toBe(0);
    expect(await spilled()).toEqual([]);
    expect(await filesIn(out)).toEqual(['plan.json', 'report.html', 'report.json']);
  });

  it('while features are spilled leaves files that the next run removes', async () => {
    const killed = await patchslim(slimming('top-down:tolerance=0.1'), {
      ...inSpill(),
      whileRunning: (child) =>
        void when(async () => (await spilled()).length > 1, child).then(() => endNow(child)),
    });
    expect(killed.status).toBeNull();
    expect(await spilled()).not.toEqual([]);
    expect((await patchslim(slimming('top-down:tolerance=0.1'), inSpill())).status).toBe(0);
    expect(await spilled()).toEqual([]);
  });

  it('while a file is written leaves the old one, and the next run removes the half', async () => {
    const onnx = join(folder, 'model.onnx');
    await writeFile(onnx, 'old');
    const exporting = ['export', ...args.slice(0, 3), '--onnx', onnx];
    const killed = await patchslim(exporting, {
      whileRunning: (child) =>
        void when(async () => (await halves()).length > 0, child).then(() => endNow(child)),
    });
    // The file may have been whole before the signal came.
    if (killed.status === null && (await halves()).length > 0) {
      expect(await readFile(onnx, 'utf8')).toBe('old');
    }
    expect((await patchslim(exporting)).status).toBe(0);
    expect(await halves()).toEqual([]);
    expect((await readFile(onnx)).length).toBeGreaterThan(100_000);
  });
});

/** What is in the output folder can be read to its end. */
async function expectWhole(): Promise<void> {
  // `progress` is the folder of what a search has found so far.
  const names = (await filesIn(out)).filter((name) => name !== 'progress');
  for (const name of names) {
    if (name.endsWith('.safetensors')) {
      const source = await fileSource(join(out, name));
      await readSafetensors(source); // throws for a file that was cut off
      await source.close();
      continue;
    }
    const text = await readFile(join(out, name), 'utf8');
    if (name.endsWith('.json')) expect(() => void JSON.parse(text), name).not.toThrow();
    else expect(text.trimEnd(), name).toMatch(/<\/html>$/);
  }
}
