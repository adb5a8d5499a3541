/** The only error class of patchslim. Callers identify an error by `code`, never by `instanceof` or message. */

export const errorCodes = [
  'SHAPE_MISMATCH', // tensors whose shapes do not match an op
  'DTYPE_MISMATCH', // a tensor of the wrong element type
  'INVALID_ARGUMENT', // a value that a function does not accept
  'UNKNOWN_NAME', // a name that is in no list
  'UNSUPPORTED_OP', // an op that a backend or counter does not support
  'DISPOSED', // a tensor or program used after it was disposed
  'BACKEND_UNAVAILABLE', // a runtime that is missing or failed to start
  'DEVICE_LOST', // a GPU device lost during use; open a new backend
  'CHECKPOINT_INVALID', // a weight file that breaks its format or its model
  'WEIGHTS_MISSING', // tensors that a model needs and a checkpoint lacks
  'PLAN_INVALID', // a slim plan that breaks its format
  'PLAN_MISMATCH', // a slim plan made for another model
  'DATA_INVALID', // a data folder, label file or image that cannot be used
  'NOT_FOUND', // a file, folder or URL that does not exist
  'DOWNLOAD_FAILED', // a transfer that failed after its retries
  'IO_FAILED', // a file that could not be read or written
  'NUMERICAL', // NaN, infinity or divergence
  'ABORTED', // the caller's AbortSignal fired
] as const;

/** One of `errorCodes`; callers distinguish errors by it. */
export type ErrorCode = (typeof errorCodes)[number];

/** Maximum length of a message in characters, so that quoted hostile input cannot flood a terminal. */
const longestMessage = 2000;

/** Plain JSON attached to an error. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * An error with a code from a closed union.
 *
 * @example
 * try { await fromPretrained('missing.safetensors'); }
 * catch (error) { if (isPatchslimError(error, 'NOT_FOUND')) console.error(error.message); }
 */
export class PatchslimError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  /** @param message function, expected and actual value, path, remedy; the middle of a very long message is cut */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(shortened(message), cause === undefined ? undefined : { cause });
    this.name = 'PatchslimError';
    this.code = code;
    this.details = details;
  }
}

function shortened(message: string): string {
  if (message.length <= longestMessage) return message;
  const half = longestMessage / 2;
  return `${message.slice(0, half)} … ${message.slice(-half)}`;
}

/** Whether `error` is a PatchslimError (of `code`, when given), also across duplicate installs of this package. */
export function isPatchslimError(error: unknown, code?: ErrorCode): error is PatchslimError {
  return (
    error instanceof Error &&
    error.name === 'PatchslimError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  );
}

/** Throws `ABORTED` when `signal` has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, where: string): void {
  if (signal?.aborted) throw new PatchslimError('ABORTED', `${where}: aborted`, {}, signal.reason);
}

/** The names of `known` most similar to `name` by spelling: at most three, nearest first. */
export function nearMatches(name: string, known: readonly string[]): string[] {
  return known
    .filter((candidate) => Math.abs(name.length - candidate.length) <= allowedEdits(candidate)) // a lower bound on the edits
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= allowedEdits(candidate))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

const allowedEdits = (candidate: string): number => Math.max(2, candidate.length / 2);

/** Finds an entry of a list by name; throws `UNKNOWN_NAME` with similar names. */
export function findByName<T extends { readonly name: string }>(
  registry: readonly T[],
  name: string,
  what: string,
): T {
  const entry = registry.find((candidate) => candidate.name === name);
  if (entry) return entry;
  const names = registry.map((candidate) => candidate.name);
  const near = nearMatches(name, names);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known: ${names.join(', ')}`;
  throw new PatchslimError('UNKNOWN_NAME', `unknown ${what} '${name}'; ${hint}`, { name, known: names });
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
