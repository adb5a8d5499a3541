#!/usr/bin/env python3
"""Times exported models on a GPU with onnxruntime-gpu: dense against slimmed, batch 1 to 256, float32 and float16.

    node tools/cuda-kit/export.mjs --out onnx-models
    python3 -m pip install onnxruntime-gpu onnx numpy
    python3 tools/cuda-kit/time_onnx.py onnx-models --out onnx-times.json

All models of one precision and batch size are timed in turn, round by round, and each is divided into the dense model of the same
round. Inputs and outputs stay on the device. Every model is first compared with the CPU on the same images; the file says where one
differs by more than rounding. A plan that chooses image by image may choose otherwise in float16 where two tokens are nearly equal, and
with random weights many are. Whatever cannot run is in the file with its reason.
"""

import argparse
import datetime
import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort

# Largest difference of logits from the CPU's float32, as a share of its largest logit. float16 has 11 bits.
TOLERANCES = {"float32": 1e-3, "float16": 3e-2}
WARM_UPS = 3


def main():
    arguments = read_arguments()
    folder = Path(arguments.models)
    manifest = json.loads((folder / "models.json").read_text())
    provider = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}[arguments.provider]
    results = {
        "format": "patchslim-onnx-times",
        "version": 1,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "model": manifest["model"],
        "provider": provider,
        "rounds": arguments.rounds,
        "environment": describe_environment(),
        "groups": [],
    }
    for precision in arguments.precisions.split(","):
        for batch in [int(text) for text in arguments.batches.split(",")]:
            group = time_group(folder, manifest, provider, precision, batch, arguments)
            results["groups"].append(group)
            print_group(group)
            Path(arguments.out).write_text(json.dumps(results, indent=2) + "\n")
    print(f"\nSend this file back: {Path(arguments.out).resolve()}")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", help="the folder that export.mjs wrote")
    parser.add_argument("--provider", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--batches", default="1,8,64,256")
    parser.add_argument("--precisions", default="float32,float16")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--threads", type=int, default=0, help="of the CPU; 0: as onnxruntime chooses")
    parser.add_argument("--no-tf32", action="store_true", help="full float32 products on the GPU")
    parser.add_argument("--out", default="onnx-times.json")
    return parser.parse_args()


def describe_environment():
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()}-{platform.machine()}",
        "onnxruntime": ort.__version__,
        "onnx": onnx.__version__,
        "numpy": np.__version__,
        "providers": ort.get_available_providers(),
        "gpu": output_of(["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]),
    }


def output_of(command):
    """The output of a command, or why there is none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        return {"status": "passed", "text": done.stdout.strip()}
    except (OSError, subprocess.SubprocessError) as error:
        return {"status": "unavailable", "reason": str(error)}


def time_group(folder, manifest, provider, precision, batch, arguments):
    """All models at one precision and batch size."""
    group = {"precision": precision, "batch": batch, "models": []}
    images = np.random.default_rng(0).standard_normal((batch, 3, manifest["imageSize"], manifest["imageSize"]))
    images = images.astype(np.float32)
    runs = {}
    for entry in manifest["models"]:
        record = {"name": entry["name"], "macRatio": entry["macRatio"]}
        group["models"].append(record)
        try:
            run, difference = prepare(folder / entry["file"], provider, precision, images, arguments)
        except Exception as error:  # whatever onnxruntime raises belongs into the file
            record.update(status="unavailable", reason=first_line(error))
            continue
        agrees = difference <= TOLERANCES[precision]
        record.update(status="passed", difference=difference, tolerance=TOLERANCES[precision], agrees=agrees)
        runs[entry["name"]] = run
    add_times(group, runs, batch, arguments.rounds)
    return group


def prepare(path, provider, precision, images, arguments):
    """A function that runs the model once on the device, and its largest difference from the CPU."""
    if provider not in ort.get_available_providers():
        raise RuntimeError(f"onnxruntime has no {provider}: only {', '.join(ort.get_available_providers())}")
    wanted = open_session(str(path), "CPUExecutionProvider", arguments).run(["logits"], {"images": images[:8]})[0]
    model = as_float16(path) if precision == "float16" else str(path)
    session = open_session(model, provider, arguments)
    if session.get_providers()[0] != provider:
        raise RuntimeError(f"onnxruntime could not start {provider} and fell back to {session.get_providers()[0]}")
    got = session.run(["logits"], {"images": images[:8]})[0].astype(np.float32)
    difference = float(np.abs(got - wanted).max() / np.abs(wanted).max())
    device = "cuda" if provider.startswith("CUDA") else "cpu"
    binding = session.io_binding()
    binding.bind_ortvalue_input("images", ort.OrtValue.ortvalue_from_numpy(images, device, 0))
    binding.bind_output("logits", device, 0)

    def run():
        session.run_with_iobinding(binding)
        binding.synchronize_outputs()

    return run, difference


def open_session(model, provider, arguments):
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = arguments.threads
    options.add_session_config_entry("session.force_spinning_stop", "1")  # several live sessions would spin
    if provider == "CUDAExecutionProvider":
        return ort.InferenceSession(model, options, providers=[(provider, {"use_tf32": 0 if arguments.no_tf32 else 1})])
    return ort.InferenceSession(model, options, providers=[provider])


def as_float16(path):
    """The model with float16 weights and products; its input and output stay float32."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(onnx.load(str(path)), keep_io_types=True).SerializeToString()


def add_times(group, runs, batch, rounds):
    """Times the models in turn, the order reversed in every second round."""
    names = list(runs)
    times = {name: [] for name in names}
    for round_number in range(-WARM_UPS, rounds):
        for name in names if round_number % 2 == 0 else reversed(names):
            start = time.perf_counter()
            runs[name]()
            if round_number >= 0:
                times[name].append((time.perf_counter() - start) * 1000)
    dense = times.get("dense")
    for record in group["models"]:
        measured = times.get(record["name"])
        if not measured:
            continue
        record["msPerImage"] = round(statistics.median(measured) / batch, 6)
        if dense:
            ratios = [a / b for a, b in zip(dense, measured)]
            low, middle, high = (float(value) for value in np.quantile(ratios, [0.25, 0.5, 0.75]))
            record["speedup"] = {"median": round(middle, 4), "quartiles": [round(low, 4), round(high, 4)]}


def print_group(group):
    print(f"\n{group['precision']}, batch {group['batch']}")
    for record in group["models"]:
        if record["status"] != "passed":
            print(f"  {record['name']:<14} {record['status']}: {record['reason']}")
            continue
        speedup = record.get("speedup")
        ratio = f"{speedup['median']:.2f} ({speedup['quartiles'][0]:.2f}–{speedup['quartiles'][1]:.2f})" if speedup else ""
        note = "" if record["agrees"] else f"  differs from the CPU by {record['difference']:.2g}"
        print(f"  {record['name']:<14} {record['msPerImage']:9.4f} ms/image  {ratio}  MACs {record['macRatio']:.2f}{note}")


def first_line(error):
    return (str(error).strip().split("\n")[0] or type(error).__name__)[:500]


if __name__ == "__main__":
    sys.exit(main())
