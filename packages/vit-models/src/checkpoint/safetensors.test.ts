import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float32, isPatchslimError, sizeOf, type HostTensor } from '@patchslim/tensor';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode, encodeWithHeader, rawFloat32 } from '../../test/checkpoint-fixtures.js';
import { blobSource, bytesSource, fileSource } from './byte-source.js';
import { readSafetensors } from './safetensors.js';
import { readSafetensorsHeader } from './safetensors-header.js';
import { writeSafetensors } from './write-safetensors.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const tensor = fc.array(fc.nat(4), { maxLength: 4 }).chain((shape) =>
  fc
    .array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
      minLength: sizeOf(shape),
      maxLength: sizeOf(shape),
    })
    .map((values) => float32(shape, values)),
);
const name = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', '0', 'a"b', '{', 'ä.weight'),
);
const tensors = fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 });

describe('round trip', () => {
  it('gives back what was written, whatever the names and shapes', async () => {
    const path = join(folder, 'round-trip.safetensors');
    await fc.assert(
      fc.asyncProperty(tensors, async (entries) => {
        const written = new Map(entries);
        await writeSafetensors(path, written);
        const source = await fileSource(path);
        const read = await readSafetensors(source);
        await source.close();
        expect([...read.keys()].sort()).toEqual([...written.keys()].sort());
        for (const [key, value] of written) expect(read.get(key)).toEqual(value);
      }),
      { numRuns: 60 },
    );
    expect(await readdir(folder)).toEqual(['round-trip.safetensors']);
  });

  it('reads the same from a file, a Blob and memory, at any alignment', async () => {
    const weights = new Map([['a', float32([2], [1, 2])], ['b', float32([], [3])]]); // prettier-ignore
    const path = join(folder, 'sources.safetensors');
    await writeSafetensors(path, weights);
    const bytes = await readFile(path);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const file = await fileSource(path);
    for (const source of [
      file,
      blobSource(new Blob([bytes])),
      bytesSource(bytes),
      bytesSource(shifted.subarray(1)),
    ]) {
      expect(await readSafetensors(source)).toEqual(weights);
    }
    await file.close();
    expect((await readSafetensorsHeader(bytesSource(bytes))).metadata).toEqual({ format: 'pt' });
    expect(Number(bytes.readBigUInt64LE(0)) % 8).toBe(0);
  });

  it('reads only the names asked for, with progress in their bytes', async () => {
    const source = bytesSource(encode([['a', raw([1, 2])], ['b', raw([3])], ['c', raw([4])]])); // prettier-ignore
    const events: number[][] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => void events.push([done, total]);
    const read = await readSafetensors(source, { names: ['c', 'a'], onProgress });
    expect([...read.values()].map(({ data }) => [...data])).toEqual([[4], [1, 2]]);
    expect(events).toEqual([[4, 12], [12, 12]]); // prettier-ignore
    await expect(readSafetensors(source, { names: ['aa'] })).rejects.toThrow(/has no tensor 'aa'; near: a/);
  });
});

describe('dtypes', () => {
  it.each([
    ['F16', [0x3c00, 0x0001, 0x7bff, 0xc000, 0x0400, 0x03ff, 0x3555], [1, 2 ** -24, 65504, -2, 2 ** -14, 1023 * 2 ** -24, 0.333251953125]], // prettier-ignore
    ['BF16', [0x3f80, 0xc040, 0x0001, 0x7f7f], [1, -3, 2 ** -133, 255 * 2 ** 120]],
  ])('reads %s exactly', async (dtype, bits, values) => {
    const bytes = new Uint8Array(Uint16Array.from(bits).buffer);
    const read = await readSafetensors(bytesSource(encode([['x', { dtype, shape: [bits.length], bytes }]])));
    expect([...read.get('x')!.data]).toEqual(values);
  });

  it('rounds F64, and keeps the sign of zero in F16', async () => {
    const f64 = new Uint8Array(Float64Array.from([0.1, -1e-300]).buffer);
    const f16 = new Uint8Array(Uint16Array.from([0x8000]).buffer);
    const file = encode([['x', { dtype: 'F64', shape: [2], bytes: f64 }], ['y', { dtype: 'F16', shape: [], bytes: f16 }]]); // prettier-ignore
    const read = await readSafetensors(bytesSource(file));
    expect([...read.get('x')!.data]).toEqual([Math.fround(0.1), -0]);
    expect([...read.get('y')!.data]).toEqual([-0]);
  });

  it('leaves integers out, and refuses them by name', async () => {
    const file = encode([['ids', { dtype: 'I64', shape: [1], bytes: new Uint8Array(8) }], ['x', raw([1])]]); // prettier-ignore
    expect([...(await readSafetensors(bytesSource(file))).keys()]).toEqual(['x']);
    await expect(readSafetensors(bytesSource(file), { names: ['ids'] })).rejects.toThrow(
      /'ids': expected F32.*got I64/,
    );
  });
});

