// Other versions of Node and TypeScript than the installed ones, for tests.
export { fetchPackage } from './fetch-package.mjs';
export { nodeBinary } from './node-binary.mjs';
export { nodeVersions, typescriptVersions } from './versions.mjs';
