/** What the headers of an answer say about a transfer. */

/**
 * Bytes of the whole file, when the answer holds those from `offset` on. Content-length says nothing about the bytes
 * received when they were compressed on the way.
 */
export function totalBytes(headers: Headers, offset: number): number | undefined {
  const length = headers.get('content-length');
  if (length === null || (headers.get('content-encoding') ?? 'identity') !== 'identity') return undefined;
  return offset + Number(length);
}

/** What identifies one version of the bytes. A weak ETag does not. */
export function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get('etag');
  if (etag !== null && !etag.startsWith('W/')) return etag;
  return headers.get('last-modified') ?? undefined;
}

/** First byte of a partial answer. */
export function rangeStart(headers: Headers): number | undefined {
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

/** How long a busy server asks us to wait: seconds, or a date. At most a minute. */
export function retryAfterMs(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 60_000);
}
