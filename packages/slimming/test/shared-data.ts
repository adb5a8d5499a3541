/** Real weights and images, where the machine has them. They are not in the repository. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

export interface SharedData {
  /** DeiT-Tiny's weights. */
  readonly weights: string;
  /** 1000 labelled images of ImageNet's classes. */
  readonly images: string;
}

/** `PATCHSLIM_DATA`, or shared/data beside the repository. */
const root =
  process.env['PATCHSLIM_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));

/** Paths of the data, or `undefined` where either part is absent. */
export function findData(): SharedData | undefined {
  const weights = join(root, 'deit_tiny', 'deit_tiny_patch16_224.safetensors');
  const images = join(root, 'imagenet_sample');
  return existsSync(weights) && existsSync(join(images, 'labels.csv')) ? { weights, images } : undefined;
}

/** Paths of the data; without it the test is skipped, or fails with PATCHSLIM_REQUIRE_DATA=1. */
export function requireData({ skip }: TestContext): SharedData {
  const data = findData();
  if (data) return data;
  const reason = `deit_tiny and imagenet_sample are not in '${root}'; set PATCHSLIM_DATA`;
  if (process.env['PATCHSLIM_REQUIRE_DATA'] === '1')
    throw new Error(`PATCHSLIM_REQUIRE_DATA=1, but ${reason}`);
  return skip(reason);
}
