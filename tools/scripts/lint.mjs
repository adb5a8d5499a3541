// Lints every package: `npm run lint` and the nightly run with all rules, `npm test` without those that need types. ESLint
// silently skips the rule on module boundaries without a project graph, so the script creates the graph first, and a run
// that skipped the rule fails.
import { installIfMissing, node, nx } from './workspace.mjs';

export async function lint({ typed = true, ...options } = {}) {
  await nx(['show', 'projects'], { quiet: true });
  // One process for all packages, to share the state of the type checker.
  const config = typed ? 'eslint.config.js' : 'eslint.untyped.config.js';
  const eslint = ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0', `--config=${config}`];
  const output = await node(eslint, options);
  if (output.includes('will be skipped')) {
    console.error('lint: the module boundaries were not checked');
    process.exit(1);
  }
}

if (process.argv[1]?.endsWith('lint.mjs')) {
  await installIfMissing();
  await lint();
}
