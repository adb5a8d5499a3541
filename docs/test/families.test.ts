/** The page of model families is what the families, the methods and the golden values say. */

import { families } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { familiesPage, renderFamiliesPage } from '../scripts/families-page.js';
import { readPage, root } from './pages.js';

it('guide/model-families.md is generated', { timeout: 120_000 }, async () => {
  const page = await renderFamiliesPage();
  expect(await readPage(familiesPage.slice(root.length))).toBe(page);
  for (const { title } of families) expect(page).toContain(title);
});
