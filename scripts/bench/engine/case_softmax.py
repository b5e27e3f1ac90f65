"""Exact influence of a softmax regression."""

import numpy as np

import data
import dattri_side as peer
import intervals
import judge
import softmax
from files import save_problem
from page import Page, interval
from timing import in_turn, median, once, ratio, show, spread

L2 = 1e-3
CG_STEPS = 50
SETS = (
    ("digits", "digits, 1,000 × 200, 650 parameters", data.digits, 10),
    ("cancer", "breast cancer, 400 × 169, 62 parameters", data.breast_cancer, 2),
)


def run(engine, quick):
    page = Page("softmax", "Softmax regression: exact influence")
    page.say(
        f"λ = {L2:g}, order of records from seed 1. The model is the optimum, by Newton's method in float64, "
        "stored as f32. Reference: the definition, in float64. Ground truth: the optimum on random halves of "
        "the records (seed 2) and without single ones (seed 3), measured by the queries' losses. Intervals: "
        f"subsets, or records, and queries resampled together, {intervals.RESAMPLES} times. dattri gets all records in one "
        "batch, which is where its explicit solver is right, and a loader that hands them over at once; its "
        "times are of `attribute` alone, the engine's of the whole process with its files."
    )
    for name, title, load, classes in SETS:
        problem = Problem(engine, name, load, classes)
        measure(page, problem, title, quick)
    return page


class Problem:
    """A trained model with its records and queries, on both sides."""

    def __init__(self, engine, name, load, classes):
        self.engine, self.name = engine, name
        self.train, self.query = load(1)
        fitted = softmax.fit(*self.train, classes, L2)
        self.theta = fitted.astype(np.float32).astype(np.float64)
        self.options = save_problem(engine, name, self.theta, self.train, self.query)
        self.options += ["--l2", L2]
        self.found = {}

    def own(self, out, *options):
        self.engine.influence(self.options, f"{self.name}-{out}.npy", *options)
        self.found[out] = lambda: self.engine.scores(f"{self.name}-{out}.npy")

    def peer(self, out, dtype, steps=None):
        """A function that attributes, and leaves its scores under `out`."""
        train, query = peer.Batch(*self.train, dtype), peer.Batch(*self.query, dtype)
        model = peer.linear(self.theta, dtype)
        if steps is None:
            attributor = peer.explicit(model, train, L2)
        else:
            attributor = peer.conjugate(model, train, L2, steps)

        def attribute():
            scores = peer.attribute(attributor, train, query)
            self.found[out] = lambda: peer.numbers(scores) / len(self.train[1])

        return attribute


NAMES = {
    "exact": "engine `exact`, whole process",
    "stored": "engine `exact`, curvature stored, whole process",
    "quantised": "engine `exact --quantised`, whole process",
    "explicit": "dattri explicit, f32",
    "explicit64": "dattri explicit, f64",
    "cg": f"dattri CG, {CG_STEPS} steps, f32",
}


def measure(page, problem, title, quick):
    torch = peer.torch
    stored = ["--curvature", problem.engine.path(f"{problem.name}-curvature")]
    what = {
        "exact": lambda: problem.own("exact"),
        "stored": lambda: problem.own("stored", *stored),
        "quantised": lambda: problem.own("quantised", "--quantised"),
        "explicit": problem.peer("explicit", torch.float32),
    }
    slow = {
        "exact": what["exact"],
        "explicit64": problem.peer("explicit64", torch.float64),
        "cg": problem.peer("cg", torch.float32, CG_STEPS),
    }
    cold = {name: once(function)[0] for name, function in (what | slow).items()}
    times = in_turn(what, 5 if quick else 25)
    apart = in_turn(slow, 2 if quick else 5, warm_up=0)
    times |= {name: apart[name] for name in ("explicit64", "cg")}
    reference = softmax.influence(problem.theta, problem.train, problem.query, L2)
    truth = Truth(problem, quick)

    rows, bars, error = [], [], {}
    for name, function in problem.found.items():
        scores = function()
        error[name] = softmax.apart(scores, reference)
        lds, loo = truth.lds(scores), truth.loo(scores)
        rows.append(
            (
                NAMES[name],
                show(cold[name]),
                spread(times[name]),
                f"{error[name]:.1e}",
                interval(*lds),
                interval(*loo),
            )
        )
        bars.append((NAMES[name].replace("`", ""), lds[0], *lds[1]))
    page.say(f"### {title}")
    page.say(
        f"{len(truth.subsets)} halves, {len(truth.left_out)} records left out; "
        f"{len(times['exact'])} runs in turn, CG and f64 {len(times['cg'])}."
    )
    page.table(["", "first call", "then: median (least – largest)", "max|Δ|/max|s|", "LDS", "leave-one-out"], rows)
    explicit = ratio(times["explicit"], times["exact"])
    cg = ratio(apart["cg"], apart["exact"])
    page.table(
        ["Ratio in the same runs", "engine `exact`", "engine, curvature stored"],
        [
            ("dattri explicit f32 ÷", f"{explicit:.2f}", f"{ratio(times['explicit'], times['stored']):.2f}"),
            (
                "dattri explicit f64 ÷",
                f"{ratio(apart['explicit64'], apart['exact']):.1f}",
                f"{median(apart['explicit64']) / median(times['stored']):.1f}",
            ),
            (f"dattri CG {CG_STEPS} ÷", f"{cg:.1f}", f"{median(apart['cg']) / median(times['stored']):.1f}"),
        ],
    )
    page.ratio(f"exact, {problem.name}: dattri explicit", explicit)
    page.ratio(f"exact, {problem.name}: dattri CG {CG_STEPS}", cg)
    page.bars(f"lds-{problem.name}", f"LDS, {title}", "LDS", bars)
    page.promise(
        f"{problem.name}: `exact` is the float64 definition",
        "≤ 1e-5",
        f"{error['exact']:.1e}",
        error["exact"] <= 1e-5,
    )
    best = max((row for row in bars if row[1] == row[1]), key=lambda row: row[1])[1]
    page.promise(
        f"{problem.name}: LDS equals the best",
        "within .001",
        f"{bars[0][1] - best:+.4f}",
        bars[0][1] >= best - 1e-3,
    )
    if problem.name == "digits":
        page.promise("digits: whole process ≤ dattri's explicit call", "≥ 1 ×", f"{explicit:.2f} ×", explicit >= 1)
        page.promise("digits: faster than dattri's CG", "≥ 10 ×", f"{cg:.1f} ×", cg >= 10)


class Truth:
    """What retraining gives."""

    def __init__(self, problem, quick):
        theta, train, query = problem.theta, problem.train, problem.query
        n = len(train[1])
        self.subsets = softmax.halves(n, 30 if quick else 200, 2)
        self.halves = softmax.retrained(theta, train, query, L2, self.subsets)
        self.left_out = np.random.default_rng(3).permutation(n)[: 20 if quick else 150]
        without = [np.delete(np.arange(n), record) for record in self.left_out]
        # how much the loss rises without the record
        self.single = -softmax.losses(theta, *query) - softmax.retrained(theta, train, query, L2, without)

    def lds(self, scores):
        return judge.lds(scores, self.halves, self.subsets)

    def loo(self, scores):
        return judge.loo(scores, self.single, self.left_out)
