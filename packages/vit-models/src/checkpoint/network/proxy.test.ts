/** Downloads through a real proxy, to names that only it can reach. */

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bundleForBrowser, startFileServer, type FileServer } from '@patchslim/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startProxyServer, type ProxyServer } from '../../../test/proxy-server.js';
import { cert, key } from '../../../test/test-certificate.js';
import { downloadBlob } from './download-blob.js';

const body = Buffer.from('the file');
const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];
let server: FileServer;
let proxy: ProxyServer;

beforeEach(async () => {
  for (const name of variables)
    for (const spelling of [name, name.toLowerCase()]) vi.stubEnv(spelling, undefined);
  server = await startFileServer();
  server.files.set('/file', { body, etag: '"1"' });
  proxy = await startProxyServer(Number(new URL(server.origin).port));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([server.close(), proxy.close()]);
});

const get = async (address: string): Promise<string> =>
  (await downloadBlob(new URL(address), { retries: 0 })).blob.text();

describe('http', () => {
  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])(
    'goes to the proxy of %s, with the whole address',
    async (name) => {
      vi.stubEnv(name, proxy.address);
      expect(await get('http://outside.invalid/file?a=1')).toBe('the file');
      expect(proxy.requests).toEqual(['GET http://outside.invalid/file?a=1']);
      expect(server.requests).toHaveLength(1);
    },
  );

  it('goes on where it broke off', async () => {
    vi.stubEnv('HTTP_PROXY', proxy.address);
    server.faults.push({ kind: 'cut', after: 3 });
    const fetched = await downloadBlob(new URL('http://outside.invalid/file'), {});
    expect(await fetched.blob.text()).toBe('the file');
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=3-']);
  });

  it('gives the password of the proxy to the proxy', async () => {
    vi.stubEnv('HTTP_PROXY', proxy.address.replace('//', '//user:secret@'));
    expect(await get('http://outside.invalid/file')).toBe('the file');
    expect(proxy.authorization).toBe(`Basic ${Buffer.from('user:secret').toString('base64')}`);
  });

  it.each([
    ['127.0.0.1', true],
    ['example.org, 127.0.0.1', true],
    ['*', true],
    ['example.org', false],
  ])('NO_PROXY=%s', async (value, direct) => {
    vi.stubEnv('HTTP_PROXY', proxy.address);
    vi.stubEnv('NO_PROXY', value);
    expect(await get(`${server.origin}/file`)).toBe('the file');
    expect(proxy.requests).toHaveLength(direct ? 0 : 1);
  });
});

it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])(
  'https goes through a tunnel of the proxy of %s',
  async (name) => {
    const secure = createServer({ key, cert }, (_, response) => void response.end(body));
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const tunnel = await startProxyServer((secure.address() as AddressInfo).port);
    vi.stubEnv(name, tunnel.address);
    await expect(get('https://outside.invalid/file')).rejects.toThrow(/self-signed certificate/);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    expect(await get('https://outside.invalid/file')).toBe('the file');
    expect(tunnel.requests).toEqual(Array(2).fill('CONNECT outside.invalid:443'));
    secure.closeAllConnections();
    await Promise.all([new Promise((resolve) => secure.close(resolve)), tunnel.close()]);
  },
);

describe('errors', () => {
  it('name the variable of a proxy that is not there, without its password', async () => {
    await proxy.close();
    vi.stubEnv('HTTP_PROXY', proxy.address.replace('//', '//user:secret@'));
    const error: unknown = await get('http://outside.invalid/file').catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/ECONNREFUSED .*; is the proxy that HTTP_PROXY names right/);
    expect(String(error)).not.toContain('secret');
  });

  it.each(['proxy:3128', 'ftp://user:secret@proxy'])('say what a proxy is: %s is none', async (value) => {
    vi.stubEnv('HTTPS_PROXY', value);
    const error: unknown = await get('https://outside.invalid/file').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(String(error)).toMatch(/HTTPS_PROXY: expected the address of a proxy/);
    expect(String(error)).not.toContain('secret');
  });
});

it('a bundle for browsers does without undici', async () => {
  const { chunks } = await bundleForBrowser(fileURLToPath(new URL('../from-pretrained.ts', import.meta.url)));
  const modules = chunks.flatMap((chunk) => Object.keys(chunk.modules));
  expect(modules.some((name) => name.endsWith('network/proxy.ts'))).toBe(true);
  expect(modules.filter((name) => name.includes('undici'))).toEqual([]);
});
