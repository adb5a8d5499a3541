/** Plans of format version 1: what is now `reduce` was `rank` and `merge` there. */

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A plan of version 1 as one of version 2; anything else unchanged. It is not validated here: fields that do not belong
 * are carried over, so that the reader finds them.
 */
export function upgradeVersion1(json: unknown): unknown {
  if (!isObject(json) || json['version'] !== 1) return json;
  const { blocks } = json;
  return { ...json, version: 2, ...(Array.isArray(blocks) ? { blocks: blocks.map(upgradeBlock) } : {}) };
}

function upgradeBlock(block: unknown): unknown {
  if (!isObject(block)) return block;
  if (block['kind'] === 'merge') {
    const { merger, ...others } = block;
    return { ...others, kind: 'reduce', reducer: merger };
  }
  if (block['kind'] === 'rank') {
    const { ranker, rest, ...others } = block;
    const reducer = { name: 'top-k', score: ranker, ...(rest === undefined ? {} : { rest }) };
    return { ...others, kind: 'reduce', reducer };
  }
  return block;
}
