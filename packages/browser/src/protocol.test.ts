/** Messages without a worker: errors, and file paths that browsers do not post. */

import { PatchslimError } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { filePaths, postedError, receivedError, restorePaths } from './protocol.js';

/** A file of a chosen folder, as in a browser. */
const chosen = (path: string): File =>
  Object.defineProperty(new File(['a'], path.split('/').at(-1)!), 'webkitRelativePath', { value: path });

describe('files of a request', () => {
  it('get back the paths lost in transit', () => {
    const files = [chosen('images/cat/1.png'), chosen('images/dog/1.png')];
    const paths = filePaths({ files, model: 'deit-tiny', images: 2, others: ['a'] });
    expect(paths).toEqual({ files: ['images/cat/1.png', 'images/dog/1.png'] });
    const arrived = files.map((file) => new File([file], file.name));
    restorePaths({ files: arrived }, paths);
    expect(filePaths({ files: arrived })).toEqual(paths);
  });

  it('need none', () => {
    expect(filePaths(undefined)).toEqual({});
    const files = [new File(['a'], 'a.png')];
    expect(filePaths({ files })).toEqual({ files: [''] });
    restorePaths({ files }, filePaths({ files }));
    expect(files[0]).not.toHaveProperty('webkitRelativePath');
  });
});

describe('errors', () => {
  it('arrive with code and details, as far as these are JSON', () => {
    const error = new PatchslimError(
      'DATA_INVALID',
      'too few',
      { images: 1, read: () => 1 },
      new Error('why'),
    );
    const arrived = receivedError(structuredClone(postedError(error)));
    expect(arrived).toBeInstanceOf(PatchslimError);
    expect(arrived).toMatchObject({ code: 'DATA_INVALID', message: 'too few', details: { images: 1 } });
  });

  it('without a code are mistakes in a program, and stay so', () => {
    const arrived = receivedError(structuredClone(postedError(new TypeError('no such thing'))));
    expect(arrived).toMatchObject({ name: 'Error', message: 'TypeError: no such thing' });
    expect(arrived).not.toHaveProperty('code');
  });
});
