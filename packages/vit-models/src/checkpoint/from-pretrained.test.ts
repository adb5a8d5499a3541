import { copyFile, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ProgressEvent } from '@patchslim/tensor';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  encode,
  encodeWeights,
  huggingFaceWeights,
  rawFloat32,
  smallConfig,
  smallWeights,
} from '../../test/checkpoint-fixtures.js';
import { requireRealData, startFileServer, type FileServer } from '@patchslim/testing';
import { parameterCount } from '../spec.js';
import { deitPreprocessing } from '../preprocessing.js';
import { fromPretrained } from './from-pretrained.js';
import { writeSafetensors } from './write-safetensors.js';

const weights = smallWeights();
const distilledConfig = { ...smallConfig, prefix: ['class', 'distillation'] as const };
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-checkpoint-'));
  path = join(folder, 'small.safetensors');
  await writeFile(path, encodeWeights(weights));
});
afterAll(() => rm(folder, { recursive: true }));

/** A folder as `save_pretrained` makes it. */
async function repository(name: string, files: Record<string, string | Uint8Array>): Promise<string> {
  const root = join(folder, name);
  await mkdir(root);
  for (const [file, content] of Object.entries(files)) await writeFile(join(root, file), content);
  return root;
}

describe('sources', () => {
  it('a path, a file URL, a Blob, bytes and a folder give the same model', async () => {
    const root = await repository('plain', { 'weights.safetensors': encodeWeights(weights) });
    const sources = [pathToFileURL(path), new Blob([new Uint8Array(encodeWeights(weights))]), encodeWeights(weights), root]; // prettier-ignore
    const first = await fromPretrained(path);
    expect(first.tensors).toEqual(weights);
    for (const source of sources) {
      const checkpoint = await fromPretrained(source);
      expect(checkpoint.config).toEqual(smallConfig);
      expect(checkpoint.fingerprint).toBe(first.fingerprint);
      expect(checkpoint.preprocessing).toEqual(deitPreprocessing(16));
      expect(checkpoint.ignored).toEqual([]);
      expect(checkpoint).not.toHaveProperty('labels');
    }
  });

  it.each([
    ['none.safetensors', /no file, folder or model/],
    ['models/none.safetensors', /no file, folder or model/],
    ['deit-tinny', /did you mean .*deit-tiny/],
    ['file:///none/none.safetensors', /there is no file/],
  ])('%s is NOT_FOUND', async (source, message) => {
    const error: unknown = await fromPretrained(source).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'NOT_FOUND' });
    expect(String(error)).toMatch(message);
  });

  it('a folder needs exactly one file of weights, or model.safetensors', async () => {
    await expect(fromPretrained(await repository('empty', {}))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const bytes = encodeWeights(weights);
    const two = await repository('two', { 'a.safetensors': bytes, 'b.safetensors': bytes });
    await expect(fromPretrained(two)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await copyFile(path, join(two, 'model.safetensors'));
    expect((await fromPretrained(two)).config).toEqual(smallConfig);
  });
});

