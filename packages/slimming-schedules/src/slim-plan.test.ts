/** The plan format: writing, reading, refusing. */

import { isPatchslimError } from '@patchslim/tensor';
import { losslessPlan, vitConfig, type BlockPlan, type VitConfig } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { origin, tinyConfig } from '../test/toy.js';
import { blocksFor, createPlan, formatPlan, parsePlan } from './index.js';

const model = { config: tinyConfig, fingerprint: 'a'.repeat(64) };
const blocks: BlockPlan[] = [
  { kind: 'dense' },
  { kind: 'keep', keep: [0, 4, 9], keys: 'compact' },
  { kind: 'keep', keep: [0], keys: 'compact' },
];
const plan = createPlan(model, blocks, origin);
const text = formatPlan(plan);

/** The plan's JSON with the value at a path replaced, or removed when `undefined`. */
function changed(path: string, value: unknown): string {
  const json: unknown = JSON.parse(text);
  const keys = path.split('.');
  const last = keys.pop()!;
  const parent = keys.reduce((node, key) => (node as Record<string, unknown>)[key], json);
  (parent as Record<string, unknown>)[last] = value;
  return JSON.stringify(json);
}

describe('formatPlan', () => {
  it('is read back as it was', () => {
    expect(parsePlan(text)).toEqual(plan);
    const withErrors = createPlan(model, blocks, {
      ...origin,
      steps: [...origin.steps, { step: 'top-down', errors: [0, 0.013, null] }],
    });
    expect(parsePlan(formatPlan(withErrors))).toEqual(withErrors);
  });

  it('puts every block on a line of its own', () => {
    expect(text.split('\n').filter((line) => line.includes('"kind"'))).toEqual([
      '    {"kind":"dense"},',
      '    {"kind":"keep","keep":[0,4,9],"keys":"compact"},',
      '    {"kind":"keep","keep":[0],"keys":"compact"}',
    ]);
    expect(text.endsWith('}\n')).toBe(true);
  });
});

describe('createPlan', () => {
  it('describes the model', () => {
    expect(plan.model).toEqual({
      name: 'test',
      fingerprint: model.fingerprint,
      depth: 3,
      tokens: 10,
      prefixTokens: 1,
    });
  });

  it('knows the two prefix tokens of a distilled model', () => {
    const config = vitConfig('deit-tiny-distilled');
    const distilled = { config, fingerprint: 'b' };
    const made = parsePlan(formatPlan(createPlan(distilled, losslessPlan(config), origin)));
    expect(made.model).toMatchObject({ tokens: 198, prefixTokens: 2 });
    expect(blocksFor(made, distilled)).toEqual(losslessPlan(config));
    const single = { config: vitConfig('deit-tiny'), fingerprint: 'b' };
    expect(() => blocksFor(made, single)).toThrow(expect.objectContaining({ code: 'PLAN_MISMATCH' }));
  });

  it('refuses blocks that do not fit the model', () => {
    expect(() => createPlan(model, [], origin)).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
  });

  it('copies the lists of the blocks', () => {
    const keep = [0, 4, 9];
    const own = createPlan(
      model,
      [{ kind: 'dense' }, { kind: 'keep', keep, keys: 'all' }, { kind: 'dense' }],
      origin,
    );
    keep.pop();
    expect(own.blocks[1]).toMatchObject({ keep: [0, 4, 9] });
  });
});

