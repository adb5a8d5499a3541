/**
 * Tests that need a GPU in Node run on the software GPU of Debian's Chromium. They are named `*.dawn.test.ts`; the
 * shared Vitest configuration starts their processes with the variables for the driver.
 */

import { existsSync } from 'node:fs';
import { describe, it } from 'vitest';

/** Also in tools/config/vitest.js. */
const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Like `describe`; without the GPU, one test that is skipped with the reason, or fails with PATCHSLIM_REQUIRE_GPU=1. */
export function describeOnGpu(title: string, tests: () => Promise<void> | void): void {
  if (existsSync(driver)) {
    describe(title, { timeout: 300_000 }, tests);
    return;
  }
  it(title, ({ skip }) => {
    const reason = `${driver} is absent; Debian's package chromium has it`;
    if (process.env['PATCHSLIM_REQUIRE_GPU'] === '1') throw new Error(reason);
    skip(reason);
  });
}
