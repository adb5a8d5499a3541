/** Labels beyond the classes of a model. */

import { expect, it } from 'vitest';
import { makeFolder } from '../test/folder.js';
import { checkLabels } from './check-labels.js';
import { openImageFolder } from './image-folder.js';

it('names file, line and classes', async () => {
  const csv = 'file,class_index\nb.jpg,2\na.jpg,9\n';
  const folder = await openImageFolder(await makeFolder({ 'labels.csv': csv, 'a.jpg': '', 'b.jpg': '' }));
  expect(() => checkLabels(folder, { classes: 10 })).not.toThrow();
  expect(() => checkLabels(folder, { classes: 9 })).toThrow(
    expect.objectContaining({
      code: 'DATA_INVALID',
      message: expect.stringContaining(
        `${folder.dir}/labels.csv:3: 'a.jpg' has class 9, but the model has 9 classes (0 to 8)`,
      ) as string,
      details: { dir: folder.dir, id: 'a.jpg', label: 9, classes: 9, line: 3 },
    }),
  );
});

it('counts class folders', async () => {
  const folder = await openImageFolder(await makeFolder({ 'a/a.jpg': '', 'b/b.jpg': '', 'c/c.jpg': '' }));
  expect(() => checkLabels(folder, { classes: 3 })).not.toThrow();
  expect(() => checkLabels(folder, { classes: 2 })).toThrow(
    /class folders of '.*': 'c\/c.jpg' has class 2, .* 2 classes/,
  );
});

it('has nothing against images without labels', () => {
  expect(() => checkLabels({ dir: '.', examples: [{ id: 'a', source: 'a' }] }, { classes: 1 })).not.toThrow();
});

it('takes 1 and 0 for a head with one logit, and several classes only where they do not exclude each other', async () => {
  const open = async (csv: string) =>
    openImageFolder(await makeFolder({ 'labels.csv': csv, 'a.jpg': '', 'b.jpg': '' }));
  const one = await open('file,class_index\na.jpg,1\nb.jpg,0\n');
  expect(() => checkLabels(one, { classes: 1 })).not.toThrow();
  const two = await open('file,class_index\na.jpg,2\nb.jpg,0\n');
  expect(() => checkLabels(two, { classes: 1 })).toThrow(
    /csv:2: 'a.jpg' has class 2, .* no \(0\) or yes \(1\)/,
  );

  const several = await open('file,class_indices\na.jpg,0 2\nb.jpg,\n');
  expect(() => checkLabels(several, { classes: 3, multiLabel: true })).not.toThrow();
  expect(() => checkLabels(several, { classes: 2, multiLabel: true })).toThrow(/'a.jpg' has class 2/);
  expect(() => checkLabels(several, { classes: 3 })).toThrow(/csv:2: 'a.jpg' has 2 classes \(0 2\).*exclude/);
  expect(() => checkLabels(several, { classes: 1 })).toThrow(/'a.jpg' has 2 classes \(0 2\).*one logit/);
});
