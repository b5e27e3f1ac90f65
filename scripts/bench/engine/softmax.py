"""Softmax regression in float64: the optimum, its retraining, and exact influence by definition.

Objective (1/n)Σℓ + (λ/2)‖θ‖², the bias penalised too; parameters `[features + 1, classes]`.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve


def widened(x):
    return np.hstack([x.astype(np.float64), np.ones((len(x), 1))])


def probabilities(theta, x):
    logits = widened(x) @ theta
    logits -= logits.max(1, keepdims=True)
    weights = np.exp(logits)
    return weights / weights.sum(1, keepdims=True)


def losses(theta, x, y):
    return -np.log(probabilities(theta, x)[np.arange(len(y)), y])


def hessian(theta, x, l2):
    """Of the objective, parameters class by class."""
    wide, p = widened(x), probabilities(theta, x)
    width, classes = theta.shape
    out = np.empty((classes, width, classes, width))
    for a in range(classes):
        for b in range(a + 1):
            weight = (p[:, a] if a == b else 0) - p[:, a] * p[:, b]
            block = (wide * weight[:, None]).T @ wide / len(x)
            out[a, :, b], out[b, :, a] = block, block.T
    out = out.reshape(classes * width, classes * width)
    out[np.diag_indices_from(out)] += l2
    return out


def residuals(theta, x, y):
    p = probabilities(theta, x)
    p[np.arange(len(y)), y] -= 1
    return p


def gradients(theta, x, y):
    """Of every record's loss, `[n, parameters]`, parameters class by class."""
    return (residuals(theta, x, y)[:, :, None] * widened(x)[:, None, :]).reshape(len(y), -1)


def objective(theta, x, y, l2):
    return losses(theta, x, y).mean() + l2 / 2 * (theta**2).sum()


def fit(x, y, classes, l2, start=None):
    """The optimum, by Newton's method with halved steps, to a gradient of 1e-10."""
    theta = np.zeros((x.shape[1] + 1, classes)) if start is None else start.copy()
    for _ in range(100):
        slope = widened(x).T @ residuals(theta, x, y) / len(y) + l2 * theta
        if np.abs(slope).max() < 1e-10:
            return theta
        flat = cho_solve(cho_factor(hessian(theta, x, l2)), slope.T.ravel())
        step, here, size = flat.reshape(classes, -1).T, objective(theta, x, y, l2), 1.0
        # at the optimum rounding decides between equals
        while objective(theta - size * step, x, y, l2) > here + 1e-15 and size > 1e-4:
            size /= 2
        theta = theta - size * step
    raise SystemExit("Newton's method did not converge")


def influence(theta, train, query, l2):
    """`(1/n)·g_qᵀ H⁻¹ g_r`, `[n_train, n_query]`."""
    (x, y), (qx, qy) = train, query
    factor = cho_factor(hessian(theta, x, l2))
    return gradients(theta, x, y) @ cho_solve(factor, gradients(theta, qx, qy).T) / len(y)


def halves(n, count, seed):
    """`count` random halves of the records, `[count, n / 2]`."""
    random = np.random.default_rng(seed)
    return np.array([np.sort(random.permutation(n)[: n // 2]) for _ in range(count)])


def retrained(theta, train, query, l2, subsets):
    """Minus the queries' losses of a model trained on each of `subsets`, `[subsets, queries]`."""
    (x, y), classes = train, theta.shape[1]
    return np.array([-losses(fit(x[s], y[s], classes, l2, theta), *query) for s in subsets])


def apart(scores, reference):
    """max|Δ| / max|s|."""
    return float(np.abs(scores - reference).max() / np.abs(reference).max())
