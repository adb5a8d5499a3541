/** Fidelity to Pillow and torchvision, kinds of files, and files that are no images. */

import { createHash } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { requireRealData } from '@patchslim/testing';
import { jpeg, makeFolder } from '../test/folder.js';
import { distance, golden, sampledLevels } from '../test/golden.js';
import { drawPattern } from '../test/pattern.js';
import { patternImage } from '../test/pattern-image.js';
import { deit, small } from '../test/preprocessing.js';
import type { PerChannel, Preprocessing } from '@patchslim/vit-models';
import { decodeCrop, decodeImage, decodeThumbnail, normalizeCrop } from './decode.js';

const sha256 = (tensor: Float32Array) =>
  createHash('sha256').update(new Uint8Array(tensor.buffer)).digest('hex');

describe('equal to Pillow and torchvision', () => {
  it.each(golden.patterns)(
    'bit for bit: $name',
    async ({ pattern, preprocessing, levels, sha256: expected }) => {
      const tensor = await decodeImage(await patternImage(pattern).png().toBuffer(), preprocessing);
      expect(sampledLevels(tensor, preprocessing)).toEqual(levels);
      expect(sha256(tensor)).toBe(expected);
    },
  );

  it.each(golden.files)('$name', async ({ name, base64, preprocessing, levels, sha256: expected }) => {
    const tensor = await decodeImage(Buffer.from(base64, 'base64'), preprocessing);
    if (name.endsWith('.jpg')) {
      // JPEG leaves the inverse transform to the decoder; the builds known to us agree to the bit, others may round.
      expect(distance(sampledLevels(tensor, preprocessing), levels).max).toBeLessThanOrEqual(1);
    } else {
      expect(sha256(tensor)).toBe(expected);
    }
  });

  it.for(golden.real)('real image: $name', async ({ file, preprocessing, levels }, context) => {
    const tensor = await decodeImage(join(requireRealData(context).images, '..', file), preprocessing);
    const { max, mean } = distance(sampledLevels(tensor, preprocessing), levels);
    expect(max).toBeLessThanOrEqual(1);
    expect(mean).toBeLessThan(0.05);
  });
});

it('a crop that is normalised is what the model gets', async () => {
  const image = await patternImage({ width: 60, height: 44, seed: 3 }).png().toBuffer();
  const crop = await decodeCrop(image, small);
  expect(normalizeCrop(crop, small)).toEqual(await decodeImage(image, small));
});

describe('kinds of files that Pillow does not convert', () => {
  const image = patternImage({ width: 60, height: 44, seed: 3 });

  it.each(['rgb16', 'grey16'] as const)('%s keeps the high byte', async (space) => {
    const deep = await image.clone().toColourspace(space).png().toBuffer();
    expect(await sharp(deep).metadata()).toMatchObject({ depth: 'ushort' });
    const shallow = await image
      .clone()
      .toColourspace(space === 'rgb16' ? 'srgb' : 'b-w')
      .png()
      .toBuffer();
    const expected = sampledLevels(await decodeImage(shallow, small), small);
    expect(distance(sampledLevels(await decodeImage(deep, small), small), expected).max).toBeLessThanOrEqual(
      1,
    );
  });

  it('a colour profile is not applied', async () => {
    const plain = await image.clone().png().toBuffer();
    const tagged = await image.clone().withIccProfile('p3').png().toBuffer();
    const untagged = await sharp(tagged, { ignoreIcc: true }).png().toBuffer();
    expect(await sharp(tagged).metadata()).toHaveProperty('icc');
    expect(await decodeImage(tagged, small)).toEqual(await decodeImage(untagged, small));
    expect(await decodeImage(tagged, small)).not.toEqual(await decodeImage(plain, small));
  });
});

describe('files that are no images', () => {
  it('names the file and keeps the reason', async () => {
    const whole = await patternImage({ width: 200, height: 150, seed: 1 }).jpeg().toBuffer();
    const png = await patternImage({ width: 200, height: 150, seed: 1 }).png().toBuffer();
    const dir = await makeFolder({
      'truncated.jpg': whole.subarray(0, whole.length / 2),
      'almost.jpg': whole.subarray(0, whole.length - 100),
      'truncated.png': png.subarray(0, png.length / 2),
      'empty.jpg': '',
      'text.jpg': 'this is no image',
      'header.jpg': whole.subarray(0, 20),
    });
    for (const name of [
      'truncated.jpg',
      'almost.jpg',
      'truncated.png',
      'empty.jpg',
      'text.jpg',
      'header.jpg',
    ]) {
      await expect(decodeImage(join(dir, name), small), name).rejects.toMatchObject({
        code: 'DATA_INVALID',
        message: expect.stringContaining(join(dir, name)) as string,
        details: { path: join(dir, name) },
        cause: expect.any(Error) as Error,
      });
    }
  });

  it('takes a file that Pillow takes with a warning', async () => {
    const bytes = await jpeg();
    const stray = Buffer.concat([bytes.subarray(0, 2), Buffer.alloc(4), bytes.subarray(2)]);
    expect(await decodeImage(stray, small)).toEqual(await decodeImage(bytes, small));
  });

  it('tells a missing file and a folder from a bad image', async () => {
    const dir = await makeFolder();
    await expect(decodeImage(join(dir, 'no.jpg'), small)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(decodeImage(dir, small)).rejects.toMatchObject({ code: 'IO_FAILED' });
  });

  it('refuses an absurd number of pixels before decoding them', async () => {
    const bytes = Buffer.from(await jpeg());
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0])); // the header that holds height and width
    bytes.writeUInt16BE(20_000, frame + 5);
    bytes.writeUInt16BE(5_001, frame + 7);
    const png = Buffer.from(await patternImage({ width: 8, height: 8, seed: 1 }).png().toBuffer());
    png.writeUInt32BE(60_000, 16); // width and height of the first chunk
    png.writeUInt32BE(60_000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    const before = process.memoryUsage.rss();
    for (const image of [bytes, png]) {
      await expect(decodeImage(image, small)).rejects.toMatchObject({
        code: 'DATA_INVALID',
        message: expect.stringMatching(/pixel limit/) as string,
      });
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
  });

  it('refuses an absurdly large file before reading it', async () => {
    const dir = await makeFolder({ 'a.jpg': await jpeg() });
    await truncate(join(dir, 'a.jpg'), 5e9); // takes no room on the disk
    await expect(decodeImage(join(dir, 'a.jpg'), small)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(/a\.jpg' has 5000000000 bytes, expected at most 400000000/) as string,
    });
  });
});

