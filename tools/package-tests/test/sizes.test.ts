/** Compares the package sizes with their budgets, and the sizes in the READMEs with a new measurement. */

import { describe, expect, inject, it } from 'vitest';
import { measureSizes } from '../src/measure-sizes.js';
import { readReadme } from '../src/readme.js';
import { systemName } from '@patchslim/testing/platform';
import { budgetProblem, packedBudgets } from '../src/size-budgets.js';
import { differences, putSizeText, readSizeText, sizeText } from '../src/size-text.js';

const { packages, tarballs } = inject('supplies');

it.each(packages)('the README of $manifest.name gives its install size', async (one) => {
  const written = readSizeText(await readReadme(one));
  expect(written, 'a line between the marks: npm run sizes -w @patchslim/package-tests').toBeDefined();
  const fresh = sizeText(await measureSizes(one, packages, tarballs));
  expect(differences(written!, fresh, systemName)).toEqual([]);
});

describe('the budget', () => {
  it.each(packages)('of $manifest.name holds', ({ id, manifest }) => {
    const { packed } = tarballs.find(({ name }) => name === manifest.name)!;
    expect(budgetProblem(id, packed)).toBeUndefined();
  });

  it('is given for packages that exist', () => {
    expect(Object.keys(packedBudgets)).toEqual(packages.map(({ id }) => id).sort());
  });

  it('is broken by one kB too many, and by a package that has none', () => {
    expect(budgetProblem('backends', 20_000)).toBeUndefined();
    expect(budgetProblem('backends', 20_001)).toContain('has 21 kB packed; its budget is 20 kB');
    expect(budgetProblem('new-package', 1)).toContain('new-package has no budget');
  });
});

describe('the line on install size', () => {
  const zod = { name: 'zod', version: '4.6.7', bytes: 5_912_345, native: false };
  const sharp = { name: 'sharp', version: '0.35.5', bytes: 18_000_000, native: true };
  const sizes = {
    packed: 22_149,
    unpacked: 82_400,
    withRequired: 1_120_000,
    required: [zod],
    optional: [sharp],
  };
  const text = sizeText(sizes);

  it('has the measured sizes', () => {
    expect(text).toBe(
      'Install size: 22 kB packed, 82 kB unpacked; 1.12 MB with the patchslim packages that it needs. ' +
        'Third-party code on Linux x64, each with what it requires: zod 4.6.7 (5.91 MB), optional sharp 0.35.5 (18.0 MB, native).',
    );
    const alone = { ...sizes, withRequired: 82_400, required: [], optional: [] };
    expect(sizeText(alone)).toBe('Install size: 22 kB packed, 82 kB unpacked. No third-party code.');
  });

  it('is inserted after the install block, and later replaced', () => {
    const readme = '# A\n\n```sh\necho first\n```\n\n```sh\nnpm install a\n```\n\nMore.\n';
    const first = putSizeText(readme, text);
    expect(first).toContain(`npm install a\n\`\`\`\n\n<!-- size -->\n\n${text}\n\n<!-- /size -->\n\nMore.`);
    expect(readSizeText(putSizeText(first, 'other'))).toBe('other');
    expect(() => putSizeText('# A\n', text)).toThrow('npm install');
  });

  it('may differ by at most a tenth', () => {
    const differing = (change: Partial<typeof sizes>, platform = 'linux-x64'): string[] =>
      differences(text, sizeText({ ...sizes, ...change }), platform);
    expect(differing({})).toEqual([]);
    expect(differing({ unpacked: 88_000, packed: 20_600 })).toEqual([]);
    expect(differing({ unpacked: 100_000 })).toEqual(['expected about 100 kB, got 82 kB']);
    expect(differing({ required: [{ ...zod, version: '4.6.8' }] })).toHaveLength(1);
    expect(differing({ optional: [{ ...sharp, bytes: 9e6 }] })).toHaveLength(1);
    expect(differing({ optional: [{ ...sharp, bytes: 9e6 }] }, 'darwin-arm64')).toEqual([]);
  });
});
