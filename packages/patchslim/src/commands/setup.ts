/** `patchslim setup`: builds the native part of a backend that npm does not bring along. */

import { addonsFolder, shortName, type NativePackage } from '@patchslim/backend-tfjs/native-addon';
import { findByName } from '@patchslim/tensor';
import { defineCommand } from '../command.js';
import { namesTable } from '../help.js';
import { tensorflowVersion } from '../setup/tensorflow-wheel.js';
import { removeTfjsNode, setupTfjsNode } from '../setup/tfjs-node.js';
import { noMoreArguments, requiredArgument, UsageError } from '../usage.js';

const backends: readonly {
  readonly name: string;
  readonly package: NativePackage;
  readonly meaning: string;
}[] = [
  { name: 'tfjs-node', package: '@tensorflow/tfjs-node', meaning: 'TensorFlow.js on the CPU' },
  { name: 'tfjs-node-gpu', package: '@tensorflow/tfjs-node-gpu', meaning: 'TensorFlow.js on CUDA' },
];

export const setup = defineCommand({
  name: 'setup',
  summary: 'Builds the native part of tfjs-node or tfjs-node-gpu, in a folder of the cache (Linux).',
  usage: 'setup BACKEND [--wheel PATH] [--system-cuda] [--remove]',
  optionHelp: [
    ['BACKEND', namesTable(backends.map(({ name, meaning }) => [name, meaning] as const)).trim()],
    [
      '--wheel PATH',
      `wheel of TensorFlow (tensorflow-cpu, or tensorflow for CUDA), or a folder with it and NVIDIA's wheels\n(TensorFlow ${tensorflowVersion}, which pip downloads)`,
    ],
    ['--system-cuda', 'use CUDA and cuDNN of this machine; take no wheels of NVIDIA (tfjs-node-gpu)'],
    ['--remove', 'remove what was built'],
  ],
  example: 'setup tfjs-node',
  options: {
    wheel: { type: 'string' },
    'system-cuda': { type: 'boolean', default: false },
    remove: { type: 'boolean', default: false },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const backend = findByName(backends, requiredArgument(positionals, 'BACKEND'), 'backend to set up');
    const systemCuda = values['system-cuda'];
    if (systemCuda && backend.name !== 'tfjs-node-gpu')
      throw new UsageError('--system-cuda is for tfjs-node-gpu');
    if (values.remove) {
      if (values.wheel !== undefined) throw new UsageError('give --wheel or --remove');
      const removed = await removeTfjsNode(backend.package);
      const nothing = `nothing was built for ${backend.name} in ${await addonsFolder()}`;
      const text = removed.length > 0 ? removed.map((folder) => `removed ${folder}`).join('\n') : nothing;
      return { json: { backend: backend.name, removed }, text };
    }
    const result = await setupTfjsNode(backend.package, { ...context, wheel: values.wheel, systemCuda });
    const { manifest, folder, alreadyBuilt } = result;
    const { package: name, packageVersion, tensorflow, cuda } = manifest;
    const library = `TensorFlow ${tensorflow}${cuda ? `, CUDA ${cuda.version} and cuDNN ${cuda.cudnn}` : ''}`;
    return {
      json: { backend: backend.name, ...result },
      text: [
        `${alreadyBuilt ? 'already built' : 'built'}: ${name} ${packageVersion} with ${library}`,
        folder,
        `try it: patchslim doctor; undo it: patchslim setup ${shortName(name)} --remove`,
      ].join('\n'),
    };
  },
});
