"""Rejected rows of malformed.csv by DuckDB's CSV reader, one line each: physical line, kind of error.

    python rejects.py malformed.csv            prints them
    python rejects.py --check malformed.csv    compares them with malformed.rejects; prints why it skips when DuckDB is not there

The test of the reader (`second_reader`) compares its own refused rows with the same file.
"""

import pathlib
import sys


def rejects(path):
    import duckdb

    connection = duckdb.connect()
    columns = "{'Číslo': 'VARCHAR', 'Poznámka': 'VARCHAR', 'Doklad': 'VARCHAR'}"
    connection.execute(
        f"select count(*) from read_csv('{path}', delim=';', quote='\"', escape='\"', header=true, auto_detect=false, "
        f"columns={columns}, store_rejects=true, null_padding=false, strict_mode=true)"
    ).fetchall()
    found = connection.execute("select line_byte_position, error_type from reject_errors").fetchall()
    text = path.read_bytes()
    lines = {}
    for byte, kind in found:
        # Its own line number counts records: a quoted line end is none. The byte counts from 1.
        lines.setdefault(text[: byte - 1].count(b"\n") + 1, set()).add(str(kind).replace(" ", "_"))
    return "".join(f"{line} {'+'.join(sorted(kinds))}\n" for line, kinds in sorted(lines.items()))


def main(arguments):
    check = "--check" in arguments
    path = pathlib.Path([argument for argument in arguments if argument != "--check"][0])
    try:
        found = rejects(path)
    except ImportError:
        print("skipped: the module duckdb is not installed")
        return 0
    if not check:
        print(found, end="")
        return 0
    same = found == path.with_suffix(".rejects").read_text(encoding="utf-8")
    print("same" if same else "differs")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