describe('broken files', () => {
  const entry = (begin: number, end: number, shape = [1]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  });
  const json = (value: unknown, bytes = 4) => encodeWithHeader(JSON.stringify(value), new Uint8Array(bytes));

  it.each([
    ['empty', new Uint8Array(), /at least 8 bytes, got 0/],
    [
      'a header longer than the file',
      Uint8Array.from([9, 0, 0, 0, 0, 0, 0, 0, 1]),
      /header of 9 bytes.*file of 9/,
    ],
    ['an empty header', new Uint8Array(8), /byte 8: the header is not JSON/],
    [
      'a header of 2^63 bytes',
      Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 128]),
      /header of 9223372036854776000 bytes/,
    ],
    ['a zip file', new Uint8Array(Buffer.from('PK\x03\x04 and so on')), /convert it to safetensors/],
    ['no JSON', encodeWithHeader('{"a":'), /byte 8: the header is not JSON/],
    ['no object', encodeWithHeader('[]'), /not a JSON object/],
    ['a twofold name', encodeWithHeader(`{"a":${JSON.stringify(entry(0, 4))},"\\u0061":${JSON.stringify(entry(0, 4))}}`, new Uint8Array(4)), /tensor 'a' occurs twice/], // prettier-ignore
    ['bytes that are not UTF-8', encodeWithHeader('{"a\\u00ff').fill(0xff, 8), /byte 8: the header is not JSON in UTF-8/], // prettier-ignore
    ['an entry that is no object', json({ a: [0, 4] }), /tensor 'a': its entry is not an object/],
    ['an entry without a dtype', json({ a: { shape: [1], data_offsets: [0, 4] } }), /unknown dtype nothing/],
    ['metadata that is no text', json({ __metadata__: { a: 1 } }, 0), /__metadata__/],
    ['an unknown dtype', json({ a: { ...entry(0, 4), dtype: 'toString' } }), /unknown dtype "toString"/],
    ['a negative dimension', json({ a: entry(0, 4, [-1]) }), /shape \[-1\]/],
    ['a fractional dimension', json({ a: entry(0, 4, [0.5]) }), /shape \[0.5\]/],
    ['a dimension beyond 2^53', json({ a: entry(0, 4, [2 ** 53]) }), /shape \[9007199254740992\]/],
    ['offsets beyond 2^53', json({ a: entry(2 ** 53, 2 ** 53 + 4) }), /data_offsets \[9007199254740992,/],
    ['one offset', json({ a: { ...entry(0, 4), data_offsets: [0] } }), /data_offsets \[0\]/],
    ['a fractional offset', json({ a: entry(0, 4.5) }), /data_offsets \[0,4.5\]/],
    ['offsets the wrong way round', json({ a: entry(4, 0) }), /data_offsets/],
    [
      'a shape that does not fill its bytes',
      json({ a: entry(0, 4, [2]) }),
      /F32\[2\] needs 8 bytes, got 4 at byte/,
    ],
    ['a huge shape', json({ a: entry(0, 4, [2 ** 40, 2 ** 40]) }), /needs/],
    ['a tensor beyond the end', json({ a: entry(1000, 1004) }), /'a' at byte \d+ leaves a gap/],
    [
      'a tensor that ends beyond the end',
      json({ a: entry(0, 40, [10]) }),
      /the tensors end at byte \d+, the file/,
    ],
    ['overlapping tensors', json({ a: entry(0, 4), b: entry(0, 4) }), /'b' at byte \d+ overlaps/],
    ['a gap', json({ a: entry(0, 4), b: entry(8, 12) }, 12), /'b' at byte \d+ leaves a gap/],
    ['a truncated file', json({ a: entry(0, 4) }, 3), /the tensors end at byte \d+, the file at byte/],
    ['trailing bytes', json({ a: entry(0, 4) }, 5), /the tensors end at byte/],
    ['NaN', encode([['a', raw([1, NaN])]]), /tensor 'a': element 1 at byte \d+ is NaN/],
    ['infinity', encode([['a', raw([-Infinity])]]), /element 0 at byte \d+ is -Infinity/],
  ])('%s', async (_, bytes, message) => {
    const error: unknown = await readSafetensors(bytesSource(bytes, 'x.safetensors')).catch(
      (e: unknown) => e,
    );
    expect(isPatchslimError(error, 'CHECKPOINT_INVALID')).toBe(true);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain("'x.safetensors'");
  });

  it('a header above 100 MB, in a file that has as many', async () => {
    const path = join(folder, 'long-header.safetensors');
    await writeFile(path, Uint8Array.from([1, 225, 245, 5, 0, 0, 0, 0])); // 100 000 001
    await truncate(path, 200_000_000); // takes no room on the disk
    const source = await fileSource(path);
    await expect(readSafetensors(source)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/at most 100000000 bytes, got 100000001/) as string,
    });
    await source.close();
  });

  it('values nested deeper than the stack, and texts longer than it', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    for (const header of [
      `{"a":${deep}}`,
      `{"a":{"dtype":${deep}}}`,
      `{"a":{"dtype":"F32","shape":${deep}}}`,
    ]) {
      await expect(readSafetensors(bytesSource(encodeWithHeader(header)))).rejects.toMatchObject({
        code: 'CHECKPOINT_INVALID',
      });
    }
    const long = JSON.stringify({ __metadata__: { text: '\\'.repeat(20_000_000) } });
    expect((await readSafetensors(bytesSource(encodeWithHeader(long)))).size).toBe(0);
  });

  it('a message stays short whatever the file holds', async () => {
    const shape = Array.from({ length: 100_000 }, () => 1);
    const file = json({ ['x'.repeat(100_000)]: entry(0, 8, shape) });
    const error: unknown = await readSafetensors(bytesSource(file)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CHECKPOINT_INVALID' });
    expect(String(error).length).toBeLessThan(3000);
  });
});

