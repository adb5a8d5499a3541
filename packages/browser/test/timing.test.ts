import { it } from 'vitest';
import { imagePaths, openPage } from './test-page.js';
it.each(['tfjs-webgpu','wasm'])('times %s', async (backend) => {
  const { page, server, close, problems } = await openPage();
  page.on('console', m => console.log(m.text()));
  const r = await page.evaluate(async ({ backend, model, paths }) => {
    const { test } = globalThis as any;
    const t: any[] = []; let t0 = performance.now(); const lap = (n: string, v?: any) => { t.push([n, Math.round(performance.now()-t0), v]); t0 = performance.now(); };
    const o = await test.slimmer.open({ backends: [backend], model }); lap('open', [o.backend, o.threads]);
    const s = await test.slimmer.slim({ files: await test.imageFiles(paths) }); lap('slim', [s.dense, s.slimmed]);
    const files = await test.imageFiles(paths.slice(0,5));
    for (const image of files) { await test.slimmer.inspect({ image, plan: s.plan }); lap('inspect', await test.slimmer.memory()); }
    lap('measure', await test.slimmer.measure({ plan: s.plan, batch: 1, runs: 3 }));
    lap('memory', await test.slimmer.memory());
    return t;
  }, { backend, model: `${server.url}model/`, paths: await imagePaths(2) });
  for (const line of r) console.log(JSON.stringify(line));
  console.log(problems);
  await close();
});