describe('names', () => {
  it.each([
    ['legacy', smallConfig],
    ['v5', smallConfig],
    ['legacy', distilledConfig],
    ['v5', distilledConfig],
  ] as const)('%s Hugging Face names give the same weights and fingerprint', async (style, config) => {
    const own = smallWeights(config);
    const timm = await fromPretrained(encodeWeights(own));
    const renamed = await fromPretrained(encodeWeights(huggingFaceWeights(own, style)));
    expect(renamed.tensors).toEqual(own);
    expect(renamed.config).toEqual({ ...config, layerNormEps: 1e-12 });
    expect(renamed.fingerprint).toBe(timm.fingerprint);
    expect(timm.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('the fingerprint depends on every weight and on the shapes, not on the order', async () => {
    const { fingerprint } = await fromPretrained(path);
    const reversed = new Map([...weights].reverse());
    expect((await fromPretrained(encodeWeights(reversed))).fingerprint).toBe(fingerprint);
    const changed = smallWeights();
    changed.get('blocks.1.norm2.bias')!.data[63]! += 1 / 1024;
    expect((await fromPretrained(encodeWeights(changed))).fingerprint).not.toBe(fingerprint);
    expect((await fromPretrained(path, { imageSize: 24 })).fingerprint).not.toBe(fingerprint);
  });

  it('lists extra tensors, and refuses those of another architecture', async () => {
    const entries = [...weights].map(([name, tensor]) => [name, rawFloat32(tensor)] as const);
    const extra = (name: string) =>
      encode([...entries, [name, rawFloat32(weights.get('norm.bias')!)] as const]);
    expect((await fromPretrained(extra('pooler.dense.bias'), { heads: 1 })).ignored).toEqual([
      'pooler.dense.bias',
    ]);
    const error: unknown = await fromPretrained(extra('blocks.0.attn.q_norm.weight')).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'CHECKPOINT_INVALID' });
    expect(String(error)).toMatch(/blocks.0.attn.q_norm.weight belong to another architecture.*qk_norm/);
  });
});

describe('files beside the weights', () => {
  const bytes = encodeWeights(huggingFaceWeights(weights, 'legacy'));
  const labels = ['tench', 'shark', 'cock', 'hen', 'ostrich'];
  const id2label = Object.fromEntries(labels.map((label, index) => [index, label]));

  it('Hugging Face: eps, heads, labels, preprocessing', async () => {
    const root = await repository('hugging-face', {
      'model.safetensors': encodeWeights(huggingFaceWeights(weights, 'legacy'), 0),
      'config.json': JSON.stringify({
        layer_norm_eps: 1e-5,
        num_attention_heads: 4,
        id2label,
        hidden_act: 'gelu',
      }),
      'preprocessor_config.json': JSON.stringify({
        size: { shortest_edge: 20 },
        do_center_crop: true,
        crop_size: { height: 16, width: 16 },
        image_mean: [0.1, 0.2, 0.3],
        image_std: [0.4, 0.5, 0.6],
      }),
    });
    const checkpoint = await fromPretrained(root);
    expect(checkpoint.config).toEqual({ ...smallConfig, layerNormEps: 1e-5, heads: 4 });
    expect(checkpoint.labels).toEqual(labels);
    const own = { interpolation: 'bilinear', mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] };
    expect(checkpoint.preprocessing).toMatchObject({ resize: { size: 20 }, height: 16, width: 16, ...own });
    expect(checkpoint).not.toHaveProperty('remarks');
    const larger = await fromPretrained(root, { imageSize: 32 });
    expect(larger.preprocessing).toMatchObject({ resize: { size: 40 }, height: 32, width: 32, ...own });
  });

  it('timm: preprocessing from pretrained_cfg', async () => {
    const root = await repository('timm', {
      'model.safetensors': encodeWeights(weights),
      'config.json': JSON.stringify({
        architecture: 'vit_small',
        pretrained_cfg: {
          input_size: [3, 16, 16],
          crop_pct: 0.9,
          mean: [0.5, 0.5, 0.5],
          std: [0.5, 0.5, 0.5],
        },
      }),
    });
    const { preprocessing, config } = await fromPretrained(root);
    expect(preprocessing).toMatchObject({ resize: { size: 17 }, height: 16, mean: [0.5, 0.5, 0.5] });
    expect(config.layerNormEps).toBe(1e-6);
  });

  it('refuses a config.json that is absurdly large', async () => {
    const root = await repository('large', { 'model.safetensors': bytes, 'config.json': '{' });
    await truncate(join(root, 'config.json'), 3e9); // takes no room on the disk
    await expect(fromPretrained(root)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/config.json': expected at most 64000000 bytes/) as string,
    });
  });

  it('placeholder labels are no labels', async () => {
    const placeholders = Object.fromEntries(labels.map((_, index) => [index, `LABEL_${index}`]));
    const config = JSON.stringify({ id2label: placeholders });
    const root = await repository('placeholders', { 'model.safetensors': bytes, 'config.json': config });
    expect(await fromPretrained(root)).not.toHaveProperty('labels');
  });
});

