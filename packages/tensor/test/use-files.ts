/** A process that uses files for a test: `node … use-files.ts DEED PATH`. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryFolder, makeTemporaryTree, writeWhole } from '../src/files/index.js';

const [deed, path] = process.argv.slice(2) as [string, string];

function* endless() {
  for (;;) yield 'half\n'.repeat(1000);
}

switch (deed) {
  case 'write':
    process.stdout.write('before\n');
    await writeWhole('test', path, ['written\n']);
    process.stdout.write('after\n');
    break;
  case 'write-as-nobody': // root may do everything
    if (process.getuid?.() === 0) {
      process.setgid!(65534);
      process.setuid!(65534);
    }
    await writeWhole('test', path, ['new']);
    break;
  case 'write-forever':
    await writeWhole('test', path, endless());
    break;
  case 'hold-folder':
    await writeFile(join(await makeTemporaryFolder('test'), '0.f32'), 'features');
    process.stdout.write('made\n');
    setInterval(() => undefined, 1000);
    break;
  case 'hold-tree': {
    const tree = await makeTemporaryTree('test', path);
    await mkdir(join(tree, 'sub'));
    await writeFile(join(tree, 'sub', 'part'), 'half');
    process.stdout.write('made\n');
    setInterval(() => undefined, 1000);
    break;
  }
  default:
    throw new Error(`unknown deed ${deed}`);
}
