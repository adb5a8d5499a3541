/** Prints a graph as text, for people and for snapshot tests of recordings. */

import type { Attribute, Graph, GraphValue, Initializer } from './graph.js';

/** Initializers of at most this many elements are shown with their values. */
const shownElements = 8;

/**
 * Prints one line per input, constant, node and output; the text is the same in every run.
 *
 * @example
 * // input  x: float32[1,197,192]
 * // const  const_0: float32[192,192]
 * // blocks.3/attn  MatMul_1: float32[1,197,192] = MatMul(x, const_0)
 * // output y: float32[1,197,192]
 */
export function graphText(graph: Graph): string {
  return [
    ...graph.inputs.map((value) => `input  ${valueText(value)}`),
    ...graph.initializers.map((initializer) => `const  ${valueText(initializer)}${contents(initializer)}`),
    ...graph.nodes.map((node) => {
      const operator = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
      const attributes = Object.entries(node.attributes).map(
        ([name, value]) => `${name}=${attributeText(value)}`,
      );
      const results = node.outputs.map(valueText).join(', ');
      const inputs = node.inputs.map((name) => name || '_');
      const place = node.path === '' ? '' : `${node.path}  `;
      return `${place}${results} = ${operator}(${[...inputs, ...attributes].join(', ')})`;
    }),
    ...graph.outputs.map((value) => `output ${valueText(value)}`),
    '',
  ].join('\n');
}

function valueText({ name, dtype, shape }: GraphValue): string {
  return `${name}: ${dtype}[${shape.join(',')}]`;
}

function contents({ data }: Initializer): string {
  return data.length > shownElements ? '' : ` = ${data.length === 1 ? data[0] : `[${data.join(',')}]`}`;
}

function attributeText(attribute: Attribute): string {
  return attribute.type === 'ints' ? `[${attribute.value.join(',')}]` : String(attribute.value);
}
