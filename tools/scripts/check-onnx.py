#!/usr/bin/env python3
"""Checks ONNX files with the onnx package: structure, full shape inference, and the operators they use.

Usage: check-onnx.py model.onnx [...]      (Debian: apt install python3-onnx)
Prints one line per file; exits with 1 if a file is invalid. In a file with operators outside the standard domain
('com.microsoft'), only the standard operators are checked.
"""

import collections
import sys

import onnx


def check(path):
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path, load_external_data=False)
    opsets = ", ".join(f"{o.domain or 'ai.onnx'} {o.version}" for o in model.opset_import)
    counts = collections.Counter(
        f"{n.domain}.{n.op_type}" if n.domain else n.op_type for n in model.graph.node
    )
    operators = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return f"IR {model.ir_version}; {opsets}; {operators}"


def main(paths):
    failed = False
    for path in paths:
        try:
            print(f"{path}: valid; {check(path)}")
        except Exception as error:  # checks the other files after any error
            failed = True
            print(f"{path}: NOT valid: {error}")
    return int(failed or not paths)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
