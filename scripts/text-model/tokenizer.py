"""Byte-level BPE, as node/engine/src/text/tokenizer.rs reads it; docs/text.md has the rules."""

from collections import Counter, defaultdict

# Token 0 stands before a text and ends it, 1 to 256 are the bytes, then every merge in order.
END, FIRST_BYTE, FIRST_MERGE = 0, 1, 257
# No piece is longer, in bytes.
LONGEST_PIECE = 64


def kind(byte):
    """Letter, digit or other; bytes beyond ASCII are letters."""
    if byte >= 0x80 or chr(byte).isalpha():
        return 0
    return 1 if chr(byte).isdigit() else 2


def pieces(text):
    """What merges stay within: bytes of one kind, with the space before them. `text` is normalised."""
    data = (" " + text).encode()
    start = 0
    for at in range(1, len(data) + 1):
        inside = at < len(data) and data[at] != 0x20 and at - start < LONGEST_PIECE
        if not inside or (data[at - 1] != 0x20 and kind(data[at]) != kind(data[at - 1])):
            yield data[start:at]
            start = at


def merged(tokens, pair, token):
    """`tokens` with every `pair`, from the left, replaced by `token`."""
    out, at = [], 0
    while at < len(tokens):
        if tuple(tokens[at : at + 2]) == pair:
            out.append(token)
            at += 2
        else:
            out.append(tokens[at])
            at += 1
    return out


def train(texts, vocabulary):
    """The merges of the most frequent pairs, ties to the lower pair."""
    counts = Counter(piece for text in texts for piece in pieces(text))
    words = [([FIRST_BYTE + byte for byte in piece], count) for piece, count in sorted(counts.items())]
    pairs, where = Counter(), defaultdict(set)
    for at, (tokens, count) in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            pairs[pair] += count
            where[pair].add(at)
    merges = []
    while FIRST_MERGE + len(merges) < vocabulary:
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        if pairs[best] < 2:
            break
        token = FIRST_MERGE + len(merges)
        merges.append(best)
        for at in sorted(where[best]):
            tokens, count = words[at]
            for pair in zip(tokens, tokens[1:]):
                pairs[pair] -= count
            tokens = merged(tokens, best, token)
            for pair in zip(tokens, tokens[1:]):
                pairs[pair] += count
                where[pair].add(at)
            words[at] = (tokens, count)
        del pairs[best]
    return merges


class Tokenizer:
    """Text to tokens."""

    def __init__(self, merges):
        self.ranks = {tuple(pair): i for i, pair in enumerate(merges)}
        self.size = FIRST_MERGE + len(merges)
        self.known = {}

    def piece(self, data):
        """The tokens of one piece: the earliest merge first, from the left."""
        if data not in self.known:
            tokens = [FIRST_BYTE + byte for byte in data]
            while len(tokens) > 1:
                pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, self.size))
                if pair not in self.ranks:
                    break
                tokens = merged(tokens, pair, FIRST_MERGE + self.ranks[pair])
            self.known[data] = tokens
        return self.known[data]

    def encode(self, text):
        """The tokens of a text, without the ends."""
        return [token for piece in pieces(text) for token in self.piece(piece)]
