/** The program as a process: its statuses, its output through pipes, and the file that npm links as the command. */

import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { commands } from '../src/cli.js';
import { bundlePatchslim, runProcess } from './patchslim.js';
import { temporaryFolder } from './tiny-model.js';

const patchslim = bundlePatchslim();

const link = fileURLToPath(new URL('../bin/patchslim.js', import.meta.url));

it('prints its help with status 0, and refuses a command line that makes no sense with status 2', async () => {
  const [help, wrong] = await Promise.all([patchslim(['--help']), patchslim(['flops'])]);
  expect(help).toMatchObject({ status: 0, stderr: '' });
  for (const { name } of commands) expect(help.stdout).toContain(`\n  ${name} `);
  expect(wrong).toMatchObject({ status: 2, stdout: '' });
  expect(wrong.stderr).toMatch(/^patchslim: MODEL is missing\nusage: /);
});

// A pipe holds 64 kB; what does not fit must still arrive at a reader that comes late.
it.each([
  ['stdout', ['models', '--json'], '{"models":['],
  ['stderr', ['bench', 'deit-tiny', '--runs', 'x'.repeat(120_000)], 'patchslim: --runs: expected'],
])('is not cut where %s is a pipe with a slow reader', async (stream, args, beginning) => {
  const slowly = stream === 'stdout' ? '| (sleep 1; cat)' : '2>&1 >/dev/null | (sleep 1; cat)';
  const { stdout } = await patchslim(args, { through: slowly });
  expect(stdout.startsWith(beginning)).toBe(true);
  expect(stdout.endsWith('\n')).toBe(true);
  if (stream === 'stderr') expect(stdout.length).toBeGreaterThan(120_000);
});

it('as npm links it, starts what was built, or says in one line that nothing was', async () => {
  const folder = await temporaryFolder();
  const copied = join(folder, 'bin/patchslim.js');
  await mkdir(join(folder, 'bin'));
  await cp(link, copied);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const bare = await runProcess(process.execPath, [copied, '--version']);
  expect(bare.stderr).toMatch(/^patchslim: .*npm ci.*npm run build.*\n$/);
  expect(bare).toMatchObject({ status: 1, stdout: '' });

  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'dist/bin.js'), 'console.log(process.argv[2]); process.exitCode = 3;');
  expect(await runProcess(process.execPath, [copied, '--version'])).toEqual({
    status: 3,
    stdout: '--version\n',
    stderr: '',
  });
  // Any other fault of what was built is shown as it is.
  await writeFile(join(folder, 'dist/bin.js'), 'throw new Error("broken");');
  expect((await runProcess(process.execPath, [copied])).stderr).toContain('Error: broken');
});
