/** Names the kind of a JSON file that was passed as a plan by mistake: these files lie beside each other. */

interface Kind {
  /** Keys that every file of this kind has. */
  readonly keys: readonly string[];
  readonly name: string;
}

const kinds: readonly Kind[] = [
  { keys: ['key', 'notes'], name: 'the notes of an unfinished search (counts.json)' },
  { keys: ['images', 'dense', 'plans'], name: 'a comparison (compare.json)' },
  { keys: ['points', 'denseTop1'], name: 'curves of single blocks (curves.json)' },
  { keys: ['recipe', 'epochs'], name: 'the log of a training (train.json)' },
  { keys: ['counts', 'paths'], name: 'what `patchslim slim --json` prints' },
  { keys: ['image_mean'], name: 'the preprocessing of a model (preprocessor_config.json)' },
  { keys: ['model_type'], name: 'the configuration of a model (config.json)' },
  { keys: ['architecture'], name: 'the configuration of a model (config.json)' },
  { keys: ['architectures'], name: 'the configuration of a model (config.json)' },
  { keys: ['name', 'version'], name: 'the manifest of an npm package (package.json)' },
];

const wanted = 'give the plan.json that `patchslim slim` wrote';
const listed = 5;

/** Undefined if the file may be a plan with mistakes: the parser then names each mistake. */
export function describeForeign(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return `it holds ${nameOf(json)}; ${wanted}`;
  }
  const keys = Object.keys(json);
  const format: unknown = 'format' in json ? json.format : undefined;
  if (format === 'patchslim-report') {
    return `it looks like a report (report.json); give the plan.json that lies beside it`;
  }
  if (format === 'patchslim-plan' || (keys.includes('blocks') && keys.includes('provenance')))
    return undefined;
  const kind = kinds.find((one) => one.keys.every((key) => keys.includes(key)));
  if (kind) return `it looks like ${kind.name}; ${wanted}`;
  const shown = keys.slice(0, listed).map((key) => `'${key.slice(0, 40)}'`);
  const more = keys.length > listed ? ', …' : '';
  return keys.length === 0
    ? `it holds an empty object; ${wanted}`
    : `it holds an object with the keys ${shown.join(', ')}${more}; ${wanted}`;
}

function nameOf(json: unknown): string {
  if (Array.isArray(json)) return 'a list';
  return json === null ? 'null' : `a ${typeof json}`;
}
