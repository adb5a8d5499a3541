/** DeiT-Tiny with its real weights: every way of running it gives the logits that PyTorch gives. */

import { createOnnxBackend, createOnnxRecorder, saveModel, type Form } from '@patchslim/backend-onnx';
import { runOnHost, type Backend, type HostTensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import {
  forward,
  fromPretrained,
  losslessPlan,
  placeModel,
  type BlockPlan,
  type VitModel,
} from '@patchslim/vit-models';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { blocksOf, golden, goldenImages, goldenPlans } from './golden.js';
import { requireData, type SharedData } from './shared-data.js';

type Images = HostTensor<'float32'>;

async function placed(backend: Backend, { weights }: SharedData): Promise<VitModel> {
  return placeModel(backend, await fromPretrained(weights));
}

/** `[B, 1000]` logits as one array. */
async function logitsOf(
  model: VitModel,
  images: Images,
  plan?: readonly BlockPlan[],
): Promise<ArrayLike<number>> {
  const { backend } = model;
  const program = await backend.compile(
    ({ images: pixels }) => ({ logits: forward(model, pixels, { plan }).logits }),
    { images },
  );
  try {
    return (await runOnHost(backend, program, { images })).logits.data;
  } finally {
    await program.dispose();
  }
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce((x, y) => Math.max(x, y), 0);
}

function topFive(logits: readonly number[]): number[] {
  const classes = logits.map((_, index) => index);
  return classes.sort((a, b) => logits[b]! - logits[a]!).slice(0, 5);
}

describe('native logits', () => {
  it.each(goldenPlans)('are those of PyTorch: %s', async (plan) => {
    const data = requireData(context);
  });
});
