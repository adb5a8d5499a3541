/** What each command prints and refuses, within this process. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../src/cli.js';
import { runMain, runMainJson } from './main.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('patchslim', () => {
  it('lists all commands in its help', async () => {
    const { status, stdout } = await runMain(['--help']);
    expect(status).toBe(0);
    for (const { name, summary } of commands)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${escape(summary)}$`, 'm'));
  });

  it('has an example and every option in the help of each command', async () => {
    const { stdout } = await runMain(['slim', '--help']);
    expect(stdout).toContain('example:\n  patchslim slim deit-tiny');
    for (const { name, options, optionHelp, example } of commands) {
      expect(example.startsWith(name)).toBe(true);
      const described = optionHelp.map(([option]) => option).join(' ');
      for (const option of Object.keys(options)) expect(described).toContain(`--${option}`);
    }
  });

  it('has an Nx target for each command, which prints no build log', async () => {
    const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
    const { nx } = JSON.parse(manifest) as { nx: { targets: Record<string, object> } };
    for (const { name } of commands) {
      // As a dependency the build would print its log; `bench` is the benchmark of every package.
      expect(nx.targets[name === 'bench' ? 'bench-model' : name]).toEqual({
        command: `node tools/scripts/patchslim.mjs ${name}`,
        cache: false,
      });
    }
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    for (const target of Object.keys(nx.targets)) expect(readme).toContain(`\`${target}\``);
  });

  it.each([
    [['slimm'], /unknown command 'slimm'; did you mean slim/],
    [['flops', 'deit-tinny'], /unknown model 'deit-tinny'; did you mean deit-tiny/],
    [['flops'], /MODEL is missing/],
    [['flops', 'deit-tiny', 'more'], /unexpected argument 'more'/],
    [['flops', 'deit-tiny', '--plam', 'x'], /unknown option '--plam'; did you mean --plan\?/],
    [['eval', 'deit-tiny'], /--data is missing/],
    [
      ['eval', 'deit-tiny', '--data', '.', '--batch', '0'],
      /--batch: expected a whole number of at least 1, got '0'/,
    ],
    [
      ['slim', 'deit-tiny', '--data', '.', '--out', 'x', '--schedule', 'counts:a'],
      /does not read as counts:/,
    ],
    [
      ['slim', 'deit-tiny', '--data', '.', '--out', 'x', '--method', 'patch-slimming:score=impct'],
      /--method: unknown score 'impct'; did you mean impact/,
    ],
    [
      ['slim', 'deit-tiny', '--data', '.', '--out', 'x', '--estimator', 'impact'],
      /unknown option '--estimator'/,
    ],
    [
      ['curves', 'deit-tiny', '--data', '.', '--out', 'x', '--scores', 'impct'],
      /--scores: .*did you mean impact/,
    ],
    [['run', 'deit-tiny', 'a.jpg', '--draw', 'a.gif'], /ends in .svg or .png/],
  ])('answers %j with status 2 and the reason', async (args, reason) => {
    const { status, stdout, stderr } = await runMain(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(reason);
    expect(stdout).toBe('');
  });

  it('answers work that fails with status 1 and a code', async () => {
    const missing = await runMain(['eval', 'deit-tiny', '--data', join(folder, 'nowhere')]);
    expect(missing.status).toBe(1);
    expect(missing.stderr).toMatch(/nowhere.*\[NOT_FOUND\]/);
    const broken = join(folder, 'plan.json');
    await writeFile(broken, '{"format": "patchslim-plan", "version": 2}');
    const plan = await runMain(['flops', 'deit-tiny', '--plan', broken]);
    expect(plan.status).toBe(1);
    expect(plan.stderr).toMatch(/version.*\[PLAN_INVALID\]/);
  });
});

describe('patchslim flops', () => {
  it('prints the published counts', async () => {
    const macs = await runMainJson<{ macs: number; blocks: { macs: number }[] }>('flops', 'deit-tiny');
    expect(macs.macs).toBe(1_253_683_200);
    expect(macs.blocks.map((block) => block.macs)).toEqual(new Array(12).fill(102_049_152));
    const fvcore = await runMainJson<{ macs: number }>('flops', 'deit-tiny', '--convention', 'fvcore');
    expect(fvcore.macs).toBe(1_258_411_200);
    const { stdout } = await runMain(['flops', 'deit-base']);
    expect(stdout).toContain('17,563,828,224 MACs');
  });
});

describe('patchslim models and doctor', () => {
  it('lists models with their cost', async () => {
    const { models } = await runMainJson<{ models: { name: string; macs: number }[] }>('models');
    expect(models.find(({ name }) => name === 'deit-small')?.macs).toBe(4_598_882_304);
  });

  it('says of each backend whether it works, and why not', async () => {
    const { backends } = await runMainJson<{
      backends: { name: string; works: boolean; reason?: string }[];
    }>('doctor');
    const found = new Map(backends.map((backend) => [backend.name, backend]));
    expect(found.get('native')?.works).toBe(true);
    expect(found.get('reference')?.works).toBe(true);
    for (const { works, reason } of backends) expect(works || (reason ?? '').length > 10).toBe(true);
  });
});

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
