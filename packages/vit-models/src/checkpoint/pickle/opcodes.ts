/** The opcodes of Python's pickles. */

/** Those that are read. */
export const opcodes = {
  ...{ MARK: 0x28, STOP: 0x2e, POP: 0x30, POP_MARK: 0x31, DUP: 0x32 },
  ...{
    BINFLOAT: 0x47,
    BININT: 0x4a,
    BININT1: 0x4b,
    BININT2: 0x4d,
    NONE: 0x4e,
    BINPERSID: 0x51,
    REDUCE: 0x52,
  },
  ...{
    BINSTRING: 0x54,
    SHORT_BINSTRING: 0x55,
    BINUNICODE: 0x58,
    EMPTY_LIST: 0x5d,
    APPEND: 0x61,
    BUILD: 0x62,
  },
  ...{ GLOBAL: 0x63, DICT: 0x64, APPENDS: 0x65, BINGET: 0x68, LONG_BINGET: 0x6a, LIST: 0x6c, BINPUT: 0x71 },
  ...{ LONG_BINPUT: 0x72, SETITEM: 0x73, TUPLE: 0x74, SETITEMS: 0x75, EMPTY_DICT: 0x7d, EMPTY_TUPLE: 0x29 },
  ...{ PROTO: 0x80, NEWOBJ: 0x81, TUPLE1: 0x85, TUPLE2: 0x86, TUPLE3: 0x87, NEWTRUE: 0x88, NEWFALSE: 0x89 },
  ...{ LONG1: 0x8a, LONG4: 0x8b, BINBYTES: 0x42, SHORT_BINBYTES: 0x43, SHORT_BINUNICODE: 0x8c },
  ...{ BINUNICODE8: 0x8d, BINBYTES8: 0x8e, EMPTY_SET: 0x8f, ADDITEMS: 0x90, FROZENSET: 0x91 },
  ...{ STACK_GLOBAL: 0x93, MEMOIZE: 0x94, FRAME: 0x95 },
} as const;

/** Names for messages, those of opcodes that are not read too. */
export const opcodeNames: Readonly<Record<number, string>> = {
  ...Object.fromEntries(Object.entries(opcodes).map(([name, code]) => [code, name])),
  ...{
    0x46: 'FLOAT',
    0x49: 'INT',
    0x4c: 'LONG',
    0x50: 'PERSID',
    0x53: 'STRING',
    0x56: 'UNICODE',
    0x67: 'GET',
  },
  ...{ 0x69: 'INST', 0x6f: 'OBJ', 0x70: 'PUT', 0x82: 'EXT1', 0x83: 'EXT2', 0x84: 'EXT4', 0x92: 'NEWOBJ_EX' },
  ...{ 0x96: 'BYTEARRAY8', 0x97: 'NEXT_BUFFER', 0x98: 'READONLY_BUFFER' },
};
