/** Requests that are tried again when the network or a busy server fails them. */

import { isPatchslimError, PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { retryAfterMs } from './http-headers.js';
import { networkFetch, proxyHint } from './proxy.js';
import { backoffMs, sleep, watchStall, type StallWatch } from './waiting.js';

/** Options of `download`. */
export interface DownloadOptions extends LongCallOptions {
  /** Default: Node's or the browser's own, through the proxy of the environment in Node. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Bearer token for this address; it never occurs in an error, and no other host receives it. */
  readonly token?: string | undefined;
  /** Media type to ask for: servers that answer anything else with a page of their own then say that there is no such file. */
  readonly accept?: string | undefined;
  /** Attempts after the first (default 4); one at most where no server can be reached. */
  readonly retries?: number | undefined;
  /** Milliseconds without a byte after which an attempt is given up (default 30 000). */
  readonly stallMs?: number | undefined;
  /** The error for an answer that refuses the request; undefined leaves it to the general one. */
  readonly explain?: ((answer: Response) => PatchslimError | undefined) | undefined;
}

/** An attempt that may do better next time. */
export interface Failure {
  readonly kind: 'failed';
  readonly reason: string;
  readonly waitMs?: number;
  readonly retries?: number;
  readonly cause?: unknown;
}

/** `again` asks once more without counting it as a failure. */
export type Outcome<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'again' } | Failure;

/** One attempt. */
export interface Attempt {
  readonly watch: StallWatch;
  /** Sends a request; a broken network is a failure, not an exception. */
  readonly send: (url: URL, init: RequestInit) => Promise<Response | Failure>;
}

/**
 * Repeats `attempt` until it is done.
 *
 * @param received bytes so far, for the details of the error
 * @throws what `attempt` throws; `DOWNLOAD_FAILED` after all retries, `ABORTED`
 */
export async function withRetries<T>(
  url: URL,
  options: DownloadOptions,
  attempt: (attempt: Attempt) => Promise<Outcome<T>>,
  received: () => number = () => 0,
): Promise<T> {
  const { signal, retries = 4, stallMs = 30_000 } = options;
  const fetch = options.fetch ?? (await networkFetch());
  for (let failures = 0; ;) {
    throwIfAborted(signal, 'download');
    const watch = watchStall(stallMs, signal);
    const send = async (to: URL, init: RequestInit) => {
      const answer = await settled(fetch(to, { ...init, signal: watch.signal }));
      watch.restart();
      return 'error' in answer ? networkFailure(answer.error, watch) : answer.value;
    };
    const outcome = await attempt({ watch, send }).finally(() => watch.stop());
    if (outcome.kind === 'done') return outcome.value;
    if (outcome.kind === 'again') continue;
    throwIfAborted(signal, 'download');
    const most = Math.min(retries, outcome.retries ?? retries);
    if (failures >= most) {
      throw new PatchslimError(
        'DOWNLOAD_FAILED',
        `download: ${shown(url)}: ${outcome.reason} (attempt ${failures + 1} of ${Math.max(failures, most) + 1})`,
        { url: shown(url), received: received() },
        outcome.cause,
      );
    }
    await sleep(outcome.waitMs ?? backoffMs(failures), signal);
    failures++;
  }
}

/** An address without what may be secret in it: user, password, query. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

export const isFailure = (answer: Response | Failure): answer is Failure => 'kind' in answer;

/** Undefined for a good answer, a failure for one that may get better; throws for one that will not. */
export function checkStatus(url: URL, answer: Response, options: DownloadOptions): Failure | undefined {
  const { status, headers } = answer;
  if (status === 200 || status === 206) return undefined;
  const explained = options.explain?.(answer);
  if (explained) throw explained;
  const reason = `HTTP ${status}`;
  const details = { url: shown(url), status };
  if (status === 404 || status === 410) {
    throw new PatchslimError('NOT_FOUND', `download: ${shown(url)}: ${reason}`, {
      ...details,
      missing: true,
    });
  }
  if (status === 408 || status === 416 || status === 429 || status >= 500) {
    const waitMs = retryAfterMs(headers.get('retry-after'));
    return { kind: 'failed', reason, ...(waitMs === undefined ? {} : { waitMs }) };
  }
  const hint =
    status !== 401 && status !== 403
      ? ''
      : options.token === undefined
        ? '; the server wants to know who asks: give a token, or an address that it gives to everybody'
        : '; check that the account of the token may read it';
  throw new PatchslimError('DOWNLOAD_FAILED', `download: ${shown(url)}: ${reason}${hint}`, details);
}

/** Whether a server said that it has no such file; `explain` may call other things NOT_FOUND. */
export const isMissing = (error: unknown): boolean =>
  isPatchslimError(error, 'NOT_FOUND') && error.details['missing'] === true;

/** The network's errors as values: those of the sink and of the caller's callback shall pass through. */
export async function settled<T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

export function networkFailure(cause: unknown, watch: StallWatch): Failure {
  if (watch.stalled()) return { kind: 'failed', reason: 'no byte came for too long', cause };
  const reason = networkReason(cause);
  return unreachable.has(networkCode(cause))
    ? { kind: 'failed', reason: `${reason}${proxyHint()}`, retries: 1, cause }
    : { kind: 'failed', reason, cause };
}

/** The name does not resolve, nobody listens, or there is no network: that does not pass within seconds. */
const unreachable = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
]);

/** `fetch` hides the useful part (ECONNRESET, …) in the cause, whose message is empty when several addresses were tried. */
function networkReason(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  if (cause instanceof Error && cause.message !== '') return cause.message;
  return networkCode(error) || (error instanceof Error ? error.message : String(error));
}

function networkCode(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : '';
}
