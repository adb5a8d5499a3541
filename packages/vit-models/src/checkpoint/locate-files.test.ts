/** Files of a folder that a user chose in a browser, as a checkpoint. */

import { describe, expect, it } from 'vitest';
import { encodeWeights, smallWeights } from '../../test/checkpoint-fixtures.js';
import { fromPretrained } from './from-pretrained.js';

const weights = smallWeights();

describe('files that a user chose', () => {
  /** As a browser hands out what lies in a folder. */
  function chosen(path: string, content: string | Uint8Array): File {
    const file = new File(
      [typeof content === 'string' ? content : new Uint8Array(content)],
      path.split('/').at(-1)!,
    );
    return Object.defineProperty(file, 'webkitRelativePath', { value: path });
  }
  const bytes = encodeWeights(weights);
  const config = JSON.stringify({ id2label: Object.fromEntries([...'abcde'].map((name, i) => [i, name])) });

  it('are a folder: weights, and the configuration beside them', async () => {
    const files = [
      chosen('mine/model.safetensors', bytes),
      chosen('mine/config.json', config),
      chosen('mine/earlier/model.safetensors', 'not these'),
      chosen('mine/earlier/config.json', '{'),
      chosen('mine/notes.txt', 'not this'),
    ];
    const { tensors, labels, source } = await fromPretrained(files);
    expect(tensors).toEqual(weights);
    expect(labels).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(source).toBe('mine');
  });

  it('need no folder', async () => {
    const { labels, source } = await fromPretrained([new File([new Uint8Array(bytes)], 'a.safetensors')]);
    expect([labels, source]).toEqual([undefined, 'files']);
  });

  it.each([
    ['NOT_FOUND', [chosen('mine/config.json', config)]],
    ['NOT_FOUND', []],
    ['INVALID_ARGUMENT', [chosen('mine/a.safetensors', bytes), chosen('mine/b.safetensors', bytes)]],
    ['CHECKPOINT_INVALID', [chosen('mine/a.safetensors', bytes), chosen('mine/config.json', '<html>')]],
  ])('are %s without weights, with several, or with broken files', async (code, files) => {
    await expect(fromPretrained(files)).rejects.toMatchObject({ code });
  });
});
