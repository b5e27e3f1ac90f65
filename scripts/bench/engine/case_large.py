"""A softmax regression as large as one on MNIST."""

import numpy as np
from scipy.optimize import minimize
from scipy.sparse.linalg import LinearOperator, cg

import data
import dattri_side as peer
import softmax
from files import save_problem
from page import Page
from timing import in_turn, median, once, show, spread

L2 = 1e-3
RECORDS, QUERIES, FEATURES, CLASSES = 20_000, 1_000, 784, 10
CHECKED = 10
CG_STEPS, CG_QUERIES = 50, 4


def run(engine, quick):
    page = Page("large", "20,000 × 1,000 with 7,850 parameters")
    train, query = data.clouds(1, RECORDS, QUERIES, FEATURES, CLASSES)
    theta = fitted(*train).astype(np.float32).astype(np.float64)
    right = (softmax.probabilities(theta, query[0]).argmax(1) == query[1]).mean()
    page.say(
        "Ten overlapping clouds of 784 numbers, cut at zero (seed 1); softmax regression, λ = "
        f"{L2:g}, by L-BFGS; {right:.1%} of the queries are answered rightly. Reference for {CHECKED} queries: "
        "conjugate gradients on the definition in float64, to a residual of 1e-12. dattri's explicit solver "
        "does not fit into memory at this size (second derivatives of 20,000 losses, 7,850 at a time); its CG "
        f"is timed on {CG_QUERIES} queries, and for 1,000 that time is multiplied."
    )
    options = save_problem(engine, "large", theta, train, query) + ["--l2", L2]
    stored = [*options, "--curvature", engine.path("curvature")]
    cold = in_turn({"cold": lambda: engine.influence(options, "cold.npy")}, 1 if quick else 3, warm_up=0)["cold"]
    build, _ = once(lambda: engine.influence(stored, "stored.npy"))
    warm = in_turn({"warm": lambda: engine.influence(stored, "stored.npy")}, 1 if quick else 3, warm_up=0)["warm"]

    reference = definition(theta, train, (query[0][:CHECKED], query[1][:CHECKED]))
    scores = engine.scores("cold.npy")
    error = softmax.apart(scores[:, :CHECKED], reference)
    few = peer.Batch(query[0][:CG_QUERIES], query[1][:CG_QUERIES])
    attributor = peer.conjugate(peer.linear(theta), peer.Batch(*train), L2, CG_STEPS)
    seconds, own = once(lambda: peer.attribute(attributor, peer.Batch(*train), few))
    theirs = softmax.apart(peer.numbers(own) / RECORDS, reference[:, :CG_QUERIES])
    scaled = seconds * QUERIES / CG_QUERIES

    page.table(
        ["", "time", "max|Δ|/max|s|"],
        [
            ("engine `exact`, whole process", spread(cold), f"{error:.1e}"),
            ("the same, storing the curvature", show(build), ""),
            (
                "the same, curvature stored",
                spread(warm),
                f"{softmax.apart(engine.scores('stored.npy')[:, :CHECKED], reference):.1e}",
            ),
            (f"dattri CG, {CG_STEPS} steps, {CG_QUERIES} queries", show(seconds), f"{theirs:.1e}"),
            ("dattri CG, 1,000 queries, multiplied", show(scaled), ""),
        ],
    )
    page.ratio("exact, 20,000 × 1,000: dattri CG, multiplied", scaled / median(cold))
    page.promise("20,000 × 1,000, 7,850 parameters", "≤ 60 s", show(median(cold)), median(cold) <= 60)
    page.promise("20,000 × 1,000: `exact` is the float64 definition", "≤ 1e-5", f"{error:.1e}", error <= 1e-5)
    return page


def fitted(x, y):
    """Near the optimum; influence is defined anywhere."""
    wide, chosen = softmax.widened(x).astype(np.float32), np.arange(len(y))

    def objective(flat):
        theta = flat.reshape(FEATURES + 1, CLASSES)
        logits = wide @ theta.astype(np.float32)
        logits -= logits.max(1, keepdims=True)
        p = np.exp(logits)
        p /= p.sum(1, keepdims=True)
        loss = -np.log(np.maximum(p[chosen, y], 1e-30)).mean() + L2 / 2 * (flat**2).sum()
        p[chosen, y] -= 1
        return float(loss), ((wide.T @ p) / len(y) + L2 * theta).ravel().astype(np.float64)

    start = np.zeros((FEATURES + 1) * CLASSES)
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 100})
    return found.x.reshape(FEATURES + 1, CLASSES)


def definition(theta, train, query):
    """Influence without ever forming the Hessian."""
    (x, y), (qx, qy) = train, query
    wide, p = softmax.widened(x), softmax.probabilities(theta, x)

    def product(flat):
        moved = wide @ flat.reshape(theta.shape)
        moved = p * (moved - (p * moved).sum(1, keepdims=True))
        return (wide.T @ moved / len(y) + L2 * flat.reshape(theta.shape)).ravel()

    operator = LinearOperator((theta.size, theta.size), matvec=product, dtype=np.float64)
    residuals = softmax.residuals(theta, x, y)
    columns = []
    for row, residual in zip(softmax.widened(qx), softmax.residuals(theta, qx, qy)):
        solution, failed = cg(operator, np.outer(row, residual).ravel(), rtol=1e-12, atol=0, maxiter=5000)
        if failed:
            raise SystemExit("the reference did not converge")
        columns.append(((wide @ solution.reshape(theta.shape)) * residuals).sum(1) / len(y))
    return np.array(columns).T
