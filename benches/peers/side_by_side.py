#!/usr/bin/env python3
"""The reference job by trueup and its peers in one run, in turn, and whether they agree.

    side_by_side.py --orders N [--format csv|xlsx] [--runs 3] [--only trueup,duckdb,…] [--old PROGRAM] [--work DIR] [--json FILE]

Generates the exports once, builds the release binary, runs each program once unmeasured and `--runs` times in turn (A B C A B C …), so that drift
of the machine hits all alike, compares the figures of all with what was planted, and prints a table in Markdown: wall time (least, median, most),
processor time (user and system) and peak resident memory, as the operating system accounts the finished process and its finished children; the
median of the ratios of each round to the first program; and the medians of the phases that each program tells. `--old PROGRAM` is another trueup,
which runs in the same turns as `trueup-old`. Exit 1 when a program fails or figures differ.
"""
import argparse, json, os, pathlib, statistics, subprocess, sys, time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = ["duckdb", "polars", "pandas"]


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--format", choices=["csv", "xlsx"], default="csv")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", help="names with commas; without it trueup, the old one where given, duckdb and polars, and pandas up to 100,000 orders")
    parser.add_argument("--old", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target" / "peers")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def exports(a):
    """The folder of the generated exports, written once: `truth.json` is the last file that the generator writes."""
    folder = a.work / f"{a.orders}{'-xlsx' if a.format == 'xlsx' else ''}"
    if not (folder / "truth.json").exists():
        workbooks = ["--xlsx"] if a.format == "xlsx" else []
        subprocess.run([sys.executable, HERE / "generate.py", "--orders", str(a.orders), "--out", folder, *workbooks], check=True)
    return folder


def commands(a):
    """Name → command, the first one being the measure of the ratios."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    trueup = lambda program: [sys.executable, HERE / "with_trueup.py", "--trueup", program]
    known = {"trueup": trueup(target / "release" / "trueup")}
    if a.old:
        known["trueup-old"] = trueup(a.old)
    known |= {name: [sys.executable, HERE / f"with_{name}.py"] for name in PEERS}
    chosen = a.only.split(",") if a.only else [name for name in known if name != "pandas" or a.orders <= 100_000]
    if "trueup" in chosen:
        subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=ROOT, check=True)
    return {name: known[name] for name in chosen}


def one_run(a, data, name, command):
    """Seconds, processor seconds, peak MiB and phases of one run of one program."""
    out = a.work / f"out-{name}"
    out.mkdir(parents=True, exist_ok=True)
    since = time.perf_counter()
    process = subprocess.Popen([*command, "--in", data, "--out", out, "--format", a.format], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - since
    if status:
        sys.exit(f"{name} failed: {told[-2000:]}")
    phases = json.loads((out / "totals.json").read_text()).get("phases", {})
    return {"wall": wall, "processor": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / 1024, "phases": phases}


def table(results):
    first = next(iter(results))
    lines = ["| | wall s: least, median, most | processor s | peak MiB | wall ratio | processor ratio | phases, s |", "|---|---|---|---|---|---|---|"]
    for name, runs in results.items():
        median = lambda key: statistics.median(run[key] for run in runs)
        ratio = lambda key: statistics.median(run[key] / base[key] for run, base in zip(runs, results[first]))
        walls = [run["wall"] for run in runs]
        phases = {phase: statistics.median(run["phases"].get(phase, 0) for run in runs) for phase in runs[0]["phases"]}
        told = ", ".join(f"{phase} {seconds:.2f}" for phase, seconds in phases.items())
        lines.append(f"| {name} | {min(walls):.2f}, {median('wall'):.2f}, {max(walls):.2f} | {median('processor'):.2f} | {median('peak'):.0f} "
                     f"| {ratio('wall'):.2f} | {ratio('processor'):.2f} | {told} |")
    return "\n".join(lines)


def main():
    a = arguments()
    a.work = a.work.resolve()
    data, programs = exports(a), commands(a)
    results = {name: [] for name in programs}
    for turn in range(-1, a.runs):
        for name, command in programs.items():
            measured = one_run(a, data, name, command)
            if turn >= 0:
                results[name].append(measured)
    print(f"{a.orders:,} orders as {a.format.upper()}, {a.runs} runs in turn, {os.cpu_count()} cores\n\n{table(results)}\n")
    if a.json:
        a.json.write_text(json.dumps(results, indent=1))
    agreed = subprocess.run([sys.executable, HERE / "agree.py", "--truth", data / "truth.json", *(a.work / f"out-{name}" for name in programs)])
    sys.exit(agreed.returncode)


main()
