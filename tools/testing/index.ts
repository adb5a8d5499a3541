export { findRealData, requireRealData, type RealData } from './real-data.js';
export { compareRuns, milliseconds, spread, type Side } from './compare-runs.js';
export { fuzz, fuzzTimeout, type Fuzzed, type Fuzzing } from './fuzz/fuzz.js';
export { hostileJson, mutatedBytes, mutatedJson, mutatedJsonText, mutatedText } from './fuzz/mutations.js';
export { startFileServer, type Fault, type FileServer, type ServedFile } from './file-server.js';
export { describeOnGpu } from './software-gpu.js';
export { runChild, withoutRuntimes } from './child-process.js';
export { bundleForBrowser, type Bundle } from './bundle.js';
