/** Element types of PyTorch's storages. */

/** What a type of storage holds. */
export interface ElementType {
  /** As PyTorch calls it: `float32`. */
  readonly name: string;
  readonly bytes: number;
}

const type = (name: string, bytes: number): ElementType => ({ name, bytes });

const float32 = type('float32', 4);
const float64 = type('float64', 8);
const float16 = type('float16', 2);
const bfloat16 = type('bfloat16', 2);
const int64 = type('int64', 8);
const int32 = type('int32', 4);
const int16 = type('int16', 2);
const int8 = type('int8', 1);
const uint8 = type('uint8', 1);
const bool = type('bool', 1);

/** By the class of the storage; an untyped one holds bytes, and its tensor tells the type. */
export const storageTypes: Readonly<Record<string, ElementType>> = {
  ...{ FloatStorage: float32, DoubleStorage: float64, HalfStorage: float16, BFloat16Storage: bfloat16 },
  ...{ LongStorage: int64, IntStorage: int32, ShortStorage: int16, CharStorage: int8, ByteStorage: uint8 },
  ...{
    BoolStorage: bool,
    ComplexFloatStorage: type('complex64', 8),
    ComplexDoubleStorage: type('complex128', 16),
  },
  ...{ QInt8Storage: type('qint8', 1), QUInt8Storage: type('quint8', 1), QInt32Storage: type('qint32', 4) },
};

/** By the name of the dtype. */
export const dtypes: Readonly<Record<string, ElementType>> = {
  ...{ float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, bool },
  ...{ float8_e4m3fn: type('float8_e4m3fn', 1), float8_e5m2: type('float8_e5m2', 1) },
  ...{ float8_e4m3fnuz: type('float8_e4m3fnuz', 1), float8_e5m2fnuz: type('float8_e5m2fnuz', 1) },
  ...{ float8_e8m0fnu: type('float8_e8m0fnu', 1), uint16: type('uint16', 2), uint32: type('uint32', 4) },
  ...{ uint64: type('uint64', 8), complex64: type('complex64', 8), complex128: type('complex128', 16) },
};

/** Of `decodeFloats`; only these are weights. */
export const readable = { float32: 'F32', float64: 'F64', float16: 'F16', bfloat16: 'BF16' } as const;
