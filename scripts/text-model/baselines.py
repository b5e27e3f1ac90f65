"""Perplexity of simple models on held-out texts, by the language model's own tokens.

    baselines.py RECORDS.jsonl MODEL.onnx HELD_OUT.csv

Unigrams with one added to every count, and interpolated Kneser-Ney trigrams (Chen & Goodman 1998)
with one discount for each order, n1 / (n1 + 2 n2).
"""

import csv
import json
import math
import sys
from collections import Counter

import onnx

import tokenizer


def read(records, model, held_out):
    """The tokenizer, and the tokens of both sets of texts, each with END before and after."""
    props = {entry.key: entry.value for entry in onnx.load(model).metadata_props}
    own = tokenizer.Tokenizer(json.loads(props["openledger.text"])["merges"])
    with open(records, encoding="utf-8") as file:
        known = [json.loads(line)["text"] for line in file]
    with open(held_out, encoding="utf-8", newline="") as file:
        new = [" ".join(row["text"].split()) for row in csv.DictReader(file)]
    around = lambda text: [tokenizer.END, *own.encode(text), tokenizer.END]
    return own.size, [around(text) for text in known], [around(text) for text in new]


class KneserNey:
    """Order n on order n - 1; the lowest on the uniform distribution."""

    def __init__(self, texts, order, size):
        counts = Counter()
        for text in texts:
            padded = [tokenizer.END] * (order - 2) + text
            counts.update(tuple(padded[i : i + order]) for i in range(len(padded) - order + 1))
        self.size, self.levels = size, []
        for _ in range(order, 0, -1):
            of = Counter(counts.values())
            followers, totals = Counter(), Counter()
            for gram, count in counts.items():
                followers[gram[:-1]] += 1
                totals[gram[:-1]] += count
            self.levels.append((counts, followers, totals, of[1] / (of[1] + 2 * of[2])))
            # lower orders count in how many contexts a gram stands
            counts = Counter(gram[1:] for gram in counts)

    def probability(self, gram):
        probability = 1 / self.size
        for counts, followers, totals, discount in reversed(self.levels):
            part = gram[len(gram) - len(next(iter(counts))) :]
            total = totals[part[:-1]]
            if total:
                kept = max(counts[part] - discount, 0) / total
                probability = kept + discount * followers[part[:-1]] / total * probability
        return probability


def perplexity(texts, order, probability):
    """Of every token but the first END."""
    nats, tokens = 0.0, 0
    for text in texts:
        padded = [tokenizer.END] * (order - 2) + text
        for end in range(max(order - 1, 1), len(padded)):
            nats -= math.log(probability(tuple(padded[end - order + 1 : end + 1])))
            tokens += 1
    return math.exp(nats / tokens), tokens


def main(records, model, held_out):
    size, known, new = read(records, model, held_out)
    counts = Counter(token for text in known for token in text[1:])
    whole = sum(counts.values()) + size
    found, tokens = perplexity(new, 1, lambda gram: (counts[gram[-1]] + 1) / whole)
    print(f"{tokens} tokens; unigrams: perplexity {found:.2f}")
    trigrams = KneserNey(known, 3, size)
    print(f"Kneser-Ney trigrams: perplexity {perplexity(new, 3, trigrams.probability)[0]:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
