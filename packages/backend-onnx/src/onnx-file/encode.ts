/** Encodes a graph as an ONNX model. */

import {
  bytesOf,
  elementTypes,
  type Attribute,
  type Graph,
  type GraphNode,
  type GraphValue,
  type Initializer,
} from '../graph.js';
import * as schema from './schema.js';
import { floatField, intField, messageField, repeated, stringField, type Chunks } from './wire.js';

/** Initializers of more than this many bytes in total go to a second file: protobuf messages are limited to 2 GiB. */
export const defaultExternalDataLimit = 2 ** 31 - 2 ** 24;

/** Alignment of tensors to pages, for loaders that map the file. Bytes. */
const alignment = 4096;
/** Initializers below this many bytes (shapes, scalars) stay in the model, where checkers read them. */
const smallestExternal = 1024;

/** Options of `encodeModel`. */
export interface EncodeOptions {
  /** `metadata_props` of the model, shown by viewers. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Total size of initializers, in bytes, above which they go to a second file. */
  readonly externalDataLimit?: number;
  /** Name of the second file, relative to the model's folder. */
  readonly dataFile?: string;
}

/** The model file and, if needed, the data file, as chunks in order. */
export interface EncodedModel {
  readonly model: Chunks;
  /** Empty if every initializer is inside the model. */
  readonly data: Chunks;
}

/** Encodes a graph. Initializer bytes are views of host memory, little-endian as on every supported platform. */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): EncodedModel {
  const {
    metadata = {},
    externalDataLimit = defaultExternalDataLimit,
    dataFile = 'model.onnx.data',
  } = options;
  const inside =
    graph.initializers.reduce((total, { data }) => total + data.byteLength, 0) <= externalDataLimit;
  const data: Uint8Array[] = [];
  let offset = 0;
  const place = (initializer: Initializer): Chunks => {
    const bytes = bytesOf(initializer.data);
    if (inside || bytes.byteLength < smallestExternal) return messageField(schema.tensor.rawData, [bytes]);
    const padding = (alignment - (offset % alignment)) % alignment;
    data.push(new Uint8Array(padding), bytes);
    const start = offset + padding;
    offset = start + bytes.byteLength;
    return [
      ...entries(schema.tensor.externalData, {
        location: dataFile,
        offset: `${start}`,
        length: `${bytes.byteLength}`,
      }),
      ...intField(schema.tensor.dataLocation, schema.externalLocation),
    ];
  };
  const model = [
    ...intField(schema.model.irVersion, schema.irVersion),
    ...stringField(schema.model.producerName, 'patchslim'),
    ...messageField(schema.model.graph, encodeGraph(graph, place)),
    ...repeated(opsets(graph), ([domain, version]) =>
      messageField(schema.model.opsetImport, [
        ...stringField(schema.opsetId.domain, domain),
        ...intField(schema.opsetId.version, version),
      ]),
    ),
    ...entries(schema.model.metadataProps, metadata),
  ];
  return { model, data };
}

/** Bytes of all initializers of a graph. */
export function initializerBytes({ initializers }: Graph): number {
  return initializers.reduce((total, { data }) => total + data.byteLength, 0);
}

function opsets({ nodes }: Graph): [string, number][] {
  const microsoft = nodes.some((node) => node.domain === 'com.microsoft');
  return [
    ['', schema.standardOpset],
    ...(microsoft ? [['com.microsoft', schema.microsoftOpset] as [string, number]] : []),
  ];
}

function encodeGraph(graph: Graph, place: (initializer: Initializer) => Chunks): Chunks {
  return [
    ...repeated(graph.nodes, (node) => messageField(schema.graph.node, encodeNode(node))),
    ...stringField(schema.graph.name, 'patchslim'),
    ...repeated(graph.initializers, (initializer) =>
      messageField(schema.graph.initializer, encodeInitializer(initializer, place)),
    ),
    ...repeated(graph.inputs, (value) => messageField(schema.graph.input, encodeValue(value))),
    ...repeated(graph.outputs, (value) => messageField(schema.graph.output, encodeValue(value))),
  ];
}

function encodeNode(node: GraphNode): Chunks {
  return [
    ...repeated(node.inputs, (name) => stringField(schema.node.input, name)),
    ...repeated(node.outputs, ({ name }) => stringField(schema.node.output, name)),
    ...stringField(schema.node.name, node.name),
    ...stringField(schema.node.opType, node.op),
    ...repeated(Object.entries(node.attributes), ([name, attribute]) =>
      messageField(schema.node.attribute, [
        ...stringField(schema.attribute.name, name),
        ...encodeAttribute(attribute),
        ...intField(schema.attribute.type, schema.attributeTypes[attribute.type]),
      ]),
    ),
    ...(node.domain === '' ? [] : stringField(schema.node.domain, node.domain)),
  ];
}

function encodeAttribute(attribute: Attribute): Chunks {
  switch (attribute.type) {
    case 'int':
      return intField(schema.attribute.i, attribute.value);
    case 'ints':
      return repeated(attribute.value, (value) => intField(schema.attribute.ints, value));
    case 'float':
      return floatField(schema.attribute.f, attribute.value);
    case 'string':
      return stringField(schema.attribute.s, attribute.value);
    default:
      return attribute satisfies never;
  }
}

function encodeInitializer(initializer: Initializer, place: (initializer: Initializer) => Chunks): Chunks {
  return [
    ...repeated(initializer.shape, (dim) => intField(schema.tensor.dims, dim)),
    ...intField(schema.tensor.dataType, elementTypes[initializer.dtype]),
    ...stringField(schema.tensor.name, initializer.name),
    ...place(initializer),
  ];
}

function encodeValue({ name, dtype, shape }: GraphValue): Chunks {
  const dims = repeated(shape, (dim) =>
    messageField(
      schema.tensorShape.dim,
      typeof dim === 'number'
        ? intField(schema.dimension.value, dim)
        : stringField(schema.dimension.param, dim),
    ),
  );
  const tensorType = [
    ...intField(schema.tensorType.elemType, elementTypes[dtype]),
    ...messageField(schema.tensorType.shape, dims),
  ];
  return [
    ...stringField(schema.valueInfo.name, name),
    ...messageField(schema.valueInfo.type, messageField(schema.type.tensorType, tensorType)),
  ];
}

function entries(field: number, record: Readonly<Record<string, string>>): Chunks {
  return repeated(Object.entries(record), ([key, value]) =>
    messageField(field, [...stringField(schema.entry.key, key), ...stringField(schema.entry.value, value)]),
  );
}
