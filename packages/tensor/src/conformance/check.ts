/** Runs a conformance case on a backend. It needs no test framework: a failure is an ordinary `Error`. */

import type { Backend } from '../backend.js';
import { describe, type HostTensor, type TensorSpec } from '../host.js';
import { disposeAll } from '../memory.js';
import { mapValues, placeAll, runOnHost, type Program } from '../program.js';
import { createReferenceBackend } from '../reference/index.js';
import { placesOf } from '../reference/values.js';
import type { ConformanceCase, HostTensors } from './case.js';

const defaultTolerance = 1e-5;

/**
 * Compiles the case on `backend`, runs it and compares every output. It runs twice, to catch kernels that write
 * into their inputs or into constants.
 *
 * @throws Error that names the case, the backend and the largest difference with its position; also when tensors leak
 */
export async function checkConformance(backend: Backend, testCase: ConformanceCase): Promise<void> {
  const complain = (problem: string): never => {
    throw new Error(`conformance '${testCase.name}' on backend '${backend.name}': ${problem}`);
  };
  const expected = testCase.expected ?? (await referenceResult(testCase));
  const liveBefore = backend.memory.liveTensors;
  await withProgram(backend, testCase, async (program) => {
    compareSpecs('compile() declares', expected, program.outputs, complain);
    for (const run of ['first run', 'second run']) {
      const outputs = await runOnHost(backend, program, testCase.inputs);
      compareSpecs(run, expected, outputs, complain);
      for (const [name, want] of Object.entries(expected)) {
        const problem = worstDifference(outputs[name]!, want, testCase.tolerance ?? defaultTolerance);
        if (problem) complain(`${run}: output '${name}' ${describe(want)}: ${problem}`);
      }
    }
  });
  const leftOver = backend.memory.liveTensors - liveBefore;
  if (leftOver !== 0) complain(`${leftOver} live tensors more than before`);
}

/** Cache: one process may run the suite on several backends, and the reference computes each case once. */
const references = new WeakMap<ConformanceCase, Promise<HostTensors>>();

function referenceResult(testCase: ConformanceCase): Promise<HostTensors> {
  const known = references.get(testCase);
  if (known) return known;
  const backend = createReferenceBackend();
  const result = withProgram(backend, testCase, (program) => runOnHost(backend, program, testCase.inputs));
  references.set(testCase, result);
  return result;
}

async function withProgram<T>(
  backend: Backend,
  testCase: ConformanceCase,
  use: (program: Program) => Promise<T>,
) {
  const constants = placeAll(backend, testCase.constants ?? {});
  try {
    const program = await backend.compile(
      (inputs) => testCase.run(inputs, constants),
      specsOf(testCase.inputs),
    );
    try {
      return await use(program);
    } finally {
      await program.dispose();
    }
  } finally {
    disposeAll(constants);
  }
}

function specsOf(tensors: HostTensors): Record<string, TensorSpec> {
  return mapValues<string, HostTensor, TensorSpec>(tensors, ({ shape, dtype }) => ({ shape, dtype }));
}

function compareSpecs(
  who: string,
  expected: HostTensors,
  got: Readonly<Record<string, TensorSpec>>,
  complain: (problem: string) => never,
): void {
  const list = (specs: Readonly<Record<string, TensorSpec>>) =>
    Object.keys(specs)
      .sort()
      .map((name) => `${name} ${describe(specs[name]!)}`)
      .join(', ');
  if (list(expected) !== list(got)) complain(`${who}: expected ${list(expected)}, got ${list(got)}`);
}

/** A description of the largest difference above the tolerance, or undefined if there is none. */
function worstDifference(got: HostTensor, want: HostTensor, tolerance: number): string | undefined {
  const [gotData, wantData] = [got, want].map(({ data }) => `${data.constructor.name} of ${data.length}`);
  if (gotData !== wantData) return `expected ${wantData}, got ${gotData}`;
  const allowed = want.dtype === 'float32' ? tolerance : 0;
  const wrong = [...placesOf(want.shape)]
    .map((place, i) => ({ place, x: got.data[i]!, y: want.data[i]! }))
    .map((value) => ({ ...value, difference: differenceOf(value.x, value.y) }))
    .filter(({ difference }) => difference > allowed);
  if (wrong.length === 0) return undefined;
  const { place, x, y, difference } = wrong.reduce((a, b) => (b.difference > a.difference ? b : a));
  const share = `${wrong.length} of ${want.data.length} values wrong`;
  const worst = `worst at [${place.join(',')}]: expected ${y}, got ${x}`;
  return `${share}; ${worst} (difference ${difference.toExponential(1)}, allowed ${allowed})`;
}

/** |difference| as a multiple of max(1, |expected|); infinite if only one value is NaN or the same infinity. */
function differenceOf(got: number, want: number): number {
  if (Object.is(got, want) || got === want) return 0;
  const difference = Math.abs(got - want) / Math.max(1, Math.abs(want));
  return Number.isFinite(difference) ? difference : Infinity;
}
