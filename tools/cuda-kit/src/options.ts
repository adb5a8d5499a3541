/** What the kit is asked to do. */

import { parseArgs } from 'node:util';

export interface KitOptions {
  readonly backends: readonly string[];
  /** A preset, with random weights, that is timed. */
  readonly model: string;
  readonly batches: readonly number[];
  /** Timed pairs for each batch size. */
  readonly pairs: number;
  /** Cases of the conformance suite; all of them if infinite. */
  readonly cases: number;
  /** Methods of the pipeline. */
  readonly methods: readonly string[];
  /** Images for the plan. */
  readonly images: number;
  readonly parts: readonly string[];
  readonly setUp: boolean;
  /** Minutes after which a backend is given up. */
  readonly minutes: number;
  readonly out: string;
}

export const parts = ['conformance', 'pipeline', 'plan', 'speed'];

export const help = `Tests and times patchslim on a machine with an NVIDIA GPU, and writes one file with the results.

  node tools/cuda-kit/run.mjs [options]

  --backends LIST   cuda,tfjs-node-gpu,webgpu,tfjs-webgpu
  --parts LIST      ${parts.join(',')}
  --model NAME      the architecture that is timed: deit-small (default), deit-tiny, deit-base, tiny, …
  --batches LIST    1,8,64
  --pairs N         timed pairs of dense and slimmed for each batch size (30)
  --cases N         the first N cases of the conformance suite (all)
  --methods LIST    of the pipeline (patch-slimming,evit,tome,ward)
  --images N        images for the plan (32)
  --no-set-up       installs nothing
  --minutes N       gives up a backend after so many minutes (60)
  --out FILE        cuda-kit-results.json
`;

/** @throws for an option that does not exist, or a number that is none */
export function parseOptions(args: readonly string[]): KitOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      backends: { type: 'string', default: 'cuda,tfjs-node-gpu,webgpu,tfjs-webgpu' },
      parts: { type: 'string', default: parts.join(',') },
      model: { type: 'string', default: 'deit-small' },
      batches: { type: 'string', default: '1,8,64' },
      pairs: { type: 'string', default: '30' },
      cases: { type: 'string', default: 'Infinity' },
      methods: { type: 'string', default: 'patch-slimming,evit,tome,ward' },
      images: { type: 'string', default: '32' },
      'no-set-up': { type: 'boolean', default: false },
      minutes: { type: 'string', default: '60' },
      out: { type: 'string', default: 'cuda-kit-results.json' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const list = (text: string): string[] => text.split(',').filter((each) => each !== '');
  const chosen = list(values.parts);
  const unknown = chosen.find((part) => !parts.includes(part));
  if (unknown !== undefined) throw new Error(`--parts: no part '${unknown}'; there are ${parts.join(', ')}`);
  return {
    backends: list(values.backends),
    model: values.model,
    batches: list(values.batches).map((batch) => positive('--batches', batch)),
    pairs: positive('--pairs', values.pairs),
    cases: values.cases === 'Infinity' ? Infinity : positive('--cases', values.cases),
    methods: list(values.methods),
    images: positive('--images', values.images),
    parts: chosen,
    setUp: !values['no-set-up'],
    minutes: positive('--minutes', values.minutes),
    out: values.out,
  };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`${option}: expected a positive whole number, got '${text}'`);
}
