"""Runs one case of the benchmark, or writes the report of those that ran.

python scripts/bench/engine CASE --engine BINARY --work DIR --out CASE.json --threads N [--clock processor] [--quick]
python scripts/bench/engine report --from DIR --out DIR
"""

import argparse
import importlib
from pathlib import Path

CASES = ("softmax", "large", "neighbours", "mislabelled", "network", "spans")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for case in CASES:
        own = commands.add_parser(case)
        own.add_argument("--engine", required=True)
        own.add_argument("--work", required=True)
        own.add_argument("--out", required=True)
        own.add_argument("--threads", type=int, required=True)
        own.add_argument("--clock", choices=("wall", "processor"), default="wall")
        own.add_argument("--quick", action="store_true")
    report = commands.add_parser("report")
    report.add_argument("--from", dest="results", required=True)
    report.add_argument("--out", required=True)
    args = parser.parse_args()
    if args.command == "report":
        from report import write

        write(Path(args.results), Path(args.out), CASES)
        return
    from files import Engine, machine, write_json
    import timing
    from timing import once, show

    timing.clock = args.clock
    # how busy others keep it, before this does
    own = machine(args.threads)
    case = importlib.import_module(f"case_{args.command}")
    seconds, page = once(lambda: case.run(Engine(args.engine, args.work, args.threads), args.quick))
    page.value |= {"machine": own, "quick": args.quick, "clock": args.clock, "seconds": seconds}
    write_json(args.out, page.value)
    for promise in page.value["promises"]:
        verdict = "kept" if promise["kept"] else "MISSED"
        print(f"{verdict}: {promise['what']}: {promise['measured']} ({promise['bound']})")
    print(f"{args.command} took {show(seconds)}")


main()
