/**
 * Real weights and images for tests. They are not in the repository: PATCHSLIM_DATA names their folder; the default is
 * `shared/data` next to the clone. Without them, tests are skipped with a message; PATCHSLIM_REQUIRE_DATA=1 makes that a
 * failure.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

export interface RealData {
  /** DeiT-Tiny in timm's names. */
  readonly weights: string;
  /** Folder of 1000 labelled ImageNet images. */
  readonly images: string;
  /** Class names of ImageNet, one per line. */
  readonly classNames: string;
}

/** The data, or undefined. */
export function findRealData(): RealData | undefined {
  const beside = fileURLToPath(new URL('../../../shared/data', import.meta.url));
  const root = process.env['PATCHSLIM_DATA'] ?? beside;
  const data: RealData = {
    weights: join(root, 'deit_tiny', 'deit_tiny_patch16_224.safetensors'),
    images: join(root, 'imagenet_sample'),
    classNames: join(root, 'imagenet_sample', 'synset_words.txt'),
  };
  return existsSync(data.weights) && existsSync(join(data.images, 'labels.csv')) ? data : undefined;
}

/** The data; without it, skips the test. */
export function requireRealData({ skip }: TestContext): RealData {
  const data = findRealData();
  if (data) return data;
  const reason =
    'no real weights and images: set PATCHSLIM_DATA to a folder with deit_tiny and imagenet_sample';
  if (process.env['PATCHSLIM_REQUIRE_DATA'] === '1') throw new Error(reason);
  return skip(reason);
}
