/** The field numbers and enumerations of the public ONNX schema (onnx.proto, IR version 8) that we write. */

import type { Attribute } from '../graph.js';

export const irVersion = 8;
/** Version of the standard operator set; the highest supported by onnx 1.12 and ONNX Runtime 1.12. */
export const standardOpset = 17;
export const microsoftOpset = 1;

export const model = { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8, metadataProps: 14 } as const;
export const opsetId = { domain: 1, version: 2 } as const;
export const graph = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
export const node = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
export const attribute = { name: 1, f: 2, i: 3, s: 4, ints: 8, type: 20 } as const;
export const tensor = {
  dims: 1,
  dataType: 2,
  name: 8,
  rawData: 9,
  externalData: 13,
  dataLocation: 14,
} as const;
export const valueInfo = { name: 1, type: 2 } as const;
export const type = { tensorType: 1 } as const;
export const tensorType = { elemType: 1, shape: 2 } as const;
export const tensorShape = { dim: 1 } as const;
export const dimension = { value: 1, param: 2 } as const;
export const entry = { key: 1, value: 2 } as const;

export const attributeTypes: Readonly<Record<Attribute['type'], number>> = {
  float: 1,
  int: 2,
  string: 3,
  ints: 7,
};
export const externalLocation = 1;
