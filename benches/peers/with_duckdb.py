#!/usr/bin/env python3
"""The reference job with DuckDB SQL and XlsxWriter (constant memory)."""
import os
import duckdb
import czech_days
import shape as C

a = C.args()
k = C.Clock()
db = duckdb.connect()
if a.memory:
    db.execute(f"SET memory_limit='{a.memory}'")
db.execute("SET preserve_insertion_order=false")
db.execute("CREATE TYPE evt AS ENUM (" + ",".join(f"'{c}'" for c in C.CODES) + ")")
db.execute("CREATE TEMP TABLE cal (d DATE, billing DATE, payout DATE)")
import pyarrow as pa
cal_arrow = pa.table(dict(zip(("d", "billing", "payout"), map(list, zip(*czech_days.table())))))
db.execute("INSERT INTO cal SELECT * FROM cal_arrow")

TY = {c: "VARCHAR" for c in C.ALL_ORDER_COLS}
TY |= dict(created_at="TIMESTAMP", paid_at="TIMESTAMP", shipped_at="TIMESTAMP", delivered_at="TIMESTAMP", cancelled_at="TIMESTAMP", expected_delivery_date="DATE",
           mall_delivery="TINYINT", is_test="TINYINT", goods_amount="DECIMAL(14,2)", postage_amount="DECIMAL(14,2)", commission_rate="DECIMAL(6,4)")
TT = dict(tracking_number="VARCHAR", order_ref="VARCHAR", carrier="VARCHAR", event_at="TIMESTAMP", event_code="evt", event_text="VARCHAR")
TP = dict(statement_id="VARCHAR", order_id="VARCHAR", kind="VARCHAR", amount="DECIMAL(14,2)", currency="VARCHAR", payout_date="DATE")
if a.format == "csv":
    def src(name, ty):
        cols = "{" + ",".join(f"'{c}':'{t}'" for c, t in ty.items()) + "}"
        return f"read_csv('{a.path(name)}', header=true, auto_detect=false, delim=',', quote='\"', escape='\"', new_line='\\n', columns={cols})"
else:
    import fastexcel

    def src(name, ty):
        rd = fastexcel.read_excel(a.path(name))
        tabs = []
        for i in range(len(rd.sheet_names)):
            dts = {c: ("float" if t.startswith("DEC") or t == "TINYINT" else "string") for c, t in ty.items()}
            tabs.append(rd.load_sheet(i, dtypes=dts).to_arrow())
        t = pa.concat_tables(pa.table(x) if not isinstance(x, pa.Table) else x for x in tabs) if len(tabs) > 1 else pa.table(tabs[0])
        db.register("raw_" + name, t)
        return "(SELECT " + ",".join(f"CAST({c} AS {ty[c]}) {c}" for c in ty) + f" FROM raw_{name})"

db.execute(f"""CREATE TEMP TABLE o AS SELECT order_id, marketplace, created_at, status, shipping_method, carrier, mall_delivery = 1 AS md, tracking_number, tracking_url,
  (goods_amount*100)::BIGINT goods, (postage_amount*100)::BIGINT post, currency, (commission_rate*10000)::BIGINT bp, paid_at, delivered_at, cancelled_at, cancelled_by,
  is_test = 1 AS test FROM {src('orders', TY)}""")
db.execute(f"""CREATE TEMP TABLE latest AS SELECT tracking_number, count(*) n, max(epoch(event_at)::BIGINT*16 + enum_code(event_code)) k FROM {src('tracking', TT)} GROUP BY 1""")
db.execute(f"""CREATE TEMP TABLE pay AS SELECT order_id, count(*) n, count(*) FILTER (kind='sale') n_sale, coalesce(sum((amount*100)::BIGINT) FILTER (kind<>'refund'),0)::BIGINT recv,
  coalesce(-sum((amount*100)::BIGINT) FILTER (kind='commission'),0)::BIGINT charged, max(payout_date) last_date, max(currency) cur FROM {src('payouts', TP)} GROUP BY 1""")
k.lap("read")

