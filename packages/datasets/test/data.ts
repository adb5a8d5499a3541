/** Real images, where the machine has them. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

const fallback = fileURLToPath(new URL('../../../../shared/data', import.meta.url));

/** The data folder (`PATCHSLIM_DATA`, or shared/data beside the repository), or `undefined` without `imagenet_sample`. */
export function findData(): string | undefined {
  const root = process.env['PATCHSLIM_DATA'] ?? fallback;
  return existsSync(join(root, 'imagenet_sample', 'labels.csv')) ? root : undefined;
}

/** The data folder; without it the test is skipped, or fails when `PATCHSLIM_REQUIRE_DATA=1`. */
export function requireData({ skip }: TestContext): string {
  const root = findData();
  if (root !== undefined) return root;
  const reason = 'imagenet_sample is not there (PATCHSLIM_DATA names its parent folder)';
  if (process.env['PATCHSLIM_REQUIRE_DATA'] === '1') throw new Error(reason);
  return skip(reason);
}
