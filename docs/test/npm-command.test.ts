/** How the workspace's scripts start npm: on Windows it is a .cmd file, which Node does not start. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { npmCommand } from '@patchslim/testing';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('starts the npm that runs the script', async () => {
  const own = join(folder, 'own/npm-cli.js');
  await mkdir(join(folder, 'own'));
  await writeFile(own, 'console.log(process.argv.slice(2).join())');
  const { program, args, shell } = npmCommand(['run', 'a b'], {
    env: { npm_execpath: own },
    platform: 'win32',
  });
  expect(shell).toBe(false);
  expect(spawnSync(program, args, { encoding: 'utf8' }).stdout).toBe('run,a b\n');
});

it('starts the one beside node.exe where another program runs the script', async () => {
  const beside = join(folder, 'node_modules/npm/bin/npm-cli.js');
  await mkdir(join(folder, 'node_modules/npm/bin'), { recursive: true });
  await writeFile(beside, '');
  const execPath = join(folder, 'node.exe');
  for (const env of [{}, { npm_execpath: join(folder, 'yarn.js') }]) {
    expect(npmCommand(['ci'], { env, execPath, platform: 'win32' })).toEqual({
      program: execPath,
      args: [beside, 'ci'],
      shell: false,
    });
  }
});

it('leaves it to the shell on Windows where it finds none, and to the path elsewhere', () => {
  const nowhere = { env: {}, execPath: join(folder, 'nowhere/node') };
  expect(npmCommand(['ci'], { ...nowhere, platform: 'win32' })).toEqual({
    program: 'npm',
    args: ['ci'],
    shell: true,
  });
  expect(npmCommand(['ci'], { ...nowhere, platform: 'linux' })).toMatchObject({
    program: 'npm',
    shell: false,
  });
});

it('starts a real npm here', () => {
  const { program, args, shell } = npmCommand(['--version']);
  expect(spawnSync(program, args, { encoding: 'utf8', shell }).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
