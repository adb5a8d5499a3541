/** Rows of a slimmed network given back to all patches. */

import { float32 } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { expect, it } from 'vitest';
import { unmergeRows } from './index.js';

const backend = createReferenceBackend();

it('gives every patch the row that it is in, and zeros to those that have left', async () => {
  const rows = backend.constant(float32([1, 2, 2], [1, 2, 3, 4]));
  // Token 0 alone, tokens 1 and 3 in one row, token 2 nowhere.
  const sources = backend.constant(float32([1, 2, 4], [1, 0, 0, 0, 0, 0.25, 0, 0.75]));
  const spread = await unmergeRows(rows, sources).toHost();
  expect(spread.shape).toEqual([1, 4, 2]);
  expect(Array.from(spread.data)).toEqual([1, 2, 3, 4, 0, 0, 3, 4]);
});
