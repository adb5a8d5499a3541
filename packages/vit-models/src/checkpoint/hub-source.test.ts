/** Names of repositories, tokens, and what errors of the network tell. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { download } from './download.js';
import { parseHubSource } from './hub-source.js';
import { hubToken } from './hub-token.js';
import { proxyHint } from './proxy-hint.js';

const endpoint = 'http://localhost:9';

it.each([
  ['me/vit', { id: 'me/vit' }],
  ['me/vit@v2', { id: 'me/vit', revision: 'v2' }],
  ['hf-hub:me/vit', { id: 'me/vit' }],
  ['hf_hub:me/vit@refs', { id: 'me/vit', revision: 'refs' }],
  ['hf://me/vit', { id: 'me/vit' }],
  ['https://huggingface.co/me/vit', { id: 'me/vit' }],
  ['https://hf.co/me/vit/', { id: 'me/vit' }],
  ['https://huggingface.co/me/vit/tree/v2', { id: 'me/vit', revision: 'v2' }],
  [
    'https://huggingface.co/me/vit/blob/refs%2Fpr%2F1/model.safetensors',
    { id: 'me/vit', revision: 'refs/pr/1' },
  ],
  [`${endpoint}/me/vit/resolve/main/model.safetensors`, { id: 'me/vit', revision: 'main' }],
  [`${endpoint}/me/vit`, { id: 'me/vit' }],
  ['https://example.org/me/vit', undefined],
  ['https://huggingface.co/me/vit/resolve/main/other.safetensors', undefined],
  ['https://huggingface.co/datasets/me', undefined],
  ['https://huggingface.co/me/vit?x=1', undefined],
  ['me/model.safetensors', undefined],
  ['me/vit@', undefined],
  ['me/vit@a@b', undefined],
  ['vit', undefined],
])('%s', (text, expected) => {
  expect(parseHubSource(text, endpoint)).toEqual(expected);
});

describe('tokens', () => {
  const setEnvironment = (values: Record<string, string | undefined>) => {
    const none = { HF_TOKEN: undefined, HF_HOME: undefined, HF_TOKEN_PATH: undefined };
    for (const [name, value] of Object.entries({ ...none, ...values })) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
  };
  const writeToken = async (text: string) => {
    const home = await mkdtemp(join(tmpdir(), 'patchslim-token-'));
    onTestFinished(() => rm(home, { recursive: true }));
    await writeFile(join(home, 'token'), text);
    return home;
  };

  it('are given, in the environment, or saved, in this order', async () => {
    const home = await writeToken('hf_saved\n');
    setEnvironment({ HF_HOME: home });
    expect(await hubToken(undefined)).toBe('hf_saved');
    setEnvironment({ HF_TOKEN_PATH: join(home, 'token') });
    expect(await hubToken(undefined)).toBe('hf_saved');
    setEnvironment({ HF_HOME: home, HF_TOKEN: 'hf_set' });
    expect(await hubToken(undefined)).toBe('hf_set');
    expect(await hubToken('hf_given')).toBe('hf_given');
    setEnvironment({ HF_HOME: home, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' });
    expect(await hubToken(undefined)).toBeUndefined();
    setEnvironment({ HF_HOME: join(home, 'nowhere') });
    expect(await hubToken(undefined)).toBeUndefined();
  });

  it('with odd characters are refused without being shown', async () => {
    setEnvironment({ HF_HOME: await writeToken('hf_\u00e4 secret') });
    await expect(hubToken(undefined)).rejects.toThrow(
      /the token has characters that no HTTP header may have$/,
    );
  });
});

it.each([
  [undefined, 'GatedRepo', /HTTP 401; it is gated: ask for access on its page, then set HF_TOKEN/],
  [undefined, '', /HTTP 401; does it exist\? If it is private, set HF_TOKEN/],
  ['hf_x', 'GatedRepo', /check that the account of the token \(HF_TOKEN, or hf auth login\) may read it/],
])('a refusal with token %s and code %s says what to do', async (token, code, message) => {
  const fetch = () => Promise.resolve(new Response('', { status: 401, headers: { 'x-error-code': code } }));
  const promise = download(new URL('https://hub.invalid/a'), () => Promise.reject(new Error('no')), {
    fetch,
    token,
  });
  await expect(promise).rejects.toThrow(message);
});

it('a proxy that Node does not use is named', () => {
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv('NODE_USE_ENV_PROXY', undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(proxyHint()).toBe('');
  vi.stubEnv('https_proxy', 'http://user:secret@proxy:3128');
  expect(proxyHint()).toMatch(/^; https_proxy is set, but .*NODE_USE_ENV_PROXY=1/);
  expect(proxyHint()).not.toContain('secret');
});
