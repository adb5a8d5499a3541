/** A small web server for pages under test: serves some folders on a free local port. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';

export interface StaticServerOptions {
  /** Whether pages are cross-origin isolated, as WebAssembly threads require. @default true */
  readonly isolated?: boolean | undefined;
  /** Folders by their URL path, which begins and ends with `/`. */
  readonly folders?: Readonly<Record<string, string>> | undefined;
}

export interface StaticServer {
  /** Ends with `/`. */
  readonly url: string;
  /** Requested paths so far. */
  readonly requests: string[];
  /** The body of the first POST request, whatever its path: pages report with it. */
  readonly posted: Promise<string>;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Serves `folder` at `/`, with `index.html` as the default page. */
export async function serveFolder(folder: string, options: StaticServerOptions = {}): Promise<StaticServer> {
  const { isolated = true, folders = {} } = options;
  const requests: string[] = [];
  let report: (body: string) => void;
  const posted = new Promise<string>((done) => (report = done));
  const fileOf = (path: string): string => {
    const place = Object.keys(folders).find((prefix) => path.startsWith(prefix));
    if (place !== undefined) return join(folders[place]!, path.slice(place.length));
    return join(folder, path === '/' ? 'index.html' : path);
  };
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    requests.push(path);
    if (request.method === 'POST')
      return void text(request)
        .then(report)
        .then(() => response.writeHead(204).end());
    if (path === '/favicon.ico') return void response.writeHead(204).end();
    const file = fileOf(path);
    readFile(file).then(
      (content) => {
        const type = types[extname(file)] ?? 'application/octet-stream';
        const etag = `"${createHash('sha1').update(content).digest('hex')}"`;
        const headers = { 'Content-Type': type, 'Content-Length': content.length, ETag: etag };
        response.writeHead(200, { ...headers, ...(isolated ? isolation : {}) }).end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    posted,
    close: () =>
      new Promise((done, fail) => {
        server.close((error) => (error ? fail(error) : done()));
        server.closeAllConnections();
      }),
  };
}
