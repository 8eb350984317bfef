#!/usr/bin/env python3
"""Deterministic order/tracking/payout generator.

usage: generate.py --orders N --out DIR [--seed S] [--xlsx] [--chunk 500000]

Writes orders.csv, tracking.csv, payouts.csv and truth.json (with --xlsx also .xlsx twins).
Works chunk by chunk, so memory does not grow with N. The same N, seed and chunk give the same bytes.
"""
import argparse, datetime as dt, json, os, sys, time
import numpy as np
import polars as pl
import czech_days

AS_OF = dt.date(2026, 1, 31)
T0 = dt.datetime(2025, 1, 1)
YEAR_S = 365 * 86400
EPOCH = dt.datetime(1970, 1, 1)
T0S = int((T0 - EPOCH).total_seconds())

# shipping method, carrier, weight
METHODS = [
    ("Česká pošta - Balík Do ruky", "CP", 12), ("Česká pošta - Balík Na poštu", "CP", 7), ("Balíkovna", "CP", 10),
    ("Zásilkovna - výdejní místo", "ZAS", 18), ("Zásilkovna - domů", "ZAS", 6), ("WE|DO DOMŮ", "WEDO", 7),
    ("WE|DO ULOŽENKA", "WEDO", 5), ("DPD Classic", "DPD", 9), ("DPD Pickup", "DPD", 7), ("PPL ParcelShop", "PPL", 8),
    ("GLS HomeDelivery", "GLS", 6), ("MALL Delivery smallbox", "MALLD", 5),
]
CARRIERS = ["CP", "ZAS", "WEDO", "DPD", "PPL", "GLS", "MALLD"]
PREFIX = {"CP": "DR", "ZAS": "Z", "WEDO": "2900", "DPD": "1398", "PPL": "407", "GLS": "90", "MALLD": "MD"}
URLS = {
    "CP": "https://www.cposta.example/trackandtrace?parcelNumbers=", "ZAS": "https://tracking.zasilka.example/cs?id=",
    "WEDO": "https://trace.wedo.example/index.php?orderNumber=", "DPD": "https://tracking.dpd.example/parcelstatus?locale=cs_CZ&query=",
    "PPL": "https://www.ppl.example/vyhledat-zasilku?shipmentId=", "GLS": "https://gls-group.example/CZ/cs/sledovani-zasilek?match=",
    "MALLD": "https://delivery.mall.example/t/",
}
BAD_URLS = ["n/a", "www.ppl.example/zasilka", "https://", "zasilkovna", "http//tracking.dpd.example/x", "https://trace wedo.example/1", "-"]
STATUS = ["OPEN", "SHIPPING", "SHIPPED", "DELIVERED", "RETURNED", "CANCELLED"]
STATUS_P = [0.02, 0.03, 0.08, 0.79, 0.03, 0.05]
CODES = ["CREATED", "HANDED_OVER", "IN_TRANSIT", "AT_DEPOT", "OUT_FOR_DELIVERY", "READY_FOR_PICKUP", "FAILED_ATTEMPT", "DELIVERED", "RETURNED_TO_SENDER"]
TEXTS = ["Zásilka byla zaevidována odesílatelem", "Zásilka převzata do přepravy", "Zásilka je v přepravě", "Zásilka dorazila na depo",
         "Zásilka je doručována", "Zásilka je připravena k vyzvednutí", "Neúspěšný pokus o doručení, adresát nezastižen",
         "Zásilka byla doručena příjemci", "Zásilka vrácena odesílateli, nevyzvednuto"]
FIRST = ["Jan", "Petr", "Jiří", "Lucie", "Kateřina", "Tereza", "Zsófia", "László", "Eszter", "Matej", "Zuzana", "Tomáš", "Anežka", "Bořivoj", "Ľudmila", "Ondřej"]
LAST = ["Novák", "Svobodová", "Dvořák", "Černá", "Procházka", "Kučerová", "Veselý", "Horáková", "Nagy", "Kovács", "Szabó", "Tóth", "Krajčí", "Polák", "Růžičková", "Němec"]
STREET = ["Korunní", "Vinohradská", "Na Příkopě", "Dlouhá třída", "Masarykovo náměstí", "Husova", "Nádražní", "Bajcsy-Zsilinszky út", "Kossuth Lajos utca", "Obchodná", "Štefánikova", "Jiráskova"]
CITY = [("Praha 10", "10100", "CZ"), ("Brno", "60200", "CZ"), ("Ostrava-Poruba", "70800", "CZ"), ("Hradec Králové", "50002", "CZ"), ("Bratislava", "81106", "SK"),
        ("Košice", "04001", "SK"), ("Budapest", "1061", "HU"), ("Debrecen", "4024", "HU"), ("Ústí nad Labem", "40001", "CZ"), ("Plzeň", "30100", "CZ")]
