"""95 % intervals."""

import numpy as np
from scipy.stats import rankdata, t


def lds(scores, truth, subsets, seed=0, resamples=1000):
    """Of the linear datamodelling score's mean: subsets and queries drawn again together."""
    random = np.random.default_rng(seed)
    predicted = np.array([scores[s].sum(0) for s in subsets])
    means = []
    for _ in range(resamples):
        rows = random.integers(0, len(subsets), len(subsets))
        columns = random.integers(0, truth.shape[1], truth.shape[1])
        means.append(spearman(predicted[np.ix_(rows, columns)], truth[np.ix_(rows, columns)]).mean())
    return tuple(np.quantile(means, [0.025, 0.975]))


def spearman(a, b):
    """Column by column."""
    return pearson(rankdata(a, axis=0), rankdata(b, axis=0))


def pearson(a, b):
    a, b = a - a.mean(0), b - b.mean(0)
    return (a * b).sum(0) / np.sqrt((a**2).sum(0) * (b**2).sum(0))


def loo(scores, truth, seed=0, resamples=1000):
    """Of the mean correlation: records and queries drawn again together."""
    random = np.random.default_rng(seed)
    means = []
    for _ in range(resamples):
        rows = random.integers(0, truth.shape[0], truth.shape[0])
        columns = random.integers(0, truth.shape[1], truth.shape[1])
        means.append(pearson(scores[np.ix_(rows, columns)], truth[np.ix_(rows, columns)]).mean())
    return tuple(np.quantile(means, [0.025, 0.975]))


def over_seeds(values):
    """Student's t."""
    values = np.asarray(values)
    half = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return values.mean() - half, values.mean() + half
