/** The conformance suite of the tensor interface in Node; on WebGPU it is in `conformance.dawn.test.ts`. */

import { conformanceTests } from '@patchslim/tensor/conformance';
import { describe, it } from 'vitest';
import { checkCase } from '../test/check-case.js';
import { chosenBackends } from '../test/node-backends.js';

for (const { name, open, exclusions = [] } of chosenBackends()) {
  describe(`conformance of ${name}`, async () => {
    const backend = await open();

    for (const test of conformanceTests(exclusions)) it(test.name, () => checkCase(test, backend));
  });
}
