"""Influence through a whole network."""

import numpy as np
from scipy.stats import rankdata

import data
import dattri_side as peer
import intervals
import judge
import mlp
from files import save_problem
from page import Page, interval
from timing import once, show

RECIPE = mlp.Recipe()
ENSEMBLE = 10
CG_STEPS = 50
METHODS = ("gauss-newton", "ekfac", "trak")
DAMPINGS = (1e-3, 1e-2, 3e-2, 1e-1, 1.0)
SETS = (
    ("digits", "digits, 1,000 × 200, 64-32-10", data.digits, 10),
    ("cancer", "breast cancer, 400 × 169, 30-32-2", data.breast_cancer, 2),
)


def run(engine, quick):
    page = Page("network", "Networks: influence through all layers")
    page.say(
        f"A perceptron with one hidden layer of {RECIPE.hidden} and ReLU: {RECIPE.epochs} epochs in batches of "
        f"{RECIPE.batch}, momentum .9, rate {RECIPE.rate:g} falling to zero, λ = {RECIPE.l2:g}, order of "
        "records from seed 1. Ground truth: networks trained by this program on random halves (seed 2), several "
        "on each; ln p of the queries' labels, which is what dattri measures, and in the last column the "
        "margin ln p − ln(1 − p). The engine chooses its damping from model and records alone; dattri's is "
        "given, and the best and the worst that the ground truth finds in "
        f"{', '.join(f'{d:g}' for d in DAMPINGS)} stand here."
    )
    for name, title, load, classes in SETS[:1] if quick else SETS:
        measure(page, Network(engine, name, load, classes, quick), title, quick)
    return page


