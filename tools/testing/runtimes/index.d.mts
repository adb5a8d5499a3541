export { fetchPackage, type WantedPackage } from './fetch-package.mjs';
export { nodeBinary } from './node-binary.mjs';
export { nodeVersions, typescriptVersions } from './versions.mjs';