describe('files', () => {
  it('an absent file is NOT_FOUND, an aborted read ABORTED', async () => {
    await expect(fileSource(join(folder, 'none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const signal = AbortSignal.abort();
    const source = bytesSource(encode([['a', raw([1])]]));
    await expect(readSafetensors(source, { signal })).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('a file that shrinks while it is read is IO_FAILED', async () => {
    const path = join(folder, 'shrinks');
    await writeFile(path, new Uint8Array(100));
    const source = await fileSource(path);
    await writeFile(path, new Uint8Array(10));
    await expect(source.read(0, 50)).rejects.toMatchObject({ code: 'IO_FAILED' });
    await source.close();
  });

  it('a failed write leaves neither the file nor a temporary one', async () => {
    const path = join(folder, 'unwritten.safetensors');
    const before = await readdir(folder);
    await expect(writeSafetensors(path, weights([['a', NaN]]))).rejects.toMatchObject({ code: 'NUMERICAL' });
    await expect(writeSafetensors(path, weights([['__metadata__', 1]]))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(writeSafetensors(join(folder, 'no', 'x'), weights([['a', 1]]))).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
    expect(await readdir(folder)).toEqual(before);
  });

  it('a failed write keeps the file that was there', async () => {
    const path = join(folder, 'kept.safetensors');
    await writeSafetensors(path, weights([['a', 1]]));
    await expect(writeSafetensors(path, weights([['a', Infinity]]))).rejects.toThrow(
      /'a': element 0 is Infinity/,
    );
    expect([...(await readSafetensors(bytesSource(await readFile(path)))).get('a')!.data]).toEqual([1]);
  });
});

function raw(values: number[]) {
  return rawFloat32(float32([values.length], values));
}

function weights(entries: [string, number][]): Map<string, HostTensor<'float32'>> {
  return new Map(entries.map(([key, value]) => [key, float32([], [value])]));
}
