/** One HTTP(S) transfer that survives stalls, cuts and busy servers: it retries, and goes on where it stopped. */

import { PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { rangeStart, retryAfterMs, totalBytes, validatorOf } from './http-headers.js';
import { proxyHint } from './proxy-hint.js';
import { backoffMs, sleep, watchStall, type StallWatch } from './waiting.js';

/** Options of `download`. */
export interface DownloadOptions extends LongCallOptions {
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Bearer token for this address; it never occurs in an error. */
  readonly token?: string | undefined;
  /** Media type to ask for: servers that answer anything else with a page of their own then say that there is no such file. */
  readonly accept?: string | undefined;
  /** Attempts after the first (default 4); one at most where no server can be reached. */
  readonly retries?: number | undefined;
  /** Milliseconds without a byte after which an attempt is given up (default 30 000). */
  readonly stallMs?: number | undefined;
}

/** Where the bytes go. */
export interface Sink {
  /** Bytes held, perhaps since an earlier call; the next `write` appends to them. */
  readonly received: number;
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Makes the next `write` go to byte 0. */
  restart(): void;
}

/**
 * Opens the sink for one version of the file. Equal validators (a strong ETag, else Last-Modified) mean equal bytes;
 * without a validator nothing may be resumed.
 */
export type OpenSink = (validator: string | undefined) => Promise<Sink>;

/** What one call has learnt so far. */
interface Transfer {
  sink: Sink | undefined;
  validator: string | undefined;
  /** Most bytes reported: progress does not fall when a server makes us start again. */
  reported: number;
  /** Whether bytes of an earlier call were found and asked to go on; once, as a server may never agree with itself. */
  resumed: boolean;
}

type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'resume' } // earlier bytes were found: ask again, for the rest
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly waitMs?: number;
      readonly retries?: number;
      readonly cause?: unknown;
    };

/**
 * Downloads `url` into a sink.
 *
 * @throws `NOT_FOUND` (404, 410), `DOWNLOAD_FAILED` after all retries or when the server refuses, `ABORTED`
 */
