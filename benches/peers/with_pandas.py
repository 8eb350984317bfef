#!/usr/bin/env python3
"""The reference job as an analyst would do it: pandas and openpyxl."""
import os
import numpy as np
import pandas as pd
import czech_days
import shape as C

a = C.args()
k = C.Clock()
CAT = "category"
TY = {"order_id": "str", "tracking_number": "str", "tracking_url": "str", "marketplace": CAT, "status": CAT, "shipping_method": CAT, "carrier": CAT, "currency": CAT, "cancelled_by": CAT,
      "mall_delivery": "int8", "is_test": "int8"}


def read(name, cols, ty, dates):
    if a.format == "csv":
        return pd.read_csv(a.path(name), usecols=cols, dtype={x: ty[x] for x in cols if x in ty}, parse_dates=dates, date_format="ISO8601",
                           keep_default_na=False, na_values=[""])  # by default pandas reads the text n/a as empty: an invalid URL would count as a missing one
    sheets = pd.read_excel(a.path(name), sheet_name=None, usecols=cols, dtype={x: ty[x] for x in cols if x in ty}, engine="openpyxl", keep_default_na=False, na_values=[""])
    df = pd.concat(sheets.values(), ignore_index=True)
    for d in dates:
        df[d] = pd.to_datetime(df[d], format="ISO8601")
    return df


o = read("orders", C.ORDER_COLS, TY, ["created_at", "paid_at", "delivered_at", "cancelled_at"])
t = read("tracking", ["tracking_number", "event_at", "event_code"], {"tracking_number": "str", "event_code": CAT}, ["event_at"])
p = read("payouts", ["order_id", "kind", "amount", "currency", "payout_date"], {"order_id": "str", "kind": CAT, "currency": CAT}, ["payout_date"])
k.lap("read")

n_o, n_e, n_p = len(o), len(t), len(p)
known = o["order_id"]
n_t = int((o["is_test"] == 1).sum())
t["ek"] = t["event_at"].astype("datetime64[s]").astype("int64") * 16 + t["event_code"].astype("str").map({x: i for i, x in enumerate(C.CODES)}).astype("int64")
lat = t.groupby("tracking_number", sort=False)["ek"].max()
n_s = len(lat)
del t
p["amt"] = (p["amount"] * 100).round().astype("int64")
kd = p["kind"].astype("str")
p["n_sale"] = (kd == "sale").astype("int64")
p["recv"] = p["amt"].where(kd != "refund", 0)
p["charged"] = -p["amt"].where(kd == "commission", 0)
p["cur"] = p["currency"].astype("str")
pay = p.groupby("order_id", sort=False).agg(pn=("amt", "size"), n_sale=("n_sale", "sum"), recv=("recv", "sum"), charged=("charged", "sum"), last_date=("payout_date", "max"), cur=("cur", "first"))
del p, kd
cal = pd.DataFrame(czech_days.table(), columns=["d", "billing", "payout"]).astype("datetime64[s]").set_index("d")
unk = pay[~pay.index.isin(known)].reset_index()
j = o[o["is_test"] == 0].copy()
del o
j["d"] = j["delivered_at"].dt.normalize()
j = j.merge(lat.rename("ek").to_frame(), left_on="tracking_number", right_index=True, how="left")
j = j.merge(pay.drop(columns=["last_date", "cur"]), left_on="order_id", right_index=True, how="left")
j = j.merge(cal, left_on="d", right_index=True, how="left")
j["month"] = j["created_at"].dt.strftime("%Y-%m")
j["goods"] = (j["goods_amount"] * 100).round().astype("int64")
j["post"] = (j["postage_amount"] * 100).round().astype("int64")
bp = (j["commission_rate"] * 10000).round().astype("int64")
j["com"] = (j["goods"] * bp + 5000) // 10000
comp = ((j["goods"] + j["post"]) * bp + 5000) // 10000
has_no = j["tracking_number"].fillna("") != ""
has_url = j["tracking_url"].fillna("") != ""
den = j["status"].isin(["SHIPPED", "DELIVERED", "RETURNED"]) & (j["mall_delivery"] != 1)
elig = (j["status"] == "DELIVERED") & j["delivered_at"].notna()
due = elig & (j["payout"] <= pd.Timestamp(a.as_of))
j["expected"] = j["goods"] - j["com"] + j["post"]
j["recv0"] = j["recv"].fillna(0).astype("int64")
j["diff"] = j["recv0"] - j["expected"]
cop = (j["n_sale"] == 1) & (j["charged"] > j["com"] + 1) & (j["charged"] == comp)
badurl = den & has_no & has_url & ~j["tracking_url"].fillna("").str.match(C.URL_RE)
rank = j["ek"] % 16
canc = j["status"] == "CANCELLED"
flags = {
    "DELIVERED_CARRIER_DISAGREES": (j["status"] == "DELIVERED") & has_no & (rank.isna() | rank.isin([0, 8])), "CARRIER_DELIVERED_NOT_CLOSED": (j["status"] == "SHIPPED") & (rank == 7),
    "MISSING_TRACKING": den & ~(has_no & has_url), "INVALID_URL": badurl, "UNPAID": due & j["pn"].isna(), "PAID_TWICE": j["n_sale"] >= 2, "COMMISSION_ON_POSTAGE": cop,
    "UNDERPAID": due & (j["n_sale"] == 1) & ~cop & (j["diff"] < -1)}
