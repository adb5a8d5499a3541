/** What the playground makes of the rows that a block computes. */

import { expect, it } from 'vitest';
import { describeGroups, groupPatches } from '../playground/patch-groups.js';

it('a patch is alone, merged or dropped', () => {
  // Nine patches behind a class token: 0 and 4 merged, 2, 3 and 8 alone, the others gone.
  const groups = groupPatches([[0], [1, 5], [3], [4], [9]], 9, 1);
  expect([...groups.rowOf]).toEqual([1, -1, 2, 3, 1, -1, -1, -1, 4]);
  expect(groups).toMatchObject({ rows: 5, alone: 3, merged: 2, dropped: 4 });
  expect(describeGroups(groups, 3, 12)).toBe(
    'Block 3 of 12 computes 5 tokens. Patches: 3 alone, 2 merged, 4 dropped.',
  );
});

it('class and distillation token are no patches', () => {
  const groups = groupPatches([[0], [1], [2]], 4, 2);
  expect(groups).toMatchObject({ rows: 3, alone: 1, merged: 0, dropped: 3 });
  expect([...groups.rowOf]).toEqual([2, -1, -1, -1]);
  expect(describeGroups(groupPatches([[0]], 4, 1), 12, 12)).toBe(
    'Block 12 of 12 computes 1 token. Patches: 0 alone, 4 dropped.',
  );
});