describe('options', () => {
  it('imageSize resizes the position embeddings only', async () => {
    const { config, tensors, preprocessing } = await fromPretrained(path, { imageSize: 24 });
    expect(config).toEqual({ ...smallConfig, imageSize: 24 });
    expect(preprocessing).toMatchObject({ height: 24, width: 24 });
    for (const [name, tensor] of weights) {
      if (name === 'pos_embed') expect(tensors.get(name)!.shape).toEqual([1, 37, 64]);
      else expect(tensors.get(name)).toEqual(tensor);
    }
    await expect(fromPretrained(path, { imageSize: 25 })).rejects.toThrow(/multiple of the patch size 4/);
  });

  it('an unknown model fails before anything is read', async () => {
    await expect(fromPretrained('none', { model: 'deit' })).rejects.toMatchObject({ code: 'UNKNOWN_NAME' });
  });

  it('a fired signal ends the call', async () => {
    await expect(fromPretrained(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort() };
    await expect(fromPretrained(path, options)).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('weights that were written are read back as the same model', async () => {
    const first = await fromPretrained(encodeWeights(huggingFaceWeights(weights, 'v5')));
    const copy = join(folder, 'copy.safetensors');
    await writeSafetensors(copy, first.tensors);
    expect((await fromPretrained(copy, { heads: 1 })).fingerprint).toBe(first.fingerprint);
  });
});

describe('network', () => {
  let server: FileServer;
  let options: { endpoint: string; cacheDir: string };
  const repo = '/owner/name/resolve/main/';

  beforeAll(async () => {
    server = await startFileServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    server.requests.length = 0;
    server.files.clear();
    server.files.set(`${repo}model.safetensors`, { body: encodeWeights(weights), etag: '"1"' });
    server.files.set(`${repo}config.json`, { body: Buffer.from('{"architecture":"x"}') });
    options = { endpoint: `${server.origin}/`, cacheDir: await mkdtemp(join(folder, 'cache-')) };
  });

  it('progress is that of the weights, then of reading them', async () => {
    const events: ProgressEvent[] = [];
    const { tensors, source } = await fromPretrained('owner/name', {
      ...options,
      onProgress: (event) => events.push(event),
    });
    expect(tensors).toEqual(weights);
    expect(source).toBe('owner/name@main');
    expect([...new Set(events.map((event) => event.stage))]).toEqual(['download', 'read']);
    for (const stage of ['download', 'read']) {
      const last = events.filter((event) => event.stage === stage).at(-1)!;
      expect(last.done).toBe(last.total);
    }
  });

  it('a preset name is its hub repository, and the weights must fit it', async () => {
    const root = '/timm/deit_tiny_patch16_224.fb_in1k/resolve/v1%2Fa/';
    server.files.set(`${root}model.safetensors`, { body: encodeWeights(weights) });
    const loaded = fromPretrained('deit-tiny', { ...options, revision: 'v1/a' });
    await expect(loaded).rejects.toThrow(/not the model 'deit-tiny'/);
    expect(server.requests.at(-1)?.path).toBe(`${root}model.safetensors`);
  });

  it('an address is downloaded alone', async () => {
    server.files.set('/some/weights', { body: encodeWeights(weights) });
    const address = new URL('/some/weights?key=secret', server.origin);
    const { source, tensors } = await fromPretrained(address, options);
    expect(tensors).toEqual(weights);
    expect(source).toBe(`${server.origin}/some/weights`);
    expect(server.requests.length).toBe(1);
  });

  it('an address that ends with / is a folder', async () => {
    server.files.set('/some/model.safetensors', { body: encodeWeights(weights), etag: '"1"' });
    server.files.set('/some/config.json', { body: Buffer.from('{"architecture":"x"}'), etag: '"2"' });
    const address = `${server.origin}/some/?key=secret`;
    const first = await fromPretrained(address, options);
    expect(first.tensors).toEqual(weights);
    expect(first.source).toBe(`${server.origin}/some/`);
    const asked = ['config.json', 'preprocessor_config.json', 'model.safetensors'].map(
      (name) => `/some/${name}`,
    );
    expect(server.requests.map(({ path }) => path)).toEqual(asked);
    expect((await fromPretrained(address, options)).fingerprint).toBe(first.fingerprint);
    const again = server.requests.slice(3);
    expect(again.map(({ path }) => path)).toEqual(asked);
    expect(again.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'HEAD']); // the second is absent
  });

  it('the weights of a folder that were fetched alone do not hide its settings', async () => {
    const labels = ['tench', 'shark', 'cock', 'hen', 'ostrich'];
    const config = { layer_norm_eps: 1e-5, id2label: Object.fromEntries(labels.entries()) };
    server.files.set('/some/model.safetensors', { body: encodeWeights(weights), etag: '"1"' });
    server.files.set('/some/config.json', { body: Buffer.from(JSON.stringify(config)), etag: '"2"' });
    const alone = await fromPretrained(`${server.origin}/some/model.safetensors`, options);
    expect(alone).not.toHaveProperty('labels');
    const offline = fromPretrained(`${server.origin}/some/`, { ...options, offline: true });
    await expect(offline).rejects.toThrow(/not known whether .*\/some\/ has 'config.json'/);
    const whole = await fromPretrained(`${server.origin}/some/`, options);
    expect(whole.labels).toEqual(labels);
    expect(whole.config.layerNormEps).toBe(1e-5);
    const later = await fromPretrained(`${server.origin}/some/`, { ...options, offline: true });
    expect(later.labels).toEqual(labels);
    expect(later.remarks).toEqual(whole.remarks);
  });

  it('a folder that cannot be reached is what it was, with a remark; a new file in it is seen', async () => {
    const own = await startFileServer();
    own.files.set('/some/model.safetensors', { body: encodeWeights(weights), etag: '"1"' });
    const address = `${own.origin}/some/`;
    expect(await fromPretrained(address, options)).not.toHaveProperty('labels');
    const config = { id2label: { 0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: 'e' } };
    own.files.set('/some/config.json', { body: Buffer.from(JSON.stringify(config)), etag: '"2"' });
    expect((await fromPretrained(address, options)).labels).toEqual(['a', 'b', 'c', 'd', 'e']);
    await own.close();
    const { labels, remarks } = await fromPretrained(address, { ...options, retries: 0 });
    expect(labels).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(remarks?.join()).toMatch(
      /what was downloaded before is used, since the server was not reached: download: /,
    );
  });

  it('servers are told what is wanted, so that none answers with a page', async () => {
    const wanted: (string | null)[] = [];
    const asking: typeof fetch = (url, init) => {
      wanted.push(new Headers(init?.headers).get('accept'));
      return fetch(url, init);
    };
    await fromPretrained('owner/name', { ...options, fetch: asking });
    const head = null; // it brings no file
    expect(wanted).toEqual([head, 'application/json', 'application/json', 'application/octet-stream']);
  });

  it('the token goes to the hub only, and never into an error', async () => {
    await fromPretrained('owner/name', { ...options, token: 'hf_secret' });
    expect(server.requests.map((request) => request.authorization)).toEqual(
      Array(4).fill('Bearer hf_secret'),
    );
    server.requests.length = 0;
    server.files.set('/elsewhere', { body: encodeWeights(weights) });
    const elsewhere = { cacheDir: options.cacheDir, endpoint: 'https://hub.invalid', token: 'hf_secret' };
    await fromPretrained(`${server.origin}/elsewhere`, elsewhere);
    expect(server.requests.map((request) => request.authorization)).toEqual([undefined]);

    server.faults.push({ kind: 'status', status: 401 });
    const refused: unknown = await fromPretrained('owner/private', { ...options, token: 'hf_secret' }).catch((e: unknown) => e); // prettier-ignore
    const malformed: unknown = await fromPretrained('owner/name', { ...options, token: 'hf_\nsecret' }).catch((e: unknown) => e); // prettier-ignore
    const inAddress: unknown = await fromPretrained(`${server.origin.replace('//', '//user:hf_secret@')}/x`, options).catch((e: unknown) => e); // prettier-ignore
    expect(refused).toMatchObject({ code: 'NOT_FOUND' });
    expect(malformed).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(inAddress).toMatchObject({ code: 'INVALID_ARGUMENT' });
    for (const error of [refused, malformed, inAddress]) expect(String(error)).not.toContain('secret');
  });

  it.each([
    ['model.safetensors', '<html>please log in</html>'],
    ['config.json', '<html>please log in</html>'],
    ['model.safetensors', ''],
  ])('a %s that is none does not stay in the cache', async (file, page) => {
    const good = server.files.get(repo + file)!;
    server.files.set(repo + file, { body: Buffer.from(page) });
    await expect(fromPretrained('owner/name', options)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/removed from the cache/) as string,
    });
    server.files.set(repo + file, good);
    expect((await fromPretrained('owner/name', options)).tensors).toEqual(weights);
  });

  it('a file that a server cut short and called whole does not stay in the cache', async () => {
    const address = `${server.origin}${repo}model.safetensors`;
    const elsewhere = { ...options, endpoint: 'http://hub.invalid' }; // not as a page of the hub
    server.faults.push({ kind: 'length', claimed: 1000 });
    await expect(fromPretrained(address, elsewhere)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    const left = await readdir(options.cacheDir, { recursive: true });
    expect(left.filter((name) => name.includes('.safetensors'))).toEqual([]);
    expect((await fromPretrained(address, elsewhere)).tensors).toEqual(weights);
  });

  it('a repository that does not exist is NOT_FOUND', async () => {
    await expect(fromPretrained('owner/none', options)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('real weights', () => {
  it('DeiT-Tiny loads as deit-tiny', async (context) => {
    const checkpoint = await fromPretrained(requireRealData(context).weights);
    expect(checkpoint.config).toMatchObject({ name: 'deit-tiny', imageSize: 224, classes: 1000 });
    expect(checkpoint.preprocessing).toEqual(deitPreprocessing(224));
    expect(parameterCount(checkpoint.config)).toBe(5_717_416);
    const loaded = [...checkpoint.tensors.values()].reduce((total, { data }) => total + data.length, 0);
    expect(loaded).toBe(5_717_416);
  });
});
