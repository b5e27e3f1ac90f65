"""Spans of an answer in the corpus."""

import json
import os
import shutil
from pathlib import Path

import infini_side as peer
from corpus import LARGEST, SMALLEST, Corpus
from page import Page
from timing import median, once, ratio, show, spread

MIN_LEN, MAX_COUNT, ANSWER = 16, 10, 500


def run(engine, quick):
    page = Page("spans", "Spans: counts and attribution")
    corpus = Corpus(quick)
    tokens, documents = len(corpus.tokens), len(corpus.documents)
    page.say(
        f"{tokens:,} byte tokens stored as u16, {documents:,} documents of "
        f"{corpus.contributors.max() + 1} contributors: Python sources of {SMALLEST:,} to {LARGEST:,} bytes, "
        "and the four largest, from the pinned packages that the benchmark installs, a contributor for each "
        f"of their folders (SHA-256 {corpus.digest}…). One document in forty is held out, and answers are "
        "pieces of those. infini-gram has its index in memory and prefetches nothing, which is its fastest "
        "setting here; its C++ calls are timed without its Python checks, the engine's answers in process "
        "from tokens to JSON, contributors' shares included. p50 of each round, rounds in turn."
    )
    side = Side(engine, corpus)
    builds(page, side, corpus, quick)
    queries(page, side, corpus, quick)
    edges(page, side, corpus)
    return page


class Side:
    """The engine's files and commands."""

    def __init__(self, engine, corpus):
        self.engine = engine
        corpus.tokens.tofile(engine.path("tokens.u16"))
        engine.save("offsets.npy", corpus.offsets)
        engine.save("contributors.npy", corpus.contributors)
        self.index = engine.path("index")
        self.theirs = engine.path("infini")

    def build(self):
        shutil.rmtree(self.index, ignore_errors=True)
        out, _ = self.engine.run(
            "spans",
            "build",
            "--tokens",
            self.engine.path("tokens.u16"),
            "--doc-offsets",
            self.engine.path("offsets.npy"),
            "--contributors",
            self.engine.path("contributors.npy"),
            "--out",
            self.index,
            "--threads",
            self.engine.threads,
        )
        return json.loads(out)

    def save(self, name, queries):
        path = self.engine.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps({"tokens": query}) + "\n" for query in queries)
        return path

    def count(self, path):
        return self.ask("count", path)

    def attribute(self, path):
        return self.ask("attribute", path, "--min-len", MIN_LEN, "--max-count", MAX_COUNT)

    def ask(self, command, path, *options):
        """Answers, and their p50 in seconds."""
        out, err = self.engine.run(
            "spans", command, "--index", self.index, "--queries", path, "--timings", *options
        )
        times = json.loads(err.strip().splitlines()[-1])
        return [json.loads(line) for line in out.splitlines()], times["p50_us"] / 1e6

    def files(self):
        return [str(p) for p in Path(self.index).iterdir() if p.is_file()]


def builds(page, side, corpus, quick):
    size = {}

    def theirs():
        shutil.rmtree(side.theirs, ignore_errors=True)
        seconds, size["theirs"] = peer.build(side.theirs, corpus.documents, side.engine.threads)
        return seconds

    own, peers = [], []
    for _ in range(1 if quick else 3):
        peers.append(theirs())
        seconds, summary = once(side.build)
        own.append(seconds)
    tokens = len(corpus.tokens)
    size["own"] = sum(os.path.getsize(path) for path in side.files())
    faster = ratio(peers, own)
    page.table(
        ["", "build", "bytes a token"],
        [
            ("engine, whole process from tokens to index", spread(own), f"{size['own'] / tokens:.2f}"),
            (
                "infini-gram, its sorting of tokens already written",
                spread(peers),
                f"{size['theirs'] / tokens:.2f}",
            ),
            ("ratio", f"{faster:.1f}", f"{size['theirs'] / size['own']:.2f}"),
        ],
    )
    page.ratio("spans build, infini-gram", faster)
    page.promise("spans build against infini-gram", "≥ 3 ×", f"{faster:.1f} ×", faster >= 3)
    page.promise("index with its tables", "≤ 6 B/token", f"{size['own'] / tokens:.2f}", size["own"] <= 6 * tokens)
    assert summary["tokens"] == tokens


