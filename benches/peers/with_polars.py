#!/usr/bin/env python3
"""The reference job with Polars (lazy scans, streaming engine) and write_excel (XlsxWriter)."""
import os
import polars as pl
import xlsxwriter
import czech_days
import shape as C

a = C.args()
k = C.Clock()
c = pl.col
EV = pl.Enum(C.CODES)
SO = {n: pl.String for n in C.ALL_ORDER_COLS}
SO |= dict(mall_delivery=pl.Int8, is_test=pl.Int8, goods_amount=pl.Float64, postage_amount=pl.Float64, commission_rate=pl.Float64,
           created_at=pl.Datetime("us"), paid_at=pl.Datetime("us"), delivered_at=pl.Datetime("us"), cancelled_at=pl.Datetime("us"), status=pl.Enum(C.STATUS))
ST = dict(tracking_number=pl.String, order_ref=pl.String, carrier=pl.String, event_at=pl.Datetime("us"), event_code=EV, event_text=pl.String)
SP = dict(statement_id=pl.String, order_id=pl.String, kind=pl.Enum(["sale", "postage", "commission", "refund"]), amount=pl.Float64, currency=pl.String, payout_date=pl.Date)


def scan(name, schema):
    """Times, days and enums are read as text and converted by an expression: the CSV reader's own time parser costs several times as much."""
    num = (pl.Int8, pl.Float64)
    if a.format == "csv":
        return pl.scan_csv(a.path(name), schema={n: (t if t in num else pl.String) for n, t in schema.items()}).with_columns(casts(schema))
    sheets = pl.read_excel(a.path(name), sheet_id=0, engine="calamine", schema_overrides={n: (t if t in num else pl.String) for n, t in schema.items()})
    return pl.concat(sheets.values()).lazy().with_columns(casts(schema))