export async function download(url: URL, openSink: OpenSink, options: DownloadOptions = {}): Promise<void> {
  const { signal, retries = 4 } = options;
  const transfer: Transfer = { sink: undefined, validator: undefined, reported: 0, resumed: false };
  for (let failures = 0; ;) {
    throwIfAborted(signal, 'download');
    const outcome = await attempt(url, transfer, openSink, options);
    if (outcome.kind === 'done') return;
    if (outcome.kind === 'resume') continue;
    throwIfAborted(signal, 'download');
    const most = Math.min(retries, outcome.retries ?? retries);
    if (failures >= most) {
      throw new PatchslimError(
        'DOWNLOAD_FAILED',
        `download: ${shown(url)}: ${outcome.reason} (attempt ${failures + 1} of ${Math.max(failures, most) + 1})`,
        { url: shown(url), received: transfer.sink?.received ?? 0 },
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

async function attempt(
  url: URL,
  transfer: Transfer,
  openSink: OpenSink,
  options: DownloadOptions,
): Promise<Outcome> {
  const { stallMs = 30_000, signal } = options;
  const watch = watchStall(stallMs, signal);
  const offset = transfer.validator === undefined ? 0 : (transfer.sink?.received ?? 0);
  try {
    const headers = requestHeaders(offset, transfer.validator, options);
    const request = await settled((options.fetch ?? fetch)(url, { headers, signal: watch.signal }));
    if ('error' in request) return failure(request.error, watch);
    const response = request.value;
    watch.restart();
    const refused = checkStatus(url, response, options.token);
    if (refused) {
      await response.body?.cancel();
      if (response.status === 416) transfer.sink?.restart();
      return refused;
    }
    return await receive(response, offset, transfer, openSink, watch, options);
  } finally {
    watch.stop();
  }
}

function requestHeaders(
  offset: number,
  validator: string | undefined,
  { token, accept = 'application/octet-stream' }: DownloadOptions,
): Headers {
  // Compressed transfers would make content-length useless.
  const headers = new Headers({ accept, 'accept-encoding': 'identity' });
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (offset > 0 && validator !== undefined) {
    headers.set('range', `bytes=${offset}-`);
    headers.set('if-range', validator);
  }
  return headers;
}

/** Undefined for a good answer, a failure for one that may get better; throws for one that will not. */
function checkStatus(
  url: URL,
  { status, headers }: Response,
  token: string | undefined,
): Outcome | undefined {
  if (status === 200 || status === 206) return undefined;
  const reason = `HTTP ${status}`;
  if (status === 404 || status === 410) {
    throw new PatchslimError('NOT_FOUND', `download: ${shown(url)}: ${reason}`, { url: shown(url), status });
  }
  if (status === 408 || status === 416 || status === 429 || status >= 500) {
    const waitMs = retryAfterMs(headers.get('retry-after'));
    return { kind: 'failed', reason, ...(waitMs === undefined ? {} : { waitMs }) };
  }
  const hint = status === 401 || status === 403 ? refusalHint(headers, token) : '';
  throw new PatchslimError('DOWNLOAD_FAILED', `download: ${shown(url)}: ${reason}${hint}`, {
    url: shown(url),
    status,
  });
}

/** What to do about a refusal: the hub says in a header of its own whether somebody must be asked first. */
function refusalHint(headers: Headers, token: string | undefined): string {
  const isGated = headers.get('x-error-code') === 'GatedRepo';
  const ask = isGated
    ? '; it is gated: ask for access on its page, then'
    : '; does it exist? If it is private,';
  return token === undefined
    ? `${ask} set HF_TOKEN to a token of an account that may read it, or run hf auth login`
    : `${ask} check that the account of the token (HF_TOKEN, or hf auth login) may read it`;
}

async function receive(
  response: Response,
  offset: number,
  transfer: Transfer,
  openSink: OpenSink,
  watch: StallWatch,
  options: DownloadOptions,
): Promise<Outcome> {
  const validator = validatorOf(response.headers);
  const total = totalBytes(response.headers, response.status === 206 ? offset : 0);
  if (response.status === 206) {
    if (!transfer.sink || validator !== transfer.validator || rangeStart(response.headers) !== offset) {
      await response.body?.cancel();
      transfer.sink?.restart();
      return { kind: 'failed', reason: 'the file changed, or the server sent another part of it' };
    }
  } else if (!transfer.sink || validator !== transfer.validator) {
    transfer.sink = await openSink(validator);
    transfer.validator = validator;
    const { received } = transfer.sink;
    const complete = received > 0 && received === total;
    if (complete || (received > 0 && total !== undefined && received < total && !transfer.resumed)) {
      await response.body?.cancel();
      transfer.resumed = true;
      return { kind: complete ? 'done' : 'resume' };
    }
    transfer.sink.restart();
  } else {
    transfer.sink.restart(); // the whole file came, although a part was asked for
  }
  const { sink } = transfer;
  const report = () => {
    transfer.reported = Math.max(transfer.reported, sink.received);
    const known = total ?? sink.received;
    options.onProgress?.({
      stage: 'download',
      done: Math.min(transfer.reported, known),
      total: known,
      unit: 'bytes',
    });
  };
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined = response.body?.getReader();
  try {
    while (reader) {
      const step = await settled(reader.read());
      if ('error' in step) return failure(step.error, watch);
      if (step.value.done) break;
      watch.restart();
      await sink.write(step.value.value);
      if (total !== undefined) report();
    }
  } finally {
    await reader?.cancel().catch(() => undefined); // of a broken body the error is already known
  }
  if (total !== undefined && sink.received !== total) {
    return { kind: 'failed', reason: `the transfer ended at byte ${sink.received} of ${total}` };
  }
  if (total === undefined) report(); // the length is known only now
  return { kind: 'done' };
}

/** The network's errors as values: those of the sink and of the caller's callback shall pass through. */
async function settled<T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

function failure(cause: unknown, watch: StallWatch): Outcome {
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
