/** Packages of this workspace, and optional runtimes, that also work in browsers. */

import { optionalPeers, type WorkspacePackage } from '../src/workspace-packages.js';

const nodeOnly = ['patchslim', '@patchslim/fashion-vit'];

/** sharp, Dawn, and packages with Node in their name. */
const nodePeer = /^sharp$|^webgpu$|-node\b/;

/** Optional peers that a page may want. */
export const browserPeers = ({ manifest }: WorkspacePackage): string[] =>
  optionalPeers(manifest).filter((name) => !nodePeer.test(name));

export const runsInBrowser = ({ manifest }: WorkspacePackage): boolean => !nodeOnly.includes(manifest.name);

/** Entry points whose declarations use Node's types. Their code loads in a browser, where other packages import it. */
const nodeTyped = ['@patchslim/tensor/files'];

export const typedForBrowser = (entry: string): boolean => !nodeTyped.includes(entry);
