/** What a JSON value is, in the few words that an error has room for, however large or deep it may be. */

const listed = 8;

/** Numbers and texts themselves, short lists of numbers as `[1,2,3]`, anything else by its kind. */
export function describeJson(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  }
  if (Array.isArray(value)) {
    if (!value.every((item) => typeof item === 'number')) return 'a list';
    return value.length > listed
      ? `[${value.slice(0, listed).join(',')},… (${value.length} numbers)]`
      : `[${value.join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === null ? 'null' : 'nothing';
}
