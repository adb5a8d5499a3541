/** Names of the classes in a `config.json`. */

import { invalid } from '../safetensors-header.js';
import { describeJson } from '../describe-json.js';
import { isObject, refuse, type Section } from './fields.js';

/** Class names, and the key that they stand under. */
export interface ReadLabels {
  readonly key: string;
  readonly names: readonly string[];
}

/**
 * The first of these sections that names classes: as `id2label` or `label2id` of transformers, as `label_names` or, in older files,
 * `labels` of timm. The placeholders LABEL_0, … are no names.
 *
 * @throws `CHECKPOINT_INVALID` for names that are no texts, or indices with a gap
 */
export function readLabels(...sections: readonly Section[]): ReadLabels | undefined {
  for (const section of sections) {
    for (const key of ['label_names', 'id2label', 'label2id', 'labels']) {
      const value = section.json[key];
      if (value === undefined || value === null) continue;
      const names = key === 'label2id' ? inverted(section, key) : listed(section, key);
      const isTold = names.length > 0 && !names.every((name) => /^LABEL_\d+$/.test(name));
      if (isTold) return { key, names };
    }
  }
  return undefined;
}

/** A list, or an object from index to name. */
function listed(section: Section, key: string): string[] {
  const value = section.json[key];
  const isList = Array.isArray(value);
  if (!isList && !isObject(value)) return refuse(section, key, 'the names of the classes');
  const names: unknown[] = isList ? value : inOrder(section, key, value);
  return names.map((name, index) => {
    if (typeof name === 'string') return name;
    if (typeof name === 'number') return String(name);
    throw invalid(section.file, `${key}: expected a text for class ${index}, got ${describeJson(name)}`, {
      key,
    });
  });
}

function inverted(section: Section, key: string): string[] {
  const value = section.json[key];
  if (!isObject(value)) return refuse(section, key, 'an object from name to index');
  const entries = Object.entries(value).map(([name, index]) => [String(index), name]);
  return inOrder(section, key, Object.fromEntries(entries) as Record<string, unknown>) as string[];
}

function inOrder({ file }: Section, key: string, byIndex: Readonly<Record<string, unknown>>): unknown[] {
  const count = Object.keys(byIndex).length;
  return Array.from({ length: count }, (_, index) => {
    if (Object.hasOwn(byIndex, String(index))) return byIndex[index];
    throw invalid(file, `${key}: expected classes 0 to ${count - 1}, but there is no ${index}`, { key });
  });
}
