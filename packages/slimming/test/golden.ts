/** Output of tools/golden/deit_forward.py: logits of DeiT-Tiny from PyTorch, and their inputs. */

import { decodeImage } from '@patchslim/datasets';
import { float32, type HostTensor } from '@patchslim/tensor';
import type { BlockPlan, Keys, Preprocessing } from '@patchslim/vit-models';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface GoldenEntry {
  /** `synthetic`, or a file of imagenet_sample. */
  readonly image: string;
  readonly plan: GoldenPlan;
  /** Classes of the largest logits, largest first. */
  readonly top5: readonly number[];
  /** Six significant digits of each of the 1000 logits. */
  readonly logits: readonly number[];
}

export type GoldenPlan = 'dense' | Keys;
export const goldenPlans: readonly GoldenPlan[] = ['dense', 'compact', 'all'];

interface Golden {
  /** Tokens kept by each block in the plans `compact` and `all`. */
  readonly counts: readonly number[];
  readonly entries: readonly GoldenEntry[];
}

const golden = JSON.parse(readFileSync(new URL('golden/deit-tiny.json', import.meta.url), 'utf8')) as Golden;

/** The entries of one plan, one per image of `goldenImages`. */
export function goldenEntries(plan: GoldenPlan): readonly GoldenEntry[] {
  return golden.entries.filter((entry) => entry.plan === plan);
}

/** The images of every plan's entries, in order: `[4, 3, 224, 224]`. */
export async function goldenImages(
  folder: string,
  preprocessing: Preprocessing,
): Promise<HostTensor<'float32'>> {
  const images: Float32Array[] = [];
  for (const { image } of goldenEntries('dense')) {
    if (image === 'synthetic') images.push(syntheticImage());
    else images.push(await decodeImage(join(folder, 'images', image), preprocessing));
  }
  const size = images[0]!.length;
  const data = new Float32Array(images.length * size);
  for (const [i, image] of images.entries()) data.set(image, i * size);
  return float32([images.length, 3, 224, 224], data);
}

/** `[3, 224, 224]` of waves in steps of 1/64, exact in float32; the maker script computes the same. */
export function syntheticImage(): Float32Array {
  const size = 224;
  const pixels = new Float32Array(3 * size * size);
  let next = 0;
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const waves = Math.sin(x / 9 + c) + Math.cos(y / 14 - 2 * c) / 2 + Math.sin((x * y) / 900) / 2;
        pixels[next++] = Math.floor(64 * waves + 0.5) / 64;
      }
    }
  }
  return pixels;
}

/** The blocks of a golden plan: each keeps the class token and the patches i with the smallest 37 i mod 196. */
export function blocksOf(plan: GoldenPlan): readonly BlockPlan[] | undefined {
  if (plan === 'dense') return undefined;
  const rank = (patch: number) => (37 * patch) % 196;
  const patches = Array.from({ length: 196 }, (_, i) => i).sort((a, b) => rank(a) - rank(b));
  return golden.counts.map((count): BlockPlan => {
    const kept = patches.slice(0, count - 1).map((patch) => patch + 1);
    return count === 197
      ? { kind: 'dense' }
      : { kind: 'keep', keep: [0, ...kept.sort((a, b) => a - b)], keys: plan };
  });
}
