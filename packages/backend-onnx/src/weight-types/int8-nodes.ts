/** The nodes of an integer product. Each has the path of the product that it replaces. */

import {
  elementTypes,
  int,
  type ElementType,
  type GraphNode,
  type GraphValue,
  type Initializer,
} from '../graph.js';

export interface QuantisedWeight {
  /** `[in, out]`, int8. */
  readonly numbers: Initializer;
  /** `[out]`, float32. */
  readonly scale: Initializer;
}

/** Names of the quantised rows `x`, their scale and their zero point. */
const rowsOf = ({ name }: GraphValue) => ({
  numbers: `${name}/uint8`,
  scale: `${name}/scale`,
  zero: `${name}/zero`,
});

/** Quantises `x` to integers from 0 to 255, with a scale and a zero point. */
export function quantiseRows({ path }: GraphNode, rows: GraphValue): GraphNode {
  const { numbers, scale, zero } = rowsOf(rows);
  return {
    name: path === '' ? numbers : `${path}/${numbers}`,
    path,
    op: 'DynamicQuantizeLinear',
    domain: '',
    inputs: [rows.name],
    outputs: [
      { name: numbers, dtype: 'uint8', shape: rows.shape },
      { name: scale, dtype: 'float32', shape: [] },
      { name: zero, dtype: 'uint8', shape: [] },
    ],
    attributes: {},
  };
}

/** Replaces `product`; the result keeps its name. ONNX Runtime fuses the four nodes into one. */
export function integerProduct(product: GraphNode, rows: GraphValue, weight: QuantisedWeight): GraphNode[] {
  const { numbers, scale, zero } = rowsOf(rows);
  const result = product.outputs[0]!;
  const step = (
    op: string,
    suffix: string,
    inputs: readonly string[],
    dtype: ElementType,
    shape: GraphValue['shape'],
  ): GraphNode => ({
    ...product,
    name: `${product.name}/${suffix}`,
    op,
    inputs,
    outputs: [{ name: `${result.name}/${suffix}`, dtype, shape }],
  });
  const summed = step('MatMulInteger', 'sum', [numbers, weight.numbers.name, zero], 'int32', result.shape);
  const cast = step('Cast', 'float32', [`${result.name}/sum`], 'float32', result.shape);
  return [
    summed,
    { ...cast, attributes: { to: int(elementTypes.float32) } },
    step('Mul', 'scale', [scale, weight.scale.name], 'float32', weight.scale.shape),
    { ...product, op: 'Mul', inputs: [`${result.name}/float32`, `${result.name}/scale`] },
  ];
}
