"""Writes the language model as the ONNX graph of one step; docs/text.md has the format."""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 19
# Fractional bits of biases: what the engine computes in.
BITS = 16


def quantised(matrix):
    """int8 rows and a power of two for each: the one that loses least."""
    best = np.full(len(matrix), np.inf)
    values = np.zeros(matrix.shape, np.int8)
    scales = np.ones(len(matrix), np.float32)
    top = np.ceil(np.log2(np.abs(matrix).max(axis=1) / 127 + 1e-12))
    for less in range(4):
        scale = np.exp2(np.clip(top - less, -BITS, 0))
        rounded = np.clip(np.round(matrix / scale[:, None]), -127, 127)
        loss = ((rounded * scale[:, None] - matrix) ** 2).sum(axis=1)
        better = loss < best
        best[better], scales[better], values[better] = loss[better], scale[better], rounded[better]
    return values, scales.astype(np.float32)


class Graph:
    """Nodes and weights as they come."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def add(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def keep(self, name, array):
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def matrix(self, name, matrix):
        """A weight `[outputs, inputs]` in int8 with a scale for each output."""
        values, scales = quantised(matrix)
        inputs = [self.keep(f"{name}_int8", values), self.keep(f"{name}_scale", scales)]
        return self.add("DequantizeLinear", inputs, name, axis=0)

    def vector(self, name, vector):
        return self.keep(name, (np.round(vector * 2**BITS) / 2**BITS).astype(np.float32))

    def product(self, output, x, matrix, bias=None):
        inputs = [x, matrix] if bias is None else [x, matrix, self.vector(f"{output}_bias", bias)]
        return self.add("Gemm", inputs, output, transB=1)


def model(theta, merges):
    """The file's bytes."""
    width, (vocabulary, _) = len(theta["c"]), theta["E"].shape
    graph = Graph()
    gate = lambda name, i: theta[name][..., i * width : (i + 1) * width]
    table = graph.matrix("embedding", theta["E"])
    x = graph.add("Gather", [table, "token"], "x", axis=0)
    gates = {}
    for i, name in enumerate("rzn"):
        w = graph.matrix(f"W{name}", gate("W", i).T)
        u = graph.matrix(f"U{name}", gate("U", i).T)
        of_x = graph.product(f"x{name}", x, w, gate("w", i))
        of_h = graph.product(f"h{name}", "state", u, theta["c"] if name == "n" else None)
        if name == "n":
            of_h = graph.add("Mul", [gates["r"], of_h], "reset")
        total = graph.add("Add", [of_x, of_h], f"{name}_sum")
        gates[name] = graph.add("Tanh" if name == "n" else "Sigmoid", [total], name)
    moved = graph.add("Mul", [gates["z"], graph.add("Sub", ["state", "n"], "difference")], "kept")
    graph.add("Add", ["n", moved], "next_state")
    q = graph.product("projected", "next_state", graph.matrix("P", theta["P"].T), theta["p"])
    graph.product("logits", q, table, theta["b"])
    value = helper.make_tensor_value_info
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "step",
            [value("token", TensorProto.INT64, ["N"]), value("state", TensorProto.FLOAT, ["N", width])],
            [
                value("logits", TensorProto.FLOAT, ["N", vocabulary]),
                value("next_state", TensorProto.FLOAT, ["N", width]),
            ],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=9,
        producer_name="openledger",
    )
    text = {"version": 1, "merges": [list(pair) for pair in merges]}
    helper.set_model_props(made, {"openledger.text": json.dumps(text, separators=(",", ":"))})
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString(deterministic=True)
