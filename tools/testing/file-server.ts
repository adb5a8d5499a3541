/** A real HTTP server on localhost that serves files, with faults on request. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A fault of the server in one request. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** Sends this many bytes of the body, then closes the connection. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Sends this many bytes of the body, then nothing more. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Declares a wrong length of the body, sends the body and closes the connection. */
  | { readonly kind: 'length'; readonly claimed: number };

export interface ServedFile {
  body: Uint8Array;
  etag?: string;
  /** Default 200. */
  status?: number;
  headers?: Record<string, string>;
}

export interface FileServer {
  readonly origin: string;
  readonly files: Map<string, ServedFile>;
  /** The answer for a path that is not in `files`; default HTTP 404. */
  otherwise: (path: string) => ServedFile | undefined;
  /** Faults of the next requests, first in, first out; then normal responses. */
  readonly faults: Fault[];
  /** Requests so far. */
  readonly requests: {
    method: string;
    path: string;
    range: string | undefined;
    authorization: string | undefined;
  }[];
  /** Whether the server supports Range. */
  ranges: boolean;
  close(): Promise<void>;
}

export async function startFileServer(): Promise<FileServer> {
  const server = createServer((request, response) => answer(state, request, response));
  const state: FileServer = {
    origin: '',
    files: new Map(),
    otherwise: () => undefined,
    faults: [],
    requests: [],
    ranges: true,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function answer(state: FileServer, request: IncomingMessage, response: ServerResponse): void {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const { range, authorization } = request.headers;
  state.requests.push({ method: request.method ?? '', path, range, authorization });
  const fault = state.faults.shift();
  if (fault?.kind === 'status') {
    response.writeHead(fault.status, fault.headers).end();
    return;
  }
  const file = state.files.get(path) ?? state.otherwise(path);
  if (!file) {
    response.writeHead(404).end('not here');
    return;
  }
  const { body, etag, status = 200, headers = {} } = file;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (etag !== undefined) response.setHeader('etag', etag);
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  const current = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const partial = state.ranges && range !== undefined && current;
  const rest = partial ? body.subarray(start) : body;
  if (partial) response.setHeader('content-range', `bytes ${start}-${body.length - 1}/${body.length}`);
  const length = fault?.kind === 'length' ? fault.claimed : rest.length;
  response.writeHead(partial ? 206 : status, { 'content-length': length });
  if (!fault) {
    response.end(rest);
    return;
  }
  response.write(fault.kind === 'length' ? rest : rest.subarray(0, fault.after), () => {
    // Waits for the client to read the bytes, because unread bytes are lost when the connection closes.
    if (fault.kind !== 'stall') setTimeout(() => response.destroy(), 250);
  });
}