def casts(schema):
    cast = []
    for n, t in schema.items():
        if isinstance(t, pl.Datetime):
            cast.append(c(n).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us"))
        elif t == pl.Date:
            cast.append(c(n).str.to_date("%Y-%m-%d"))
        elif isinstance(t, pl.Enum):
            cast.append(c(n).cast(t))
    return cast


cents = lambda n: (c(n) * 100).round().cast(pl.Int64)
ENG = "streaming"
q_o = scan("orders", SO).select("order_id", "marketplace", "created_at", "status", "shipping_method", "carrier", (c("mall_delivery") == 1).alias("md"), "tracking_number", "tracking_url",
    cents("goods_amount").alias("goods"), cents("postage_amount").alias("post"), "currency", (c("commission_rate") * 10000).round().cast(pl.Int64).alias("bp"),
    "paid_at", "delivered_at", "cancelled_at", "cancelled_by", (c("is_test") == 1).alias("test"))
q_t = (scan("tracking", ST).select("tracking_number", (c("event_at").dt.epoch("s") * 16 + c("event_code").to_physical().cast(pl.Int64)).alias("ek"))
       .group_by("tracking_number").agg(c("ek").max(), pl.len().alias("n")))
am = cents("amount")
q_p = (scan("payouts", SP).select("order_id", "kind", am.alias("amt"), "currency", "payout_date").group_by("order_id").agg(
    pl.len().alias("pn"), (c("kind") == "sale").sum().alias("n_sale"), c("amt").filter(c("kind") != "refund").sum().alias("recv"),
    (-c("amt").filter(c("kind") == "commission").sum()).alias("charged"), c("payout_date").max().alias("last_date"), c("currency").max().alias("cur")))
o = q_o.collect(engine=ENG)
lat = q_t.collect(engine=ENG)
pay = q_p.collect(engine=ENG)
k.lap("read")

cal_t = pl.DataFrame(czech_days.table(), schema={"d": pl.Date, "billing": pl.Date, "payout": pl.Date}, orient="row")
nz = lambda n: c(n).is_not_null() & (c(n) != "")
j = (o.lazy().filter(~c("test")).with_columns(c("delivered_at").dt.date().alias("d"))
     .join(lat.lazy().select("tracking_number", "ek"), on="tracking_number", how="left")
     .join(pay.lazy().drop("last_date", "cur"), on="order_id", how="left")
     .join(cal_t.lazy(), on="d", how="left")
     .with_columns(c("created_at").dt.strftime("%Y-%m").alias("month"), nz("tracking_number").alias("has_no"), nz("tracking_url").alias("has_url"),
                   (c("status").is_in(["SHIPPED", "DELIVERED", "RETURNED"]) & ~c("md")).alias("den"), ((c("status") == "DELIVERED") & c("delivered_at").is_not_null()).alias("elig"),
                   ((c("goods") * c("bp") + 5000) // 10000).alias("com"), (((c("goods") + c("post")) * c("bp") + 5000) // 10000).alias("comp"))
     .with_columns((c("goods") - c("com") + c("post")).alias("expected"), (c("elig") & (c("payout") <= a.as_of)).fill_null(False).alias("due"),
                   ((c("n_sale") == 1) & (c("charged") > c("com") + 1) & (c("charged") == c("comp"))).fill_null(False).alias("cop"),
                   (c("den") & c("has_no") & c("has_url") & ~c("tracking_url").str.contains(C.URL_RE)).fill_null(False).alias("badurl"),
                   c("recv").fill_null(0).alias("recv0"), (c("ek") % 16).alias("rank"))
     ).collect(engine=ENG)
L = j.lazy()
tr = L.filter("den").group_by("month", "marketplace").agg(pl.len().alias("n"), (c("has_no") & c("has_url")).sum().alias("f"), (c("has_no") & c("has_url") & ~c("badurl")).sum().alias("v")).sort("month", "marketplace")
cn = c("status") == "CANCELLED"
cr = L.group_by("month", "marketplace").agg(pl.len().alias("n"), cn.sum().alias("c"), (cn & (c("cancelled_by") == "partner")).sum().alias("p")).sort("month", "marketplace")
flags = {
    "DELIVERED_CARRIER_DISAGREES": (c("status") == "DELIVERED") & c("has_no") & (c("ek").is_null() | c("rank").is_in([0, 8])),
    "CARRIER_DELIVERED_NOT_CLOSED": (c("status") == "SHIPPED") & (c("rank") == 7),
    "MISSING_TRACKING": c("den") & ~(c("has_no") & c("has_url")), "INVALID_URL": c("badurl"),
    "UNPAID": c("due") & c("pn").is_null(), "PAID_TWICE": c("n_sale") >= 2, "COMMISSION_ON_POSTAGE": c("cop"),
    "UNDERPAID": c("due") & (c("n_sale") == 1) & ~c("cop") & (c("recv0") - c("expected") < -1)}
ifel = lambda e: pl.when(c("elig")).then(e)
g = L.with_columns(*[f.fill_null(False).alias(n) for n, f in flags.items()]).filter(pl.any_horizontal(*flags)).collect(engine=ENG)
mm = pl.concat([g.filter(c(n)).with_columns(pl.lit(n).alias("kind")) for n in flags]).select(
    "kind", "order_id", "marketplace", c("status").cast(pl.String), "shipping_method", "carrier", "tracking_number",
    c("rank").replace_strict(list(range(9)), C.CODES, return_dtype=pl.String, default=None).alias("carrier_event"), pl.from_epoch(c("ek") // 16, "s").dt.cast_time_unit("us").alias("carrier_event_at"),
    "delivered_at", ifel(c("billing")).alias("billing_date"), ifel(c("payout")).alias("payout_date"), "currency", ifel(c("expected")).alias("expected"),
    ifel(c("recv0")).alias("received"), ifel(c("recv0") - c("expected")).alias("difference"), "tracking_url", "month")
unk = pay.lazy().join(o.lazy().select("order_id"), on="order_id", how="anti").select(
    pl.lit("UNKNOWN_ORDER").alias("kind"), "order_id", c("last_date").alias("payout_date"), c("cur").alias("currency"), pl.lit(0, pl.Int64).alias("expected"),
    c("recv").alias("received"), c("recv").alias("difference")).collect(engine=ENG)
mm = pl.concat([mm, unk], how="diagonal_relaxed").sort("kind", "order_id")
z = pl.lit(0, pl.Int64)
one = pl.lit(1, pl.Int64)
pp = L.filter(c("paid_at").is_not_null())
dm = (pl.concat([
    pp.select(c("paid_at").dt.date().alias("day"), "shipping_method", "currency", one.alias("po"), c("goods").alias("pg"), c("post").alias("pp"), z.alias("co"), z.alias("cg"), z.alias("cp")),
    pp.filter(cn & c("cancelled_at").is_not_null()).select(c("cancelled_at").dt.date().alias("day"), "shipping_method", "currency", z.alias("po"), z.alias("pg"), z.alias("pp"),
        one.alias("co"), c("goods").alias("cg"), c("post").alias("cp"))])
    .group_by("day", "shipping_method", "currency").agg(pl.all().sum()).sort("day", "shipping_method", "currency"))
cal = (L.filter("elig").group_by("payout", "currency").agg(pl.len().cast(pl.Int64).alias("n"), c("expected").sum(), c("recv0").sum(), (c("recv0") - c("expected")).sum().alias("diff"),
       (c("due") & c("pn").is_null()).sum().alias("unpaid")).sort("payout", "currency"))
tot = L.select(c("elig").sum(), c("due").sum(), c("expected").filter("due").sum(), c("recv0").filter("due").sum())
tr, cr, dm, cal, tot = pl.collect_all([tr, cr, dm, cal, tot], engine=ENG)
el, du, ex, rc = tot.row(0)
t = {"orders": o.height, "test_orders": int(o["test"].sum()), "events": int(lat["n"].sum()), "shipments": lat.height, "payout_rows": int(pay["pn"].sum()), "eligible": el, "due": du,
     "expected_due_cents": ex, "received_due_cents": rc, "tracking_rate": tr.rows(), "cancel_rate": cr.rows(), "mismatches": dict(mm["kind"].value_counts().rows()),
     "mismatch_rows": mm.height, "mismatch_difference_cents": mm["difference"].sum(), "mismatch_id_sum": mm["order_id"].str.slice(-9).cast(pl.Int64).sum(),
     "day_method_rows": dm.height, "day_method_sums": [dm[x].sum() for x in dm.columns[3:]], "calendar": cal.rows()}
k.lap("reconcile")

money = lambda *n: [(c(x) / 100).alias(x) for x in n]
DF = {pl.Date: "yyyy-mm-dd", pl.Datetime: "yyyy-mm-dd hh:mm:ss"}


def put(wb, df, name, cols):
    df.columns = cols
    for i in range(0, max(df.height, 1), C.LIMIT):
        df.slice(i, C.LIMIT).write_excel(wb, name if i == 0 else f"{name} {i // C.LIMIT + 1}", dtype_formats=DF, float_precision=2)


wb = xlsxwriter.Workbook(os.path.join(a.out, "report.xlsx"), {"strings_to_urls": False})
C.Xw.free(type("W", (), {"wb": wb})(), "Summary", C.summary_rows(t))
put(wb, dm.with_columns(money("pg", "pp", "cg", "cp")), "Day x method", C.DM_COLS)
put(wb, mm.select(C.MM_COLS).with_columns(money("expected", "received", "difference")), "Mismatches", C.MM_COLS)
put(wb, cal.with_columns(money("expected", "recv0", "diff")), "Payout calendar", C.CAL_COLS)
wb.close()
wb = xlsxwriter.Workbook(os.path.join(a.out, "tracking_errors.xlsx"), {"strings_to_urls": False})
put(wb, mm.filter(c("kind").is_in(["MISSING_TRACKING", "INVALID_URL"])).select("month", "order_id", "marketplace", "status", "carrier", "tracking_number", "tracking_url", "kind").sort("month", "order_id"),
    "Tracking errors", C.TE_COLS)
wb.close()
k.lap("write")
C.save(a, {**t, "calendar": [[str(r[0]), *r[1:]] for r in cal.rows()]}, k)
