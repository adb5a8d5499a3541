/** Repositories of the hub, from a server that answers as it does: commits, the cache, messages. */

import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startHubServer, type HubServer } from '@patchslim/testing';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { encodeWeights, smallWeights } from '../../../test/checkpoint-fixtures.js';
import { fromPretrained } from '../from-pretrained.js';
import { link } from '@patchslim/testing/platform';
import { hubCache } from './hub-cache.js';

const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string];
const id = 'owner/name';
const weights = encodeWeights(smallWeights());
const labels = ['tench', 'shark', 'cock', 'hen', 'ostrich'];
const config = JSON.stringify({ layer_norm_eps: 1e-5, id2label: Object.fromEntries(labels.entries()) });
const changed = smallWeights();
changed.get('norm.bias')!.data[0]! += 1;
const files = { 'model.safetensors': weights, 'config.json': config };
const newer = { ...files, 'model.safetensors': encodeWeights(changed) };

let server: HubServer;
let folder: string;
let options: { endpoint: string; cacheDir: string; retries: number };

beforeEach(async () => {
  server = await startHubServer();
  folder = await mkdtemp(join(tmpdir(), 'patchslim-hub-'));
  options = { endpoint: server.hub.origin, cacheDir: folder, retries: 0 };
  server.publish(id, one, files, 'main', 'v1');
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const load = (source = id, more: object = {}) => fromPretrained(source, { ...options, ...more });
const failure = async (source = id, more: object = {}): Promise<Error & { code: string }> =>
  load(source, more).then(
    () => Promise.reject(new Error('it loaded')),
    (error: unknown) => error as Error & { code: string },
  );
/** Requests since the last call, as `HEAD config.json`; `storage` for those that end there. */
const asked = (): string[] => {
  const take = (requests: { method: string; path: string }[], name: (path: string) => string) =>
    requests.splice(0).map(({ method, path }) => `${method} ${name(path)}`);
  return [
    ...take(server.hub.requests, (path) => path.split('/').slice(5).join('/')),
    ...take(server.storage.requests, () => 'storage'),
  ];
};
const inRepository = (...parts: string[]): string => join(folder, 'models--owner--name', ...parts);
const remarksOf = ({ remarks = [] }: { remarks?: readonly string[] }) => remarks.join('\n');

describe('a branch', () => {
  it('is asked for its commit each time, and each file is fetched once', async () => {
    const first = await load();
    expect(first.labels).toEqual(labels);
    expect(first.config.layerNormEps).toBe(1e-5);
    expect(asked()).toEqual([
      'HEAD config.json',
      'GET config.json',
      'HEAD preprocessor_config.json',
      'HEAD model.safetensors',
      'GET model.safetensors',
      'GET storage',
    ]);
    expect((await load()).fingerprint).toBe(first.fingerprint);
    expect(asked()).toEqual(['HEAD config.json']);
  });

  it('gives its new commit when there is one, of which only what changed is fetched', async () => {
    const first = await load();
    asked();
    server.publish(id, two, newer, 'main');
    const second = await load();
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(asked().filter((request) => request.startsWith('GET'))).toEqual([
      'GET model.safetensors',
      'GET storage',
    ]);
    expect((await load(`${id}@v1`)).fingerprint).toBe(first.fingerprint);
    expect((await load(id, { revision: one })).fingerprint).toBe(first.fingerprint);
  });

  it('is the commit in the cache when the hub is not there, and a remark says so', async () => {
    const first = await load();
    await server.hub.close();
    const second = await load();
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(second.labels).toEqual(labels);
    expect(remarksOf(second)).toMatch(/commit 1111111 of owner\/name, .*could not be asked.*ECONNREFUSED/);
  });

  it('stays at the old commit without a network when the new one was not fetched whole', async () => {
    const first = await load();
    server.publish(id, two, newer, 'main');
    server.storage.faults.push({ kind: 'status', status: 500 });
    expect(await failure()).toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect((await load(id, { offline: true })).fingerprint).toBe(first.fingerprint);
    expect((await load()).fingerprint).not.toBe(first.fingerprint);
  });

  it('that is gone is NOT_FOUND, although the cache knows it', async () => {
    server.publish(id, two, files, 'dev');
    await load(`${id}@dev`);
    for (const file of [...server.hub.files.keys()])
      if (file.includes('/dev/')) server.hub.files.delete(file);
    server.hub.otherwise = () => ({
      body: new Uint8Array(),
      status: 404,
      headers: { 'x-error-code': 'RevisionNotFound' },
    });
    expect(await failure(`${id}@dev`)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('may be a pull request', async () => {
    server.publish(id, three, files, 'refs/pr/1');
    await load(`${id}@refs/pr/1`);
    expect(await readFile(inRepository('refs', 'refs', 'pr', '1'), 'utf8')).toBe(three);
  });
});

it('a commit that was fetched asks nothing, nor for what it lacks', async () => {
  await load(id, { revision: one });
  asked();
  await load(id, { revision: one });
  expect(asked()).toEqual([]);
});

describe('the cache', () => {
  it('is laid out as that of the Python library', async () => {
    await load();
    expect(await readFile(inRepository('refs', 'main'), 'utf8')).toBe(one);
    expect(await readdir(inRepository('.no_exist', one))).toEqual(['preprocessor_config.json']);
    expect((await readdir(inRepository('snapshots', one))).sort()).toEqual(Object.keys(files).sort());
    const blobs = await readdir(inRepository('blobs'));
    expect(blobs.map(({ length }) => length).sort()).toEqual([40, 64]); // hashes of Git and SHA-256, nothing beside them
    const link = await readlink(inRepository('snapshots', one, 'model.safetensors'));
    expect(link).toBe(
      join(
        '..',
        '..',
        'blobs',
        blobs.find(({ length }) => length === 64)!,
      ),
    );
  });

  it('is that of the environment by default', async () => {
    for (const [name, value, root] of [
      ['HF_HUB_CACHE', join(folder, 'a'), join(folder, 'a')],
      ['HUGGINGFACE_HUB_CACHE', join(folder, 'b'), join(folder, 'b')],
      ['HF_HOME', join(folder, 'c'), join(folder, 'c', 'hub')],
      ['XDG_CACHE_HOME', join(folder, 'd'), join(folder, 'd', 'huggingface', 'hub')],
    ] as const) {
      for (const other of ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_HOME', 'XDG_CACHE_HOME'])
        vi.stubEnv(other, undefined);
      vi.stubEnv(name, value);
      vi.stubEnv('HF_ENDPOINT', `${server.hub.origin}/`);
      onTestFinished(() => void vi.unstubAllEnvs());
      await fromPretrained(id);
      expect(await readdir(root)).toEqual(['models--owner--name']);
    }
  });

  /** As Python leaves it when `AutoModel` loads a model. */
  const writePythonCache = async (known: Record<string, Uint8Array | string>) => {
    await mkdir(inRepository('refs'), { recursive: true });
    await writeFile(inRepository('refs', 'main'), one);
    for (const [i, [name, content]] of Object.entries(known).entries()) {
      await mkdir(inRepository('blobs'), { recursive: true });
      await writeFile(inRepository('blobs', `etag${i}`), content);
      await mkdir(dirname(inRepository('snapshots', one, name)), { recursive: true });
      await link(join('..', '..', 'blobs', `etag${i}`), inRepository('snapshots', one, name));
    }
  };

  it('of the Python library is used: no file is fetched again', async () => {
    await writePythonCache(files);
    expect((await load()).labels).toEqual(labels);
    expect(asked()).toEqual(['HEAD config.json', 'HEAD preprocessor_config.json']);
    expect((await load(id, { offline: true })).labels).toEqual(labels);
  });

  it('does not pass for complete: what was never asked for is not taken for absent', async () => {
    await writePythonCache({ 'model.safetensors': weights });
    const error = await failure(id, { offline: true });
    expect(error).toMatchObject({ code: 'NOT_FOUND' });
    expect(error.message).toMatch(
      /not known whether owner\/name@main has 'config\.json'.*option offline is set/,
    );
    expect((await load()).labels).toEqual(labels);
  });

  it('may have a list of all files of a commit, which says what it lacks', async () => {
    await writePythonCache(files);
    await mkdir(inRepository('trees'));
    const tree = { format_version: 1, files: { 'config.json': {}, 'model.safetensors': {} } };
    await writeFile(inRepository('trees', `${one}.json`), JSON.stringify(tree));
    expect((await load(id, { offline: true })).labels).toEqual(labels);
  });

  it('keeps what Python put there, also if it is no checkpoint', async () => {
    await writePythonCache({ ...files, 'model.safetensors': 'something else' });
    expect(await failure()).toMatchObject({ code: 'CHECKPOINT_INVALID' });
    expect((await lstat(inRepository('snapshots', one, 'model.safetensors'))).isSymbolicLink()).toBe(true);
  });

  it('goes without links where there are none: a new file is moved, an old one copied', async () => {
    const refuse = () => Promise.reject(Object.assign(new Error('no right'), { code: 'EPERM' }));
    const cache = await hubCache(folder, id, refuse);
    const blob = await cache.blobPath('abc');
    await mkdir(dirname(blob), { recursive: true });
    await writeFile(blob, 'text');
    await cache.link(blob, one, 'a/file', false);
    await cache.link(blob, two, 'a/file', true);
    for (const commit of [one, two])
      expect(await readFile(cache.pathOf(commit, 'a/file'), 'utf8')).toBe('text');
    expect(await readdir(inRepository('blobs'))).toEqual([]);
    expect(await cache.find(two, 'a/file')).toEqual({ path: cache.pathOf(two, 'a/file') });
  });

  it('gives no name to an ETag that would lead out of it', async () => {
    const cache = await hubCache(folder, id);
    for (const etag of ['../../x', '..', 'a/b', '', '.hidden'])
      expect(dirname(await cache.blobPath(etag))).toBe(inRepository('blobs'));
  });
});

describe('transfers', () => {
  it('of the same repository at the same time give one copy', async () => {
    const both = await Promise.all([load(), load()]);
    expect(both[0].fingerprint).toBe(both[1].fingerprint);
    expect((await readdir(inRepository('blobs'))).length).toBe(2);
  });

  it('that broke go on where they stopped', async () => {
    server.storage.faults.push({ kind: 'cut', after: 5000 });
    expect(await failure()).toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect(
      (await readdir(inRepository('blobs'))).filter((name) => name.endsWith('.incomplete')),
    ).toHaveLength(1);
    await load();
    expect(server.storage.requests.at(-1)?.range).toBe('bytes=5000-');
    expect((await readdir(inRepository('blobs'))).filter((name) => name.endsWith('.incomplete'))).toEqual([]);
  });

  it('of other bytes than the hub told are not kept', async () => {
    const [[path, good]] = [...server.storage.files] as [[string, { body: Uint8Array }]];
    const bad = Uint8Array.from(good.body);
    bad[bad.length - 1]! ^= 1;
    server.storage.files.set(path, { body: bad, etag: '"bad"' });
    const error = await failure();
    expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect(error.message).toMatch(/expected SHA-256/);
    expect((await readdir(inRepository('blobs'))).map(({ length }) => length)).toEqual([40]);
    server.storage.files.set(path, good);
    expect((await load()).labels).toEqual(labels);
  });

  it('carry the token to the hub, and not to its storage', async () => {
    await load(id, { token: 'hf_secret' });
    const sent = server.hub.requests.map(({ authorization }) => authorization);
    expect(new Set(sent)).toEqual(new Set(['Bearer hf_secret']));
    expect(server.storage.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });
});

describe('offline', () => {
  it.each(['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'])('%s asks nothing', async (name) => {
    const first = await load();
    vi.stubEnv(name, '1');
    onTestFinished(() => void vi.unstubAllEnvs());
    asked();
    const second = await load();
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(second.remarks).toEqual(first.remarks);
    const error = await failure('owner/other');
    expect(error).toMatchObject({ code: 'NOT_FOUND' });
    expect(error.message).toMatch(new RegExp(`no copy of owner/other@main.*${name} is set`));
    expect(asked()).toEqual([]);
    await load(id, { offline: false });
    expect(asked()).toEqual(['HEAD config.json']);
  });
});

describe('what is named', () => {
  it('may be a file of weights, also in a folder, with the settings beside it', async () => {
    const other = JSON.stringify({ id2label: Object.fromEntries([...labels].reverse().entries()) });
    server.publish(id, two, { ...files, 'sub/a b.safetensors': weights, 'sub/config.json': other }, 'main');
    const address = `${server.hub.origin}/${id}/blob/main/sub/a%20b.safetensors`;
    expect((await load(address)).labels).toEqual([...labels].reverse());
    expect((await load(`${server.hub.origin}/${id}/resolve/main/model.safetensors`)).labels).toEqual(labels);
    expect((await load(id, { offline: true })).labels).toEqual(labels);
  });

  it('may have another name now', async () => {
    server.publish('owner/new', two, files, 'main');
    server.rename('owner/old', 'owner/new');
    const loaded = await load('owner/old');
    expect(loaded.labels).toEqual(labels);
    expect(remarksOf(loaded)).toMatch(/'owner\/old' was renamed on the hub: it is now 'owner\/new'/);
  });

  it.each(['../x', 'a/../b', 'a b', 'a\\b', '/a'])('is no revision %s', async (revision) => {
    expect(await failure(id, { revision })).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('refusals', () => {
  const answer = (status: number, headers: Record<string, string>) =>
    server.hub.files.set(`/${id}/resolve/main/config.json`, { body: new Uint8Array(), status, headers });

  it.each([
    [
      401,
      { 'x-error-code': 'GatedRepo' },
      undefined,
      'DOWNLOAD_FAILED',
      /gated: accept its terms on http.*owner\/name, then set HF_TOKEN/,
    ],
    [
      403,
      { 'x-error-code': 'GatedRepo' },
      'hf_x',
      'DOWNLOAD_FAILED',
      /gated: accept its terms .*the account of the token/,
    ],
    [
      404,
      { 'x-error-code': 'RepoNotFound' },
      'hf_x',
      'NOT_FOUND',
      /no repository 'owner\/name'.*the account of the token/,
    ],
    [401, {}, undefined, 'NOT_FOUND', /no repository 'owner\/name'.*if it is private, set HF_TOKEN/],
    [
      401,
      { 'x-error-message': 'Invalid credentials in Authorization header' },
      'hf_x',
      'DOWNLOAD_FAILED',
      /does not accept the token: renew it/,
    ],
    [
      404,
      { 'x-error-code': 'RevisionNotFound' },
      undefined,
      'NOT_FOUND',
      /no revision 'main': give a branch/,
    ],
    [
      403,
      { 'x-error-message': 'Access to this resource is disabled.' },
      undefined,
      'DOWNLOAD_FAILED',
      /the hub has disabled 'owner\/name'/,
    ],
    [
      403,
      { 'x-error-message': 'Not this one' },
      undefined,
      'DOWNLOAD_FAILED',
      /forbids 'owner\/name': Not this one/,
    ],
  ] as const)('%i %o with token %s', async (status, headers, token, code, message) => {
    answer(status, headers);
    const error = await failure(id, { token });
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('hf_x');
  });

  it('for a repository that is not there, and for a revision', async () => {
    expect((await failure('owner/none')).message).toMatch(/no repository 'owner\/none', or hides it/);
    expect((await failure(`${id}@none`)).message).toMatch(/'owner\/name' has no revision 'none'/);
  });

  it.each([
    [
      { 'flax_model.msgpack': 'x', 'tf_model.h5': 'x' },
      /only flax_model.msgpack, tf_model.h5 \(Flax, Keras\).*convert/,
    ],
    [
      { 'a.safetensors': 'x', 'b.safetensors': 'x' },
      /it has a.safetensors, b.safetensors: give the address of one/,
    ],
    [{ 'README.md': 'x' }, /it has no file of weights at all/],
  ])('for %o say what is there', async (content, message) => {
    server.publish('owner/odd', two, { 'config.json': '{}', ...content }, 'main');
    const error = await failure('owner/odd');
    expect(error).toMatchObject({ code: 'NOT_FOUND' });
    expect(error.message).toMatch(/none of model.safetensors, /);
    expect(error.message).toMatch(message);
  });

  it('that the cache can make up for do so, with a remark', async () => {
    await load();
    answer(403, { 'x-error-code': 'GatedRepo' });
    expect(remarksOf(await load())).toMatch(/commit 1111111 .*gated: accept/);
  });
});
