/** Many config files, as the processors of transformers and timm that use Pillow do them: equal to the last bit on odd images. */

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readHubConfig } from '@patchslim/vit-models';
import golden from '../test/golden/preprocess-configs.json' with { type: 'json' };
import { drawPattern } from '../test/pattern.js';
import { decodeImage } from './decode.js';

const images = golden.sizes.map(([width, height], seed) =>
  drawPattern({ width: width!, height: height!, seed }),
);

describe('equal to transformers and timm, bit for bit', () => {
  it.each(golden.entries)('$name', async (entry) => {
    const file = (name: string, json: object | undefined) =>
      json && { name: `${name}.json`, text: JSON.stringify(json) };
    const { preprocessing } = readHubConfig(
      file('config', entry.config),
      file('preprocessor_config', entry.preprocessor),
    );
    const hashes = await Promise.all(
      images.map(async (image) => {
        const tensor = await decodeImage(image, preprocessing!);
        return createHash('sha256').update(new Uint8Array(tensor.buffer)).digest('hex').slice(0, 8);
      }),
    );
    expect([3, preprocessing!.height, preprocessing!.width]).toEqual(entry.shape);
    expect(hashes).toEqual(entry.hashes);
  });
});
