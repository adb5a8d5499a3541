import { describe, expect, it } from 'vitest';
import { goldenConfig, goldenFiles, goldenWeights } from '../../../test/golden-weights.js';
import { encodeWeights } from '../../../test/checkpoint-fixtures.js';
import { fromPretrained } from '../from-pretrained.js';

const files = goldenFiles();
const weights = goldenWeights();
const bytesOf = (name: string) => files.find((file) => file.name === name)!.bytes;

describe('files of PyTorch and NumPy', () => {
  it.each(files.filter(({ refused }) => refused === undefined))(
    '$name is read exactly',
    async ({ bytes, remark, ignored = [], npz = false }) => {
      const checkpoint = await fromPretrained(bytes, npz ? {} : { heads: 2 });
      expect(checkpoint.config).toEqual(goldenConfig);
      expect(checkpoint.tensors).toEqual(weights);
      expect(checkpoint.ignored).toEqual(ignored);
      // Bytes have no file beside them, so the preprocessing is assumed.
      const remarks = (checkpoint.remarks ?? []).filter((text) => !text.startsWith('no file beside'));
      expect(remarks.join()).toContain(remark ?? '');
      expect(remarks).toHaveLength(remark === undefined ? 0 : 1);
      const { fingerprint } = await fromPretrained(encodeWeights(weights, 2));
      expect(checkpoint.fingerprint).toBe(fingerprint);
    },
  );

  it.each(files.filter(({ refused }) => refused !== undefined))(
    '$name is refused',
    async ({ bytes, refused }) => {
      const error: unknown = await fromPretrained(bytes, { heads: 2 }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'CHECKPOINT_INVALID' });
      expect(String(error)).toContain(refused);
    },
  );

  it('an entry can be named where there are several', async () => {
    const { tensors } = await fromPretrained(bytesOf('ema.pth'), { heads: 2, entry: 'state_dict' });
    expect(tensors.get('norm.bias')!.data[0]).toBe(weights.get('norm.bias')!.data[0]! + 1);
    await expect(fromPretrained(bytesOf('ema.pth'), { heads: 2, entry: 'none' })).rejects.toThrow(
      /has no weights under 'none'; weights are under 'state_dict', 'state_dict_ema'/,
    );
  });

  it.each(['flax.npz', 'safetensors'])('an entry is refused where there is none: %s', async (name) => {
    const bytes = name === 'safetensors' ? encodeWeights(weights, 2) : bytesOf(name);
    await expect(fromPretrained(bytes, { entry: 'model' })).rejects.toThrow(
      /holds one set of weights; an entry/,
    );
  });

  it.each(['state-dict.pth', 'legacy.pth', 'flax.npz', 'flax-packed.npz'])(
    '%s that was cut off anywhere is refused',
    async (name) => {
      const bytes = bytesOf(name);
      for (let length = 0; length < bytes.length; length += 97) {
        const error: unknown = await fromPretrained(bytes.subarray(0, length), { heads: 2 }).catch(
          (e: unknown) => e,
        );
        expect(error, String(length)).toMatchObject({ code: 'CHECKPOINT_INVALID' });
      }
    },
  );
});
