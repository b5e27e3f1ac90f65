"""Checks what the engine makes of an embedding model against two references: the pieces of the Python
package `tokenizers`, and a forward pass of BERT in float64.

    python check.py MODEL_DIR ENGINE MODEL.onnx

Exits 1 when any text's pieces differ, or any embedding's cosine with the reference is below 0.9999.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile
import unicodedata

import numpy as np
from tokenizers import Tokenizer

from export import read_safetensors

COSINE = 0.9999

TEXTS = """\
What did the harbour master say about the storm?
The quick brown fox jumps over the lazy dog.
It cost $1,299.99 (about €1,190) – "too much", she said; don't you think so?
Ångström, naïve café, São Paulo, Zürich, ŁÓDŹ, İstanbul, straße, ﬁne, Ⅷ, ½
中国的首都是北京。東京は日本の首都です。서울은 한국의 수도이다.
Привет, мир! Γειά σου Κόσμε. שלום עולם. مرحبا بالعالم. नमस्ते दुनिया
e\u0301 a\u0308 \u200bzero\u200dwidth\ufeff \u00a0nbsp\u3000wide\ttab
😀 emoji 👩‍👩‍👧 and ♥ and ™ and © and §
antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis
[SEP is not closed, #hashtag @name http://example.com/a_b?c=d&e=f
x
1234567890 3.14159 -7 1e-12 0x7fff
don't won't it's the dogs' O'Neill rock'n'roll
MiXeD CaSe TeXt WiTh CAPS
a.b.c,d;e:f!g?h(i)j[k]l{m}n<o>p/q\\r|s~t`u^v_w=x+y-z*"""


def forward(weights, config, ids):
    """Mean of the last hidden states, in float64."""
    heads, width = config["num_attention_heads"], config["hidden_size"]
    w = {name: value.astype(np.float64) for name, value in weights.items()}
    linear = lambda x, name: x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + config["layer_norm_eps"])
        return x * w[f"{name}.weight"] + w[f"{name}.bias"]

    n = len(ids)
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.token_type_embeddings.weight"][0]
    x = norm(x + w["embeddings.position_embeddings.weight"][:n], "embeddings.LayerNorm")
    for i in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{i}"
        parts = [
            linear(x, f"{layer}.attention.self.{kind}").reshape(n, heads, -1).transpose(1, 0, 2)
            for kind in ("query", "key", "value")
        ]
        query, key, value = parts
        raw = query @ key.transpose(0, 2, 1) / np.sqrt(width // heads)
        raw = np.exp(raw - raw.max(-1, keepdims=True))
        mixed = (raw / raw.sum(-1, keepdims=True)) @ value
        mixed = linear(mixed.transpose(1, 0, 2).reshape(n, width), f"{layer}.attention.output.dense")
        x = norm(mixed + x, f"{layer}.attention.output.LayerNorm")
        grown = linear(x, f"{layer}.intermediate.dense")
        grown = 0.5 * grown * (1 + erf(grown / np.sqrt(2)))
        x = norm(linear(grown, f"{layer}.output.dense") + x, f"{layer}.output.LayerNorm")
    return x.mean(0)


erf = np.vectorize(math.erf)


def texts():
    """Texts that try every rule, and one that is too long."""
    lines = [line for line in TEXTS.splitlines() if line.strip()]
    lines.append(" ".join(["the long road to the harbour"] * 80))
    return lines


def every_character():
    """Every character that is assigned and ends no line."""
    known = map(chr, range(0x110000))
    known = [c for c in known if unicodedata.category(c) not in ("Cn", "Cs", "Co")]
    return [c for c in known if len(f"a{c}b".splitlines()) == 1]


def differing(reference, program, model, lines, folder):
    """The lines whose pieces are not the reference's."""
    pieces, _ = engine(program, model, lines, folder, only_pieces=True) if lines else ([], None)
    pairs = zip(lines, pieces, strict=True)
    return [line for line, own in pairs if own != reference.encode(line).ids]


def engine(program, model, lines, folder, only_pieces=False):
    """Pieces and embeddings of `lines` by the engine."""
    paths = [folder / name for name in ("texts.txt", "pieces.jsonl", "out.npy")]
    paths[0].write_text("".join(f"{line}\n" for line in lines))
    command = [program, "retrieval", "embed", "--model", model, "--texts", paths[0]]
    command += ["--pieces", paths[1]] + ([] if only_pieces else ["--out", paths[2]])
    subprocess.run([str(part) for part in command], check=True)
    pieces = [json.loads(line) for line in paths[1].read_text().splitlines()]
    return pieces, None if only_pieces else np.load(paths[2])


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.strip())
    directory, program, model = map(pathlib.Path, sys.argv[1:])
    config = json.loads((directory / "config.json").read_text())
    longest = json.loads((directory / "sentence_bert_config.json").read_text())["max_seq_length"]
    reference = Tokenizer.from_file(str(directory / "tokenizer.json"))
    reference.no_padding()
    reference.enable_truncation(longest)
    weights = read_safetensors(directory / "model.safetensors")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lines = texts()
        pieces, embeddings = engine(program, model, lines, folder)
        worst, apart = 1.0, 0.0
        for line, own, embedding in zip(lines, pieces, embeddings, strict=True):
            wanted = reference.encode(line).ids
            if own != wanted:
                print(f"pieces differ: {line!r}: {own} instead of {wanted}")
                failed = True
            true = forward(weights, config, wanted)
            cosine = embedding @ true / np.linalg.norm(embedding) / np.linalg.norm(true)
            worst = min(worst, cosine)
            apart = max(apart, np.abs(embedding / np.linalg.norm(embedding) - true / np.linalg.norm(true)).max())
        print(f"{len(lines)} texts: least cosine {worst:.9f}, largest difference of an element {apart:.2e}")
        failed |= worst < COSINE
        known = every_character()
        lines = [" ".join(f"a{c}b" for c in known[i : i + 8]) for i in range(0, len(known), 8)]
        others = [c for line in differing(reference, program, model, lines, folder) for c in line[1::4]]
        others = [c for c in differing(reference, program, model, [f"a{c}b" for c in others], folder)]
        # the reference splits words by the categories of an older Unicode
        old = [line for line in others if unicodedata.ucd_3_2_0.category(line[1]) != "Cn"]
        names = ", ".join(f"U+{ord(line[1]):04X}" for line in old)
        print(f"{len(known)} characters: {len(others)} differ, {len(old)} of them older than Unicode 4: {names or 'none'}")
        failed |= bool(old)
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
