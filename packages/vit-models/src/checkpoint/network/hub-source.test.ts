/** Names of repositories, tokens, and what errors of the network tell. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseHubSource } from './hub-source.js';
import { hubToken } from './hub-token.js';

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
    { id: 'me/vit', revision: 'refs/pr/1', file: 'model.safetensors' },
  ],
  ['https://huggingface.co/me/vit/tree/refs/pr/1', { id: 'me/vit', revision: 'refs/pr/1' }],
  ['https://huggingface.co/me/vit/tree/v2/a/b/', { id: 'me/vit', revision: 'v2', folder: 'a/b' }],
  [
    `${endpoint}/me/vit/resolve/main/model.safetensors?download=true`,
    { id: 'me/vit', revision: 'main', file: 'model.safetensors' },
  ],
  [
    'https://huggingface.co/me/vit/blob/main/a/other.pth',
    { id: 'me/vit', revision: 'main', folder: 'a', file: 'other.pth' },
  ],
  [`${endpoint}/me/vit`, { id: 'me/vit' }],
  ['https://example.org/me/vit', undefined],
  ['https://huggingface.co/me/vit/tree/v2/%2e%2e%2fa/..%2f', undefined],
  ['https://huggingface.co/me/vit/blob/main', undefined],
  ['https://huggingface.co/datasets/me', undefined],
  ['https://huggingface.co/me/vit?x=1', undefined],
  ['https://huggingface.co/me/', undefined],
  [`${endpoint}/me/model.safetensors`, undefined],
  ['me/model.safetensors', undefined],
  ['me/vit@', undefined],
  ['me/vit@a@b', undefined],
  ['vit', undefined],
])('%s', (text, expected) => {
  expect(parseHubSource(text, endpoint)).toEqual(expected);
});

it('a mirror may lie below a path', () => {
  const mirror = 'https://mirror.example/hub';
  const expected = { id: 'me/vit', revision: 'v2' };
  expect(parseHubSource(`${mirror}/me/vit/tree/v2`, mirror)).toEqual(expected);
  expect(parseHubSource('https://mirror.example/me/vit', mirror)).toBeUndefined();
});

describe('tokens', () => {
  const setEnvironment = (values: Record<string, string | undefined>) => {
    const none = {
      HF_TOKEN: undefined,
      HF_HOME: undefined,
      HF_TOKEN_PATH: undefined,
      HF_HUB_DISABLE_IMPLICIT_TOKEN: undefined,
    };
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
    setEnvironment({ HF_HOME: home, HF_TOKEN: 'hf_set', HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' });
    expect(await hubToken(undefined)).toBeUndefined();
    expect(await hubToken('hf_given')).toBe('hf_given');
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
