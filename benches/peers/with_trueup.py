#!/usr/bin/env python3
"""The reference job by trueup: a run, and the job's totals from what the run published.

    with_trueup.py --in DIR --out DIR [--format csv|xlsx] [--as-of 2026-01-31] [--trueup PROGRAM]

DIR holds `orders`, `tracking` and `payouts`; the pipeline and its packs are put beside them. The run is published below `--out`; `totals.json` in
`--out` holds the figures that the programs of the job are compared by. They are counted from the published files only: `run.json`,
`findings.csv`, `day-shipping.csv` and `data/*.parquet`. Needs duckdb.
"""
import argparse, json, pathlib, shutil, subprocess, sys, time

import duckdb

# Pipelines and packs of the job.
REFERENCE = pathlib.Path(__file__).resolve().parent.parent / "reference"
KINDS = {"REF-001": "DELIVERED_CARRIER_DISAGREES", "REF-002": "CARRIER_DELIVERED_NOT_CLOSED", "REF-003": "MISSING_TRACKING", "REF-004": "INVALID_URL",
         "REF-005": "UNPAID", "REF-006": "PAID_TWICE", "REF-007": "COMMISSION_ON_POSTAGE", "REF-008": "UNDERPAID", "REF-009": "UNKNOWN_ORDER"}
PUBLISHED_WITH_REFUSED_ROWS = 4


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--in", dest="data", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--format", choices=["csv", "xlsx"], default="csv")
    parser.add_argument("--as-of", default="2026-01-31")
    parser.add_argument("--trueup", default="trueup")
    return parser.parse_args()


def run(a):
    """The folder of the publication, and the seconds of each stage."""
    shutil.copytree(REFERENCE / "packs", a.data / "packs", dirs_exist_ok=True)
    pipeline = shutil.copy(REFERENCE / f"{a.format}.toml", a.data)
    # A publication is never changed: a second run of the same day would only say that there is one.
    reports = a.out / "reports"
    shutil.rmtree(reports, ignore_errors=True)
    command = [a.trueup, "run", pipeline, "--as-of", a.as_of, "--out", reports, "--log", "json", "--progress", "never"]
    done = subprocess.run(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    if done.returncode not in (0, PUBLISHED_WITH_REFUSED_ROWS):
        sys.exit(f"trueup ended with {done.returncode}: {done.stderr[-2000:]}")
    phases = {}
    for line in done.stderr.splitlines():
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("message") == "done":
            phases[told["stage"]] = told["milliseconds"] / 1000
    name = (reports / "reference" / "latest").read_text().strip()
    return reports / "reference" / name, phases


def totals(folder, as_of):
    db = duckdb.connect()
    frame = lambda name: f"read_parquet('{folder}/data/{name}.parquet')"
    table = lambda name: f"read_csv('{folder}/{name}.csv', header=true, all_varchar=true)"
    rows = lambda query: db.sql(query).fetchall()
    manifest = json.loads((folder / "run.json").read_text())
    read = {entry["kind"]: entry["rows"] for entry in manifest["inputs"]}
    db.execute(f"""CREATE TABLE j AS SELECT f.order_no, f.test, f.status, f.cancel_actor, f.currency, f.eligible, f.payout_on, f.paid, f.expected_payout, o.product_type AS market, strftime(f.created_on, '%Y-%m') AS month,
        f.status IN ('shipped', 'delivered', 'returned') AND NOT f.own_delivery AS den, f.eligible AND f.payout_on <= DATE '{as_of}' AS due,
        coalesce(f.paid, 0) - f.refunded AS received
      FROM {frame('order_facts')} f JOIN {frame('orders')} o USING (order_key)""")
    db.execute(f"CREATE TABLE found AS SELECT DISTINCT code, order_no FROM {table('findings')}")
    db.execute("CREATE TABLE of_order AS SELECT found.code, j.* FROM found LEFT JOIN j ON j.order_no = found.order_no AND NOT j.test")
    kinds = {KINDS[code]: count for code, count in rows("SELECT code, count(*) FROM found GROUP BY 1")}
    unknown = rows(f"""SELECT coalesce(sum(amount), 0)::BIGINT FROM {frame('payout_facts')} WHERE kind <> 'refund'
        AND order_no IN (SELECT order_no FROM found WHERE code = 'REF-009')""")[0][0]
    rate = """SELECT month, market, count(*), count(*) - count(missing.code), count(*) - count(missing.code) - count(bad.code) FROM j
        LEFT JOIN found missing ON missing.order_no = j.order_no AND missing.code = 'REF-003'
        LEFT JOIN found bad ON bad.order_no = j.order_no AND bad.code = 'REF-004' WHERE NOT test AND den GROUP BY 1, 2 ORDER BY 1, 2"""
    cancelled = """SELECT month, market, count(*), count(*) FILTER (status = 'cancelled'),
        count(*) FILTER (status = 'cancelled' AND cancel_actor = 'partner') FROM j WHERE NOT test GROUP BY 1, 2 ORDER BY 1, 2"""
    cents = lambda column: f"sum(({column}::DECIMAL(18, 2) * 100)::BIGINT)::BIGINT"
    days = rows(f"""SELECT count(*), sum(orders_paid::BIGINT)::BIGINT, {cents('goods_paid')}, {cents('postage_paid')},
        sum(orders_cancelled::BIGINT)::BIGINT, {cents('goods_cancelled')}, {cents('postage_cancelled')} FROM {table('day-shipping')}
        WHERE day IS NOT NULL""")[0]
    calendar = rows("""SELECT payout_on::VARCHAR, currency, count(*), sum(expected_payout)::BIGINT, sum(received)::BIGINT,
        sum(received - expected_payout)::BIGINT, count(*) FILTER (due AND paid IS NULL) FROM j WHERE eligible GROUP BY 1, 2 ORDER BY 1, 2""")
    counts = rows("""SELECT count(*) FILTER (test), count(*) FILTER (eligible), count(*) FILTER (due), sum(expected_payout) FILTER (due)::BIGINT,
        sum(received) FILTER (due)::BIGINT FROM j""")[0]
    mismatches = rows("""SELECT count(*), coalesce(sum(received - expected_payout) FILTER (eligible), 0)::BIGINT FROM of_order""")[0]
    return {
        "orders": read["orders"]["used"], "test_orders": counts[0], "events": read["tracking_events"]["used"],
        "shipments": rows(f"SELECT count(DISTINCT tracking_number) FROM {frame('tracking_events')}")[0][0],
        "payout_rows": read["payout_lines"]["used"], "eligible": counts[1], "due": counts[2],
        "expected_due_cents": counts[3], "received_due_cents": counts[4],
        "tracking_rate": rows(rate), "cancel_rate": rows(cancelled), "mismatches": kinds, "mismatch_rows": mismatches[0],
        "mismatch_difference_cents": mismatches[1] + unknown,
        "mismatch_id_sum": rows("SELECT sum(right(order_no, 9)::BIGINT)::BIGINT FROM found")[0][0],
        "day_method_rows": days[0], "day_method_sums": days[1:], "calendar": calendar,
    }


def main():
    a = arguments()
    a.out.mkdir(parents=True, exist_ok=True)
    folder, phases = run(a)
    since = time.perf_counter()
    figures = totals(folder, a.as_of)
    phases["totals"] = round(time.perf_counter() - since, 3)
    (a.out / "totals.json").write_text(json.dumps({**figures, "phases": phases}, indent=1))


main()
