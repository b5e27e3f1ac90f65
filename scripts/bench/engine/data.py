"""Data sets: those of the repository and of packages, and generated ones, each from its seed."""

import csv
from importlib.util import find_spec
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]


def digits(seed, records=1000, queries=200):
    """Handwritten digits, 64 pixels from 0 to 1, in an order that `seed` gives."""
    with open(ROOT / "data/digits/digits.csv", encoding="utf-8") as file:
        rows = np.array(list(csv.reader(file))[1:], dtype=np.float32)
    order = np.random.default_rng(seed).permutation(len(rows))[: records + queries]
    x, y = rows[order, :-1] / 16, rows[order, -1].astype(np.int64)
    return (x[:records], y[:records]), (x[records:], y[records:])


def breast_cancer(seed, records=400, queries=169):
    """Breast cancer (Wisconsin, as scikit-learn carries it): 30 measurements, standardised."""
    # without importing the package, which needs others
    folder = Path(find_spec("sklearn").origin).parent
    rows = np.genfromtxt(folder / "datasets/data/breast_cancer.csv", delimiter=",", skip_header=1)
    x, y = rows[:, :-1], rows[:, -1]
    order = np.random.default_rng(seed).permutation(len(x))[: records + queries]
    x, y = x[order], y[order].astype(np.int64)
    x = ((x - x[:records].mean(0)) / x[:records].std(0)).astype(np.float32)
    return (x[:records], y[:records]), (x[records:], y[records:])


def clouds(seed, records, queries, features, classes):
    """Ten overlapping clouds, cut at zero as the outputs of a ReLU are."""
    random = np.random.default_rng(seed)
    total = records + queries
    y = random.integers(0, classes, total)
    centres = random.normal(0, 0.15, (classes, features))
    x = np.maximum(centres[y] + random.normal(0, 1, (total, features)), 0).astype(np.float32)
    return (x[:records], y[:records]), (x[records:], y[records:])


def mislabelled(y, share, classes, seed):
    """Labels of which `share` are false, and which those are."""
    random = np.random.default_rng(seed)
    wrong = np.zeros(len(y), dtype=bool)
    wrong[random.permutation(len(y))[: round(share * len(y))]] = True
    shift = random.integers(1, classes, len(y))
    return np.where(wrong, (y + shift) % classes, y), wrong
