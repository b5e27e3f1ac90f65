"""How good scores are: dattri's own metrics, and intervals around them."""

import numpy as np

import dattri_side as peer
import intervals

NOT_A_NUMBER = float("nan"), (None, None)


def lds(scores, truth, subsets):
    """The linear datamodelling score of `scores` `[n_train, n_query]` with its interval; `truth`
    `[subsets, n_query]` is what retraining on each of `subsets` gave."""
    if not np.isfinite(scores).all():
        return NOT_A_NUMBER
    mean = peer.mean_lds(scores, truth, subsets)
    predicted = np.array([scores[s].sum(0) for s in subsets])
    same(mean, intervals.spearman(predicted, truth).mean())
    return mean, intervals.resampled(intervals.spearman, predicted, truth)


def loo(scores, truth, records):
    """The correlation of `scores` with what leaving out each of `records` does, with its interval; `truth`
    `[records, n_query]`."""
    own = scores[records]
    if not np.isfinite(own).all():
        return NOT_A_NUMBER
    mean = peer.mean_loo(own, truth, records)
    same(mean, intervals.pearson(own, truth).mean())
    return mean, intervals.resampled(intervals.pearson, own, truth)


def same(theirs, own):
    """The interval is of the very metric that dattri computes."""
    if abs(theirs - own) > 1e-6:
        raise SystemExit(f"dattri's metric is {theirs}, the one that is resampled {own}")
