/** The page of config files names every key of the tables, and no other, as what it is. */

import { configKeys, preprocessorKeys, timmKeys, type KeyTable } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { readPage } from './pages.js';

const keysIn = (text: string): string[] => [...text.matchAll(/`([\w.]+)`/g)].map(([, key]) => key!);

/** Of a section: the first column of its table, and the keys of the two sentences below. */
function keysOf(section: string): Record<string, string[]> {
  const sentence = (begin: string) =>
    section
      .split('\n')
      .find((line) => line.startsWith(begin))
      ?.slice(begin.length) ?? '';
  return {
    read: [...section.matchAll(/^\| `([\w.]+)`/gm)].map(([, key]) => key!),
    refused: keysIn(sentence('Refused, unless they are off:')),
    'no effect': keysIn(sentence('Without effect on classes and pixels:')),
  };
}

it.each([
  ['## `preprocessor_config.json`', preprocessorKeys],
  ['## `config.json`', configKeys],
  ['## `pretrained_cfg`', timmKeys],
] as const satisfies [string, KeyTable][])('%s', async (title, table) => {
  const page = await readPage('docs/guide/config-files.md');
  const section = page.slice(page.indexOf(title)).split(/\n(?=## )/)[0]!;
  const found = keysOf(section);
  for (const use of ['read', 'refused', 'no effect']) {
    const expected = Object.keys(table).filter((key) => table[key] === use);
    expect(found[use]!.toSorted(), use).toEqual(expected.toSorted());
  }
});