describe('parsePlan', () => {
  it.each([
    ['format', 'other', 'format: '],
    ['version', 3, 'version: '],
    ['model', undefined, 'model: '],
    ['model.depth', 1.5, 'model.depth: '],
    ['model.fingerprint', 7, 'model.fingerprint: '],
    ['model.layers', 12, 'model: Unrecognized key: "layers"'],
    ['blocks', {}, 'blocks: Invalid input: expected array, received object'],
    ['blocks.0.kind', 'sparse', 'blocks.0.kind: '],
    ['blocks.0.keep', [0], 'blocks.0: Unrecognized key: "keep"'],
    ['blocks.1.keep', undefined, 'blocks.1.keep: '],
    ['blocks.1.keep.2', -1, 'blocks.1.keep.2: Too small: expected number to be >=0'],
    ['blocks.1.keep.0', 0.5, 'blocks.1.keep.0: Invalid input: expected int, received number'],
    ['blocks.1.keep.0', '0', 'blocks.1.keep.0: Invalid input: expected number, received string'],
    ['blocks.2.keys', 'some', 'blocks.2.keys: Invalid option: expected one of "compact"|"all"'],
    ['provenance.macs.slimmed', null, 'provenance.macs.slimmed: '],
    ['provenance.steps.0.deeperBlocks', 'sparse', 'provenance.steps.0.deeperBlocks: '],
    ['provenance.steps', [{ step: 'top-down', errors: ['low'] }], 'provenance.steps.0.errors.0: '],
    ['provenance.steps.0.step', 'guessed', 'provenance.steps.0.step: '],
    ['extra', 1, 'top level: Unrecognized key: "extra"'],
  ])('names the place: %s', (path, value, message) => {
    const parse = () => parsePlan(changed(path, value), 'my-plan.json');
    expect(parse).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
    expect(parse).toThrow(`my-plan.json is no slim plan of version 2; `);
    expect(parse).toThrow(message);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"plan"',
    '{"__proto__":{}}',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  ])('refuses text that is not a plan (%#)', (other) => {
    expect(() => parsePlan(other)).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
  });

  it.each([
    [
      { format: 'patchslim-report', version: 1, blocks: [], provenance: {} },
      /a report \(report\.json\).*lies beside it/,
    ],
    [{ key: 'a', notes: {} }, /an unfinished search \(counts\.json\)/],
    [{ images: 9, dense: {}, plans: [] }, /a comparison \(compare\.json\)/],
    [{ denseTop1: 1, points: [] }, /\(curves\.json\)/],
    [{ recipe: {}, epochs: [] }, /the log of a training \(train\.json\)/],
    [{ macs: {}, counts: [], paths: {} }, /what `patchslim slim --json` prints/],
    [{ image_mean: [], do_resize: true }, /\(preprocessor_config\.json\)/],
    [{ model_type: 'vit', id2label: {} }, /\(config\.json\)/],
    [{ architecture: 'vit', num_classes: 3 }, /\(config\.json\)/],
    [{ name: 'a', version: '1.0.0', dependencies: {} }, /\(package\.json\)/],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }, /an object with the keys 'a', 'b', 'c', 'd', 'e', …;/],
    [[1, 2], /it holds a list; give the plan\.json that `patchslim slim` wrote$/],
    ['half a plan', /it holds a string; give the plan\.json/],
  ])('names the other kind of file in one line: %j', (json, message) => {
    const parse = () => parsePlan(JSON.stringify(json), 'a.json');
    expect(parse).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
    expect(parse).toThrow(message);
    expect(parse).toThrow(/^parsePlan\(\): a\.json is no slim plan: it [^;\n]*; give the plan\.json[^;\n]*$/);
  });

  it('lists every problem and the file in its details', () => {
    try {
      parsePlan(changed('blocks', [{ kind: 'keep', keep: [-1, -2], keys: 'no' }]), 'a.json');
      expect.unreachable();
    } catch (error) {
      expect(isPatchslimError(error) && error.details).toMatchObject({ source: 'a.json' });
      const { problems } = (error as { details: { problems: string[] } }).details;
      expect(problems.map((problem) => problem.split(':')[0])).toEqual([
        'blocks.0.keep.0',
        'blocks.0.keep.1',
        'blocks.0.keys',
      ]);
    }
  });

  it('names the first of very many problems', () => {
    const wrong = (count: number) => {
      const keep = Array.from({ length: count }, () => -1);
      return () => parsePlan(changed('blocks', [{ kind: 'keep', keep, keys: 'all' }]));
    };
    expect(wrong(1000)).toThrow(/blocks\.0\.keep\.0: .*; and 990 more$/);
    expect(wrong(200_000)).toThrow(
      expect.objectContaining({
        code: 'PLAN_INVALID',
        message: expect.stringContaining('more problems than can be listed') as string,
      }),
    );
  });

  it('refuses a text that is too long for a plan before reading it', () => {
    expect(() => parsePlan(' '.repeat(64_000_001), 'a.json')).toThrow(
      expect.objectContaining({
        code: 'PLAN_INVALID',
        message: expect.stringContaining(
          'a.json is no slim plan: it has more than 64000000 characters',
        ) as string,
      }),
    );
  });
});