NOTE = ["", "", "", "", "Zavolejte prosím předem", "Zvonek Novák, 3. patro vpravo", "Nechte u sousedů", "Kérem csengessen kétszer", "Dům je \"vzadu\" ve dvoře, vchod z ulice", "Vrátnice:\nkontakt p. Malá"]

KINDS = ["DELIVERED_CARRIER_DISAGREES", "CARRIER_DELIVERED_NOT_CLOSED", "MISSING_TRACKING", "INVALID_URL", "UNDERPAID", "UNPAID",
         "PAID_TWICE", "UNKNOWN_ORDER", "COMMISSION_ON_POSTAGE"]


def enum(vals, idx):
    return pl.Series(np.asarray(vals, dtype=object)[:0].tolist(), dtype=pl.String) if len(idx) == 0 else \
        pl.Series(idx.astype(np.uint32)).replace_strict(list(range(len(vals))), vals, return_dtype=pl.String)


def dtcol(sec, mask):
    us = np.where(mask, sec, 0).astype(np.int64) * 1_000_000
    s = pl.Series(us).cast(pl.Datetime("us"))
    return pl.select(pl.when(pl.Series(mask)).then(s).otherwise(None)).to_series()


def chunk_frames(lo, hi, total, seed, payday):
    n = hi - lo
    r = np.random.default_rng([seed, lo])
    idx = np.arange(lo, hi, dtype=np.int64)
    created = T0S + (idx * YEAR_S) // total + r.integers(0, 3600, n)
    mall = r.random(n) < 0.6
    st = np.searchsorted(np.cumsum(STATUS_P), r.random(n)).astype(np.int8).clip(0, 5)
    w = np.array([m[2] for m in METHODS], float)
    method = np.searchsorted(np.cumsum(w / w.sum()), r.random(n)).clip(0, 11)
    method = np.where(~mall & (method == 11), 3, method)
    malld = method == 11
    carrier = np.array([CARRIERS.index(m[1]) for m in METHODS])[method]
    test = r.random(n) < 0.003
    cur = np.searchsorted(np.cumsum([0.82, 0.10, 0.08]), r.random(n)).clip(0, 2)
    g = np.exp(r.normal(6.6, 0.9, n)).clip(49, 90000)
    goods = np.where(cur == 0, np.rint(g) * 100, np.where(cur == 1, np.rint(g * 4), np.rint(g * 16) * 100)).astype(np.int64)
    postc = np.array([0, 0, 59, 69, 79, 89, 99, 129])[r.integers(0, 8, n)]
    post = np.where(cur == 0, postc * 100, np.where(cur == 1, postc * 4, postc * 1600)).astype(np.int64)
    rate = r.integers(8, 23, n)  # per cent
    OPEN, SHIPPING, SHIPPED, DELIVERED, RETURNED, CANCELLED = range(6)
    cod = r.random(n) < 0.10
    paid = ~(cod & ((st == OPEN) | (st == CANCELLED)))
    paid_at = created + r.integers(20, 40000, n)
    shipped_set = (st == SHIPPED) | (st == DELIVERED) | (st == RETURNED)
    shipped_at = created + r.integers(10000, 260000, n)
    deliv_at = shipped_at + r.integers(50000, 430000, n)
    canc_at = created + r.integers(600, 500000, n)
    canc_by = r.integers(0, 3, n)
    expected = (created // 86400) + r.integers(2, 9, n)

    # ---- injected faults (mutually exclusive within tracking and within payout)
    u = r.random(n)
    live = ~test
    dlv = (st == DELIVERED) & live
    f_ret = dlv & (u < 0.004)
    f_never = dlv & (u >= 0.004) & (u < 0.007)
    f_open = (st == SHIPPED) & live & (u < 0.06)
    shipd = shipped_set & live & ~malld
    f_miss = shipd & (u >= 0.10) & (u < 0.118)
    f_bad = shipd & (u >= 0.118) & (u < 0.126)
    miss_what = r.integers(0, 3, n)  # 0 number, 1 url, 2 both
    has_no = (shipped_set | ((st == SHIPPING) & (u > 0.5))) & ~(f_miss & (miss_what != 1))
    has_url = (shipped_set) & ~(f_miss & (miss_what != 0))
    dday = deliv_at // 86400
    pay = payday[dday - DAY0]
    due = dlv & (pay <= ASOF_DAY)
    v = r.random(n)
    com = (goods * rate + 50) // 100
    com_p = ((goods + post) * rate + 50) // 100
    f_unpaid = due & (v < 0.004)
    f_under = due & (v >= 0.004) & (v < 0.009)
    f_twice = due & (v >= 0.009) & (v < 0.011)
    f_comp = due & (v >= 0.011) & (v < 0.017) & (post > 0)
    f_refund = due & (v >= 0.02) & (v < 0.05)

    num = idx * 7 + 3
    base = pl.DataFrame({"i": idx, "num": num, "mall": mall, "c": carrier.astype(np.uint32)})
    oid = base.select(pl.when("mall").then(pl.format("7{}", pl.col("i").cast(pl.String).str.zfill(9)))
                      .otherwise(pl.format("SLV-{}", pl.col("i").cast(pl.String).str.zfill(9)))).to_series()
    pref = enum([PREFIX[c] for c in CARRIERS], carrier)
    tno = base.select(pl.concat_str([pref, pl.col("num").cast(pl.String).str.zfill(10)])).to_series()
    url = pl.select(pl.concat_str([enum([URLS[c] for c in CARRIERS], carrier), tno])).to_series()
    bad = enum(BAD_URLS, r.integers(0, len(BAD_URLS), n))
    fi, la = r.integers(0, len(FIRST), n), r.integers(0, len(LAST), n)
    ci = r.integers(0, len(CITY), n)
    hn, on = r.integers(1, 3000, n), r.integers(1, 120, n)
    name = pl.select(pl.concat_str([enum(FIRST, fi), pl.lit(" "), enum(LAST, la)])).to_series()
    email = pl.select(pl.format("zakaznik{}@posta{}.example", pl.Series(idx * 13 % 9999991), pl.Series(fi))).to_series()
    flat = r.random(n) < 0.15
    street = pl.select(pl.when(pl.Series(flat)).then(pl.format("{} {}/{}, byt {}", enum(STREET, r.integers(0, len(STREET), n)), pl.Series(hn), pl.Series(on), pl.Series(on % 40 + 1)))
                       .otherwise(pl.format("{} {}/{}", enum(STREET, r.integers(0, len(STREET), n)), pl.Series(hn), pl.Series(on)))).to_series()
    phone = pl.select(pl.format("+420{}", pl.Series(600000000 + idx * 7919 % 199999999))).to_series()
    M = lambda m, s: pl.select(pl.when(pl.Series(m)).then(s).otherwise(None)).to_series()
    orders = pl.DataFrame({
        "order_id": oid, "marketplace": enum(["slevomat", "mall"], mall.astype(np.int64)), "created_at": dtcol(created, np.ones(n, bool)),
        "status": enum(STATUS, st), "shipping_method": enum([m[0] for m in METHODS], method), "carrier": enum(CARRIERS, carrier),
        "mall_delivery": pl.Series(malld.astype(np.int8)), "tracking_number": M(has_no, tno), "tracking_url": M(has_url, pl.select(pl.when(pl.Series(f_bad)).then(bad).otherwise(url)).to_series()),
        "goods_amount": pl.Series(goods / 100.0), "postage_amount": pl.Series(post / 100.0), "currency": enum(["CZK", "EUR", "HUF"], cur),
        "commission_rate": pl.Series(rate / 100.0), "paid_at": dtcol(paid_at, paid), "shipped_at": dtcol(shipped_at, shipped_set),
        "delivered_at": dtcol(deliv_at, st == DELIVERED), "cancelled_at": dtcol(canc_at, st == CANCELLED),
        "cancelled_by": M(st == CANCELLED, enum(["partner", "customer", "system"], canc_by)),
        "expected_delivery_date": pl.Series(expected.astype(np.int32)).cast(pl.Date), "is_test": pl.Series(test.astype(np.int8)),
        "customer_name": name, "customer_email": email, "customer_phone": phone, "street": street,
        "city": enum([c[0] for c in CITY], ci), "zip": enum([c[1] for c in CITY], ci), "country": enum([c[2] for c in CITY], ci),
        "note": enum(NOTE, r.integers(0, len(NOTE), n)),
    })

    # ---- tracking events
    # final code per shipment: index in CODES, -1 = no events at all
    fin = np.full(n, -1, np.int64)
    fin[st == SHIPPING] = 0
    fin[st == SHIPPED] = np.array([2, 3, 4, 5, 6])[r.integers(0, 5, (st == SHIPPED).sum())]
    fin[st == DELIVERED] = 7
    fin[st == RETURNED] = 8
    fin[f_ret] = 8
    never_none = f_never & (miss_what == 0)
    fin[f_never] = 0
    fin[never_none] = -1
    fin[f_open] = 7
    ship = np.nonzero(has_no & (fin >= 0))[0]
    f = fin[ship]
    k = np.where(f == 0, 1, np.where(f >= 7, r.choice([2, 3, 4, 5], len(ship), p=[0.16, 0.52, 0.25, 0.07]), r.choice([2, 3, 4], len(ship))))
    off = np.concatenate([[0], np.cumsum(k)])
    rep = np.repeat(np.arange(len(ship)), k)
    pos = np.arange(off[-1]) - off[rep]
    kk, ff = k[rep], f[rep]
    mid = np.array([0, 1, 2, 4, 5])[np.minimum(pos, 4)]
    code = np.where(pos == kk - 1, ff, mid)
    t_start = shipped_at[ship][rep] - 7200
    t_end = np.where(st[ship] == DELIVERED, deliv_at[ship], shipped_at[ship] + 200000)[rep]
    t_ev = t_start + (t_end - t_start) * pos // np.maximum(kk - 1, 1)
    sh = r.permutation(off[-1])
    code, t_ev, o = code[sh], t_ev[sh], ship[rep[sh]]
    oi = pl.Series(o.astype(np.uint32))
    tracking = pl.DataFrame({
        "tracking_number": tno.gather(oi), "order_ref": oid.gather(oi), "carrier": orders["carrier"].gather(oi),
        "event_at": dtcol(t_ev, np.ones(len(o), bool)), "event_code": enum(CODES, code), "event_text": enum(TEXTS, code),
    })

    # ---- payouts
    payd = due & ~f_unpaid
    p = np.nonzero(payd)[0]
    rows_o, rows_k, rows_a = [], [], []

    def add(ix, kind, amt):
        rows_o.append(ix); rows_k.append(np.full(len(ix), kind)); rows_a.append(amt)
    short = np.where(f_under, (goods // 10) + 100, 0)
    add(p, 0, (goods - short)[p])
    pp = np.nonzero(payd & (post > 0))[0]
    add(pp, 1, post[pp])
    add(p, 2, -np.where(f_comp, com_p, com)[p])
    rf = np.nonzero(f_refund)[0]
    add(rf, 3, -goods[rf])
    tw = np.nonzero(f_twice)[0]
    add(tw, 0, goods[tw]); add(tw, 2, -com[tw])
    ro, rk, ra = np.concatenate(rows_o), np.concatenate(rows_k), np.concatenate(rows_a)
    pday, pcur, poid = pay[ro], cur[ro], oid.gather(pl.Series(ro.astype(np.uint32)))
    nun = int(round(n * 0.001))
    un_i = r.choice(n, nun, replace=False)
    un_id = pl.select(pl.format("79{}", pl.Series(idx[un_i]).cast(pl.String).str.zfill(9))).to_series()  # 11 digits: never an order
    poid = pl.concat([poid, un_id])
    pday = np.concatenate([pday, payday[created[un_i] // 86400 - DAY0]])
    pcur = np.concatenate([pcur, cur[un_i]])
    rk = np.concatenate([rk, np.zeros(nun, np.int64)])
    ra = np.concatenate([ra, goods[un_i]])
    s = np.argsort(pday * 4 + pcur, kind="stable")
    dser = pl.Series(pday[s].astype(np.int32)).cast(pl.Date)
    cser = enum(["CZK", "EUR", "HUF"], pcur[s])
    payouts = pl.DataFrame({
        "statement_id": pl.select(pl.format("VY-{}-{}", dser.dt.strftime("%Y%m%d"), cser)).to_series(),
        "order_id": poid.gather(pl.Series(s.astype(np.uint32))), "kind": enum(["sale", "postage", "commission", "refund"], rk[s]),
        "amount": pl.Series(ra[s] / 100.0), "currency": cser, "payout_date": dser,
    })
    masks = {"DELIVERED_CARRIER_DISAGREES": (f_ret | f_never), "CARRIER_DELIVERED_NOT_CLOSED": f_open, "MISSING_TRACKING": f_miss, "INVALID_URL": f_bad,
             "UNDERPAID": f_under, "UNPAID": f_unpaid, "PAID_TWICE": f_twice, "COMMISSION_ON_POSTAGE": f_comp}
    # an order without a tracking number cannot be matched to the carrier
    masks["DELIVERED_CARRIER_DISAGREES"] &= has_no
    masks["CARRIER_DELIVERED_NOT_CLOSED"] &= has_no
    counts = {kd: (int(m.sum()), oid.gather(pl.Series(np.nonzero(m)[0][:4].astype(np.uint32))).to_list()) for kd, m in masks.items()}
    counts["UNKNOWN_ORDER"] = (nun, un_id.head(4).to_list())
    extra = {"test_orders": int(test.sum()), "shipments": int(len(ship)), "due_orders": int(due.sum()),
             "expected_due_cents": int((goods - com + post)[due].sum()), "tracking_rate_den": int(shipd.sum()),
             "tracking_rate_filled": int((shipd & has_no & has_url).sum())}
    return orders, tracking, payouts, counts, extra


DAY0 = (dt.date(2023, 1, 1) - dt.date(1970, 1, 1)).days
ASOF_DAY = (AS_OF - dt.date(1970, 1, 1)).days


def to_xlsx(path, csv, num):
    import csv as C
    import xlsxwriter
    wb = xlsxwriter.Workbook(path, {"strings_to_urls": False, "strings_to_numbers": False})
    ws, row, part, head = None, 0, 0, None
    with open(csv, newline="", encoding="utf-8") as fh:
        rd = C.reader(fh)
        head = next(rd)
        numi = {head.index(c) for c in num}
        for rec in rd:
            if ws is None or row >= 1048576:
                part += 1
                ws = wb.add_worksheet(f"data{part}")
                for j, v in enumerate(head):
                    ws.write_string(0, j, v)
                row = 1
            for j, v in enumerate(rec):
                if v:
                    if j in numi:
                        ws.write_number(row, j, float(v))
                    else:
                        ws.write_string(row, j, v)
            row += 1
    wb.close()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--orders", type=int, required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--chunk", type=int, default=500_000)
    ap.add_argument("--xlsx", action="store_true")
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    payday = np.array([(p - dt.date(1970, 1, 1)).days for _, _, p in czech_days.table()], np.int64)
    t = time.time()
    counts = {k: 0 for k in KINDS}
    sample = {k: [] for k in KINDS}
    tot, nrows = {}, {"orders": 0, "tracking": 0, "payouts": 0}
    fh = {k: open(os.path.join(a.out, k + ".csv"), "wb") for k in nrows}
    for lo in range(0, a.orders, a.chunk):
        hi = min(lo + a.chunk, a.orders)
        o, tr, py, cn, ex = chunk_frames(lo, hi, a.orders, a.seed, payday)
        for k, d in zip(nrows, (o, tr, py)):
            d.write_csv(fh[k], include_header=lo == 0, datetime_format="%Y-%m-%d %H:%M:%S", date_format="%Y-%m-%d", float_precision=2)
            nrows[k] += d.height
        for k, (c, s) in cn.items():
            counts[k] += c
            sample[k] = (sample[k] + s)[:20]
        for k, v in ex.items():
            tot[k] = tot.get(k, 0) + v
    for h in fh.values():
        h.close()
    size = {k: os.path.getsize(os.path.join(a.out, k + ".csv")) for k in nrows}
    json.dump({"orders": a.orders, "seed": a.seed, "chunk": a.chunk, "as_of": AS_OF.isoformat(), "rows": nrows, "bytes": size, "totals": tot,
               "mismatches": counts, "sample_ids": sample}, open(os.path.join(a.out, "truth.json"), "w"), indent=1, ensure_ascii=False)
    if a.xlsx:
        to_xlsx(os.path.join(a.out, "orders.xlsx"), os.path.join(a.out, "orders.csv"), ["mall_delivery", "goods_amount", "postage_amount", "commission_rate", "is_test"])
        to_xlsx(os.path.join(a.out, "tracking.xlsx"), os.path.join(a.out, "tracking.csv"), [])
        to_xlsx(os.path.join(a.out, "payouts.xlsx"), os.path.join(a.out, "payouts.csv"), ["amount"])
    print(json.dumps({"seconds": round(time.time() - t, 1), "rows": nrows, "bytes": size}))


if __name__ == "__main__":
    main()
