/** Windows and macOS: the lint rules find code that works on one system only, and every file of the repository can be there. */

import { Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import { runQuietly } from '@patchslim/testing/platform';
import { describe, expect, it } from 'vitest';
import { kinds, platformFiles, platformRules } from '@patchslim/testing/platform-rules';
import { root } from './pages.js';

/** For each kind of rule: code that it must find, one line each. */
const found: Readonly<Record<keyof typeof kinds, readonly string[]>> = {
  'system asked': [
    "if (process.platform === 'win32') stop();",
    'process.kill(id, 0);',
    'const root = process.getuid?.() === 0;',
    'process.umask(0o77);',
    'if (os.platform() === name) stop();',
    'const { username } = os.userInfo();',
  ],
  signal: ["child.kill('SIGKILL');", "process.on('SIGTERM', stop);"],
  'file function': [
    "import { rename } from 'node:fs/promises';",
    "import { readFile, symlinkSync } from 'node:fs';",
    "import { chmod as allow } from 'fs/promises';",
    'await fs.rename(from, to);',
    'await file.chmod(0o600);',
    'fs.fsyncSync(folder);',
  ],
  'program by name': [
    "spawn('npm', ['ci']);",
    "execFileSync('npx', ['vite']);",
    "exec('rm -r out');",
    'spawn(program, args, { shell: true });',
  ],
  'absolute path': [
    "const folder = '/tmp/out';",
    "join('/tmp', name);",
    "await readFile('/proc/self/status');",
    'const log = `/var/${name}.log`;',
    "write('/dev/null');",
  ],
  'home by variable': ['const home = process.env.HOME;', "const home = process.env['USERPROFILE'];"],
  'address taken as a path': [
    "const path = new URL('../data', import.meta.url).pathname;",
    'const address = `file://${path}`;',
    "const address = 'file://' + path;",
  ],
  separator: [
    "const name = join(folder, file).split('/').at(-1);",
    "const inside = relative(folder, file).startsWith('../');",
    "const folders = process.env['PATH'].split(':');",
  ],
  'file name': ['const path = join(folder, new Date().toISOString());'],
};

/** Code like it that works everywhere. */
const allowed = [
  "import { readFile, writeFile } from 'node:fs/promises';",
  'spawn(process.execPath, [file]);',
  'child.kill();',
  "const parts = hubFile.split('/');",
  "const url = new URL('https://huggingface.co/a/b').pathname;",
  "const path = fileURLToPath(new URL('../data', import.meta.url));",
  "const folder = join(tmpdir(), 'out');",
  "const route = '/api/models';",
  'const name = basename(path);',
];

const linter = new Linter();
const rulesOf = (selected: readonly object[]): Linter.Config => ({
  languageOptions: { parser },
  rules: { 'no-restricted-syntax': ['error', ...selected] },
});

describe.each(Object.entries(kinds))('the rule on “%s”', (kind, rules) => {
  it.each(found[kind as keyof typeof kinds])('finds %s', (code) => {
    const messages = linter.verify(code, rulesOf(rules));
    expect(messages.map(({ ruleId }) => ruleId)).toEqual(['no-restricted-syntax']);
  });
});

it.each(allowed)('no rule finds %s', (code) => {
  expect(linter.verify(code, rulesOf(Object.values(kinds).flat()))).toEqual([]);
});

it('every kind has code that it must find', () => {
  expect(Object.keys(found)).toEqual(Object.keys(kinds));
});

it('the rules hold for all code but the files that know the system', () => {
  const code = "import { rename } from 'node:fs/promises';";
  const holds = (filename: string) =>
    linter
      .verify(code, [{ languageOptions: { parser } }, ...platformRules], { filename })
      .some(({ ruleId }) => ruleId === 'no-restricted-syntax');
  const everywhere = [
    'packages/tensor/src/a.ts',
    'packages/a/test/b.test.ts',
    'tools/scripts/a.mjs',
    'docs/scripts/a.ts',
  ];
  expect(everywhere.filter((file) => !holds(file))).toEqual([]);
  expect(platformFiles.filter(holds)).toEqual([]);
});

describe('the files of the repository', async () => {
  const lines = (await runQuietly('git', ['ls-files', '--eol'], { cwd: root })).trim().split('\n');
  const files = lines.map((line) => line.split('\t')[1]!);

  it('have names that Windows allows', () => {
    const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
    const forbidden = files.filter((file) =>
      file.split('/').some((name) => /[<>:"\\|?*]|[. ]$/.test(name) || reserved.test(name)),
    );
    expect(files.length).toBeGreaterThan(100);
    expect(forbidden).toEqual([]);
  });

  it('differ in more than capital letters', () => {
    const lower = files.map((file) => file.toLowerCase());
    expect(files.filter((_, i) => lower.indexOf(lower[i]!) !== i)).toEqual([]);
  });

  it('leave room below the 260 characters of a path on Windows', () => {
    expect(files.filter((file) => file.length > 150)).toEqual([]);
  });

  it('end their lines in one way, whatever the system of a clone prefers', () => {
    expect(lines.filter((line) => /^i\/(crlf|mixed)/.test(line))).toEqual([]);
    expect(lines.filter((line) => !/ attr\/(text=auto eol=lf|-text)/.test(line))).toEqual([]);
  });
});
