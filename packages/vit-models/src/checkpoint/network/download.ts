/** One HTTP(S) transfer that survives stalls, cuts and busy servers: it retries, and goes on where it stopped. */

import type { OwnBytes } from '../byte-source.js';
import {
  checkStatus,
  isFailure,
  networkFailure,
  settled,
  withRetries,
  type Attempt,
  type Outcome,
  type DownloadOptions,
} from './attempts.js';
import { rangeStart, totalBytes, validatorOf } from './http-headers.js';

/** Where the bytes go. */
export interface Sink {
  /** Bytes held, perhaps since an earlier call; the next `write` appends to them. */
  readonly received: number;
  write(chunk: OwnBytes): Promise<void>;
  /** Makes the next `write` go to byte 0. */
  restart(): void;
}

/**
 * Opens the sink for one version of the file. Equal validators (a strong ETag, else Last-Modified) mean equal bytes;
 * without a validator nothing may be resumed. Undefined says that this version is here already: nothing is transferred.
 */
export type OpenSink = (validator: string | undefined) => Promise<Sink | undefined>;

/** What one call has learnt so far. */
interface Transfer {
  sink: Sink | undefined;
  validator: string | undefined;
  /** Most bytes reported: progress does not fall when a server makes us start again. */
  reported: number;
  /** Whether bytes of an earlier call were found and asked to go on; once, as a server may never agree with itself. */
  resumed: boolean;
}

const done: Outcome<void> = { kind: 'done', value: undefined };

/**
 * Downloads `url` into a sink. In Node it goes through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` names,
 * unless `NO_PROXY` names the host.
 *
 * @throws `NOT_FOUND` (404, 410), `DOWNLOAD_FAILED` after all retries or when the server refuses, `ABORTED`
 */
export async function download(url: URL, openSink: OpenSink, options: DownloadOptions = {}): Promise<void> {
  const transfer: Transfer = { sink: undefined, validator: undefined, reported: 0, resumed: false };
  const attempt = async (current: Attempt): Promise<Outcome<void>> => {
    const offset = transfer.validator === undefined ? 0 : (transfer.sink?.received ?? 0);
    const answer = await current.send(url, { headers: requestHeaders(offset, transfer.validator, options) });
    if (isFailure(answer)) return answer;
    try {
      const refused = checkStatus(url, answer, options);
      if (!refused) return await receive(answer, offset, transfer, openSink, current, options);
      if (answer.status === 416) transfer.sink?.restart();
      return refused;
    } finally {
      if (answer.body && !answer.body.locked) await answer.body.cancel().catch(() => undefined);
    }
  };
  await withRetries(url, options, attempt, () => transfer.sink?.received ?? 0);
}

function requestHeaders(
  offset: number,
  validator: string | undefined,
  { token, accept = 'application/octet-stream' }: DownloadOptions,
): Record<string, string> {
  return {
    accept,
    'accept-encoding': 'identity', // compressed transfers would make content-length useless
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(offset > 0 && validator !== undefined ? { range: `bytes=${offset}-`, 'if-range': validator } : {}),
  };
}

async function receive(
  response: Response,
  offset: number,
  transfer: Transfer,
  openSink: OpenSink,
  { watch }: Attempt,
  options: DownloadOptions,
): Promise<Outcome<void>> {
  const validator = validatorOf(response.headers);
  const total = totalBytes(response.headers, response.status === 206 ? offset : 0);
  if (response.status === 206) {
    if (!transfer.sink || validator !== transfer.validator || rangeStart(response.headers) !== offset) {
      transfer.sink?.restart();
      return { kind: 'failed', reason: 'the file changed, or the server sent another part of it' };
    }
  } else if (!transfer.sink || validator !== transfer.validator) {
    transfer.sink = await openSink(validator);
    transfer.validator = validator;
    if (!transfer.sink) return done;
    const { received } = transfer.sink;
    if (received > 0 && received === total) return done;
    if (received > 0 && total !== undefined && received < total && !transfer.resumed) {
      transfer.resumed = true;
      return { kind: 'again' }; // earlier bytes were found: ask for the rest
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
      if ('error' in step) return networkFailure(step.error, watch);
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
  return done;
}
