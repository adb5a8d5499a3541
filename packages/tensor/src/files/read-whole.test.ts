/** Reading of whole files: real files, files that tell no size, and one without an end. */

import { existsSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTemporaryFolder, readWhole, TooLarge } from './index.js';

const folder = await makeTemporaryFolder('read-whole');
const path = join(folder, 'file');

it.each([0, 1, 70_000])('reads %d bytes', async (count) => {
  const bytes = Uint8Array.from({ length: count }, (_, i) => i % 251);
  await writeFile(path, bytes);
  expect(await readWhole(path, count)).toEqual(bytes);
});

it('refuses a larger file with its size, before it is read', async () => {
  await writeFile(path, 'abcd');
  await expect(readWhole(path, 3)).rejects.toThrow(new TooLarge(4, 3));
  await appendFile(path, 'e');
  expect((await readWhole(path, 5)).length).toBe(5);
});

const devices = ['/proc/self/status', '/dev/zero'].every((device) => existsSync(device));
it.runIf(devices)('reads a device no further than allowed', async () => {
  expect(new TextDecoder().decode(await readWhole('/proc/self/status', 100_000))).toMatch(/^Name:/);
  const endless = readWhole('/dev/zero', 1000);
  await expect(endless).rejects.toThrow(/^expected at most 1000 bytes, got \d+$/);
});

it('gives the error of Node for a file that is not there', async () => {
  await expect(readWhole(join(folder, 'none'), 10)).rejects.toMatchObject({ code: 'ENOENT' });
});
