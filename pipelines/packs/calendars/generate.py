#!/usr/bin/env python3
"""Writes the calendar packs of this folder from the `holidays` package (PyPI).

    pip install holidays==0.109
    python generate.py                # 2015 to 2035, into this folder
    python generate.py 2000 2040      # another range of years, both inclusive

`digests.txt` holds the SHA-256 of each calendar's days, one a line: a test compares the packs with it, without Python. The version is
pinned, so the same range gives the same bytes. What is deliberately ours (rulebook §6):

* A calendar holds rest days only. Holidays on which people work (SK 28.10; 1.9 from 2024; 17.11 from 2025; 8.5 and 15.9
  in 2026) are the package's category `workday`; we take `public` alone.
* HU: days off by the yearly decree are rest days. The Saturdays worked for them stay non-working: banks differ, and a worked
  Saturday is no payout day. The package knows decrees up to the last published one, so later years lack them.
* HU: 24.12 is a holiday from 2026, as the package has it; the decree that swapped it is superseded.
* DE: nationwide days only (with 31.10 once, in 2017). `de-by`, … are the calendars of the states. Days of single communes (BY 15.8, SN
  and TH Corpus Christi) are no rest days of a state.
* AT: Good Friday is no rest day.
* eur: closing days of T2, the euro payment system. They are fewer than the national ones of CZ and SK.
* BG: days off by decree and the Mondays that the labour code gives for a holiday on a weekend are rest days; the Saturdays worked for
  them stay non-working. RO: days off by decree are for public offices and are not in the table. Neither country is in the rulebook.
* si-eur, at-eur: the national days and those of T2 together, for payouts in EUR: Good Friday is no rest day in either country,
  and no bank moves money on it.

The facts that the rulebook states become golden rows of the packs. The script fails when one of them does not hold for the package's table.
"""

import datetime
import hashlib
import pathlib
import sys

import holidays

PINNED = "0.109"
COUNTRIES = {
    "cz": ("CZ", "Czechia"),
    "sk": ("SK", "Slovakia"),
    "hu": ("HU", "Hungary"),
    "pl": ("PL", "Poland"),
    "si": ("SI", "Slovenia"),
    "ro": ("RO", "Romania"),
    "bg": ("BG", "Bulgaria"),
    "de": ("DE", "Germany, nationwide days"),
    "at": ("AT", "Austria"),
}
STATES = {
    "BB": "Brandenburg", "BE": "Berlin", "BW": "Baden-Württemberg", "BY": "Bayern", "HB": "Bremen", "HE": "Hessen", "HH": "Hamburg",
    "MV": "Mecklenburg-Vorpommern", "NI": "Niedersachsen", "NW": "Nordrhein-Westfalen", "RP": "Rheinland-Pfalz",
    "SH": "Schleswig-Holstein", "SL": "Saarland", "SN": "Sachsen", "ST": "Sachsen-Anhalt", "TH": "Thüringen",
}
UNIONS = {"si-eur": ("si", "eur", "Slovenia and T2"), "at-eur": ("at", "eur", "Austria and T2")}
NOTES = {
    "hu": "# Days off by decree are rest days; the Saturdays worked for them stay non-working days (rulebook §6).\n"
    "# Days off by decree are known up to the last published decree only.\n",
    "de": "# Without the days of single states.\n",
}

# What a fact of a calendar rests on that the rulebook does not know.
LAWS = {
    "ro": "labour code, article 139; Good Friday since 2018, 6 and 7 January since 2024; Orthodox Easter",
    "bg": "labour code, article 154; a Monday for a holiday on a weekend since 2017; Orthodox Easter",
}

# (calendar, day, rest or not): rulebook §3.3, §6, X03, X29, X30; of LAWS. Golden rows of the packs.
FACTS = [
    ("cz", "2015-04-03", False), ("cz", "2016-03-25", True), ("cz", "2025-04-21", True), ("cz", "2026-07-06", True),
    ("sk", "2018-10-30", True), ("sk", "2020-10-28", False), ("sk", "2021-10-28", False), ("sk", "2023-09-01", True),
    ("sk", "2024-09-01", False), ("sk", "2025-09-01", False), ("sk", "2024-11-17", True), ("sk", "2025-11-17", False),
    ("sk", "2026-05-08", False), ("sk", "2026-09-15", False), ("sk", "2026-11-17", False), ("sk", "2027-05-08", True),
    ("sk", "2025-08-29", True), ("sk", "2026-01-06", True),
    ("hu", "2016-03-25", False), ("hu", "2017-04-14", True), ("hu", "2025-05-02", True), ("hu", "2025-10-24", True),
    ("hu", "2025-12-24", True), ("hu", "2026-01-02", True), ("hu", "2026-08-21", True), ("hu", "2026-12-24", True),
    ("pl", "2018-11-12", True), ("pl", "2024-12-24", False), ("pl", "2025-12-24", True), ("pl", "2025-04-18", False),
    ("si", "2016-01-02", False), ("si", "2017-01-02", True), ("si", "2023-08-14", True), ("si", "2025-04-18", False),
    ("at", "2018-03-30", False), ("at", "2025-04-18", False), ("at", "2025-12-08", True),
    ("de", "2016-10-31", False), ("de", "2017-10-31", True), ("de", "2018-10-31", False), ("de", "2025-04-18", True),
    ("de", "2025-03-08", False), ("de-be", "2018-03-08", False), ("de-be", "2019-03-08", True), ("de-be", "2020-05-08", True),
    ("de-be", "2021-05-08", False), ("de-be", "2025-05-08", True), ("de-mv", "2022-03-08", False), ("de-mv", "2023-03-08", True),
    ("de-th", "2018-09-20", False), ("de-th", "2019-09-20", True), ("de-sn", "2025-11-19", True), ("de-by", "2025-11-19", False),
    ("de-by", "2025-01-06", True), ("de-sl", "2025-08-15", True), ("de-by", "2025-08-15", False), ("de-nw", "2025-06-19", True),
    ("de-nw", "2025-11-01", True), ("de-be", "2025-11-01", False), ("de-ni", "2017-10-31", True), ("de-ni", "2018-10-31", True),
    ("de-by", "2018-10-31", False),
    ("eur", "2026-07-06", False), ("eur", "2025-08-29", False), ("eur", "2025-04-18", True), ("eur", "2025-12-26", True),
    ("si-eur", "2025-04-18", True), ("at-eur", "2025-04-18", True),
    ("ro", "2017-04-14", False), ("ro", "2018-04-06", True), ("ro", "2024-05-06", True), ("ro", "2024-04-01", False),
    ("ro", "2023-01-06", False), ("ro", "2025-01-06", True), ("ro", "2026-04-13", True), ("ro", "2026-06-01", True),
    ("bg", "2024-05-03", True), ("bg", "2024-05-06", True), ("bg", "2025-05-26", True), ("bg", "2025-09-08", True),
    ("bg", "2026-04-13", True), ("bg", "2026-03-03", True), ("bg", "2026-05-08", False),
]


