"""Finding false labels by what every record does to itself."""

import numpy as np

import data
import dattri_side as peer
import intervals
import softmax
from files import save_problem
from page import Page, interval

L2 = 1e-3
FALSE = 0.1
SETS = (
    ("digits", "digits, 1,000 records", data.digits, 10),
    ("cancer", "breast cancer, 400 records", data.breast_cancer, 2),
)
NAMES = ("engine `exact --self`", "dattri explicit, `self_attribute`", "the loss alone")


def run(engine, quick):
    page = Page("mislabelled", "False labels found by self-influence")
    seeds = range(1, 4 if quick else 11)
    page.say(
        f"{FALSE:.0%} of the labels false, of a random other class; softmax regression trained on them, λ = "
        f"{L2:g}; area under the curve by dattri's own metric, mean and interval over {len(seeds)} seeds."
    )
    rows = []
    for name, title, load, classes in SETS:
        found = np.array([one(engine, name, load, classes, seed) for seed in seeds])
        ends = [intervals.over_seeds(column) for column in found.T]
        rows += [(title, who, interval(column.mean(), e)) for who, column, e in zip(NAMES, found.T, ends)]
        page.bars(
            f"auc-{name}",
            f"Mislabel AUC, {title}",
            "AUC",
            [(who.replace("`", ""), column.mean(), *e) for who, column, e in zip(NAMES, found.T, ends)],
        )
        behind = found[:, 0].mean() - found[:, 1].mean()
        page.promise(f"{name}: AUC equals dattri's explicit", "within .001", f"{behind:+.4f}", behind >= -1e-3)
    page.table(["", "", "AUC"], rows)
    return page


def one(engine, name, load, classes, seed):
    (x, y), query = load(seed)
    given, wrong = data.mislabelled(y, FALSE, classes, seed)
    theta = softmax.fit(x, given, classes, L2).astype(np.float32).astype(np.float64)
    problem = save_problem(engine, name, theta, (x, given), query)[:6]
    engine.influence([*problem, "--l2", L2, "--self"], f"{name}.npy")
    train = peer.Batch(x, given)
    theirs = peer.self_attribute(peer.explicit(peer.linear(theta), train, L2), train)
    return (
        peer.auc(engine.scores(f"{name}.npy"), wrong),
        peer.auc(peer.numbers(theirs), wrong),
        peer.auc(softmax.losses(theta, x, given), wrong),
    )
