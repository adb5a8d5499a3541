/** The nodes of a product in whole numbers. Each bears the path of the product that it stands for. */

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

/** Names of what becomes of the rows `x`. */
const rowsOf = ({ name }: GraphValue) => ({
  numbers: `${name}/uint8`,
  scale: `${name}/scale`,
  zero: `${name}/zero`,
});

/** `x` → whole numbers from 0 to 255, and the scale and the zero point that make them `x` again. */
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

/** In place of `product`, whose result keeps its name. ONNX Runtime recognises the four nodes as one. */
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
