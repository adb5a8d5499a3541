/** The three layouts, in files that a user chose. */

import { expect, it } from 'vitest';
import { jpeg } from '../test/folder.js';
import { small } from '../test/preprocessing.js';
import { checkLabels } from './check-labels.js';
import { imageSet } from './image-set.js';
import { openImageFiles } from './image-files.js';

/** A file as a browser gives it where a folder was chosen; Node has no such property. */
const chosen = (path: string, contents: string | Uint8Array = '') =>
  Object.defineProperty(
    new File([contents as Uint8Array<ArrayBuffer>], path.split('/').at(-1)!),
    'webkitRelativePath',
    { value: path },
  );

it('numbers sorted class folders and passes over what is hidden or deeper', async () => {
  const paths = [
    'pets/dog/2.JPEG',
    'pets/cat/x.png',
    'pets/dog/1.webp',
    'pets/dog/more/3.jpg',
    'pets/.x/c.jpg',
  ];
  const files = [...paths, 'pets/cat/._x.png', 'pets/notes.txt'].map((path) => chosen(path));
  const folder = await openImageFiles(files);
  expect(folder).toMatchObject({ dir: 'pets', labelled: true, classNames: ['cat', 'dog'] });
  expect(folder.examples).toEqual([
    { id: 'cat/x.png', label: 0, source: files[1] },
    { id: 'dog/1.webp', label: 1, source: files[2] },
    { id: 'dog/2.JPEG', label: 1, source: files[0] },
  ]);
});

it('takes the images and labels that labels.csv names', async () => {
  const csv = 'file,class_index\nimages/b.jpg,7\n./a,0\n';
  const files = [
    chosen('set/labels.csv', csv),
    chosen('set/images/b.jpg'),
    chosen('set/a'),
    chosen('set/c.jpg'),
  ];
  const folder = await openImageFiles(files);
  expect(folder).toEqual({
    ...{ dir: 'set', name: 'set' },
    labelled: true,
    examples: [
      { id: 'a', label: 0, line: 3, source: files[2] },
      { id: 'images/b.jpg', label: 7, line: 2, source: files[1] },
    ],
  });
  expect(() => checkLabels(folder, { classes: 5 })).toThrow("set/labels.csv:2: 'images/b.jpg' has class 7");
});

it('takes files that lie in no folder, sorted and unlabelled', async () => {
  const files = [new File([], 'b.jpg'), new File([], 'a.png'), new File([], 'notes.txt')];
  const folder = await openImageFiles(files);
  expect(folder).toMatchObject({ dir: 'files', name: 'files', labelled: false });
  expect(folder.examples).toEqual([
    { id: 'a.png', source: files[1] },
    { id: 'b.jpg', source: files[0] },
  ]);
});

it.each([
  ['no files', [], /'files': no labels\.csv/],
  ['a class without images', ['x/a/1.jpg', 'x/b/notes.txt'], /'x': class folder 'b' has no images/],
  ['images beside the folders', ['x/a/1.jpg', 'x/1.jpg'], /both beside and inside 'a'/],
  ['two files of one name', ['x/1.jpg', 'y/1.jpg'], /two files are called '1\.jpg'/],
])('refuses %s', async (_, paths, message) => {
  await expect(openImageFiles(paths.map((path) => chosen(path)))).rejects.toMatchObject({
    code: 'DATA_INVALID',
    message: expect.stringMatching(message) as string,
  });
});

it('names the line of a label file that names a missing file', async () => {
  const files = [chosen('x/labels.csv', 'file,class_index\nno.jpg,1\n'), chosen('x/a.jpg')];
  await expect(openImageFiles(files)).rejects.toThrow("x/labels.csv:2: 'no.jpg' is not a file in x");
});

it('makes a set, which names a file that cannot be decoded', async () => {
  const files = [chosen('x/a/1.jpg', await jpeg()), chosen('x/b/2.jpg', 'no image')];
  const { examples } = await openImageFiles(files);
  for await (const { images, labels } of imageSet('x', examples, small).batches(1, { order: [0] })) {
    expect(images.shape).toEqual([1, 3, 16, 16]);
    expect(labels).toEqual(Int32Array.of(0));
  }
  await expect(
    imageSet('x', examples, small).batches(2)[Symbol.asyncIterator]().next(),
  ).rejects.toMatchObject({
    code: 'DATA_INVALID',
    details: { file: 'x/b/2.jpg' },
  });
});
