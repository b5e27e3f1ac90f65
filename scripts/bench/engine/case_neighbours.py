"""Shapley values of nearest neighbours."""

import numpy as np

import data
import dattri_side as peer
from files import save_problem
from page import Page
from timing import in_turn, median, once, ratio, show, spread

K = 5
SETS = (
    ("digits", "digits, 1,000 × 200", data.digits, 10),
    ("cancer", "breast cancer, 400 × 169", data.breast_cancer, 2),
)


def run(engine, quick):
    page = Page("neighbours", "Shapley values of nearest neighbours")
    page.say(
        f"K = {K}, order of records from seed 1. Equal distances, of which the digits' whole pixels have many, "
        "are broken by the record's number on both sides: dattri's default sorts them as they come, so it is "
        "given a distance that says each record's rank, which takes nothing of its time to speak of. dattri's "
        "time is of `attribute` alone, the engine's of the whole process with its files."
    )
    rows = []
    for name, title, load, classes in SETS:
        train, query = load(1)
        zero = np.zeros((train[0].shape[1] + 1, classes))
        options = save_problem(engine, name, zero, train, query) + ["--method", "knn-shapley", "--k", K]
        batches = peer.Batch(*train), peer.Batch(*query)
        found = {}

        def theirs():
            found["scores"] = peer.knn_shapley(*batches, K)

        own = lambda: engine.influence(options, f"{name}.npy")
        cold, _ = once(own)
        times = in_turn({"peer": theirs, "own": own}, 1 if quick else 3, warm_up=0)
        more = in_turn({"own": own}, 5 if quick else 25)["own"]
        apart = float(np.abs(engine.scores(f"{name}.npy") - peer.numbers(found["scores"])).max())
        faster = median(times["peer"]) / median(more)
        rows.append(
            (
                title,
                show(cold),
                spread(more),
                spread(times["peer"]),
                f"{faster:,.0f}",
                f"{ratio(times['peer'], times['own']):,.0f}",
                f"{apart:.1e}",
            )
        )
        page.ratio(f"knn-shapley, {name}: dattri", faster)
        page.promise(f"{name}: Shapley values equal dattri's", "≤ 1e-6", f"{apart:.1e}", apart <= 1e-6)
        if name == "digits":
            page.promise("digits: faster than dattri", "≥ 500 ×", f"{faster:,.0f} ×", faster >= 500)
    page.table(
        ["", "engine, first call", "engine, then", "dattri", "ratio of medians", "ratio run by run", "max|Δ|"],
        rows,
    )
    return page
