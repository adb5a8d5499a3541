// Lint of every package. The rule on module boundaries is silently skipped without a project graph, so the graph is
// made first, and a run that skipped the rule fails.
import { installIfMissing, nx } from './workspace.mjs';

export async function lint() {
  await nx(['show', 'projects'], { quiet: true });
  const output = await nx(['run-many', '-t', 'lint', '--output-style=stream']);
  if (output.includes('will be skipped')) {
    console.error('lint: the module boundaries were not checked');
    process.exit(1);
  }
}

if (process.argv[1]?.endsWith('lint.mjs')) {
  await installIfMissing();
  await lint();
}
