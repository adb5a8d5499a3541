/** What is there for browsers too: packages of this workspace, and runtimes that users add to them. */

import { optionalPeers, type WorkspacePackage } from '../src/workspace-packages.js';

const nodeOnly = ['patchslim', '@patchslim/fashion-vit'];

/** sharp, Dawn, and what has Node in its name. */
const nodePeer = /^sharp$|^webgpu$|-node\b/;

/** Optional peers that a page may want. */
export const browserPeers = ({ manifest }: WorkspacePackage): string[] =>
  optionalPeers(manifest).filter((name) => !nodePeer.test(name));

export const runsInBrowser = ({ manifest }: WorkspacePackage): boolean => !nodeOnly.includes(manifest.name);

/** Its declarations name types of Node. Its code loads in a browser: other packages import it there. */
const nodeTyped = ['@patchslim/tensor/files'];

export const typedForBrowser = (entry: string): boolean => !nodeTyped.includes(entry);
