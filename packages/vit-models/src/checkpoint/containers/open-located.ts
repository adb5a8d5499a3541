/** The weights of a checkpoint that was found: one file, or several that an index names. */

import { isSplit, type Located } from '../located.js';
import type { Container } from './container.js';
import { openContainer, type ContainerOptions } from './open-container.js';
import { joinContainers } from './split-weights.js';

/** @throws as `openContainer` and `joinContainers` */
export async function openLocated({ weights }: Located, options: ContainerOptions): Promise<Container> {
  if (!isSplit(weights)) return openContainer(weights, options);
  const parts = new Map<string, Container>();
  for (const [file, source] of weights.parts) parts.set(file, await openContainer(source, options));
  return joinContainers(weights.index, parts);
}
