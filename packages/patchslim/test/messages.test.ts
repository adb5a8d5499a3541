/** What the command says to people who mistook something: in which form, and what to do. */

import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { verdict } from '../src/commands/doctor.js';
import { commands } from '../src/cli.js';
import { runMain, runMainJson } from './main.js';
import { temporaryFolder, tinyConfig, writeTinyImages, writeTinyModel } from './tiny-model.js';

describe('a command line that makes no sense', () => {
  it.each([
    [['slim', '--shedule', 'x'], "unknown option '--shedule'; did you mean --schedule?"],
    [['slim', '--jsn'], "unknown option '--jsn'; did you mean --json?"],
    [['eval', '--weihgts=a'], "unknown option '--weihgts'; did you mean --weights?"],
    [['models', '--zzzzzzzzzz'], "unknown option '--zzzzzzzzzz'; known: --json, --quiet, --help"],
    [['models', '-x'], "unknown option '-x'; known: --json, --quiet, --help"],
    [['slim', '--no-json'], "unknown option '--no-json'"],
  ])('%j: names the near option', async (args, message) => {
    const { status, stderr } = await runMain(args);
    expect(stderr).toContain(`patchslim: ${message}`);
    expect(status).toBe(2);
  });

  it.each([
    ['slim'],
    ['slim', 'deit-tinny', '--data', '.', '--out', 'x', '--method', 'wrd'],
    ['slim', 'deit-tiny', '--shedule', 'x'],
    ['slim', 'deit-tiny', '--data'],
    ['flops', 'deit-tinny'],
    ['flops', 'deit-tiny', 'more'],
    ['eval', 'deit-tiny'],
    ['run', 'deit-tiny'],
    ['export', 'deit-tiny'],
    ['bench', 'deit-tiny', '--runs', 'many'],
    ['compare', 'deit-tiny', '--out', 'x', '--schedules', 'budget:50'],
    ['curves', 'deit-tiny', '--out', 'x', '--rates', '2'],
    ['train', 'mnst'],
    ['doctor', 'more'],
  ])('%s %s: ends in the usage line of its command', async (...args) => {
    const { status, stdout, stderr } = await runMain(args);
    const { usage } = commands.find(({ name }) => name === args[0])!;
    expect(stderr).toMatch(/^patchslim: /);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(`usage: patchslim ${usage}`);
    expect(stderr.match(/usage:/g)).toHaveLength(1);
    expect([status, stdout]).toEqual([2, '']);
  });

  it('an unknown command gets the near one and where the list is', async () => {
    expect(await runMain(['slimm'])).toEqual({
      status: 2,
      stdout: '',
      stderr:
        "patchslim: unknown command 'slimm'; did you mean slim?\nusage: patchslim COMMAND …; `patchslim --help` lists the commands\n",
    });
  });

  it('a budget in percent is offered as a share', async () => {
    const slim = ['slim', 'deit-tiny', '--data', '.', '--out', 'x', '--schedule'];
    for (const budget of ['budget:50', 'budget:50%']) {
      const { status, stderr } = await runMain([...slim, budget]);
      expect(stderr).toMatch(/--schedule: budget schedule: expected a share .*; 50 % is budget:0\.5\n/);
      expect(status).toBe(2);
    }
  });
});

describe('plans', () => {
  it('of another model are refused by flops, with weights and without', async () => {
    const folder = await temporaryFolder();
    const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
    const images = await writeTinyImages(join(folder, 'images'), 4);
    const model = ['custom', '--weights', weights];
    const request = ['--method', 'tome', '--schedule', 'budget:0.8', '--evaluate', '0'];
    const { paths } = await runMainJson<{ paths: { plan: string } }>(
      ...['slim', ...model, '--data', images, '--out', folder, ...request],
    );
    expect(await runMainJson('flops', ...model, '--plan', paths.plan)).toHaveProperty('macs');
    const other = await writeTinyModel(join(folder, 'other.safetensors'), tinyConfig, 2);
    expect(await runMain(['flops', 'custom', '--weights', other, '--plan', paths.plan])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/other weights of custom.*\[PLAN_MISMATCH\]/) as string,
    });
    expect(await runMain(['flops', 'deit-tiny', '--plan', paths.plan])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /custom with 3 blocks.*deit-tiny with 12 blocks.*\[PLAN_MISMATCH\]/,
      ) as string,
    });
    // Of the same shape, and yet another model.
    const plan = JSON.parse(await readFile(paths.plan, 'utf8')) as { model: object; blocks: unknown[] };
    const small = join(folder, 'small.json');
    const shape = { name: 'deit-small', depth: 12, tokens: 197 };
    const blocks = Array<unknown>(12).fill({ kind: 'dense' });
    await writeFile(small, JSON.stringify({ ...plan, model: { ...plan.model, ...shape }, blocks }));
    expect(await runMainJson('flops', 'deit-small', '--plan', small)).toMatchObject({ macs: 4_598_882_304 });
    expect(await runMain(['flops', 'deit-tiny', '--plan', small])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/is for deit-small, this is deit-tiny.*\[PLAN_MISMATCH\]/) as string,
    });
  });

  it('that are another file get one line that says which', async () => {
    const config = fileURLToPath(new URL('config.json', modelFolder));
    const { status, stderr } = await runMain(['flops', 'deit-tiny', '--plan', config]);
    expect(stderr).toMatch(
      /^patchslim: .*config\.json is no slim plan: it looks like the configuration of a model .*plan\.json.* \[PLAN_INVALID\]\n$/,
    );
    expect(status).toBe(1);
  });
});

