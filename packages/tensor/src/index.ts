export * from './errors.js';
export * from './host.js';
export * from './progress.js';
