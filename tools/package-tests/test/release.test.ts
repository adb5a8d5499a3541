/** What the release changes: the changelog's heading, and the version in the code. Nothing runs here that publishes. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { dateChangelog, setVersion } from '../src/release-texts.mjs';
import { root } from '../src/workspace-packages.js';

const { packages } = inject('supplies');

describe('the changelog', () => {
  const text =
    '# Changelog\n\n## 0.2.0 (unreleased)\n\n- A change.\n\n## 0.1.0 (2026-12-01)\n\n- An older one.\n';

  it('gets a date', () => {
    expect(dateChangelog(text, '0.2.0', '2027-01-02')).toContain('## 0.2.0 (2027-01-02)\n\n- A change.');
  });

  it('must have a section of the version, with a change in it', () => {
    expect(() => dateChangelog(text, '0.3.0', '2027-01-02')).toThrow(
      "expected a section '## 0.3.0 (unreleased)'",
    );
    expect(() => dateChangelog(text, '0.1.0', '2027-01-02')).toThrow('0.1.0');
    const empty = text.replace('- A change.\n', '');
    expect(() => dateChangelog(empty, '0.2.0', '2027-01-02')).toThrow('lists no change');
  });

  it('of this repository has a section for the version of the packages', async () => {
    const changelog = await readFile(join(root, 'CHANGELOG.md'), 'utf8');
    const { version } = packages[0]!.manifest;
    expect(changelog).toMatch(
      new RegExp(`^## ${version.replaceAll('.', '\\.')} \\((unreleased|\\d{4}-\\d\\d-\\d\\d)\\)$`, 'm'),
    );
  });
});

describe('versions', () => {
  it('are one in all packages, and in what they need of each other', () => {
    const { version } = packages[0]!.manifest;
    const names = packages.map(({ manifest }) => manifest.name);
    for (const { manifest } of packages) {
      expect(manifest.version, manifest.name).toBe(version);
      const needed = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies };
      const ours = Object.entries(needed).filter(([name]) => names.includes(name));
      expect(
        ours.filter(([, range]) => range !== version),
        manifest.name,
      ).toEqual([]);
    }
  });

  // Package managers that keep packages apart (yarn's PnP) find a peer only through every package on the way to it.
  it('of peers are passed on by the packages in between', () => {
    // A page takes no peers of Node.
    for (const { manifest } of packages.filter(({ id }) => id !== 'browser')) {
      const [own, wanted] = [{ ...manifest.dependencies, ...manifest.peerDependencies }, new Set<string>()];
      for (const { manifest: other } of packages.filter((one) => one.manifest.name in own))
        for (const peer of Object.keys(other.peerDependencies ?? {})) wanted.add(peer);
      expect(Object.keys(own), manifest.name).toEqual(expect.arrayContaining([...wanted]));
    }
  });

  it('are set in the code', () => {
    expect(setVersion("export const version = '0.1.0';\n", '0.2.0')).toBe(
      "export const version = '0.2.0';\n",
    );
    expect(() => setVersion('const other = 1;', '0.2.0')).toThrow('version.ts');
  });
});
