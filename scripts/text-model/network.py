"""A recurrent language model (embedding, GRU, tied output) and its gradient, in NumPy.

One step, for the row vectors x = E[token] and the state h:

    r  = sigmoid(x Wr + br + h Ur)        z = sigmoid(x Wz + bz + h Uz)
    n  = tanh(x Wn + bn + r * (h Un + cn))
    h' = n + z * (h - n)
    logits = (h' P + p) E^T + b

Cho et al. 2014 with the reset after the product, as cuDNN computes it; the output is tied to the
embedding (Press & Wolf 2017). The state is zero before a text's first token, which is END.
"""

import numpy as np


def initial(vocabulary, embedding, width, seed):
    """Parameters, f32: gates side by side in the order r, z, n."""
    random = np.random.default_rng(seed)

    def draw(scale, *shape):
        return (random.standard_normal(shape) * scale).astype(np.float32)

    recurrent = [np.linalg.qr(random.standard_normal((width, width)))[0] for _ in range(3)]
    return {
        "E": draw(embedding**-0.5, vocabulary, embedding),
        "W": draw(embedding**-0.5, embedding, 3 * width),
        "U": np.concatenate(recurrent, axis=1).astype(np.float32),
        "w": np.zeros(3 * width, np.float32),
        "c": np.zeros(width, np.float32),
        "P": draw(width**-0.5, width, embedding),
        "p": np.zeros(embedding, np.float32),
        "b": np.zeros(vocabulary, np.float32),
    }


def sigmoid(x):
    return 0.5 * np.tanh(0.5 * x) + 0.5


def dropped(random, shape, rate):
    """Zeros and 1/(1-rate), to multiply by."""
    if rate == 0:
        return np.float32(1)
    return (random.random(shape, dtype=np.float32) >= rate) / np.float32(1 - rate)


def forward(theta, tokens, state, random=None, rate=0.0):
    """Runs tokens [T, B] from state [B, width]; the logits [T*B, V], the last state, and what the
    gradient needs. A token 0 begins a text: it is read with the state zero."""
    steps, batch = tokens.shape
    width = state.shape[1]
    x = theta["E"][tokens.ravel()]
    embedding = x.shape[1]
    # whole dimensions of a sequence at once: the same mask over time
    mask_x = dropped(random, (1, batch, embedding), rate)
    mask_y = dropped(random, (1, batch, width), rate)
    x = (x.reshape(steps, batch, -1) * mask_x).reshape(steps * batch, -1)
    gates = (x @ theta["W"] + theta["w"]).reshape(steps, batch, 3 * width)
    keep = (tokens != 0).astype(np.float32)[:, :, None]
    kept = {"h": np.empty((steps, batch, width), state.dtype)}
    for name in "rznu":
        kept[name] = np.empty((steps, batch, width), state.dtype)
    out = np.empty((steps, batch, width), state.dtype)
    h = state
    for t in range(steps):
        h = h * keep[t]
        hu = h @ theta["U"]
        rz = sigmoid(gates[t, :, : 2 * width] + hu[:, : 2 * width])
        r, z = rz[:, :width], rz[:, width:]
        u = hu[:, 2 * width :] + theta["c"]
        n = np.tanh(gates[t, :, 2 * width :] + r * u)
        kept["h"][t], kept["r"][t], kept["z"][t], kept["n"][t], kept["u"][t] = h, r, z, n, u
        h = n + z * (h - n)
        out[t] = h
    y = (out * mask_y).reshape(steps * batch, width)
    q = y @ theta["P"] + theta["p"]
    logits = q @ theta["E"].T + theta["b"]
    kept.update(tokens=tokens, x=x, y=y, q=q, keep=keep, mask_x=mask_x, mask_y=mask_y)
    return logits, h, kept


def losses(logits, targets):
    """-log p of each target, and the gradient of their mean by the logits, written over them."""
    rows = np.arange(len(targets))
    logits -= logits.max(axis=1, keepdims=True)
    chosen = logits[rows, targets].copy()
    np.exp(logits, out=logits)
    sums = logits.sum(axis=1, keepdims=True)
    loss = np.log(sums[:, 0]) - chosen
    logits /= sums
    logits[rows, targets] -= 1
    logits /= len(targets)
    return loss, logits


def backward(theta, kept, d_logits):
    """The gradient by every parameter."""
    steps, batch, width = kept["h"].shape
    d_q = d_logits @ theta["E"]
    grad = {
        "E": d_logits.T @ kept["q"],
        "b": d_logits.sum(axis=0),
        "P": kept["y"].T @ d_q,
        "p": d_q.sum(axis=0),
    }
    d_out = (d_q @ theta["P"].T).reshape(steps, batch, width) * kept["mask_y"]
    d_gates = np.empty((steps, batch, 3 * width), d_out.dtype)
    d_hu = np.empty_like(d_gates)
    d_h = np.zeros((batch, width), d_out.dtype)
    turned = np.ascontiguousarray(theta["U"].T)
    for t in range(steps - 1, -1, -1):
        h, r, z, n, u = (kept[name][t] for name in "hrznu")
        d_h = d_h + d_out[t]
        d_n = d_h * (1 - z) * (1 - n * n)
        d_gates[t, :, 2 * width :] = d_n
        d_gates[t, :, :width] = d_n * u * r * (1 - r)
        d_gates[t, :, width : 2 * width] = d_h * (h - n) * z * (1 - z)
        d_hu[t, :, : 2 * width] = d_gates[t, :, : 2 * width]
        d_hu[t, :, 2 * width :] = d_n * r
        d_h = (d_h * z + d_hu[t] @ turned) * kept["keep"][t]
    flat = d_gates.reshape(steps * batch, 3 * width)
    flat_hu = d_hu.reshape(steps * batch, 3 * width)
    grad["W"] = kept["x"].T @ flat
    grad["w"] = flat.sum(axis=0)
    grad["U"] = kept["h"].reshape(steps * batch, width).T @ flat_hu
    grad["c"] = flat_hu[:, 2 * width :].sum(axis=0)
    d_x = ((flat @ theta["W"].T).reshape(steps, batch, -1) * kept["mask_x"]).reshape(steps * batch, -1)
    np.add.at(grad["E"], kept["tokens"].ravel(), d_x)
    return grad


def check(seed=1):
    """The largest difference between the gradient and finite differences, relative, over parameters."""
    random = np.random.default_rng(seed)
    theta = {name: value.astype(np.float64) for name, value in initial(11, 5, 7, seed).items()}
    tokens, targets = random.integers(0, 11, (6, 3)), random.integers(0, 11, 18)
    state = random.standard_normal((3, 7))

    def value():
        return losses(forward(theta, tokens, state)[0], targets)[0].mean()

    logits, _, kept = forward(theta, tokens, state)
    grad = backward(theta, kept, losses(logits, targets)[1])
    worst = 0.0
    for name, wanted in grad.items():
        for at in random.integers(0, theta[name].size, 20):
            place = np.unravel_index(at, theta[name].shape)
            before = theta[name][place]
            theta[name][place] = before + 1e-4
            above = value()
            theta[name][place] = before - 1e-4
            found = (above - value()) / 2e-4
            theta[name][place] = before
            worst = max(worst, abs(found - wanted[place]) / np.abs(wanted).max())
    return worst


if __name__ == "__main__":
    print(f"gradient against finite differences: {check():.1e}")
