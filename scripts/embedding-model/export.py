"""Writes a sentence-transformers BERT encoder as one ONNX file that carries its tokenizer.

    python export.py MODEL_DIR OUT.onnx

MODEL_DIR is what sentence-transformers saves: config.json, model.safetensors, tokenizer.json,
sentence_bert_config.json and the pooling's config. The graph maps input_ids, attention_mask and
token_type_ids, i64 [batch, sequence], to last_hidden_state, f32 [batch, sequence, width]; the engine
pools, as the metadata says. docs/retrieval.md describes the metadata.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
# Weights of so many elements are stored in 16 bits: a model has to fit into a blob of 64 MiB.
LARGE = 1 << 16


def read_safetensors(path):
    """Name -> f32 array."""
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        if entry["dtype"] == "F32":
            data = np.frombuffer(raw[8 + size + start : 8 + size + end], "<f4")
            tensors[name] = data.reshape(entry["shape"])
    return tensors


def settings(directory):
    """What the engine has to know beside the graph: see docs/retrieval.md."""
    config = json.loads((directory / "config.json").read_text())
    pooling = json.loads((directory / "1_Pooling" / "config.json").read_text())
    modes = [mode for mode in ("cls_token", "mean_tokens") if pooling.get(f"pooling_mode_{mode}")]
    others = [key for key, on in pooling.items() if on is True and key.startswith("pooling_mode_")]
    if len(others) != 1 or len(modes) != 1:
        sys.exit(f"error: pooling {others} is unsupported, expected cls_token or mean_tokens alone")
    length = json.loads((directory / "sentence_bert_config.json").read_text())["max_seq_length"]
    return config, {
        "pooling": modes[0].split("_")[0],
        "max_tokens": min(length, config["max_position_embeddings"]),
    }


class Graph:
    """Nodes and weights, named after what they compute."""

    def __init__(self, weights):
        self.weights, self.nodes, self.initializers, self.known = weights, [], [], set()

    def constant(self, name, array):
        if name not in self.known:
            self.known.add(name)
            self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, name, transpose=False):
        array = self.weights[name]
        array = array.T if transpose else array
        if array.size < LARGE:
            return self.constant(name, array)
        if name not in self.known:
            half = self.constant(f"{name}.half", array.astype(np.float16))
            self.known.add(name)
            self.node("Cast", [half], name, to=TensorProto.FLOAT)
        return name

    def node(self, kind, inputs, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def linear(self, value, layer, name):
        product = self.node("MatMul", [value, self.weight(f"{layer}.weight", True)], f"{name}.product")
        return self.node("Add", [product, self.weight(f"{layer}.bias")], name)

    def norm(self, value, layer, epsilon, name):
        inputs = [value, self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")]
        return self.node("LayerNormalization", inputs, name, axis=-1, epsilon=epsilon)

    def gelu(self, value, name):
        root = self.constant("root_of_two", np.float32(np.sqrt(2.0)))
        erf = self.node("Erf", [self.node("Div", [value, root], f"{name}.scaled")], f"{name}.erf")
        grown = self.node("Add", [erf, self.constant("one", np.float32(1))], f"{name}.grown")
        half = self.node("Mul", [value, self.constant("half", np.float32(0.5))], f"{name}.half")
        return self.node("Mul", [half, grown], name)


def embeddings(graph, epsilon):
    row = lambda name: f"embeddings.{name}_embeddings.weight"
    words = graph.node("Gather", [graph.weight(row("word")), "input_ids"], "words")
    kinds = graph.node("Gather", [graph.weight(row("token_type")), "token_type_ids"], "kinds")
    shape = graph.node("Shape", ["input_ids"], "shape")
    one = graph.constant("second", np.array([1], np.int64))
    length = graph.node("Gather", [shape, one], "length")
    start = graph.constant("first", np.array([0], np.int64))
    places = graph.node("Slice", [graph.weight(row("position")), start, length, start], "places")
    total = graph.node("Add", [graph.node("Add", [words, kinds], "words_kinds"), places], "total")
    return graph.norm(total, "embeddings.LayerNorm", epsilon, "embedded")


def attention(graph, value, mask, layer, heads, width, name):
    split = graph.constant("heads", np.array([0, 0, heads, width // heads], np.int64))

    def project(kind, order):
        whole = graph.linear(value, f"{layer}.self.{kind}", f"{name}.{kind}")
        parts = graph.node("Reshape", [whole, split], f"{name}.{kind}.heads")
        return graph.node("Transpose", [parts], f"{name}.{kind}.turned", perm=order)

    query, key = project("query", [0, 2, 1, 3]), project("key", [0, 2, 3, 1])
    raw = graph.node("MatMul", [query, key], f"{name}.raw")
    root = graph.constant("root_of_head", np.float32(np.sqrt(width // heads)))
    scaled = graph.node("Div", [raw, root], f"{name}.scaled")
    masked = graph.node("Add", [scaled, mask], f"{name}.masked")
    weights = graph.node("Softmax", [masked], f"{name}.weights", axis=-1)
    mixed = graph.node("MatMul", [weights, project("value", [0, 2, 1, 3])], f"{name}.mixed")
    turned = graph.node("Transpose", [mixed], f"{name}.turned", perm=[0, 2, 1, 3])
    joined = graph.constant("joined", np.array([0, 0, width], np.int64))
    return graph.node("Reshape", [turned, joined], f"{name}.joined")


def encoder(weights, config):
    """The graph of a BERT encoder."""
    graph = Graph(weights)
    heads, width = config["num_attention_heads"], config["hidden_size"]
    epsilon = config["layer_norm_eps"]
    value = embeddings(graph, epsilon)
    # 0 where there is a token, so low elsewhere that softmax gives exactly 0
    axes = graph.constant("middle", np.array([1, 2], np.int64))
    mask = graph.node("Unsqueeze", ["attention_mask", axes], "mask.wide")
    mask = graph.node("Cast", [mask], "mask.float", to=TensorProto.FLOAT)
    mask = graph.node("Sub", [graph.constant("one", np.float32(1)), mask], "mask.absent")
    mask = graph.node("Mul", [mask, graph.constant("low", np.float32(-1e9))], "mask")
    for i in range(config["num_hidden_layers"]):
        layer, name = f"encoder.layer.{i}", f"layer{i}"
        mixed = attention(graph, value, mask, f"{layer}.attention", heads, width, f"{name}.attention")
        mixed = graph.linear(mixed, f"{layer}.attention.output.dense", f"{name}.mixed")
        mixed = graph.node("Add", [mixed, value], f"{name}.mixed.residual")
        value = graph.norm(mixed, f"{layer}.attention.output.LayerNorm", epsilon, f"{name}.attended")
        grown = graph.gelu(graph.linear(value, f"{layer}.intermediate.dense", f"{name}.grown"), f"{name}.gelu")
        shrunk = graph.linear(grown, f"{layer}.output.dense", f"{name}.shrunk")
        shrunk = graph.node("Add", [shrunk, value], f"{name}.shrunk.residual")
        last = i + 1 == config["num_hidden_layers"]
        out = "last_hidden_state" if last else f"{name}.out"
        value = graph.norm(shrunk, f"{layer}.output.LayerNorm", epsilon, out)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    shape = ["batch", "sequence", width]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, shape)
    return helper.make_graph(graph.nodes, "encoder", inputs, [output], graph.initializers)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    directory, out = map(pathlib.Path, sys.argv[1:])
    config, own = settings(directory)
    if config["model_type"] != "bert" or config["hidden_act"] != "gelu":
        sys.exit(f"error: {config['model_type']} with {config['hidden_act']} is unsupported, expected bert with gelu")
    graph = encoder(read_safetensors(directory / "model.safetensors"), config)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    # without the white space, in the same order
    tokenizer = json.loads((directory / "tokenizer.json").read_text())
    compact = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    helper.set_model_props(
        model, {"openledger.embedding": compact(own), "openledger.tokenizer": compact(tokenizer)}
    )
    onnx.checker.check_model(model)
    part = out.with_suffix(".part")
    part.write_bytes(model.SerializeToString(deterministic=True))
    part.replace(out)
    print(f"{out}: {out.stat().st_size} bytes, {compact(own)}")


if __name__ == "__main__":
    main()
