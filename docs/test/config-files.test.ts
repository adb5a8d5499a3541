/** The page of config files is what the tables of the readers say, key by key. */

import { configKeys, preprocessorKeys, timmKeys } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { configFilesPage, renderConfigFilesPage } from '../scripts/config-files-page.js';
import { readPage, root } from './pages.js';

it('guide/config-files.md is generated from the tables', async () => {
  expect(await readPage(configFilesPage.slice(root.length))).toBe(await renderConfigFilesPage());
});

it('it names every key', async () => {
  const page = await renderConfigFilesPage();
  const keys = [preprocessorKeys, configKeys, timmKeys].flatMap((table) => Object.keys(table));
  expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
});
