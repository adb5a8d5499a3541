/** Lists of class names, as people have them. */

import { PatchslimError } from '@patchslim/tensor';
import { decodeText } from './decode-text.js';

/**
 * The class names of a file: a text with one name per line, or JSON: a list, a map from index to name (also as `id2label` of a
 * `config.json`) or from name to index, or `imagenet_class_index.json`. A WordNet id before a name is dropped; an empty line between
 * others is a class without a name.
 *
 * @param bytes UTF-8 or UTF-16
 * @param file what errors call it
 * @param classes how many names there must be
 * @returns names by class index; empty ones become `class 7`
 * @throws `DATA_INVALID` for another number of names, indices that do not count up from 0, JSON that is no list of names
 * @example
 * parseClassNames(new TextEncoder().encode('cat\ndog\n'), 'names.txt', 2); // ['cat', 'dog']
 */
export function parseClassNames(bytes: Uint8Array, file: string, classes: number): string[] {
  const text = decodeText(bytes, file);
  const names = /^\s*[[{]/.test(text) ? namesOfJson(text, file) : namesOfLines(text);
  if (names.length === classes) return names.map((name, i) => withoutId(name) || `class ${i}`);
  const hint =
    names.length === classes + 1
      ? `; is '${names[0]}', the first, a class of the model? Some lists begin with the background`
      : '';
  throw invalid(
    file,
    `expected the names of the ${classes} classes of the model, got ${names.length}${hint}`,
  );
}

/** Empty lines at the end are none. */
const namesOfLines = (text: string): string[] =>
  text.trimEnd() === '' ? [] : text.trimEnd().split(/\r\n|\n|\r/);

const withoutId = (name: string): string => name.trim().replace(/^n\d{8}\s+/, '');

function namesOfJson(text: string, file: string): string[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, 'begins as JSON, but is none', cause);
  }
  if (Array.isArray(json)) return json.map((item: unknown, i) => nameOf(item, i, file));
  const map = json as Record<string, unknown>;
  const { id2label } = map;
  return namesOfMap(isObject(id2label) ? id2label : map, file);
}

function namesOfMap(map: Record<string, unknown>, file: string): string[] {
  const entries = Object.entries(map);
  const isInverse = entries.length > 0 && entries.every(([, value]) => Number.isSafeInteger(value));
  const byIndex = new Map<string, unknown>(
    entries.map(([key, value]) => (isInverse ? [String(value), key] : [key.trim(), value])),
  );
  return entries.map((_, index) => {
    if (!byIndex.has(String(index))) {
      throw invalid(file, `expected the indices 0 to ${entries.length - 1}, ${index} is missing`);
    }
    return nameOf(byIndex.get(String(index)), index, file);
  });
}

/** `"tench"`, or `["n01440764", "tench"]`. */
function nameOf(item: unknown, index: number, file: string): string {
  if (typeof item === 'string') return item;
  if (Array.isArray(item) && item.length === 2 && item.every((part) => typeof part === 'string')) {
    return item[1]!;
  }
  throw invalid(file, `expected a name for class ${index}, got ${JSON.stringify(item).slice(0, 60)}`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (file: string, problem: string, cause?: unknown): PatchslimError =>
  new PatchslimError('DATA_INVALID', `${file}: ${problem}`, { file }, cause);