db.execute(f"""CREATE TEMP TABLE j AS
WITH b AS (SELECT o.*, strftime(created_at,'%Y-%m') AS month, coalesce(o.tracking_number,'')<>'' AS has_no, coalesce(tracking_url,'')<>'' AS has_url,
   status IN ('SHIPPED','DELIVERED','RETURNED') AND NOT md AS den, l.k AS ek, status='DELIVERED' AND delivered_at IS NOT NULL AS elig,
   cal.billing, cal.payout, p.n AS pn, p.n_sale, p.recv, p.charged, (goods*bp+5000)//10000 AS com, ((goods+post)*bp+5000)//10000 AS comp
  FROM o LEFT JOIN latest l ON o.tracking_number=l.tracking_number LEFT JOIN pay p ON o.order_id=p.order_id LEFT JOIN cal ON cal.d = o.delivered_at::DATE WHERE NOT test)
SELECT order_id, marketplace, month, status, shipping_method, carrier, tracking_number, tracking_url, currency, goods, post, paid_at, delivered_at, cancelled_at, cancelled_by,
  has_no, has_url, den, ek, elig, billing, payout, pn, n_sale, recv, charged, com, comp, goods-com+post AS expected, elig AND payout <= DATE '{a.as_of}' AS due,
  coalesce(n_sale=1 AND charged>com+1 AND charged=comp, false) AS cop, den AND has_no AND has_url AND NOT regexp_matches(tracking_url, '{C.URL_RE}') AS badurl FROM b""")
tr = db.sql("SELECT month, marketplace, count(*), count(*) FILTER (has_no AND has_url), count(*) FILTER (has_no AND has_url AND NOT badurl) FROM j WHERE den GROUP BY 1,2 ORDER BY 1,2").fetchall()
cr = db.sql("SELECT month, marketplace, count(*), count(*) FILTER (status='CANCELLED'), count(*) FILTER (status='CANCELLED' AND cancelled_by='partner') FROM j GROUP BY 1,2 ORDER BY 1,2").fetchall()
db.execute(f"""CREATE TEMP TABLE mm AS
WITH f AS (SELECT *, status='DELIVERED' AND has_no AND (ek IS NULL OR ek%16 IN (0,8)) f1, coalesce(status='SHIPPED' AND ek%16=7,false) f2, den AND NOT (has_no AND has_url) f3, badurl f4,
    coalesce(due AND pn IS NULL,false) f5, coalesce(n_sale>=2,false) f6, cop f7, coalesce(due AND n_sale=1 AND NOT cop AND recv-expected < -1,false) f8 FROM j),
 g AS (SELECT * FROM f WHERE f1 OR f2 OR f3 OR f4 OR f5 OR f6 OR f7 OR f8),
 h AS (SELECT 'DELIVERED_CARRIER_DISAGREES' kind, * FROM g WHERE f1 UNION ALL SELECT 'CARRIER_DELIVERED_NOT_CLOSED', * FROM g WHERE f2 UNION ALL SELECT 'MISSING_TRACKING', * FROM g WHERE f3
  UNION ALL SELECT 'INVALID_URL', * FROM g WHERE f4 UNION ALL SELECT 'UNPAID', * FROM g WHERE f5 UNION ALL SELECT 'PAID_TWICE', * FROM g WHERE f6
  UNION ALL SELECT 'COMMISSION_ON_POSTAGE', * FROM g WHERE f7 UNION ALL SELECT 'UNDERPAID', * FROM g WHERE f8)
SELECT kind, order_id, marketplace, status, shipping_method, carrier, tracking_number, enum_range(NULL::evt)[ek%16+1]::VARCHAR AS carrier_event, make_timestamp((ek//16)*1000000) AS carrier_event_at, delivered_at,
  CASE WHEN elig THEN billing END AS billing_date, CASE WHEN elig THEN payout END AS payout_date, currency,
  CASE WHEN elig THEN expected END AS expected, CASE WHEN elig THEN coalesce(recv,0) END AS received, CASE WHEN elig THEN coalesce(recv,0)-expected END AS difference, tracking_url, month FROM h
UNION ALL SELECT 'UNKNOWN_ORDER', order_id, NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,last_date,cur,0,recv,recv,NULL,NULL FROM pay p WHERE NOT EXISTS (SELECT 1 FROM o WHERE o.order_id=p.order_id)""")
dm = db.sql("""SELECT day, shipping_method, currency, sum(po)::BIGINT, sum(pg)::BIGINT, sum(pp)::BIGINT, sum(co)::BIGINT, sum(cg)::BIGINT, sum(cp)::BIGINT FROM (
  SELECT paid_at::DATE AS day, shipping_method, currency, 1 po, goods pg, post pp, 0 co, 0 cg, 0 cp FROM j WHERE paid_at IS NOT NULL
  UNION ALL SELECT cancelled_at::DATE, shipping_method, currency, 0, 0, 0, 1, goods, post FROM j WHERE paid_at IS NOT NULL AND status='CANCELLED' AND cancelled_at IS NOT NULL)
  GROUP BY 1,2,3 ORDER BY 1,2,3""").fetchall()
