/** The file that the kit writes, as a schema: what a reader may rely on. */

import * as z from 'zod';

const text = z.string().min(1);
const positive = z.number().positive();

/** How a part of the kit went. A part that could not run says why, in the words of whatever refused. */
const outcome = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('passed'), seconds: z.number(), ...shape }),
    z.strictObject({
      status: z.literal('failed'),
      seconds: z.number(),
      reason: text,
      ...z.object(shape).partial().shape,
    }),
    z.strictObject({ status: z.literal('unavailable'), reason: text }),
    z.strictObject({ status: z.literal('not asked for') }),
  ]);

/** A step before the backends are opened. */
const setUpStep = z.strictObject({
  name: text,
  /** What a person would type. */
  command: text,
  outcome: outcome({ output: z.string() }),
});

/** All cases of the conformance suite, or the first `cases`. */
const conformance = outcome({
  cases: z.int().nonnegative(),
  passed: z.int().nonnegative(),
  /** Cases that failed, with the first line of their error. */
  failures: z.array(z.strictObject({ case: text, error: text })),
});

/** From a small network with random weights to its exported file, by each method, against the float64 reference. */
const pipeline = outcome({
  methods: z.array(
    z.strictObject({
      method: text,
      samePlan: z.boolean(),
      /** Largest difference of logits from the reference, of the dense and of the slimmed network. */
      dense: z.number(),
      slimmed: z.number(),
      /** Of the exported file under ONNX Runtime on the CPU. */
      exported: z.number(),
      leaked: z.int(),
    }),
  ),
  tolerance: positive,
});

/** The plan from the same images on this backend and on the CPU. */
const plan = outcome({
  model: text,
  images: z.int().positive(),
  /** Tokens kept in each block on the CPU. */
  kept: z.array(z.int()),
  /** Positions that only one of the two keeps, by block; empty lists when the plans are equal. */
  differing: z.array(z.array(z.int())),
  /** Largest difference of a score, as a share of the largest score of its block. */
  scoreDifference: z.number(),
  tolerance: positive,
});

const timing = z.strictObject({
  plan: text,
  batch: z.int().positive(),
  /** Median time of one image, ms. */
  denseMs: positive,
  slimmedMs: positive,
  /** Median and quartiles of dense over slimmed, of pairs that were timed in turn. */
  speedup: positive,
  quartiles: z.tuple([positive, positive]),
  macRatio: positive,
  pairs: z.int().positive(),
});
const speed = outcome({ model: text, timings: z.array(timing) });

const backend = z.strictObject({
  name: text,
  /** Whether it opens and computes one number right. */
  open: outcome({}),
  conformance,
  pipeline,
  plan,
  /** The same with TF32, which NVIDIA's libraries use for float32 unless told otherwise. Only of CUDA backends. */
  planWithTf32: plan,
  /** With the defaults of the libraries, TF32 included. */
  speed,
});

export const kitResults = z.strictObject({
  format: z.literal('patchslim-cuda-kit'),
  version: z.literal(1),
  /** ISO 8601. */
  date: z.iso.datetime(),
  patchslim: z.strictObject({ version: text, commit: z.nullable(text) }),
  options: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]),
  ),
  environment: z.strictObject({
    node: text,
    platform: text,
    cpu: text,
    cores: z.int().positive(),
    memoryGiB: positive,
    /** Load average of the minute before. */
    load: z.number().nonnegative(),
    gpus: outcome({
      list: z.array(z.strictObject({ name: text, memory: text, driver: text, computeCapability: text })),
      /** The newest CUDA that the driver knows. */
      cuda: z.nullable(text),
    }),
    cudaToolkit: outcome({ release: text }),
    cudnn: outcome({ files: z.array(text) }),
    vulkan: outcome({ devices: z.array(text) }),
    packages: z.record(z.string(), z.nullable(text)),
  }),
  setUp: z.array(setUpStep),
  backends: z.array(backend),
});

/** The content of `cuda-kit-results.json`. */
export type KitResults = Readonly<z.infer<typeof kitResults>>;
export type BackendResults = KitResults['backends'][number];
export type PartName = 'conformance' | 'pipeline' | 'plan' | 'planWithTf32' | 'speed';
export type Timing = z.infer<typeof timing>;

/** @throws with every place where the text is not what the kit writes */
export function parseKitResults(json: unknown): KitResults {
  const { success, data, error } = kitResults.safeParse(json);
  if (success) return data;
  throw new Error(`no results of the CUDA kit:\n${z.prettifyError(error)}`);
}