by = ["month", "marketplace"]
x = j[by].assign(n=1, f=has_no & has_url, v=has_no & has_url & ~badurl)[den].groupby(by, observed=True).sum().reset_index()
tr = [[m, str(q), int(n), int(f), int(v)] for m, q, n, f, v in sorted(x.itertuples(index=False), key=lambda r: (r[0], str(r[1])))]
x = j[by].assign(n=1, c=canc, p=canc & (j["cancelled_by"] == "partner")).groupby(by, observed=True).sum().reset_index()
cr = [[m, str(q), int(n), int(f), int(v)] for m, q, n, f, v in sorted(x.itertuples(index=False), key=lambda r: (r[0], str(r[1])))]
parts = []
for n, f in flags.items():
    s = j[f.fillna(False)]
    e = s["delivered_at"].notna() & (s["status"] == "DELIVERED")
    parts.append(pd.DataFrame({"kind": n, "order_id": s["order_id"], "marketplace": s["marketplace"].astype("str"), "status": s["status"].astype("str"), "shipping_method": s["shipping_method"].astype("str"),
        "carrier": s["carrier"].astype("str"), "tracking_number": s["tracking_number"], "carrier_event": (s["ek"] % 16).map(dict(enumerate(C.CODES))),
        "carrier_event_at": pd.to_datetime(s["ek"] // 16, unit="s"), "delivered_at": s["delivered_at"], "billing_date": s["billing"].where(e), "payout_date": s["payout"].where(e),
        "currency": s["currency"].astype("str"), "expected": s["expected"].where(e), "received": s["recv0"].where(e), "difference": s["diff"].where(e), "tracking_url": s["tracking_url"], "month": s["month"]}))
parts.append(pd.DataFrame({"kind": "UNKNOWN_ORDER", "order_id": unk["order_id"], "payout_date": unk["last_date"], "currency": unk["cur"], "expected": 0, "received": unk["recv"], "difference": unk["recv"]}))
mm = pd.concat(parts, ignore_index=True).sort_values(["kind", "order_id"])
pd_ = j[j["paid_at"].notna()]
key = ["day", "shipping_method", "currency"]
A = pd.DataFrame({"day": pd_["paid_at"].dt.normalize(), "shipping_method": pd_["shipping_method"], "currency": pd_["currency"], "po": 1, "pg": pd_["goods"], "pp": pd_["post"], "co": 0, "cg": 0, "cp": 0})
cc = pd_[(pd_["status"] == "CANCELLED") & pd_["cancelled_at"].notna()]
B = pd.DataFrame({"day": cc["cancelled_at"].dt.normalize(), "shipping_method": cc["shipping_method"], "currency": cc["currency"], "po": 0, "pg": 0, "pp": 0, "co": 1, "cg": cc["goods"], "cp": cc["post"]})
dm = pd.concat([A, B]).groupby(key, observed=True).sum().reset_index()
for q in key[1:]:
    dm[q] = dm[q].astype("str")
dm = dm.sort_values(key)
je = j[elig].assign(n=1, unpaid=(due & j["pn"].isna())[elig].astype("int64"))
cl = je.groupby(["payout", "currency"], observed=True)[["n", "expected", "recv0", "diff", "unpaid"]].sum().reset_index()
cl["currency"] = cl["currency"].astype("str")
cl = cl.sort_values(["payout", "currency"])
T = {"orders": n_o, "test_orders": n_t, "events": n_e, "shipments": n_s, "payout_rows": n_p, "eligible": int(elig.sum()), "due": int(due.sum()), "expected_due_cents": int(j["expected"][due].sum()),
     "received_due_cents": int(j["recv0"][due].sum()), "tracking_rate": tr, "cancel_rate": cr, "mismatches": {q: int(v) for q, v in mm["kind"].value_counts().items()}, "mismatch_rows": len(mm),
     "mismatch_difference_cents": int(mm["difference"].sum()), "mismatch_id_sum": int(mm["order_id"].str[-9:].astype("int64").sum()), "day_method_rows": len(dm),
     "day_method_sums": [int(dm[q].sum()) for q in ("po", "pg", "pp", "co", "cg", "cp")],
     "calendar": [[str(r[0])[:10], r[1], *map(int, r[2:])] for r in cl.itertuples(index=False)]}
k.lap("reconcile")


def cents(df, cols):
    df = df.copy()
    for q in cols:
        df[q] = df[q] / 100
    return df


def put(w, df, name, cols):
    df.columns = cols
    for i in range(0, max(len(df), 1), C.LIMIT):
        df.iloc[i:i + C.LIMIT].to_excel(w, sheet_name=name if i == 0 else f"{name} {i // C.LIMIT + 1}", index=False)


with pd.ExcelWriter(os.path.join(a.out, "report.xlsx"), engine="openpyxl", date_format="yyyy-mm-dd", datetime_format="yyyy-mm-dd hh:mm:ss") as w:
    pd.DataFrame([r + [None] * (6 - len(r)) for r in C.summary_rows(T)]).to_excel(w, sheet_name="Summary", index=False, header=False)
    put(w, cents(dm, ["pg", "pp", "cg", "cp"]), "Day x method", C.DM_COLS)
    put(w, cents(mm[C.MM_COLS], ["expected", "received", "difference"]), "Mismatches", C.MM_COLS)
    put(w, cents(cl, ["expected", "recv0", "diff"]), "Payout calendar", C.CAL_COLS)
with pd.ExcelWriter(os.path.join(a.out, "tracking_errors.xlsx"), engine="openpyxl") as w:
    te = mm[mm["kind"].isin(["MISSING_TRACKING", "INVALID_URL"])].sort_values(["month", "order_id"])
    put(w, te[["month", "order_id", "marketplace", "status", "carrier", "tracking_number", "tracking_url", "kind"]], "Tracking errors", C.TE_COLS)
k.lap("write")
C.save(a, T, k)
