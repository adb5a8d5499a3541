/** A zip file with weights: one of PyTorch, or of NumPy. */

import type { ByteSource } from '../byte-source.js';
import { npzContainer } from '../npz/augreg.js';
import { torchZipContainer } from '../pytorch/zip-file.js';
import { refused, refuseEntry } from './checkpoint-error.js';
import type { Container } from './container.js';
import type { ContainerOptions } from './open-container.js';
import { readZipDirectory } from './zip-directory.js';

/** @throws `CHECKPOINT_INVALID` for a zip that holds anything else */
export async function zipContainer(source: ByteSource, options: ContainerOptions): Promise<Container> {
  const entries = await readZipDirectory(source);
  const names = [...entries.keys()];
  const pickles = names.filter((name) => /^(?:[^/]+\/)?data\.pkl$/.test(name));
  if (names.some((name) => /^[^/]+\/(constants\.pkl|code\/)/.test(name))) {
    const hint = 'in Python save its weights: torch.save(torch.jit.load(…).state_dict(), …)';
    throw refused(source.name, `this is a TorchScript archive, a program; ${hint}`);
  }
  if (pickles.length === 1) return torchZipContainer(source, entries, pickles[0]!, options);
  if (names.length > 0 && names.every((name) => name.endsWith('.npy'))) {
    refuseEntry(source.name, options.entry);
    return npzContainer(source, entries);
  }
  if (names.includes('model.weights.h5')) {
    throw refused(source.name, 'this is a Keras model; convert its weights to safetensors first');
  }
  throw refused(
    source.name,
    'this zip file holds neither PyTorch nor NumPy weights; if they are inside, unpack it',
  );
}
