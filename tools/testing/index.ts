export { findRealData, requireRealData, type RealData } from './real-data.js';
export { compareRuns, milliseconds, type Side } from './compare-runs.js';
export {
  describeMachine,
  reportMeasurement,
  summarizeRatios,
  type BenchResults,
  type MeasuredSide,
  type Measurement,
} from './bench-results.js';
export type { Ends, JudgedPlan, JudgedPlans } from './judged-plans.js';
export { fuzz, fuzzTimeout, type Fuzzed, type Fuzzing } from './fuzz/fuzz.js';
export { nightly } from './nightly.js';
export { hostileJson, mutatedBytes, mutatedJson, mutatedJsonText, mutatedText } from './fuzz/mutations.js';
export { startFileServer, type Fault, type FileServer, type ServedFile } from './file-server.js';
export { startHubServer, type HubServer, type RepositoryFiles } from './hub-server.js';
export { openFirefox } from './open-firefox.mjs';
export { serveFolder, type StaticServer, type StaticServerOptions } from './static-server.js';
export { describeOnGpu } from './software-gpu.js';
export { runChild, withoutRuntimes } from './child-process.js';
export { bundleForBrowser, bundleTogether, type Bundle } from './bundle.js';
export { registerTfjsGradients } from './tfjs-gradients.js';
export { tfjsBlock, type TfjsBlockOptions, type TfjsBlockParams } from './tfjs-block.js';
export { npmCommand, type NpmCommand } from './npm-command.mjs';
export * from './plain-vit/index.js';
