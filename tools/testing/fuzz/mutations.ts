/** Mutates valid inputs but keeps most of their structure, so that they pass the first checks. */

import fc from 'fast-check';

/** Bytes overwritten, truncated, cut out, doubled or inserted, one to four times. */
export function mutatedBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(byteMutation, { minLength: 1, maxLength: 4 }))
    .map(([bytes, mutations]) => mutations.reduce((result, mutate) => mutate(result), bytes));
}

type ByteMutation = (bytes: Uint8Array) => Uint8Array;

/** A uniformly random position in a text or list of any length. */
const place = fc.noBias(fc.nat(0xff_ffff)).map((part) => part / 0x100_0000);
const at = (share: number, length: number): number => Math.floor(share * (length + 1));

const byteMutation: fc.Arbitrary<ByteMutation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(place, fc.uint8Array({ minLength: 1, maxLength: 4 }))
      .map(([where, values]): ByteMutation => {
        return (bytes) => splice(bytes, at(where, bytes.length), values.length, values);
      }),
  },
  {
    weight: 1,
    arbitrary: place.map(
      (where): ByteMutation =>
        (bytes) =>
          bytes.subarray(0, at(where, bytes.length)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, fc.nat(16)).map(
      ([where, length]): ByteMutation =>
        (bytes) =>
          splice(bytes, at(where, bytes.length), length, new Uint8Array()),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, fc.uint8Array({ maxLength: 16 })).map(
      ([where, values]): ByteMutation =>
        (bytes) =>
          splice(bytes, at(where, bytes.length), 0, values),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, place, fc.nat(64)).map(([from, to, length]): ByteMutation => {
      return (bytes) => {
        const start = at(from, bytes.length);
        return splice(bytes, at(to, bytes.length), 0, bytes.subarray(start, start + length));
      };
    }),
  },
);

function splice(bytes: Uint8Array, start: number, remove: number, insert: Uint8Array): Uint8Array {
  const result = new Uint8Array(
    Math.min(start, bytes.length) + insert.length + Math.max(bytes.length - start - remove, 0),
  );
  result.set(bytes.subarray(0, start));
  result.set(insert, start);
  result.set(bytes.subarray(start + remove), start + insert.length);
  return result;
}

/** Texts with pieces cut out, doubled, or inserted from `tokens` (elements of the format), one to four times. */
export function mutatedText(seeds: readonly string[], tokens: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...tokens), fc.string({ unit: 'binary', maxLength: 4 }));
  const mutation = fc
    .tuple(place, fc.nat(8), piece, fc.constantFrom('insert', 'replace', 'double', 'cut'))
    .map(([where, length, text, kind]) => (whole: string): string => {
      const start = at(where, whole.length);
      const [before, after] = [whole.slice(0, start), whole.slice(start)];
      if (kind === 'insert') return before + text + after;
      if (kind === 'replace') return before + text + after.slice(length);
      if (kind === 'double') return before + after.slice(0, length) + after;
      return before + after.slice(length);
    });
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([text, mutations]) => mutations.reduce((result, mutate) => mutate(result), text));
}

/** JSON values that often break programs. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom<unknown>(
      ...[null, true, '', '0', 'toString', '__proto__', [], {}, [[]], [null], { length: 1 }],
      ...[0, -0, 1, -1, 0.5, 1e-320, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 - 1, 1e21, 1e308, -1e308],
    ),
  },
  { weight: 4, arbitrary: fc.integer() },
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.nat(1000).map((length) => Array.from({ length }, (_, i) => i)) },
  { weight: 1, arbitrary: fc.nat(20_000).map((length) => 'x'.repeat(length)) },
);

/** A JSON value with one to three of its parts, at any depth, replaced, removed, renamed or doubled. */
export function mutatedJson(seeds: readonly unknown[]): fc.Arbitrary<unknown> {
  const mutation = fc.tuple(place, place, hostileJson, fc.constantFrom('replace', 'remove', 'add', 'rename'));
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([seed, mutations]) => {
      const root = { value: structuredClone(seed) };
      for (const [where, other, value, kind] of mutations) {
        const slots = slotsOf(root);
        if (slots.length === 0) break; // the whole value was removed
        const { parent, key } = slots[Math.floor(where * slots.length)]!;
        const donor = slots[Math.floor(other * slots.length)]!;
        if (kind === 'replace') parent[key] = structuredClone(value);
        else if (kind === 'remove') delete parent[key];
        else if (kind === 'add') parent[`${key}0`] = structuredClone(value);
        else if (!Array.isArray(parent)) parent[donor.key] = structuredClone(parent[key]);
      }
      return root.value;
    });
}

interface Slot {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

/** Every position of a JSON value that holds a value. */
function slotsOf(parent: object): Slot[] {
  return Object.entries(parent).flatMap(([key, value]: [string, unknown]) => [
    { parent: parent as Record<string, unknown>, key },
    ...(typeof value === 'object' && value !== null ? slotsOf(value) : []),
  ]);
}

/** A JSON text: mostly of a mutated value, sometimes with a damaged text, sometimes nested extremely deep. */
export function mutatedJsonText(seeds: readonly unknown[]): fc.Arbitrary<string> {
  const texts = seeds.map((seed) => JSON.stringify(seed));
  const tokens = ['{', '}', '[', ']', ':', ',', '"', '\\', '\\u0000', '1e999', '-', 'null', '\u0000'];
  const nested = fc
    .tuple(fc.constantFrom(...texts), place, fc.nat(100_000))
    .map(([text, where, depth]) => deepValue(text, where, depth));
  return fc.oneof(
    { weight: 12, arbitrary: mutatedJson(seeds).map((value) => JSON.stringify(value) ?? '') },
    { weight: 3, arbitrary: mutatedText(texts, tokens) },
    { weight: 1, arbitrary: nested },
  );
}

/** Replaces one member's value in a JSON text by deeply nested lists. */
function deepValue(text: string, where: number, depth: number): string {
  const colon = text.indexOf(':', at(where, text.length));
  if (colon < 0) return `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const rest = text.slice(colon + 1).replace(/^("[^"]*"|\[[^\]]*\]|[^,}]*)/, '');
  return `${text.slice(0, colon + 1)}${'['.repeat(depth)}${']'.repeat(depth)}${rest}`;
}
