/** Download of one published file, which comes into being only when it is whole and has the published checksum (Node). */

import { PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import { md5 as md5Of } from './md5.js';

export interface DownloadFileOptions extends LongCallOptions {
  /** In hex; what comes with another is not kept. */
  readonly md5: string;
  /** Largest file that is taken, in bytes: it is held in memory until it has been checked. */
  readonly most: number;
  /** Milliseconds without a byte after which the transfer is given up. @default 30 000 */
  readonly stallMs?: number | undefined;
}

const where = 'openSmallSet';

/**
 * Downloads `url` to `path`. Progress is of a stage `download NAME`, in bytes.
 *
 * @throws `DATA_INVALID` for another checksum, or more than `most` bytes; `NOT_FOUND` (404, 410); `DOWNLOAD_FAILED` when
 * the server refuses, cannot be reached, or ends too early; `IO_FAILED`; `ABORTED`. In every case `path` is as it was
 */
export async function downloadFile(url: URL, path: string, options: DownloadFileOptions): Promise<void> {
  const { md5, signal } = options;
  throwIfAborted(signal, where);
  const chunks = await receive(url, options);
  const found = await md5Of(chunks);
  if (found !== md5) {
    throw checksumError(shown(url), md5, found, 'it was not kept; the file there is another, or was damaged');
  }
  throwIfAborted(signal, where);
  await writeWhole(where, path, chunks);
}

/** @param file a path or an address */
export function checksumError(file: string, expected: string, found: string, hint: string): PatchslimError {
  const message = `${where}: '${file}': expected MD5 ${expected}, got ${found}; ${hint}`;
  return new PatchslimError('DATA_INVALID', message, { file, expected, found });
}

async function receive(
  url: URL,
  { most, stallMs = 30_000, signal, onProgress }: DownloadFileOptions,
): Promise<Uint8Array[]> {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), stallMs);
  const restart = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), stallMs);
  };
  /** The network's errors, told from those of the caller's callback. */
  const network = async <T>(promise: Promise<T>): Promise<T> => {
    try {
      return await promise;
    } catch (cause) {
      throwIfAborted(signal, where);
      const reason = stalled.signal.aborted ? `no byte came for ${stallMs} ms` : reasonOf(cause);
      throw failed(url, reason, cause);
    }
  };
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    const response = await network(
      fetch(url, {
        headers: { 'accept-encoding': 'identity' }, // compressed transfers would make content-length useless
        signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
      }),
    );
    reader = response.body?.getReader();
    if (!response.ok) throw refused(url, response.status);
    const length = response.headers.get('content-length');
    const total = length === null || response.headers.has('content-encoding') ? undefined : Number(length);
    const report = (done: number, all: number): void => {
      onProgress?.({
        stage: `download ${url.pathname.split('/').pop()}`,
        done: Math.min(done, all),
        total: all,
        unit: 'bytes',
      });
    };
    const chunks: Uint8Array[] = [];
    let received = 0;
    while (reader) {
      const { done, value } = await network(reader.read());
      if (done) break;
      restart();
      chunks.push(value);
      received += value.length;
      if (received > most) {
        const message = `${where}: ${shown(url)}: expected at most ${most} bytes, but more came`;
        throw new PatchslimError('DATA_INVALID', message, { url: shown(url), most });
      }
      if (total !== undefined) report(received, total);
    }
    if (total !== undefined && received !== total) {
      throw failed(url, `the transfer ended at byte ${received} of ${total}`);
    }
    if (total === undefined) report(received, received); // the length is known only now
    return chunks;
  } finally {
    clearTimeout(timer);
    await reader?.cancel().catch(() => undefined); // of a broken body the error is already known
  }
}

function refused(url: URL, status: number): PatchslimError {
  if (status !== 404 && status !== 410) return failed(url, `HTTP ${status}`);
  const message = `${where}: ${shown(url)}: HTTP ${status}`;
  return new PatchslimError('NOT_FOUND', message, { url: shown(url), status });
}

function failed(url: URL, reason: string, cause?: unknown): PatchslimError {
  const hint = 'try again, or put the file into the folder yourself';
  return new PatchslimError(
    'DOWNLOAD_FAILED',
    `${where}: ${shown(url)}: ${reason}; ${hint}`,
    { url: shown(url) },
    cause,
  );
}

/** Without what may be secret in an address: user, password, query. */
const shown = (url: URL): string => `${url.origin}${url.pathname}`;

/** `fetch` hides the useful part (ECONNRESET, …) in the cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  if (cause instanceof Error && cause.message !== '') return cause.message;
  return error instanceof Error ? error.message : String(error);
}
