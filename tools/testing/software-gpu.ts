/**
 * Tests that need a GPU in Node run on the software GPU of Debian's Chromium. They are named `*.dawn.test.ts`; the
 * shared Vitest configuration starts their processes with the variables for the driver.
 */

import { describe, it } from 'vitest';
import { noSoftwareGpu, softwareGpu } from './platform.mjs';

/** Like `describe`; without the GPU, one test that is skipped with the reason, or fails with PATCHSLIM_REQUIRE_GPU=1. */
export function describeOnGpu(title: string, tests: () => Promise<void> | void): void {
  if (softwareGpu) {
    describe(title, { timeout: 300_000 }, tests);
    return;
  }
  it(title, ({ skip }) => {
    if (process.env['PATCHSLIM_REQUIRE_GPU'] === '1') throw new Error(noSoftwareGpu);
    skip(noSoftwareGpu);
  });
}