describe('what cannot be had', () => {
  it('a budget below all methods: the least one that a method reaches', async () => {
    const folder = await temporaryFolder();
    const slim = (share: string) =>
      runMain([
        ...['slim', 'custom', '--weights', fileURLToPath(modelFolder), '--data', fileURLToPath(imageFolder)],
        ...['--out', folder, '--calibrate', '4', '--evaluate', '0', '--schedule', `budget:${share}`],
      ]);
    const { status, stderr } = await slim('0.05');
    expect(stderr).toMatch(/no method reaches 'budget:0\.05' with custom; nearest is /);
    expect(Number(/ask for ([\d.]+) or more/.exec(stderr)?.[1])).toBeCloseTo(0.377, 3);
    expect(status).toBe(1);
  });

  it('weights, where there is no network: --weights is the way', async () => {
    const images = await writeTinyImages(join(await temporaryFolder(), 'images'), 1);
    const before = process.env['HF_ENDPOINT'];
    process.env['HF_ENDPOINT'] = 'http://nowhere.invalid';
    try {
      const { status, stderr } = await runMain(['eval', 'deit-tiny', '--data', images]);
      expect(stderr).toMatch(
        /nowhere\.invalid.*\(attempt 2 of 2\); to use weights on this machine: --weights FILE \[DOWNLOAD_FAILED\]\n$/,
      );
      expect(status).toBe(1);
    } finally {
      if (before === undefined) delete process.env['HF_ENDPOINT'];
      else process.env['HF_ENDPOINT'] = before;
    }
  });
});

describe('run', () => {
  let model: string[];
  beforeAll(() => {
    model = ['--weights', fileURLToPath(modelFolder)];
  });

  it('takes the images of a folder', async () => {
    const folder = fileURLToPath(new URL('1-trouser/', imageFolder));
    const single = fileURLToPath(new URL('9-ankle-boot/00.png', imageFolder));
    const { results } = await runMainJson<{ results: { image: string; classes: { name: string }[] }[] }>(
      ...['run', 'custom', folder, single, ...model, '--top', '1'],
    );
    const files = (await readdir(folder)).toSorted().map((name) => join(folder, name));
    expect(results.map(({ image }) => image)).toEqual([...files, single]);
    expect(results.filter(({ classes }) => classes[0]!.name === 'Trouser').length).toBeGreaterThan(25);
  });

  it('says so of a folder without images', async () => {
    const folder = join(await temporaryFolder(), 'empty');
    await mkdir(folder);
    const { status, stderr } = await runMain(['run', 'custom', folder, ...model]);
    expect(stderr).toMatch(/empty': no labels\.csv, and no \.jpg.*\[DATA_INVALID\]/);
    expect(status).toBe(1);
  });
});

describe('doctor', () => {
  it('ends in a verdict', async () => {
    const { status, stdout } = await runMain(['doctor']);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('OK: native works and will be used');
    expect(status).toBe(0);
  });

  it('says what to do where the default does not work, and where none does', () => {
    const finding = (name: string, works: boolean) => ({ name, works, description: '' });
    expect(verdict([finding('native', false), finding('wasm', true)])).toEqual({
      status: 0,
      text: 'native, the default, does not work here: give --backend wasm',
    });
    expect(verdict([finding('native', false), finding('wasm', false)])).toEqual({
      status: 1,
      text: 'No backend works here: install the packages anew (npm ci, or npm install patchslim), then run doctor again',
    });
  });
});
