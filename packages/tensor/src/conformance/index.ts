/** The conformance suite: the cases that every backend must pass, by kind of op, and functions that run them. */

import type { Backend } from '../backend.js';
import { findByName } from '../errors.js';
import type { OpDefinition } from '../op.js';
import { opTable } from '../op-table.js';
import type { ConformanceCase } from './case.js';
import { activationCases } from './cases/activations.js';
import { attentionCases } from './cases/attention.js';
import { compositeOpCases } from './cases/composites.js';
import { elementwiseCases } from './cases/elementwise.js';
import { gradientCases } from './cases/gradients.js';
import { indexingCases } from './cases/indexing.js';
import { matMulCases } from './cases/mat-mul.js';
import { movementCases } from './cases/movement.js';
import { programCases } from './cases/programs.js';
import { reductionCases } from './cases/reduction.js';
import { windowCases } from './cases/windows.js';
import { checkConformance } from './check.js';

export type { ConformanceCase, HostTensors } from './case.js';
export { checkConformance };

/** All cases of the suite. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...elementwiseCases,
  ...movementCases,
  ...indexingCases,
  ...reductionCases,
  ...matMulCases,
  ...compositeOpCases,
  ...activationCases,
  ...attentionCases,
  ...windowCases,
  ...programCases,
  ...gradientCases,
];

/** An entry of a backend's exclusion list: a case that the backend does not pass, and the reason. */
export interface Exclusion {
  /** Name of a `ConformanceCase`. */
  readonly case: string;
  readonly reason: string;
}

/**
 * The cases that are not excluded.
 * @throws `UNKNOWN_NAME` for an exclusion that names no case, so a list cannot become outdated
 */
export function casesExcept(exclusions: readonly Exclusion[]): readonly ConformanceCase[] {
  const excluded = new Set(
    exclusions.map((exclusion) => findByName(conformanceCases, exclusion.case, 'conformance case')),
  );
  return conformanceCases.filter((each) => !excluded.has(each));
}

/** One test of the suite on one backend. */
export interface ConformanceTest {
  /** The name of the case; for an excluded one `case (excluded: reason)`. The table of backends in the documentation reads it. */
  readonly name: string;
  /** Throws if the backend is wrong, and if an excluded case passes, so a list cannot become outdated. */
  readonly run: (backend: Backend) => Promise<void>;
}

/**
 * Returns every case as a test, for the test runner of a backend.
 * @throws `UNKNOWN_NAME` for an exclusion that names no case
 * @example
 * describe('conformance of my-backend', () => {
 *   for (const { name, run } of conformanceTests(exclusions)) it(name, () => run(backend)); // it.each cuts long names
 * });
 */
export function conformanceTests(exclusions: readonly Exclusion[]): ConformanceTest[] {
  const passing = casesExcept(exclusions).map((testCase): ConformanceTest => ({
    name: testCase.name,
    run: (backend) => checkConformance(backend, testCase),
  }));
  const failing = exclusions.map(({ case: name, reason }): ConformanceTest => {
    const testCase = findByName(conformanceCases, name, 'conformance case');
    return {
      name: `${name} (excluded: ${reason})`,
      async run(backend) {
        const passes = await checkConformance(backend, testCase).then(
          () => true,
          () => false,
        );
        if (passes) throw new Error(`'${name}' is excluded, but '${backend.name}' passes it`);
      },
    };
  });
  return [...passing, ...failing];
}

/** Ops without a case; for composites also `name (decomposed)`. */
export function missingOps(cases: readonly ConformanceCase[]): string[] {
  const covered = new Set(cases.map(({ op, decomposed }) => (decomposed ? `${op} (decomposed)` : op)));
  const wanted = Object.values<Pick<OpDefinition, 'name' | 'decompose'>>(opTable).flatMap(
    ({ name, decompose }) => (decompose ? [name, `${name} (decomposed)`] : [name]),
  );
  return wanted.filter((name) => !covered.has(name));
}
