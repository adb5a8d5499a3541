/** Values of a JSON file, checked: absent and null are undefined, anything of another kind refuses the file by the name of the key. */

import type { PerChannel } from '../../preprocessing.js';
import { describeJson } from '../describe-json.js';
import { invalid } from '../safetensors-header.js';

export type Json = Readonly<Record<string, unknown>>;

/** An object of a JSON file, and how errors name the file. */
export interface Section {
  readonly file: string;
  readonly json: Json;
}

/** Of an image side in pixels: far above any real one, and small enough to compute with. */
export const largestSize = 100_000;

/** Throws `CHECKPOINT_INVALID`. */
export function refuse({ file, json }: Section, key: string, expected: string): never {
  throw invalid(file, `${key}: expected ${expected}, got ${describeJson(json[key])}`, { key });
}

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws `CHECKPOINT_INVALID` */
export function objectAt(section: Section, key: string): Section | undefined {
  const value = section.json[key];
  if (isAbsent(value)) return undefined;
  return isObject(value) ? { file: section.file, json: value } : refuse(section, key, 'an object');
}

/** @throws `CHECKPOINT_INVALID` */
export function textAt(section: Section, key: string): string | undefined {
  const value = section.json[key];
  if (isAbsent(value)) return undefined;
  return typeof value === 'string' ? value : refuse(section, key, 'a text');
}

/** @throws `CHECKPOINT_INVALID` */
export function flagAt(section: Section, key: string): boolean | undefined {
  const value = section.json[key];
  if (isAbsent(value)) return undefined;
  return typeof value === 'boolean' ? value : refuse(section, key, 'true or false');
}

/** Whether a step is done: transformers takes null for no. @throws `CHECKPOINT_INVALID` */
export const stepAt = (section: Section, key: string, otherwise: boolean): boolean =>
  section.json[key] === undefined ? otherwise : (flagAt(section, key) ?? false);

/** @throws `CHECKPOINT_INVALID` */
export function positiveAt(section: Section, key: string): number | undefined {
  const value = section.json[key];
  if (isAbsent(value)) return undefined;
  return typeof value === 'number' && Number.isFinite(value) && value > 0
    ? value
    : refuse(section, key, 'a number above 0');
}

/** A number of pixels, heads or classes. @throws `CHECKPOINT_INVALID` */
export function countAt(section: Section, key: string): number | undefined {
  const value = section.json[key];
  if (isAbsent(value)) return undefined;
  return isSize(value) ? value : refuse(section, key, `an integer from 1 to ${largestSize}`);
}

export const isSize = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= largestSize;

/** One number for each channel, or one for all. @throws `CHECKPOINT_INVALID` */
export function channelsAt(
  section: Section,
  key: string,
  holds: (value: number) => boolean = Number.isFinite,
  expected = 'finite',
): PerChannel | undefined {
  const value = section.json[key];
  if (isAbsent(value)) return undefined;
  const values: unknown = typeof value === 'number' ? [value, value, value] : value;
  const fits = (item: unknown): boolean => typeof item === 'number' && Number.isFinite(item) && holds(item);
  return Array.isArray(values) && values.length === 3 && values.every(fits)
    ? (values as unknown as PerChannel)
    : refuse(section, key, `one or three numbers that are ${expected}`);
}

/** @throws `CHECKPOINT_INVALID` */
export const deviationsAt = (section: Section, key: string): PerChannel | undefined =>
  channelsAt(section, key, (value) => value > 0, 'above 0');

/** One of some texts. @throws `CHECKPOINT_INVALID` */
export function choiceAt<T extends string>(
  section: Section,
  key: string,
  choices: readonly T[],
): T | undefined {
  const value = textAt(section, key);
  if (value === undefined) return undefined;
  return choices.find((choice) => choice === value) ?? refuse(section, key, `one of ${choices.join(', ')}`);
}