def queries(page, side, corpus, quick):
    asked = corpus.counts(400 if quick else 4000, 1)
    answers = corpus.answers(20 if quick else 100, ANSWER, 2)
    count_file, answer_file = side.save("counts.jsonl", asked), side.save("answers.jsonl", answers)
    cold = cold_starts(side, count_file, asked)
    engine = peer.opened(side.theirs)
    rounds = 3 if quick else 7
    own, theirs = {"count": [], "attribute": []}, {"count": [], "attribute": []}
    for _ in range(rounds):
        counted, times = peer.counts(engine, asked)
        theirs["count"].append(median(times))
        found, p50 = side.count(count_file)
        own["count"].append(p50)
        spans, times = peer.attributions(engine, answers, MIN_LEN, MAX_COUNT)
        theirs["attribute"].append(median(times))
        attributed, p50 = side.attribute(answer_file)
        own["attribute"].append(p50)
    by_default = median(peer.counts(peer.opened(side.theirs, tuned=False), asked)[1])

    same = sum(a["count"] == b for a, b in zip(found, counted))
    our_spans = [[(s["start"], s["end"], s["count"]) for s in a["spans"]] for a in attributed]
    agreed = sum(sorted(a) == sorted(b) for a, b in zip(our_spans, spans))
    count, attribute = (ratio(theirs[k], own[k]) for k in ("count", "attribute"))
    page.table(
        [
            "",
            "count, p50",
            f"attribute {ANSWER} tokens, p50",
            "start and first count, files not in memory",
            "then",
        ],
        [
            ("engine", spread(own["count"]), spread(own["attribute"]), *map(show, cold["own"])),
            ("infini-gram", spread(theirs["count"]), spread(theirs["attribute"]), *map(show, cold["theirs"])),
            (
                "ratio",
                f"{count:.1f}",
                f"{attribute:.1f}",
                *(f"{t / o:.1f}" for t, o in zip(cold["theirs"], cold["own"])),
            ),
            ("infini-gram by its defaults", show(by_default), "", "", ""),
        ],
    )
    page.say(
        f"{len(asked):,} counts of 1 to 64 tokens, {same:,} of them equal; {len(answers)} answers, spans of at "
        f"least {MIN_LEN} tokens with at most {MAX_COUNT} occurrences, {sum(map(len, our_spans)):,} spans in "
        f"all, the same in {agreed} answers; {rounds} rounds."
    )
    page.ratio("spans count, infini-gram", count)
    page.ratio(f"spans attribute {ANSWER} tokens, infini-gram", attribute)
    page.promise("spans count, p50", "≤ 7 µs", show(median(own["count"])), median(own["count"]) <= 7e-6)
    page.promise("spans count against infini-gram", "≥ 5 ×", f"{count:.1f} ×", count >= 5)
    page.promise(
        "spans attribute with shares, p50",
        "≤ 2 ms",
        show(median(own["attribute"])),
        median(own["attribute"]) <= 2e-3,
    )
    page.promise("spans attribute against infini-gram", "≥ 18 ×", f"{attribute:.1f} ×", attribute >= 18)
    page.promise("counts equal infini-gram's", "all", f"{same:,} of {len(asked):,}", same == len(asked))


def cold_starts(side, path, asked):
    """Seconds to open the index and count once, first with its files dropped from memory, then not."""
    one = side.save("one.jsonl", asked[:1])
    out = {"own": [], "theirs": []}
    for cold in (True, False):
        if cold:
            peer.forget(*side.files(), *(f"{side.theirs}/{n}.0" for n in ("tokenized", "table", "offset")))
        out["own"].append(once(lambda: side.count(one))[0])
        out["theirs"].append(once(lambda: peer.counts(peer.opened(side.theirs), asked[:1]))[0])
    return out


def edges(page, side, corpus):
    engine, rows, all_same = peer.opened(side.theirs), [], True
    for name, asked in corpus.edges().items():
        theirs = peer.counts(engine, asked)[0]
        own = [a["count"] for a in side.count(side.save("edge.jsonl", asked))[0]]
        same = sum(a == b for a, b in zip(own, theirs))
        all_same &= same == len(asked)
        rows.append((name, len(asked), same))
    page.table(["Counts of", "queries", "equal"], rows)
    page.promise(
        "edge counts equal infini-gram's",
        "all",
        f"{sum(r[2] for r in rows)} of {sum(r[1] for r in rows)}",
        all_same,
    )
