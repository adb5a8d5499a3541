// The licences of third-party code in a bundle, as one text.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Copyright holders of packages without a licence file. All of them name MIT as their licence. */
const mitHolders = {
  'onnxruntime-web': 'Microsoft Corporation',
  seedrandom: '2019 David Bau',
};

const mit = (holder) => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;

/**
 * @param {readonly string[]} files that went into the bundle, relative to `root`
 * @param {string} root
 */
export async function thirdPartyNotices(files, root) {
  const folders = new Set(
    files.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  );
  const parts = await Promise.all([...folders].sort().map((folder) => noticeOf(join(root, folder))));
  return `Third-party code in patchslim.js and worker.js, and in the files of ONNX Runtime beside them.\n\n${parts.join('\n')}`;
}

/** @param {string} folder of an installed package */
async function noticeOf(folder) {
  const { name, version, license, homepage } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const origin = homepage ?? `https://www.npmjs.com/package/${name}`;
  const title = `${'='.repeat(80)}\n${name} ${version} (${license}), ${origin}\n${'='.repeat(80)}\n`;
  const more =
    name === 'onnxruntime-web'
      ? `\nONNX Runtime contains code of others: https://github.com/microsoft/onnxruntime/blob/v${version}/ThirdPartyNotices.txt\n`
      : '';
  if (file) return `${title}${(await readFile(join(folder, file), 'utf8')).trim()}\n${more}`;
  if (license === 'Apache-2.0') return `${title}The text of the licence is in the file LICENSE.\n${more}`;
  if (license === 'MIT' && name in mitHolders) return `${title}${mit(mitHolders[name])}${more}`;
  throw new Error(`${folder} has no licence file; add its holder to mitHolders`);
}
