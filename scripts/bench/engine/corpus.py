"""A corpus that is the same wherever the benchmark runs: the Python sources of pinned packages, byte by
byte, and queries of it."""

import hashlib
import site
from pathlib import Path

import numpy as np

PACKAGES = ("fsspec", "jinja2", "mpmath", "networkx", "sympy", "torch")
SMALLEST, LARGEST = 1_000, 22_000
LONG = 4
HELD_OUT = 40
LONG_QUERY = 100_000


class Corpus:
    """Documents in an order that hashes of their paths give; one in forty is held out for queries."""

    def __init__(self, quick):
        root = Path(site.getsitepackages()[0])
        paths = [p for package in PACKAGES for p in sorted((root / package).rglob("*.py"))]
        sizes = {p: p.stat().st_size for p in paths}
        name = lambda p: p.relative_to(root).as_posix()
        order = sorted(paths, key=lambda p: hashlib.sha256(name(p).encode()).digest())
        chosen = [p for p in order if SMALLEST <= sizes[p] <= LARGEST]
        if quick:
            chosen = chosen[: len(chosen) // 8]
        long = sorted((p for p in paths if sizes[p] > 1.5 * LONG_QUERY), key=lambda p: (-sizes[p], name(p)))
        kept = [p for at, p in enumerate(chosen) if at % HELD_OUT] + long[:LONG]
        self.documents = [p.read_bytes() for p in kept]
        self.held_out = [p.read_bytes() for at, p in enumerate(chosen) if at % HELD_OUT == 0]
        folders = ["/".join(name(p).split("/")[:2]) for p in kept]
        ids = {folder: at for at, folder in enumerate(sorted(set(folders)))}
        self.contributors = np.array([ids[folder] for folder in folders], dtype=np.int64)
        text = b"".join(self.documents)
        self.tokens = np.frombuffer(text, dtype=np.uint8).astype("<u2")
        lengths = np.array([len(d) for d in self.documents], dtype=np.int64)
        self.offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        self.digest = hashlib.sha256(text).hexdigest()[:16]

    def counts(self, number, seed):
        """Sequences of 1 to 64 tokens: half from the corpus, a quarter from held-out documents, the rest
        from the corpus with one token changed."""
        random = np.random.default_rng(seed)
        queries = []
        for at in range(number):
            source = self.held_out if at % 4 == 2 else self.documents
            query = piece(random, source, int(2 ** random.uniform(0, 6)))
            if at % 4 == 3:
                query[int(random.integers(len(query)))] = int(random.integers(256))
            queries.append(query)
        return queries

    def answers(self, number, length, seed):
        """Pieces of held-out documents."""
        random = np.random.default_rng(seed)
        return [piece(random, self.held_out, length) for _ in range(number)]

    def edges(self):
        """What goes wrong most easily, by name."""
        present = sorted(set(np.unique(self.tokens).tolist()))
        absent = next(t for t in range(256) if t not in present)
        lowest = present[0]
        long = [list(d[7 : 7 + LONG_QUERY]) for d in self.documents if len(d) >= LONG_QUERY + 7]
        broken = [query[: LONG_QUERY // 2] + [absent] + query[LONG_QUERY // 2 + 1 :] for query in long]
        first, second = self.documents[:2]
        return {
            "an absent token": [[absent], [97, absent], [absent, 97], [300], [65_000]],
            "shorter than any window": [[t] for t in present] + [[32, 32], [10, 32, 32]],
            "sorting before every suffix": [[0], [0] * 9, [lowest], [lowest] * 5, [lowest] * 300],
            "sorting after every suffix": [[65_534], [present[-1]], [present[-1]] * 5, [present[-1]] * 300],
            "over the end of a document": [
                list(first[-8:]) + list(second[:8]),
                list(first[-1:]) + list(second[:1]),
                list(self.documents[-1][-20:]),
                list(self.documents[-1][-20:]) + [10],
            ],
            "a whole document": [list(d) for d in self.documents[:5]],
            "100,000 tokens": long + broken,
        }


def piece(random, documents, length):
    """`length` tokens of some document, or as many as it has."""
    own = documents[int(random.integers(len(documents)))]
    start = int(random.integers(max(1, len(own) - length + 1)))
    return list(own[start : start + length])
