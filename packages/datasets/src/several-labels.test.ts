/** Label files that give images several classes: from the text to the batches. */

import { describe, expect, it } from 'vitest';
import { jpeg, makeFolder } from '../test/folder.js';
import { small } from '../test/preprocessing.js';
import { contentKeyOf, decodedSet, imageSet, subset, type ImageSet } from './index.js';
import { openImageFolder } from './image-folder.js';
import { parseLabels } from './labels-csv.js';

const labelsOf = (text: string) =>
  parseLabels(text, 'labels.csv').map(({ label, labels }) => labels ?? label);

describe('parseLabels', () => {
  it.each([
    ['one class a row stays one', 'file,class_index\na,0\nb,3\n', [0, 3]],
    ['spaces between classes', 'file,class_index\na,0 3\nb,1\n', [[0, 3], [1]]],
    [
      'semicolons and bars, a class twice',
      'file,class_index\na,0;3;0\nb,1 | 2\n',
      [
        [0, 3],
        [1, 2],
      ],
    ],
    ['no class at all', 'file,class_indices\na,\nb,2\n', [[], [2]]],
    ['in the order of the columns', 'class_indices;file\n0 1;a\n', [[0, 1]]],
  ] as const)('reads %s', (_, text, labels) => {
    expect(labelsOf(text)).toEqual(labels);
  });

  it.each([
    ['an empty field under class_index', 'file,class_index\na,0 1\nb,\n', /csv:3: .*got ''/],
    ['a word among numbers', 'file,class_indices\na,0 cat\n', /csv:2: .*got 'cat'/],
    ['numbers with commas between them', 'file,class_indices\na,"0,1"\n', /csv:2: .*got '0,1'/],
  ])('refuses %s', (_, text, message) => {
    expect(() => labelsOf(text)).toThrow(message);
  });
});

it('images keep their classes in batches, in memory and in subsets', async () => {
  const files = { 'a.jpg': await jpeg(1), 'b.jpg': await jpeg(2), 'c.jpg': await jpeg(3) };
  const csv = 'file,class_indices\na.jpg,0 2\nb.jpg,\nc.jpg,1\n';
  const folder = await openImageFolder(await makeFolder({ ...files, 'labels.csv': csv }));
  expect(folder.labelled).toBe(true);
  const set = imageSet('three', folder.examples, small);
  const all = async (images: ImageSet) => {
    const sets = [];
    for await (const { labels, labelSets } of images.batches(2)) {
      expect(labels).toBeUndefined();
      sets.push(...labelSets!);
    }
    return sets;
  };
  expect(await all(set)).toEqual([[0, 2], [], [1]]);
  const decoded = await decodedSet(set);
  expect(decoded.inMemory).toBe(true);
  expect(await all(decoded)).toEqual([[0, 2], [], [1]]);
  expect(await all(subset(decoded, [2, 0]))).toEqual([[1], [0, 2]]);

  const changed = folder.examples.map((example) => ({ ...example, labels: [1] }));
  const keys = [set, imageSet('three', changed, small), decoded].map((each) => contentKeyOf(each));
  expect(new Set(await Promise.all(keys)).size).toBe(3);
});
