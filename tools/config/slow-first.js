// The order of test files. Without times of an earlier run, Vitest starts the largest files first; here small ones take
// longest, and one that starts last leaves a core idle.
import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';

/** Files of more than 25 s on two cores, the slowest first; `npm test` prints the longest at its end. */
const slow = [
  'docs/test/playground/playground.test.ts',
  'docs/test/recipes.test.ts',
  'docs/test/more-recipes.test.ts',
  'tools/package-tests/test/node.test.ts',
  'packages/backend-tfjs/src/conformance.dawn.test.ts',
  'packages/slimming/test/backends/pipeline.dawn.test.ts',
  'packages/backend-tfjs/src/webgpu-kernels.dawn.test.ts',
  'packages/slimming/test/accuracy.test.ts',
  'packages/browser/test/pipeline.test.ts',
  'packages/browser/test/places.test.ts',
  'packages/browser/test/client.test.ts',
  'packages/backend-tfjs/src/conformance.test.ts',
  'packages/backend-onnx/src/conformance.test.ts',
];

export class SlowFirst extends BaseSequencer {
  /** @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    const order = ({ project }) => project.config.sequence.groupOrder;
    const rank = ({ moduleId }) => {
      const index = slow.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'));
      return index < 0 ? slow.length : index;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => order(a) - order(b) || rank(a) - rank(b)); // stable
  }
}
