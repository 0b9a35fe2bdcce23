"""Reads the tables of a run as polars, DuckDB and pandas read them, writes them with each, and reads them again with the others.

    round_trip.py RUN PARQUET JSON TRIALS TRIALS_CSV

RUN is a run's directory, PARQUET and JSON what `tapeline export` made of it, TRIALS a sweep's trials.parquet and TRIALS_CSV
what `tapeline trials --csv` made of that. Whatever differs from the cells of the CSV files, read as text, is printed, and the
exit code is 1.
"""

import csv
import datetime
import json
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.parquet

complaints = []


def nanoseconds(text):
    """An instant as the files write it, in nanoseconds since 1970."""
    whole, _, part = text.removesuffix("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc).timestamp()
    return int(seconds) * 10**9 + int(part.ljust(9, "0") or "0")


def instant(value):
    """An instant as a library gives it, in nanoseconds since 1970."""
    if isinstance(value, pandas.Timestamp):
        return value.value
    if isinstance(value, datetime.datetime):
        value = value.replace(tzinfo=datetime.timezone.utc) if value.tzinfo is None else value
        since = value - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return ((since.days * 86_400 + since.seconds) * 10**6 + since.microseconds) * 1_000
    return int(value)


def is_missing(value):
    return value is None or value is pandas.NaT or value is pandas.NA or value != value


def kinds(schema):
    """Of each column what it holds, by the types of a Parquet file."""
    def kind(field):
        name = str(field.type)
        if name.startswith("decimal"):
            return "decimal"
        if name.startswith("timestamp"):
            return "time"
        return {"string": "text", "uint64": "whole", "uint32": "whole", "double": "double", "bool": "flag"}[name]

    return {field.name: kind(field) for field in schema}


def same(kind, cell, value, exact):
    """Whether what a library gives is what the cell says; exact, or as the nearest double."""
    if cell == "":
        return is_missing(value)
    if is_missing(value):
        return False
    if kind == "time":
        return instant(value) == nanoseconds(cell)
    if kind == "whole":
        return int(value) == int(cell)
    if kind == "decimal" and exact:
        return Decimal(value) == Decimal(cell)
    if kind in ("decimal", "double"):
        return float(value) == float(cell)
    if kind == "flag":
        return str(value).lower() == cell
    return str(value) == cell


def rows_of(frame):
    """A frame of any of the libraries as column names and a list of rows."""
    if isinstance(frame, polars.DataFrame):
        return frame.columns, frame.rows()
    if isinstance(frame, pandas.DataFrame):
        return list(frame.columns), list(frame.itertuples(index=False, name=None))
    return frame.columns, frame.fetchall()


def check(what, names, cells, frame, types, exact):
    columns, rows = rows_of(frame)
    if list(columns) != names or len(rows) != len(cells):
        complaints.append(f"{what}: {len(rows)} rows of {columns}, expected {len(cells)} of {names}")
        return
    for number, (expected, row) in enumerate(zip(cells, rows)):
        for name, cell, value in zip(names, expected, row):
            if not same(types[name], cell, value, exact):
                complaints.append(f"{what}, row {number}, {name}: {value!r} where the file has '{cell}'")
                return


READ_PARQUET = {
    "polars": polars.read_parquet,
    "duckdb": lambda path: duckdb.sql(f"SELECT * FROM '{path}'"),
    "pandas": lambda path: pandas.read_parquet(path, dtype_backend="pyarrow"),
}

WRITE_PARQUET = {
    "polars": lambda frame, path: frame.write_parquet(path),
    "duckdb": lambda frame, path: frame.write_parquet(str(path)),
    "pandas": lambda frame, path: frame.to_parquet(path),
}


def read_csv(library, path, types):
    """Reads a CSV file as a user does: times named as such, the rest as the library takes it; empty cells missing."""
    times = [name for name, kind in types.items() if kind == "time"]
    texts = [name for name, kind in types.items() if kind == "text"]
    if library == "polars":
        frame = polars.read_csv(path, schema_overrides={name: polars.String for name in texts + times})
        parse = lambda name: polars.col(name).str.to_datetime(time_unit="ns", time_zone="UTC")
        return frame.with_columns([parse(name) for name in times])
    if library == "duckdb":
        named = {name: "TIMESTAMPTZ" for name in times} | {name: "VARCHAR" for name in texts}
        return duckdb.read_csv(str(path), dtype=named)
    frame = pandas.read_csv(path, dtype={name: "string" for name in texts}, keep_default_na=False, na_values=[""])
    for name in times:
        frame[name] = pandas.to_datetime(frame[name], utc=True, format="ISO8601")
    return frame


def table(csv_path, parquet_path, folder):
    with open(csv_path, newline="") as file:
        names, *cells = list(csv.reader(file))
    types = kinds(pyarrow.parquet.read_schema(parquet_path))
    stem = csv_path.stem
    for library, read in READ_PARQUET.items():
        frame = read(parquet_path)
        check(f"{stem}.parquet by {library}", names, cells, frame, types, exact=True)
        written = folder / f"{stem}-{library}.parquet"
        WRITE_PARQUET[library](frame, written)
        for again, read_again in READ_PARQUET.items():
            what = f"{stem}.parquet by {library} and again by {again}"
            check(what, names, cells, read_again(written), types, exact=True)
        check(f"{stem}.csv by {library}", names, cells, read_csv(library, csv_path, types), types, exact=False)
    return len(cells)


def run_tables(run, parquet, tables, folder):
    rows = 0
    for csv_path in sorted(run.glob("*.csv")):
        rows += table(csv_path, parquet / f"{csv_path.stem}.parquet", folder)
        with open(csv_path, newline="") as file:
            names, *cells = list(csv.reader(file))
        told = json.loads((tables / f"{csv_path.stem}.json").read_text())
        types = kinds(pyarrow.parquet.read_schema(parquet / f"{csv_path.stem}.parquet"))
        got = [["" if value is None else str(value) for value in row.values()] for row in told["rows"]]
        if got != cells or (cells and list(told["rows"][0]) != names):
            complaints.append(f"{csv_path.stem}.json: not the cells of {csv_path.name}")
        wrong = [name for row in told["rows"] for name, value in row.items()
                 if value is not None and isinstance(value, int) != (types[name] == "whole")]
        if wrong:
            complaints.append(f"{csv_path.stem}.json: {set(wrong)} have the wrong type")
    return rows


def main(run, parquet, tables, trials, trials_csv):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows = run_tables(Path(run), Path(parquet), Path(tables), folder)
        rows += table(Path(trials_csv), Path(trials), folder)
        for name in ("candles.parquet", "indicators.parquet", "equity.parquet"):
            columns = {}
            for library, read in READ_PARQUET.items():
                _, read_rows = rows_of(read(Path(run) / name))
                canonical = lambda value: instant(value) if isinstance(value, datetime.datetime) else value
                columns[library] = [tuple(None if is_missing(v) else canonical(v) for v in row) for row in read_rows]
            rows += len(columns["polars"])
            if not columns["polars"] == columns["duckdb"] == columns["pandas"]:
                complaints.append(f"{name}: polars, DuckDB and pandas read different rows")
            if not columns["polars"]:
                complaints.append(f"{name}: no rows")
    print("\n".join(complaints) or f"{rows} rows")
    return 1 if complaints else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--version"]:
        print(f"{polars.__version__}, {duckdb.__version__}, {pandas.__version__}")
    else:
        sys.exit(main(*sys.argv[1:]))
