/** What happens on a machine without sharp. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { expect, it } from 'vitest';
import { jpeg, makeFolder } from '../test/folder.js';
import { small } from '../test/preprocessing.js';

it('asks for sharp when it is missing, and only when an image is decoded', async () => {
  const dir = await makeFolder({ 'a.jpg': await jpeg() });
  await build({
    entry: { datasets: fileURLToPath(new URL('index.ts', import.meta.url)) },
    config: false,
    silent: true,
    format: 'esm',
    outDir: dir,
    target: 'node20',
    noExternal: [/^@patchslim\//],
    external: ['sharp'],
    esbuildOptions: (options) => {
      options.conditions = ['@patchslim/source'];
    },
  });
  const script = `
    import { decodeImage, openImageFolder } from './datasets.js';
    const { examples } = await openImageFolder('.');
    const preprocessing = ${JSON.stringify(small)};
    const error = await decodeImage(examples[0].source, preprocessing).catch((error) => error);
    console.log(JSON.stringify({ code: error.code, message: error.message }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: dir,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('npm install sharp') as string,
  });
});
