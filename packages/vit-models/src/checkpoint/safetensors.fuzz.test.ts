/** Hostile weight files: the reader of the format, and all that leads from a file to a model. */

import { sizeOf } from '@patchslim/tensor';
import {
  fuzz,
  fuzzTimeout,
  hostileJson,
  mutatedBytes,
  mutatedJson,
  mutatedJsonText,
} from '@patchslim/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  encode,
  encodeWeights,
  encodeWithHeader,
  huggingFaceWeights,
  smallConfig,
  smallWeights,
} from '../../test/checkpoint-fixtures.js';
import { bytesSource } from './byte-source.js';
import { fromPretrained } from './from-pretrained.js';
import { readSafetensors } from './safetensors.js';

const entry = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const header = {
  __metadata__: { format: 'pt' },
  a: entry('F32', [2, 1], 0, 8),
  b: entry('BF16', [], 8, 10),
  c: entry('F64', [0, 3], 10, 10),
  d: entry('I64', [1], 10, 18),
};
const data = new Uint8Array(18);
const whole = encodeWithHeader(JSON.stringify(header), data);

/** The header of `whole` with another text in it, and its length right or wrong. */
const otherHeader = fc
  .tuple(mutatedJsonText([header]), fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { freq: 10 }))
  .map(([text, length]) => {
    const file = encodeWithHeader(text, data);
    if (length !== null) new DataView(file.buffer).setBigUint64(0, length, true);
    return file;
  });

it('a file of any bytes is read, or refused as CHECKPOINT_INVALID', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs: fc.oneof(mutatedBytes([whole]), otherHeader),
    read: async (bytes) => {
      for (const { shape, data } of (await readSafetensors(bytesSource(bytes))).values()) {
        expect(data.length).toBe(sizeOf(shape));
        expect(data.every(Number.isFinite)).toBe(true);
      }
    },
    codes: ['CHECKPOINT_INVALID'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['CHECKPOINT_INVALID']).toBeGreaterThan(0);
});

/** The smallest model whose heads can be told. */
const config = { ...smallConfig, imageSize: 2, patchSize: 1, depth: 2, mlpWidth: 1, classes: 2 };
const timm = smallWeights(config);
const layouts = [timm, huggingFaceWeights(timm, 'legacy'), huggingFaceWeights(timm, 'v5')].map((weights) =>
  [...weights].map(([name, { shape }]) => ({ name, dtype: 'F32', shape: [...shape] })),
);

/** Files that keep to the format, with names, dtypes and shapes that do not make a model. */
const otherModel = mutatedJson(layouts).map((layout) =>
  encode(
    listOf(layout)
      .filter(isRecord)
      .map(({ name, dtype, shape }) => {
        const dims = listOf(shape).filter(isSmallNumber);
        const bytes = new Uint8Array(Math.min(4 * sizeOf(dims.map(Math.floor)), 100_000));
        return [textOf(name), { dtype: textOf(dtype), shape: dims, bytes }] as const;
      }),
  ),
);

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isSmallNumber(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < 300;
}

/** Whole files whose header alone was damaged. */
const otherNames = fc
  .tuple(fc.constantFrom(encodeWeights(timm)), hostileJson, fc.nat(10), fc.nat(9_999_999_999))
  .map(([bytes, value, name, block]) => {
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const text = Buffer.from(bytes.subarray(8, 8 + length)).toString();
    const parsed = JSON.parse(text) as Record<string, unknown>;
    const key = Object.keys(parsed)[name]!;
    const renamed = typeof value === 'string' ? value : `blocks.${block}.norm1.bias`;
    const changed = Object.fromEntries(
      Object.entries(parsed).map(([own, described]) => [own === key ? renamed : own, described]),
    );
    return encodeWithHeader(JSON.stringify(changed), bytes.subarray(8 + length));
  });

it('a file of any tensors is a model, or is refused', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs: fc.oneof(otherModel, otherNames),
    read: async (bytes) => {
      const { config: found, tensors } = await fromPretrained(bytes, { heads: 1 });
      expect(tensors.get('head.bias')?.shape).toEqual(found.headless ? undefined : [found.classes]);
    },
    codes: ['CHECKPOINT_INVALID', 'WEIGHTS_MISSING'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['CHECKPOINT_INVALID']).toBeGreaterThan(0);
  expect(refused['WEIGHTS_MISSING']).toBeGreaterThan(0);
});