class Network:
    """Trained networks, their records and queries, and what retraining gives."""

    def __init__(self, engine, name, load, classes, quick):
        self.engine, self.name = engine, name
        self.train, self.query = load(1)
        n = len(self.train[1])
        everything = np.tile(np.arange(n), (ENSEMBLE, 1))
        self.models = mlp.trained(*self.train, classes, everything, range(1, ENSEMBLE + 1), RECIPE)
        halves, each = (30, 2) if quick else (200, 10)
        random = np.random.default_rng(2)
        self.subsets = np.array([np.sort(random.permutation(n)[: n // 2]) for _ in range(halves)])
        rows, seeds = self.subsets.repeat(each, axis=0), 1000 + np.arange(halves * each)
        self.retraining, own = once(lambda: mlp.trained(*self.train, classes, rows, seeds, RECIPE))
        self.truths = [v.reshape(halves, each, -1) for v in mlp.likelihoods(own, *self.query)]
        zero = np.zeros((self.train[0].shape[1] + 1, classes))
        self.options = save_problem(engine, name, zero, self.train, self.query)[2:]
        for at in range(ENSEMBLE):
            mlp.save_onnx(engine.path(f"{name}-{at}.onnx"), self.models, at)
        self.batches = peer.Batch(*self.train), peer.Batch(*self.query)
        self.checkpoints = [mlp.as_module(self.models, at).state_dict() for at in range(ENSEMBLE)]

    def module(self):
        return mlp.as_module(self.models, 0)

    def lds(self, scores):
        """By ln p, and by the margin, each with its interval."""
        return [judge.lds(scores, truth.mean(1), self.subsets) for truth in self.truths]

    def mean(self, scores):
        return peer.mean_lds(scores, self.truths[0].mean(1), self.subsets)

    def reliability(self):
        """How well half of the trainings on a subset predicts the other, brought to all of them by Spearman
        and Brown."""
        own = self.truths[0]
        half = own.shape[1] // 2
        a, b = own[:, :half].mean(1), own[:, half : 2 * half].mean(1)
        r = intervals.pearson(rankdata(a, axis=0), rankdata(b, axis=0)).mean()
        return 2 * r / (1 + r)

    def own(self, models, method):
        """Seconds of the engine's whole process, and its scores."""
        names = [word for at in range(models) for word in ("--model", self.engine.path(f"{self.name}-{at}.onnx"))]
        out = f"{self.name}-own.npy"
        words = ["influence", *names, *self.options, "--method", method]
        words += ["--threads", self.engine.threads, "--out", self.engine.path(out)]
        seconds, _ = once(lambda: self.engine.run(*words))
        return seconds, self.engine.scores(out)

    def theirs(self, attributor):
        seconds, scores = once(lambda: peer.attribute(attributor, *self.batches))
        return seconds, peer.numbers(scores)


def measure(page, network, title, quick):
    rows, bars, notes = [], [], []

    def add(name, seconds, scores):
        lds, margin = network.lds(scores)
        rows.append((name, show(seconds), interval(*lds), interval(*margin)))
        bars.append((name.replace("`", ""), lds[0], *lds[1]))
        return lds[0]

    def best_and_worst(name, make, dampings):
        """Of dattri's dampings, by the ground truth."""
        tried = [(damping, *network.theirs(make(damping))) for damping in dampings]
        finite = [t for t in tried if np.isfinite(t[2]).all()]
        if len(finite) < len(tried):
            broken = ", ".join(f"{t[0]:g}" for t in tried if not np.isfinite(t[2]).all())
            notes.append(f"{name} returns NaN at damping {broken}.")
        judged = sorted(((network.mean(t[2]), *t) for t in finite), key=lambda j: j[0])
        if not judged:
            return None
        for which, (_, damping, seconds, scores) in (("best", judged[-1]), ("worst", judged[0])):
            add(f"{name}, {which} damping {damping:g}", seconds, scores)
        return judged[-1][1]

    own = {
        (method, models): add(
            f"engine `{method}`, {models} network{'s' * (models > 1)}", *network.own(models, method)
        )
        for method in METHODS
        for models in (1, ENSEMBLE)
    }
    train, _ = network.batches
    dampings = DAMPINGS[1:4] if quick else DAMPINGS
    best = best_and_worst("dattri explicit", lambda d: peer.explicit(network.module(), train, d), dampings)
    best_and_worst(
        f"dattri CG {CG_STEPS}", lambda d: peer.conjugate(network.module(), train, d, CG_STEPS), dampings
    )
    best_and_worst("dattri EK-FAC as shipped", lambda d: peer.ekfac(network.module(), train, d), dampings)
    if best is not None and not quick:
        many = peer.explicit(network.module(), train, best, network.checkpoints)
        add(f"dattri explicit, {ENSEMBLE} networks, best damping {best:g}", *network.theirs(many))
    # better than its default of 512, with so few records
    width = len(network.train[1]) // 10
    for models in (5, ENSEMBLE):
        checkpoints = network.checkpoints[:models]
        seconds, scores = once(lambda: peer.trak(network.module(), checkpoints, *network.batches, width))
        add(f"dattri TRAK, {models} networks, {width} numbers", seconds, peer.numbers(scores))

    page.say(f"### {title}")
    halves, each = network.truths[0].shape[:2]
    page.say(
        f"{halves * each:,} retrainings, {each} on each of {halves} halves, in {show(network.retraining)}; "
        f"reliability {network.reliability():.3f}. Times are of one run: the engine's of the whole process, "
        f"dattri's of `attribute`, TRAK's with its `cache`. {' '.join(notes)}".rstrip()
    )
    page.table(["", "time", "LDS", "LDS of margins"], rows)
    page.bars(f"lds-network-{network.name}", f"LDS, network, {title}", "LDS", bars)
    if network.name == "digits":
        for models, bound, what in ((1, 0.73, "damping chosen blind"), (ENSEMBLE, 0.8, f"{ENSEMBLE} networks")):
            of = {method: lds for (method, count), lds in own.items() if count == models}
            best = max(of, key=of.get)
            measured = f"{of[best]:.3f} ({best})"
            page.promise(f"network: LDS, {what}", f"≥ {bound:.2f}", measured, of[best] >= bound)