def national(code, years, state=None):
    """The rest days of a country, with their names in its own language; with those of a state of it, when one is named."""
    language = getattr(holidays, code).default_language
    table = holidays.country_holidays(code, subdiv=state, years=years, language=language, categories=("public",))
    return dict(sorted(table.items()))


def tables(years):
    """Rest days by calendar."""
    found = {name: national(code, years) for name, (code, _) in COUNTRIES.items()}
    found.update({f"de-{state.lower()}": national("DE", years, state) for state in STATES})
    found["eur"] = dict(sorted(holidays.financial_holidays("XECB", years=years).items()))
    for name, (country, bank, _) in UNIONS.items():
        found[name] = dict(sorted({**found[bank], **found[country]}.items()))
    return found


def check(found, years):
    """Stops when the package disagrees with the rulebook."""
    for name, text, rest in FACTS:
        day = datetime.date.fromisoformat(text)
        if day.year in years and (day in found[name]) != rest:
            sys.exit(f"{name} {day}: expected {'a rest day' if rest else 'no rest day'}")
    for name in ("cz", "sk"):
        for day in found["eur"]:
            # Good Friday is a rest day of CZ since 2016; T2 closed for New Year's Eve in 2001 only.
            if day not in found[name] and not (day.year < 2016 or day.weekday() > 4):
                sys.exit(f"{name}: {day} closes T2 and is no rest day")


def pack(name, title, years, rest):
    """The text of a calendar pack."""
    law = "rulebook §6" if name not in LAWS else LAWS[name]
    source = f"{law}; table by the PyPI package holidays {PINNED}, calendars/generate.py"
    lines = [
        "# Written by generate.py: change that, not this.",
        "[pack]",
        f'title = "{title}"',
        f'source = "{source}"',
        "",
        NOTES.get(name, "") + "[calendar]",
        f'from = "{years[0]}-01-01"',
        f'to = "{years[-1]}-12-31"',
        f'source = "{source}"',
        "",
        "[calendar.rest]",
    ]
    lines += [f'"{day}" = {quoted(text)}' for day, text in rest.items()]
    for calendar, day, is_rest in FACTS:
        if calendar == name and datetime.date.fromisoformat(day).year in years:
            expected = "yes" if is_rest else "no"
            lines += ["", "[[golden.day]]", f'given = {{ day = "{day}" }}', f'expect = {{ rest_day = "{expected}" }}',
                      f'source = "{LAWS.get(name, "rulebook §6, §10")}"']
    return "\n".join(lines) + "\n"


def quoted(text):
    """A TOML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main():
    if holidays.__version__ != PINNED:
        sys.exit(f"holidays {holidays.__version__} is installed, {PINNED} is wanted")
    first, last = (int(year) for year in sys.argv[1:3]) if len(sys.argv) > 2 else (2015, 2035)
    years = range(first, last + 1)
    found = tables(years)
    check(found, years)
    titles = {name: title for name, (_, title) in COUNTRIES.items()}
    titles.update({f"de-{state.lower()}": f"Germany, {name}" for state, name in STATES.items()})
    titles["eur"] = "Euro payments (T2)"
    titles.update({name: title for name, (_, _, title) in UNIONS.items()})
    folder = pathlib.Path(__file__).parent
    digests = {name: hashlib.sha256("\n".join(map(str, rest)).encode()).hexdigest() for name, rest in found.items()}
    lines = [f"{name} {digest}\n" for name, digest in sorted(digests.items())]
    (folder / "digests.txt").write_text("".join(lines), encoding="utf-8", newline="\n")
    for name, rest in found.items():
        (folder / f"{name}.toml").write_text(pack(name, titles[name], years, rest), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
