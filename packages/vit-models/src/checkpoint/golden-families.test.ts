import { sizeOf } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { checksumOf, goldenFamilyNames, readGoldenFamily } from '../../test/golden-families.js';

describe('golden models', () => {
  it('come from timm, transformers and the original repositories', () => {
    const names = goldenFamilyNames();
    expect(new Set(names.map((name) => name.split('-')[0]))).toEqual(new Set(['hf', 'original', 'timm']));
    expect(names.length).toBeGreaterThan(50);
  });

  it.each(goldenFamilyNames())('%s has the weights and images of the script', (name) => {
    const golden = readGoldenFamily(name);
    expect(checksumOf(golden)).toBe(golden.checksum);
  });

  it.each(goldenFamilyNames())('%s has outputs of both images', (name) => {
    const { outputs, config, untold } = readGoldenFamily(name);
    const { tokens, logits, embedding } = outputs;
    expect(tokens.shape.slice(0, 2)).toEqual([2, tokens.rows.length]);
    expect([logits?.shape[0], embedding?.shape[0]]).toContain(2);
    for (const output of [tokens, logits, embedding]) {
      if (output) expect(output.data).toHaveLength(sizeOf(output.shape));
    }
    // Either the configuration tells the heads, or the user does.
    expect(config === undefined ? untold.heads : config.text).toBeTruthy();
  });

  it('notices a tensor that differs in one bit', () => {
    const { tensors, images, checksum } = readGoldenFamily('timm-deit3');
    const [name, tensor] = [...tensors][7]!;
    const data = tensor.data.slice();
    new Uint8Array(data.buffer)[0]! ^= 1;
    expect(checksumOf({ tensors: new Map(tensors).set(name, { ...tensor, data }), images })).not.toBe(
      checksum,
    );
  });
});
