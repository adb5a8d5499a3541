/** The browser's decoder against the reference values that Node is held to, and files that are no images. */

import { describe, expect, it } from 'vitest';
import { golden, sampledLevels, distance } from '../test/golden.js';
import { drawPattern, type Pattern } from '../test/pattern.js';
import { small } from '../test/preprocessing.js';
import { imageBatches } from './batches.js';
import { canvasDecoder } from './decode-canvas.js';
import { decodeCrop, decodeImage } from './decode.js';
import { openImageFiles } from './image-files.js';

/** What the tests use of browsers. */
const browser = globalThis as unknown as {
  OffscreenCanvas: new (
    width: number,
    height: number,
  ) => {
    getContext(kind: '2d'): { putImageData(image: object, x: number, y: number): void };
    convertToBlob(options: { type: string }): Promise<Blob>;
  };
  ImageData: new (data: Uint8ClampedArray, width: number, height: number) => object;
};

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const fileNamed = (wanted: string) => golden.files.find(({ name }) => name === wanted)!;
const bytesOf = (name: string) => fromBase64(fileNamed(name).base64);

async function sha256(tensor: Float32Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', tensor);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function encode(pattern: Pattern, type: string): Promise<Blob> {
  const { data, width, height } = drawPattern(pattern);
  const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : data[Math.floor(i / 4) * 3 + (i % 4)]!,
  );
  const canvas = new browser.OffscreenCanvas(width, height);
  canvas.getContext('2d').putImageData(new browser.ImageData(rgba, width, height), 0, 0);
  return canvas.convertToBlob({ type });
}

describe('equal to Pillow and torchvision', () => {
  it.each(golden.patterns)('bit for bit: $name', async ({ pattern, preprocessing, sha256: expected }) => {
    expect(await sha256(await decodeImage(await encode(pattern, 'image/png'), preprocessing))).toBe(expected);
    expect(await sha256(await decodeImage(drawPattern(pattern), preprocessing))).toBe(expected);
  });

  const opaque = golden.files.filter(({ name }) => !/alpha|transparent/.test(name));
  it.each(opaque)('$name', async ({ name, base64, preprocessing, levels, sha256: expected }) => {
    const tensor = await decodeImage(fromBase64(base64), preprocessing);
    if (name.endsWith('.jpg')) {
      // JPEG leaves the inverse transform to the decoder.
      expect(distance(sampledLevels(tensor, preprocessing), levels).max).toBeLessThanOrEqual(1);
    } else {
      expect(await sha256(tensor)).toBe(expected);
    }
  });

  it('nearly, where pixels are half transparent: a canvas holds them multiplied by their alpha', async () => {
    const { preprocessing, levels } = fileNamed('alpha.png');
    const tensor = await decodeImage(bytesOf('alpha.png'), preprocessing);
    expect(distance(sampledLevels(tensor, preprocessing), levels).mean).toBeLessThan(1);
  });
});

it('reads back an image that is larger than a band of rows', async () => {
  const pattern = { width: 2500, height: 1700, seed: 3 };
  const crop = await decodeCrop(await encode(pattern, 'image/png'), small);
  expect(crop).toEqual(await decodeCrop(drawPattern(pattern), small));
  expect(crop).toMatchObject({ width: small.width, height: small.height });
});

it('does not turn an image by the EXIF of a PNG', async () => {
  const png = bytesOf('rgb.png');
  const exif = fromBase64('AAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEABgAAAAAAANZnS2k='); // orientation 6
  const turned = new Blob([png.subarray(0, 33), exif, png.subarray(33)]);
  expect(await decodeImage(turned, small)).toEqual(await decodeImage(png, small));
});

describe('files that are no images', () => {
  it.each(['rgb.jpg', 'progressive.jpg', 'rgb.png', 'lossless.webp'])('%s cut short', async (name) => {
    const whole = bytesOf(name);
    for (const length of [0, 20, Math.floor(whole.length / 2), whole.length - 100]) {
      const file = new File([whole.subarray(0, length)], name);
      await expect(decodeImage(file, small), String(length)).rejects.toMatchObject({
        code: 'DATA_INVALID',
        message: expect.stringContaining(`'${name}'`) as string,
        details: { file: name },
        cause: expect.any(Error) as Error,
      });
    }
  });

  it('refuses more pixels than the limit', async () => {
    await expect(canvasDecoder()(bytesOf('rgb.png'), 2639)).rejects.toThrow(
      '60 × 44 exceeds the pixel limit',
    );
    expect(await canvasDecoder()(bytesOf('rgb.png'), 2640)).toMatchObject({ width: 60, height: 44 });
  });

  it('bytes and a blob without a name are called by their size', async () => {
    for (const source of [new Uint8Array(7), new Blob([new Uint8Array(7)])]) {
      await expect(decodeImage(source, small)).rejects.toMatchObject({
        message: expect.stringContaining('cannot decode 7 bytes') as string,
        details: { bytes: 7 },
      });
    }
  });
});

it('gives batches of the files that a user chose, and leaves out a corrupt one when told to', async () => {
  const files = await Promise.all(
    [0, 1, 2].map(async (seed) => {
      const image = await encode({ width: 30, height: 20, seed }, 'image/png');
      return new File([seed === 1 ? image.slice(0, 50) : image], `${seed}.png`);
    }),
  );
  const { examples } = await openImageFiles(files);
  const skipped: string[] = [];
  const batches = imageBatches(examples, small, {
    batchSize: 3,
    corrupt: 'skip',
    onSkip: ({ id }) => skipped.push(id),
  });
  const { value } = await batches.next();
  expect(value).toMatchObject({ ids: ['0.png', '2.png'], images: { shape: [2, 3, 16, 16] } });
  expect(skipped).toEqual(['1.png']);
});