describe('blocksFor', () => {
  it('gives the blocks for the model they were made for', () => {
    expect(blocksFor(plan, model)).toEqual(blocks);
  });

  it('without weights accepts only a plan for a model of the same name', () => {
    expect(blocksFor(plan, { config: tinyConfig })).toEqual(blocks);
    const read = () => blocksFor(plan, { config: { ...tinyConfig, name: 'other' } });
    expect(read).toThrow(expect.objectContaining({ code: 'PLAN_MISMATCH' }));
    expect(read).toThrow('the plan is for test, this is other; name the model that the plan is for');
  });

  it.each<[string, Partial<VitConfig>]>([
    ['depth', { depth: 4 }],
    ['tokens', { imageSize: 16 }],
    ['prefix', { prefix: ['class', 'distillation'] }],
  ])('refuses another architecture (%s)', (_, other) => {
    const read = () => blocksFor(plan, { ...model, config: { ...tinyConfig, name: 'other', ...other } });
    expect(read).toThrow(expect.objectContaining({ code: 'PLAN_MISMATCH' }));
    expect(read).toThrow('the plan is for test with 3 blocks and 10 tokens; this is other with');
  });

  it('refuses other weights', () => {
    const read = () => blocksFor(plan, { ...model, fingerprint: 'c'.repeat(64) });
    expect(read).toThrow(expect.objectContaining({ code: 'PLAN_MISMATCH' }));
    expect(read).toThrow('other weights of test (aaaaaaaaaaaa…, these are cccccccccccc…)');
  });

  it.each([
    [
      'a token that an earlier block removed',
      'blocks.2.keep',
      [0, 7],
      'block 2 keeps tokens 7, which do not reach it',
    ],
    [
      'a token that the model does not have',
      'blocks.1.keep',
      [0, 10],
      'block 1 keeps tokens 10, which do not reach it',
    ],
    ['a token beyond all', 'blocks.1.keep', [0, 2 ** 53 - 1], 'keeps tokens 9007199254740991'],
    ['a token twice', 'blocks.1.keep', [0, 4, 4], 'block 1 keeps a token twice'],
    ['no class token', 'blocks.1.keep', [4, 9], 'block 1 drops token 0, which the classifier needs'],
    ['no token at all', 'blocks.1.keep', [], 'block 1 drops token 0'],
    ['too few blocks', 'blocks', [{ kind: 'dense' }], 'expected 3 blocks for test, got 1'],
    [
      'very many tokens',
      'blocks.1.keep',
      Array.from({ length: 50_000 }, (_, i) => i),
      'which do not reach it',
    ],
  ])('refuses a plan that was edited into one that cannot be run: %s', (_, path, value, message) => {
    const edited = parsePlan(changed(path, value));
    expect(() => blocksFor(edited, model)).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
    expect(() => blocksFor(edited, model)).toThrow(message);
  });

  it('takes the tokens of a block in any order', () => {
    const edited = parsePlan(changed('blocks.1.keep', [9, 0, 4]));
    expect(blocksFor(edited, model)[1]).toMatchObject({ keep: [9, 0, 4] });
  });
});
