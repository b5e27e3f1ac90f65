"""infini-gram, set up well: the index in memory, no prefetching, its C++ calls without the checks that
its Python wrapper makes."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from infini_gram.engine import InfiniGramEngine

from timing import once

SEPARATOR = b"\xff\xff"


def build(folder, documents, threads):
    """Writes tokens and offsets, then has its own program sort them; seconds that took, and bytes."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    at, offsets = 0, []
    with open(folder / "tokenized.0", "wb") as file:
        for document in documents:
            offsets.append(at)
            at += file.write(SEPARATOR + np.frombuffer(document, dtype=np.uint8).astype("<u2").tobytes())
    np.array(offsets, dtype="<u8").tofile(folder / "offset.0")
    (folder / "text").mkdir()
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    command = [
        sys.executable,
        "-m",
        "infini_gram.indexing",
        "--data_dir",
        folder / "text",
        "--save_dir",
        folder,
        "--token_dtype",
        "u16",
        "--shards",
        "1",
        "--cpus",
        threads,
        "--mem",
        "8",
        "--ulimit",
        files,
    ]
    seconds, done = once(
        lambda: subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    )
    if done.returncode != 0 or not (folder / "table.0").exists():
        raise SystemExit(f"infini-gram built no index:\n{done.stdout}{done.stderr}")
    return seconds, sum((folder / name).stat().st_size for name in ("tokenized.0", "table.0", "offset.0"))


def opened(folder, tuned=True):
    if not tuned:
        return InfiniGramEngine(index_dir=str(folder), eos_token_id=0, token_dtype="u16").engine
    return InfiniGramEngine(
        index_dir=str(folder),
        eos_token_id=0,
        token_dtype="u16",
        load_to_ram=True,
        ds_prefetch_depth=0,
        sa_prefetch_depth=0,
        od_prefetch_depth=0,
    ).engine


def counts(engine, queries):
    """Counts, and seconds of each."""
    return timed(lambda query: engine.count(input_ids=query).count, queries)


def attributions(engine, queries, min_len, max_count):
    """Spans (start, end, count), and seconds of each query."""

    def attribute(query):
        return engine.attribute(
            input_ids=query, delim_ids=[], min_len=min_len, max_cnt=max_count, enforce_bow=False
        )

    found, times = timed(attribute, queries)
    return [[(s.l, s.r, s.count) for s in f.spans] for f in found], times


def timed(function, queries):
    out, times = [], []
    for query in queries:
        start = time.perf_counter()
        value = function(query)
        times.append(time.perf_counter() - start)
        out.append(value)
    return out, times


def forget(*paths):
    """Drops files from the page cache."""
    os.sync()
    for path in paths:
        own = os.open(path, os.O_RDONLY)
        os.posix_fadvise(own, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(own)
