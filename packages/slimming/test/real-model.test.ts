/** DeiT-Tiny with its real weights: every way of running it gives PyTorch's logits. */

import {
  createOnnxBackend,
  createOnnxRecorder,
  saveModel,
  type Form,
  type Graph,
} from '@patchslim/backend-onnx';
import { float32, runOnHost, type Backend, type HostTensor, type Tensors } from '@patchslim/tensor';
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
import { nightly } from '@patchslim/testing/by-day';
import { blocksOf, goldenEntries, goldenImages, goldenPlans, syntheticImage } from './golden.js';
import { requireRealData, type RealData } from '@patchslim/testing';

type Plan = readonly BlockPlan[] | undefined;

async function placed<B extends Backend>(
  backend: B,
  { weights }: RealData,
): Promise<VitModel & { backend: B }> {
  return { ...placeModel(backend, await fromPretrained(weights)), backend };
}

const logitsUnder = (model: VitModel, plan: Plan) => {
  return ({ images }: Tensors<'images'>) => ({ logits: forward(model, images, { plan }).logits });
};

/** The logits of `B` images, one after the other. */
async function logitsOf(model: VitModel, images: HostTensor<'float32'>, plan?: Plan): Promise<number[]> {
  const program = await model.backend.compile(logitsUnder(model, plan), { images });
  const { logits } = await runOnHost(model.backend, program, { images });
  await program.dispose();
  return Array.from(logits.data);
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

function topFive(logits: readonly number[]): number[] {
  const classes = logits.map((_, index) => index);
  return classes.sort((a, b) => logits[b]! - logits[a]!).slice(0, 5);
}

describe('native logits', () => {
  it.for(goldenPlans)('are those of PyTorch under the plan %s', async (plan, context) => {
    const data = requireRealData(context);
    const model = await placed(await createOnnxBackend(), data);
    const images = await goldenImages(data.images, model.preprocessing);
    const logits = await logitsOf(model, images, blocksOf(plan));
    for (const [i, wanted] of goldenEntries(plan).entries()) {
      const row = logits.slice(i * 1000, (i + 1) * 1000);
      expect(largestDifference(row, wanted.logits), wanted.image).toBeLessThan(1e-3);
      expect(topFive(row), wanted.image).toEqual(wanted.top5);
    }
  });

  it('stay the same under the lossless plan', async (context) => {
    const data = requireRealData(context);
    const model = await placed(await createOnnxBackend(), data);
    const images = await goldenImages(data.images, model.preprocessing);
    const lossless = await logitsOf(model, images, losslessPlan(model.config));
    expect(largestDifference(lossless, await logitsOf(model, images))).toBeLessThan(1e-4);
  });
});

// float64 in plain loops: one image takes 10 to 30 seconds, so only at night.
if (nightly) {
  it('logits of the reference backend are those of PyTorch', { timeout: 300_000 }, async (context) => {
    const model = await placed(createReferenceBackend(), requireRealData(context));
    const image = model.backend.constant(float32([1, 3, 224, 224], syntheticImage()));
    const { logits } = forward(model, image);
    const [wanted] = goldenEntries('dense');
    expect(largestDifference(Array.from(await logits.data()), wanted!.logits)).toBeLessThan(1e-4);
  });
}

describe('an exported graph', () => {
  const forms: readonly Form[] = ['portable', 'runtime'];
  const cases = goldenPlans.flatMap((plan) => forms.map((form) => ({ plan, form })));

  it.for(cases)(
    'gives the logits of PyTorch in plain onnxruntime: $plan, $form',
    async ({ plan, form }, context) => {
      const data = requireRealData(context);
      const model = await placed(createOnnxRecorder(), data);
      const images = await goldenImages(data.images, model.preprocessing);
      const graph = model.backend.record(logitsUnder(model, blocksOf(plan)), { images }, { form });
      const logits = await runFile(await savedFile(graph), images);
      const wanted = goldenEntries(plan).flatMap((entry) => entry.logits);
      expect(largestDifference(logits, wanted)).toBeLessThan(1e-3);
    },
  );

  it.for(forms)('of a compact plan selects by constant indices only: %s', async (form, context) => {
    const model = await placed(createOnnxRecorder(), requireRealData(context));
    const images = float32([1, 3, 224, 224], syntheticImage());
    const graph = model.backend.record(logitsUnder(model, blocksOf('compact')), { images }, { form });
    const operators = new Set(graph.nodes.map(({ op }) => op));
    expect([...operators].filter((op) => /TopK|Scatter|GatherND|GatherElements|OneHot/.test(op))).toEqual([]);
    const constants = new Set(graph.initializers.map(({ name }) => name));
    const gathers = graph.nodes.filter(({ op }) => op === 'Gather');
    expect(gathers.length).toBeGreaterThan(0);
    for (const { inputs } of gathers) expect(constants).toContain(inputs[1]);
  });
});

/** Writes a graph into a folder that is removed at the end of the test. */
async function savedFile(graph: Graph): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return (await saveModel(graph, join(folder, 'model.onnx'))).path;
}

async function runFile(path: string, images: HostTensor<'float32'>): Promise<number[]> {
  const session = await ort.InferenceSession.create(path);
  const { logits } = await session.run({ images: new ort.Tensor('float32', images.data, images.shape) });
  await session.release();
  return Array.from(logits!.data as Float32Array);
}