it('without a crop an image of another size than the model takes is refused, and one of this size is not', async () => {
  const uncropped: Preprocessing = { ...small, resize: { to: 'shortest', size: 16 }, crop: false };
  const png = (width: number, height: number) => patternImage({ width, height, seed: 1 }).png().toBuffer();
  await expect(decodeImage(await png(60, 44), uncropped)).rejects.toMatchObject({
    code: 'DATA_INVALID',
    message: expect.stringMatching(/bytes comes to 16 × 21 pixels, but the model takes 16 × 16/) as string,
  });
  expect(await decodeImage(await png(40, 40), uncropped)).toHaveLength(3 * 16 * 16);
});

it('leaves the bytes it is given as they were', async () => {
  const bytes = await jpeg();
  const before = Uint8Array.from(bytes);
  await decodeImage(bytes, small);
  expect(Uint8Array.from(bytes)).toEqual(before);
});

it.each([
  ['a size that is no integer', { ...deit, width: 1.5 }, /width .* got 1\.5/],
  ['no size', { ...deit, resize: { to: 'longest', size: 0 } as const }, /resize/],
  ['another resize', { ...deit, resize: { to: 'double' } as unknown as Preprocessing['resize'] }, /resize/],
  ['another interpolation', { ...deit, interpolation: 'cubic' as 'bicubic' }, /nearest, box/],
  ['no fill', { ...deit, fill: [0, 0] as unknown as PerChannel }, /fill/],
  ['no scale', { ...deit, rescale: 0 }, /rescale/],
  ['division by zero', { ...deit, std: [1, 0, 1] as const }, /std/],
])('refuses %s', async (_, preprocessing, message) => {
  await expect(decodeImage(await jpeg(), preprocessing)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(message) as string,
  });
});

describe('decodeThumbnail', () => {
  it('shows what the model sees', async () => {
    const source = await patternImage({ width: 500, height: 375, seed: 2 }).blur(8).png().toBuffer();
    const thumbnail = await decodeThumbnail(source, deit, 112);
    expect(await sharp(thumbnail).metadata()).toMatchObject({ format: 'jpeg', width: 112, height: 112 });
    const seen = sampledLevels(await decodeImage(source, deit), deit);
    const shown = sampledLevels(
      await decodeImage(thumbnail, { ...deit, resize: { to: 'shortest', size: 224 } }),
      deit,
    );
    expect(distance(seen, shown).mean).toBeLessThan(3);
  });

  it('refuses a size that is none', async () => {
    await expect(decodeThumbnail(await jpeg(), small, 0)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('sources other than files', () => {
  it('a blob is its bytes', async () => {
    const bytes = await jpeg();
    const expected = await decodeImage(bytes, small);
    expect(await decodeImage(new Blob([new Uint8Array(bytes)]), small)).toEqual(expected);
    await expect(decodeImage(new File(['no image'], 'a.jpg'), small)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining("'a.jpg'") as string,
      details: { file: 'a.jpg' },
    });
  });

  it('pixels are cropped as they would be from a file', async () => {
    const pattern = { width: 60, height: 44, seed: 3 };
    const pixels = drawPattern(pattern);
    const png = await patternImage(pattern).png().toBuffer();
    expect(await decodeImage(pixels, small)).toEqual(await decodeImage(png, small));
    const crop = await decodeCrop(pixels, small);
    expect(crop).toMatchObject({ width: 16, height: 16 });
    expect(await decodeImage(crop, { ...small, resize: { to: 'none' } })).toEqual(
      await decodeImage(png, small),
    );
  });

  it.each([
    { width: 2, height: 2, data: new Uint8Array(11) },
    { width: 0, height: 2, data: new Uint8Array(0) },
  ])('refuses $width × $height pixels of another size', async (pixels) => {
    await expect(decodeImage(pixels, small)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
