import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHubServer, type HubServer } from '@patchslim/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeWeights, smallConfig, smallWeights } from '../../../test/checkpoint-fixtures.js';
import { goldenFiles, goldenWeights } from '../../../test/golden-weights.js';
import { fromPretrained } from '../from-pretrained.js';

const weights = smallWeights();
const all = [...weights];
const { fingerprint } = await fromPretrained(encodeWeights(weights));
const index = 'model.safetensors.index.json';
const part = (n: number) => `model-0000${n}-of-00002.safetensors`;
const halves = [all.slice(0, 9), all.slice(9)].map((tensors) => encodeWeights(new Map(tensors)));
const weightMap = Object.fromEntries(all.map(([name], i) => [name, part(i < 9 ? 1 : 2)]));
const files = {
  [index]: Buffer.from(JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap })),
  [part(1)]: halves[0]!,
  [part(2)]: halves[1]!,
};
let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-split-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function folderOf(content: Record<string, Uint8Array | string>): Promise<string> {
  const root = join(folder, String(count++));
  await mkdir(root);
  for (const [name, data] of Object.entries(content)) await writeFile(join(root, name), data);
  return root;
}

describe('split weights', () => {
  it('a folder, its index, and the files that a user chose give the whole model', async () => {
    const root = await folderOf(files);
    const chosen = Object.entries(files).map(([name, data]) => new File([new Uint8Array(data)], name));
    for (const source of [root, join(root, index), chosen]) {
      const checkpoint = await fromPretrained(source);
      expect(checkpoint.config).toEqual(smallConfig);
      expect(checkpoint.fingerprint).toBe(fingerprint);
    }
  });

  it("PyTorch's files may be split too", async () => {
    const { bytes } = goldenFiles().find(({ name }) => name === 'state-dict.pth')!;
    const map = Object.fromEntries([...goldenWeights().keys()].map((name) => [name, 'a.bin']));
    const root = await folderOf({
      'pytorch_model.bin.index.json': JSON.stringify({ weight_map: map }),
      'a.bin': bytes,
    });
    expect((await fromPretrained(root, { heads: 2 })).tensors).toEqual(goldenWeights());
  });

  it.each([
    ['a part is missing', { [part(2)]: undefined }, 'NOT_FOUND', /the weights are split.*index\.json/],
    [
      'a part lacks a tensor',
      { [part(2)]: encodeWeights(new Map(all.slice(10))) },
      'WEIGHTS_MISSING',
      /lack blocks/,
    ],
    [
      'a part has a tensor of another',
      { [part(2)]: encodeWeights(new Map(all.slice(8))) },
      'CHECKPOINT_INVALID',
      /the index says model-00001/,
    ],
    [
      'the index names no files',
      { [index]: '{"weight_map":{}}' },
      'CHECKPOINT_INVALID',
      /split weights names no files/,
    ],
    [
      'the index leads out of the folder',
      { [index]: '{"weight_map":{"a":"../x.safetensors"}}' },
      'CHECKPOINT_INVALID',
      /beside the index/,
    ],
    ['the index is none', { [index]: '[]' }, 'CHECKPOINT_INVALID', /not a JSON object/],
  ] as const)('%s', async (_, changed, code, message) => {
    const content = Object.entries({ ...files, ...changed }).filter((entry) => entry[1] !== undefined);
    const root = await folderOf(Object.fromEntries(content));
    const error: unknown = await fromPretrained(root).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(String(error)).toMatch(message);
  });
});

describe('on the hub', () => {
  let server: HubServer;
  beforeAll(async () => {
    server = await startHubServer();
  });
  afterAll(() => server.close());

  it('split weights are downloaded once, then work offline', async () => {
    server.publish('owner/name', '1'.repeat(40), files, 'main');
    const options = { endpoint: server.hub.origin, cacheDir: join(folder, 'cache') };
    expect((await fromPretrained('owner/name', options)).fingerprint).toBe(fingerprint);
    server.hub.requests.length = 0;
    expect((await fromPretrained('owner/name', { ...options, offline: true })).fingerprint).toBe(fingerprint);
    expect(server.hub.requests).toEqual([]);
  });

  it('a repository of PyTorch weights alone works too; one without any says what was looked for', async () => {
    const { bytes } = goldenFiles().find(({ name }) => name === 'legacy.pth')!;
    server.publish('owner/torch', '2'.repeat(40), { 'pytorch_model.bin': bytes }, 'main');
    server.publish('owner/none', '3'.repeat(40), {}, 'main');
    const options = { endpoint: server.hub.origin, cacheDir: join(folder, 'cache'), heads: 2 };
    expect((await fromPretrained('owner/torch', options)).tensors).toEqual(goldenWeights());
    await expect(fromPretrained('owner/none', options)).rejects.toThrow(
      /none of model.safetensors, .*pytorch_model/,
    );
  });
});
