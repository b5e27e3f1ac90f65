"""The report: tables and pictures of what the cases found."""

import json

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot

HEAD = """# The engine against its peers

`scripts/bench-engine.sh` runs the engine and its peers in turn on one machine and writes this page: dattri 0.3.0
(influence, Shapley values of neighbours, and the metrics that judge both) and infini-gram 2.6.0 (spans), installed
from their Python packages with exact versions into a folder beside the build.

```
scripts/bench-engine.sh                 # every case, about 20 minutes on two idle cores
scripts/bench-engine.sh softmax spans   # only these
scripts/bench-engine.sh --quick         # few runs and retrainings: to look at, not to quote
```

Times depend on the machine and on what else it does, ratios much less: compare those. *Ratio* is the median over
runs of peer ÷ engine, both measured one after the other. Intervals hold 95 %.
"""


def write(results, out, order):
    pages = [json.loads(p.read_text()) for c in order if (p := results / f"{c}.json").exists()]
    if not pages:
        raise SystemExit(f"there are no results in {results}")
    pictures = out / "bench-engine"
    pictures.mkdir(parents=True, exist_ok=True)
    lines = [HEAD, *wrapped_machine(pages), *promises(pages)]
    ratios = [(what, value, None, None) for page in pages for what, value in page["ratios"]]
    if ratios:
        bars = {"name": "speed", "title": "How many times as long the peer takes", "unit": "peer ÷ engine"}
        lines += ["## Speed", "", picture(bars | {"rows": ratios}, pictures, logarithmic=True), ""]
    for page in pages:
        lines += [f"## {page['title']}", ""]
        for part in page["parts"]:
            lines += [*(table(part) if "rows" in part else wrap(part["text"])), ""]
        for bars in page["bars"]:
            lines += [picture(bars, pictures), ""]
    (out / "bench-engine.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def wrapped_machine(pages):
    own = pages[0]["machine"]
    busy = max(page["machine"]["load"] for page in pages)
    text = f"Measured with {own['threads']} thread{'s' * (own['threads'] > 1)} on {own['cores']} cores of {own['processor']}, {own['day']}"
    if busy > own["cores"] / 4:
        text += f", while others kept the machine busy (load {busy:.1f}), which makes times long and ratios rough"
    if any(page["clock"] == "processor" for page in pages):
        text += "; times are what processors spent, but those of single counts and attributions"
    quick = [p["name"] for p in pages if p["quick"]]
    if quick:
        text += f"; with `--quick`, not to be quoted: {', '.join(quick)}"
    return [*wrap(text + "."), ""]


def promises(pages):
    rows = [
        (p["what"], p["bound"], p["measured"], "yes" if p["kept"] else "**no**")
        for page in pages
        for p in page["promises"]
    ]
    return ["## What must hold", "", *table({"header": ["What", "Bound", "Measured", "Kept"], "rows": rows}), ""]


def table(part):
    line = lambda cells: f"| {' | '.join(cells)} |"
    cell = lambda text: text.replace("|", "\\|")
    rows = [line(map(cell, row)) for row in part["rows"]]
    return [line(map(cell, part["header"])), line("---" for _ in part["header"]), *rows]


def wrap(text, width=115):
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def picture(bars, folder, logarithmic=False):
    """Draws it; the line that shows it."""
    rows = [row for row in bars["rows"] if row[1] == row[1]][::-1]
    figure, axes = pyplot.subplots(figsize=(8, 0.9 + 0.42 * len(rows)))
    for at, (label, value, low, high) in enumerate(rows):
        own = logarithmic or label.startswith("engine")
        axes.barh(at, value, height=0.6, color="#3b6ea5" if own else "#b0b7c3")
        if logarithmic:
            axes.text(value, at, f" {value:,.1f}", va="center", fontsize=8)
        if low is not None:
            axes.errorbar(
                value, at, xerr=[[max(0, value - low)], [max(0, high - value)]], color="black", capsize=3
            )
    axes.set_yticks(range(len(rows)), [row[0] for row in rows])
    axes.set_xlabel(bars["unit"])
    axes.set_title(bars["title"], fontsize=10)
    if logarithmic:
        axes.set_xscale("log")
        axes.axvline(1, color="black", linewidth=0.8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    matplotlib.rcParams["svg.hashsalt"] = bars["name"]
    figure.tight_layout()
    figure.savefig(folder / f"{bars['name']}.svg", metadata={"Date": None})
    pyplot.close(figure)
    return f"![{bars['title']}](bench-engine/{bars['name']}.svg)"
