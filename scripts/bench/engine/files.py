"""What the engine reads and writes."""

import json
import os
import subprocess
import time
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Engine:
    """The engine's binary and a folder for its files."""

    def __init__(self, binary, folder, threads):
        self.binary, self.threads = str(binary), threads
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, name):
        return str(self.folder / name)

    def save(self, name, array):
        path = self.path(name)
        np.save(path, np.ascontiguousarray(array))
        return path

    def run(self, *words):
        """What a command, a whole process, wrote on standard output and standard error."""
        done = subprocess.run(
            [self.binary, *map(str, words)], capture_output=True, text=True, check=False, close_fds=False
        )
        if done.returncode != 0:
            raise SystemExit(f"the engine failed: {' '.join(map(str, words))}\n{done.stderr}")
        return done.stdout, done.stderr

    def influence(self, problem, out, *options):
        """`influence` on a saved problem."""
        self.run("influence", *problem, *options, "--threads", self.threads, "--out", self.path(out))

    def scores(self, out):
        return np.load(self.path(out)).astype(np.float64)


def linear_head(path, theta):
    """A softmax regression `[features + 1, classes]`, its bias last, as an ONNX graph."""
    weights, bias = theta[:-1].astype(np.float32), theta[-1].astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "weights", "bias"], ["y"])],
        "head",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, weights.shape[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, weights.shape[1]])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, path)


def save_problem(engine, prefix, theta, train, query):
    """Writes model, records and queries; returns the options that name them."""
    linear_head(engine.path(f"{prefix}.onnx"), theta)
    (x, y), (qx, qy) = train, query
    return [
        "--model",
        engine.path(f"{prefix}.onnx"),
        "--train-x",
        engine.save(f"{prefix}-x.npy", x.astype(np.float32)),
        "--train-y",
        engine.save(f"{prefix}-y.npy", y.astype(np.int64)),
        "--query-x",
        engine.save(f"{prefix}-qx.npy", qx.astype(np.float32)),
        "--query-y",
        engine.save(f"{prefix}-qy.npy", qy.astype(np.int64)),
    ]


def write_json(path, value):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, ensure_ascii=False)
    os.replace(part, path)


def machine(threads):
    """Threads used, processor, how busy the machine was, and the day."""
    name = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    return {
        "threads": threads,
        "processor": name,
        "day": time.strftime("%Y-%m-%d"),
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
    }
