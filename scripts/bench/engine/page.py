"""What a case found, as its page of the report: sentences, tables, bars and promises."""


class Page:
    """One case's part of the report."""

    def __init__(self, name, title):
        self.value = {"name": name, "title": title, "parts": [], "promises": [], "bars": [], "ratios": []}

    def say(self, text):
        self.value["parts"].append({"text": text})

    def table(self, header, rows):
        self.value["parts"].append({"header": header, "rows": [[str(c) for c in row] for row in rows]})

    def bars(self, name, title, unit, rows):
        """A picture; rows are (label, value, low, high)."""
        self.value["bars"].append({"name": name, "title": title, "unit": unit, "rows": rows})

    def ratio(self, what, value):
        """How many times as long a peer takes, for the picture of all of them."""
        self.value["ratios"].append((what, value))

    def promise(self, what, bound, measured, kept):
        """Something the engine must show."""
        self.value["promises"].append({"what": what, "bound": bound, "measured": measured, "kept": bool(kept)})


def interval(mean, ends, digits=3):
    """`.867 (.851 – .881)`."""
    if mean != mean:
        return "NaN"
    low, high = ends
    return f"{mean:.{digits}f} ({low:.{digits}f} – {high:.{digits}f})"
