"""95 % intervals."""

import numpy as np
from scipy.stats import rankdata, t

RESAMPLES = 400


def spearman(a, b):
    """Column by column."""
    return pearson(rankdata(a, axis=0), rankdata(b, axis=0))


def pearson(a, b):
    """Column by column."""
    a, b = a - a.mean(0), b - b.mean(0)
    return (a * b).sum(0) / np.sqrt((a**2).sum(0) * (b**2).sum(0))


def resampled(correlation, a, b):
    """Of the mean correlation: rows and columns drawn again together."""
    random = np.random.default_rng(0)
    means = []
    for _ in range(RESAMPLES):
        drawn = np.ix_(*(random.integers(0, size, size) for size in a.shape))
        means.append(np.mean(correlation(a[drawn], b[drawn])))
    return tuple(np.quantile(means, [0.025, 0.975]))


def over_seeds(values):
    """Of the mean: Student's t."""
    values = np.asarray(values)
    half = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return values.mean() - half, values.mean() + half
