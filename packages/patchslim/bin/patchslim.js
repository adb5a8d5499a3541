#!/usr/bin/env node
// The `patchslim` command. npm links a command only when its file exists, and `npm ci` comes before the build: so this
// file is committed, and starts what was built.
try {
  await import('../dist/bin.js');
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  const [problem] = error.message.split('\n');
  console.error(
    `patchslim: not built: ${problem}; in a clone run \`npm ci\` and \`npm run build\`, elsewhere install patchslim anew`,
  );
  process.exitCode = 1;
}
