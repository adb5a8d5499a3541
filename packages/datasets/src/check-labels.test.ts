/** Labels beyond the classes of a model. */

import { expect, it } from 'vitest';
import { makeFolder } from '../test/folder.js';
import { checkLabels } from './check-labels.js';
import { openImageFolder } from './image-folder.js';

it('names file, line and classes', async () => {
  const csv = 'file,class_index\nb.jpg,2\na.jpg,9\n';
  const folder = await openImageFolder(await makeFolder({ 'labels.csv': csv, 'a.jpg': '', 'b.jpg': '' }));
  expect(() => checkLabels(folder, 10)).not.toThrow();
  expect(() => checkLabels(folder, 9)).toThrow(
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
  const folder = await openImageFolder(await makeFolder({ 'cat/a.jpg': '', 'dog/b.jpg': '' }));
  expect(() => checkLabels(folder, 2)).not.toThrow();
  expect(() => checkLabels(folder, 1)).toThrow(
    /class folders of '.*': 'dog\/b.jpg' has class 1, .* 1 classes/,
  );
});

it('has nothing against images without labels', () => {
  expect(() => checkLabels({ dir: '.', examples: [{ id: 'a', source: 'a' }] }, 1)).not.toThrow();
});