cal = db.sql("""SELECT payout, currency, count(*), sum(expected)::BIGINT, sum(coalesce(recv,0))::BIGINT, sum(coalesce(recv,0)-expected)::BIGINT, count(*) FILTER (due AND pn IS NULL)
  FROM j WHERE elig GROUP BY 1,2 ORDER BY 1,2""").fetchall()
one = lambda q: db.sql(q).fetchall()[0]
n_o, n_t = one("SELECT count(*), count(*) FILTER (test) FROM o")
n_s, n_e = one("SELECT count(*), sum(n)::BIGINT FROM latest")
(n_p,) = one("SELECT sum(n)::BIGINT FROM pay")
el, du, ex, rc = one("SELECT count(*) FILTER (elig), count(*) FILTER (due), sum(expected) FILTER (due)::BIGINT, sum(coalesce(recv,0)) FILTER (due)::BIGINT FROM j")
n_mm, dsum, idsum = one("SELECT count(*), sum(difference)::BIGINT, sum(right(order_id,9)::BIGINT)::BIGINT FROM mm")
t = {"orders": n_o, "test_orders": n_t, "events": n_e, "shipments": n_s, "payout_rows": n_p, "eligible": el, "due": du, "expected_due_cents": ex, "received_due_cents": rc,
     "tracking_rate": tr, "cancel_rate": cr, "mismatches": dict(db.sql("SELECT kind, count(*) FROM mm GROUP BY 1").fetchall()), "mismatch_rows": n_mm,
     "mismatch_difference_cents": dsum, "mismatch_id_sum": idsum, "day_method_rows": len(dm), "day_method_sums": [sum(c) for c in list(zip(*dm))[3:]],
     "calendar": cal}
mmr = db.execute("SELECT " + ",".join(C.MM_COLS[:-3]) + ", expected/100.0, received/100.0, difference/100.0 FROM mm ORDER BY kind, order_id")
k.lap("reconcile")


def stream(cur, size=20000):
    while True:
        rows = cur.fetchmany(size)
        if not rows:
            return
        yield from rows


w = C.Xw(os.path.join(a.out, "report.xlsx"))
w.free("Summary", C.summary_rows(t))
w.table("Day x method", C.DM_COLS, C.DM_KINDS, ((r[0], r[1], r[2], r[3], r[4] / 100, r[5] / 100, r[6], r[7] / 100, r[8] / 100) for r in dm))
w.table("Mismatches", C.MM_COLS, C.MM_KINDS, stream(mmr))
w.table("Payout calendar", C.CAL_COLS, C.CAL_KINDS, ((r[0], r[1], r[2], r[3] / 100, r[4] / 100, r[5] / 100, r[6]) for r in cal))
w.close()
w = C.Xw(os.path.join(a.out, "tracking_errors.xlsx"))
w.table("Tracking errors", C.TE_COLS, C.TE_KINDS, stream(db.execute(
    "SELECT month, order_id, marketplace, status, carrier, tracking_number, tracking_url, kind FROM mm WHERE kind IN ('MISSING_TRACKING','INVALID_URL') ORDER BY month, order_id")))
w.close()
k.lap("write")
C.save(a, {**t, "calendar": [[str(r[0]), *r[1:]] for r in cal]}, k)
