"""Times of things done in turn, so that what else the machine does falls on all of them alike."""

import resource
import statistics
import time

# seconds on the wall, or those that processors spent on this process and its children, which others' work
# on the same machine changes little
CLOCKS = {"wall": time.perf_counter, "processor": lambda: spent()}
clock = "wall"


def spent():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def now():
    return CLOCKS[clock]()


def in_turn(what, runs, warm_up=1):
    """Seconds of every call of `what` (name to function), `runs` each, first come the warm-ups."""
    times = {name: [] for name in what}
    names = list(what)
    for run in range(-warm_up, runs):
        # nobody always comes first
        shift = run % len(names)
        for name in names[shift:] + names[:shift]:
            start = now()
            what[name]()
            if run >= 0:
                times[name].append(now() - start)
    return times


def once(function):
    """Seconds of one call, and what it returned."""
    start = now()
    value = function()
    return now() - start, value


def median(times):
    return statistics.median(times)


def ratio(peer, own):
    """Median over runs of peer ÷ own, both of the same run; of medians where runs differ in number."""
    if len(peer) == len(own):
        return statistics.median(p / o for p, o in zip(peer, own))
    return median(peer) / median(own)


def show(seconds):
    """A time as people read it."""
    for unit, scale in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}" if seconds < 1000 * scale else f"{seconds:,.0f} s"
    return f"{seconds * 1e9:.3g} ns"


def spread(times):
    """Median, and the least and largest beside it."""
    if len(times) == 1:
        return show(times[0])
    return f"{show(median(times))} ({show(min(times))} – {show(max(times))})"
