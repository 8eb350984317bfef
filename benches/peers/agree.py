#!/usr/bin/env python3
"""agree.py [--truth truth.json] [--cells] DIR DIR ... : do the result folders agree?

Always compares every figure of totals.json (phases left out); with --truth the injected counts too; with --cells every cell of both workbooks
(needs python-calamine), numbers to half a hundredth, dates as days or times, nulls and empty text alike. Exit 1 on any difference.
"""
import argparse, datetime as dt, json, os, sys


def load(d):
    t = json.load(open(os.path.join(d, "totals.json")))
    t.pop("phases", None)
    return json.loads(json.dumps(t, sort_keys=True))


def norm(v):
    if v is None or v == "":
        return ""
    if isinstance(v, bool):
        return v
    if isinstance(v, (int, float)):
        return round(float(v), 4)
    if isinstance(v, dt.datetime):
        return v.isoformat(sep=" ")[:19]
    if isinstance(v, dt.date):
        return v.isoformat() + " 00:00:00"
    return str(v)


def cells(p):
    from python_calamine import CalamineWorkbook
    wb = CalamineWorkbook.from_path(p)
    out = {}
    for s in wb.sheet_names:
        rows = [[norm(v) for v in r] for r in wb.get_sheet_by_name(s).to_python()]
        for r in rows:
            while r and r[-1] == "":
                r.pop()
        out[s] = rows
    return out


ap = argparse.ArgumentParser()
ap.add_argument("dirs", nargs="+")
ap.add_argument("--truth")
ap.add_argument("--cells", action="store_true")
a = ap.parse_args()
ref, bad = load(a.dirs[0]), 0
for d in a.dirs[1:]:
    t = load(d)
    for key in sorted(set(ref) | set(t)):
        if ref.get(key) != t.get(key):
            bad += 1
            print(f"{d}: {key} differs: {str(ref.get(key))[:200]} <> {str(t.get(key))[:200]}")
if a.truth:
    g = json.load(open(a.truth))
    want = {**{f"mismatches.{q}": v for q, v in g["mismatches"].items()}, "orders": g["rows"]["orders"], "events": g["rows"]["tracking"], "payout_rows": g["rows"]["payouts"],
            "test_orders": g["totals"]["test_orders"], "shipments": g["totals"]["shipments"], "due": g["totals"]["due_orders"], "expected_due_cents": g["totals"]["expected_due_cents"]}
    for q, v in want.items():
        got = ref["mismatches"].get(q[11:], 0) if q.startswith("mismatches.") else ref[q]
        if got != v:
            bad += 1
            print(f"{a.dirs[0]}: {q} is {got}, injected {v}")
    if sum(r[2] for r in ref["tracking_rate"]) != g["totals"]["tracking_rate_den"] or sum(r[3] for r in ref["tracking_rate"]) != g["totals"]["tracking_rate_filled"]:
        bad += 1
        print("tracking rate differs from what was injected")
if a.cells:
    for f in ("report.xlsx", "tracking_errors.xlsx"):
        x = cells(os.path.join(a.dirs[0], f))
        for d in a.dirs[1:]:
            y = cells(os.path.join(d, f))
            for s in sorted(set(x) | set(y)):
                r1, r2 = x.get(s, []), y.get(s, [])
                if len(r1) != len(r2):
                    bad += 1
                    print(f"{d}/{f} {s}: {len(r1)} rows <> {len(r2)}")
                    continue
                n = [i for i in range(len(r1)) if r1[i] != r2[i]]
                if n:
                    bad += 1
                    print(f"{d}/{f} {s}: {len(n)} of {len(r1)} rows differ, first {n[0]}: {r1[n[0]]} <> {r2[n[0]]}")
print("agree" if not bad else f"{bad} differences")
sys.exit(1 if bad else 0)
