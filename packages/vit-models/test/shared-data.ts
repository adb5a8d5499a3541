/** Real weights for tests. They are not in the repository: without them a test is skipped, and says so. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

/** The path of DeiT-Tiny's weights; skips the test when they are absent, or fails it with PATCHSLIM_REQUIRE_DATA=1. */
export function deitTinyFile(context: TestContext): string {
  const beside = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
  const path = join(
    process.env['PATCHSLIM_DATA'] ?? beside,
    'deit_tiny',
    'deit_tiny_patch16_224.safetensors',
  );
  if (existsSync(path)) return path;
  if (process.env['PATCHSLIM_REQUIRE_DATA'] === '1')
    throw new Error(`PATCHSLIM_REQUIRE_DATA=1, but '${path}' is absent`);
  return context.skip(`'${path}' is absent; set PATCHSLIM_DATA`);
}
