"""A perceptron with one hidden layer, many of them trained side by side, each on its own records.

Objective (1/n)Σℓ + (λ/2)‖θ‖², stochastic gradient descent with momentum .9, its rate falling to zero.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from scipy.special import log_softmax, logsumexp, softmax

from dattri_side import torch

# networks at a time: what the caches hold
SIDE_BY_SIDE = 50


@dataclass(frozen=True)
class Recipe:
    hidden: int = 32
    epochs: int = 60
    batch: int = 50
    rate: float = 0.05
    l2: float = 1e-3


def trained(x, y, classes, rows, seeds, recipe):
    """Networks, one for each of `rows` `[networks, records]` and of `seeds`: w1, b1, w2, b2, f32."""
    parts = [
        together(x, y, classes, rows[at : at + SIDE_BY_SIDE], seeds[at : at + SIDE_BY_SIDE], recipe)
        for at in range(0, len(seeds), SIDE_BY_SIDE)
    ]
    return [np.concatenate(own) for own in zip(*parts)]


def together(x, y, classes, rows, seeds, recipe):
    target = np.eye(classes, dtype=np.float32)[y]
    records, width = rows.shape[1], x.shape[1]
    randoms = [np.random.default_rng(int(seed)) for seed in seeds]
    shapes = [(width, recipe.hidden), (1, recipe.hidden), (recipe.hidden, classes), (1, classes)]
    bounds = [width**-0.5, width**-0.5, recipe.hidden**-0.5, recipe.hidden**-0.5]
    theta = [np.array([r.uniform(-b, b, s) for r in randoms], dtype=np.float32) for s, b in zip(shapes, bounds)]
    speed = [np.zeros_like(t) for t in theta]
    steps = -(-records // recipe.batch)
    for epoch in range(recipe.epochs):
        order = np.array([own[r.permutation(records)] for own, r in zip(rows, randoms)])
        for step in range(steps):
            batch = order[:, step * recipe.batch : (step + 1) * recipe.batch]
            slope = gradient(theta, x[batch], target[batch])
            rate = np.float32(recipe.rate * (1 - (epoch * steps + step) / (recipe.epochs * steps)))
            for t, s, g in zip(theta, speed, slope):
                s *= np.float32(0.9)
                s += g
                s += np.float32(recipe.l2) * t
                t -= rate * s
    return theta


def forward(theta, x):
    w1, b1, w2, b2 = theta
    hidden = np.maximum(x @ w1 + b1, 0)
    return hidden, hidden @ w2 + b2


def gradient(theta, x, target):
    hidden, out = forward(theta, x)
    back = (softmax(out, axis=-1) - target) / np.float32(x.shape[1])
    through = (back @ theta[2].transpose(0, 2, 1)) * (hidden > 0)
    return (
        x.transpose(0, 2, 1) @ through,
        through.sum(1, keepdims=True),
        hidden.transpose(0, 2, 1) @ back,
        back.sum(1, keepdims=True),
    )


def likelihoods(theta, x, y):
    """ln p and ln p − ln(1 − p) of every record's class, `[networks, records]` each."""
    out = forward([t.astype(np.float64) for t in theta], x.astype(np.float64))[1]
    own = log_softmax(out, axis=-1)[:, np.arange(len(y)), y]
    others = out.copy()
    others[:, np.arange(len(y)), y] = -np.inf
    return own, out[:, np.arange(len(y)), y] - logsumexp(others, axis=-1)


def as_module(theta, at):
    """Network `at` as torch has them."""
    w1, b1, w2, b2 = (torch.as_tensor(t[at]) for t in theta)
    model = torch.nn.Sequential(torch.nn.Linear(*w1.shape), torch.nn.ReLU(), torch.nn.Linear(*w2.shape))
    with torch.no_grad():
        for layer, weights, bias in ((model[0], w1, b1), (model[2], w2, b2)):
            layer.weight.copy_(weights.T)
            layer.bias.copy_(bias[0])
    return model.eval()


def save_onnx(path, theta, at):
    names = ("w1", "b1", "w2", "b2")
    w1, b1, w2, b2 = (t[at] for t in theta)
    arrays = dict(zip(names, (w1, b1[0], w2, b2[0])))
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["x", "w1", "b1"], ["before"]),
            helper.make_node("Relu", ["before"], ["hidden"]),
            helper.make_node("Gemm", ["hidden", "w2", "b2"], ["y"]),
        ],
        "mlp",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, w1.shape[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, w2.shape[1]])],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, path)
