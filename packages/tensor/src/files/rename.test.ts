/** Retries on a real file system that refuses at first. */

import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { renameFile, retry } from './rename.js';

let from: string;
let to: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-rename-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  from = join(folder, 'from');
  to = join(folder, 'later', 'to');
  await writeFile(from, 'text');
});

describe('retry', () => {
  it('retries until it works', async () => {
    let attempts = 0;
    const renaming = retry(async () => {
      attempts++;
      if (attempts === 3) await mkdir(join(to, '..')); // removes the obstacle
      await rename(from, to);
    }, ['ENOENT']);
    await renaming;
    expect(attempts).toBe(3);
    expect(await readFile(to, 'utf8')).toBe('text');
  });

  it('throws the last error after all attempts fail', async () => {
    let attempts = 0;
    const renaming = retry(
      () => {
        attempts++;
        return rename(from, to);
      },
      ['ENOENT'],
      [1, 2, 3],
    );
    await expect(renaming).rejects.toMatchObject({ code: 'ENOENT' });
    expect(attempts).toBe(4);
  });

  it('does not retry after another error', async () => {
    let attempts = 0;
    const renaming = retry(() => {
      attempts++;
      return rename(from, to);
    }, ['EPERM', 'EACCES', 'EBUSY']);
    await expect(renaming).rejects.toMatchObject({ code: 'ENOENT' });
    expect(attempts).toBe(1);
    await expect(access(from)).resolves.toBeUndefined();
  });
});

it('renameFile renames over a file', async () => {
  await mkdir(join(to, '..'));
  await writeFile(to, 'old');
  await renameFile(from, to);
  expect(await readFile(to, 'utf8')).toBe('text');
});
