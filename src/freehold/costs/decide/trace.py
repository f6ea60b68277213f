"""Requests as they came: when, how long in, how long out. Parquet, CSV or JSON Lines.

Columns `t_ms` (milliseconds from any beginning), `input_tokens`, `output_tokens`, if present `cached_tokens`
and `route`; or those of another tool's export (`dialects`). Does not know prices.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.costs.decide.dialects import DIALECTS, dialect_of
from freehold.costs.decide.traffic import MOST_TOKENS
from freehold.errors import ConfigError
from freehold.wire import Usage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REQUIRED = ("t_ms", "input_tokens", "output_tokens")
_HINT = "a trace has the columns t_ms, input_tokens and output_tokens, and may have cached_tokens and route"
_OTHERS = ", ".join(sorted({dialect.name for dialect in DIALECTS} - {"freehold"}))
# Nothing is fetched: Parquet is in the wheel.
_OFFLINE: Mapping[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
Row = Mapping[str, Any]
Reader = Callable[[Path], Iterator[tuple[str, Row]]]


class TraceError(ConfigError):
    """A trace that cannot be used: which file, which line, why."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__("", message, hint=hint)


@dataclass(frozen=True, slots=True)
class Trace:
    """`t_ms` is sorted; columns have the shape (requests,). `cached_tokens` is `None` where not stated.

    As far as is known, `simulated` of the requests were answered by a sandbox, and `kept` may not leave.
    """

    name: str
    t_ms: NDArray[np.float64]
    input_tokens: NDArray[np.int64]
    output_tokens: NDArray[np.int64]
    cached_tokens: NDArray[np.int64] | None = None
    simulated: int = 0
    kept: int = 0

    def __len__(self) -> int:
        return len(self.t_ms)

    @property
    def span_seconds(self) -> Decimal:
        """From the first arrival to the last."""
        return Decimal(float(self.t_ms[-1] - self.t_ms[0])) / 1000

    def usages(self) -> Iterable[tuple[Usage, int]]:
        """What was used, each different request once with its count: sums over these are sums over rows."""
        cached = self.cached_tokens
        columns: list[Iterable[Any]] = [self.input_tokens.tolist(), self.output_tokens.tolist()]
        columns.append([None] * len(self) if cached is None else cached.tolist())
        for (given, made, hit), times in Counter(zip(*columns, strict=True)).items():
            yield Usage(input_tokens=given, output_tokens=made, cached_tokens=hit), times


def read_trace(path: Path, *, route: str | None = None) -> Trace:
    """The rows of `route` (all of them without one).

    Raises `TraceError` naming file and line on a file that cannot be read, is empty, lacks a column or holds
    a figure that cannot be.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(_READERS))
        raise TraceError(
            f"{path.name}: {path.suffix or 'no ending'} is no form of a trace", hint=f"known are {known}"
        )
    if not path.is_file():
        raise TraceError(f"{path} is not there", hint="is the path right?")
    if path.suffix.lower() == ".parquet":
        return _from_parquet(path, route)
    return _from_rows(path, reader(path), route)


def trace_of(
    name: str, rows: Sequence[tuple[float, int, int, int | None]], *, simulated: int = 0, kept: int = 0
) -> Trace:
    """Rows of `t_ms`, input, output and cached tokens, at least one, in any order.

    Where no row states cached tokens nothing is known of them; a single row that does not had none to bill.
    """
    import numpy as np  # noqa: PLC0415 - as above

    times, given, made, cached = zip(*rows, strict=True)
    known = None
    if any(hit is not None for hit in cached):
        known = np.array([0 if hit is None else hit for hit in cached], np.int64)
    found = _sorted(name, [np.array(times), np.array(given, np.int64), np.array(made, np.int64)], known)
    return replace(found, simulated=simulated, kept=kept)


def _from_rows(path: Path, rows: Iterator[tuple[str, Row]], route: str | None) -> Trace:
    import numpy as np  # noqa: PLC0415 - an extra, loaded where used

    times, given, made, cached = [], [], [], []
    for where, raw in rows:
        row = _translated(raw, where)
        if route is not None and row.get("route") != route:
            continue
        times.append(_number(row, "t_ms", where, 1e15))
        given.append(int(_number(row, "input_tokens", where, MOST_TOKENS)))
        made.append(int(_number(row, "output_tokens", where, MOST_TOKENS)))
        cached.append(_cached(row, given[-1], where))
    _some(path, len(times), route)
    columns = [np.array(times), np.array(given, np.int64), np.array(made, np.int64)]
    known = None if None in cached else np.array(cached, np.int64)
    return _sorted(path.name, columns, known)


def _translated(row: Row, where: str) -> Row:
    dialect = dialect_of(row)
    if dialect is not None:
        return dialect.translate(row)
    missing = [name for name in REQUIRED if name not in row]
    raise TraceError(
        f"{where}: {', '.join(missing)} missing", hint=f"{_HINT}; exports of {_OTHERS} are read too"
    )


def _some(path: Path, rows: int, route: str | None) -> None:
    if not rows:
        of = "" if route is None else f" of route {route}"
        raise TraceError(f"{path.name} holds no request{of}", hint=_HINT)


def _sorted(name: str, columns: list[NDArray[Any]], cached: NDArray[np.int64] | None) -> Trace:
    import numpy as np  # noqa: PLC0415 - as above

    order = np.argsort(columns[0], kind="stable")
    t_ms, given, made = (column[order] for column in columns)
    return Trace(name, t_ms, given, made, None if cached is None else cached[order])


def _number(row: Row, name: str, where: str, most: float) -> float:
    value = row.get(name)
    if value is None or value == "":
        raise TraceError(f"{where}: {name} is missing", hint=_HINT)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TraceError(f"{where}: {name} is {value!r}, not a number", hint=_HINT) from None
    if not 0 <= number <= most or isinstance(value, bool):
        raise TraceError(f"{where}: {name} is {value}", hint=f"it must lie between 0 and {most:g}")
    if name != "t_ms" and number != int(number):
        raise TraceError(f"{where}: {name} is {value}", hint="tokens are whole")
    return number


def _cached(row: Row, input_tokens: int, where: str) -> int | None:
    if row.get("cached_tokens") in {None, ""}:
        return None
    cached = int(_number(row, "cached_tokens", where, MOST_TOKENS))
    if cached > input_tokens:
        raise TraceError(
            f"{where}: {cached} cached tokens of {input_tokens}", hint="cached tokens are a part of the input"
        )
    return cached


def _csv_rows(path: Path) -> Iterator[tuple[str, Row]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _columns(path, reader.fieldnames or ())
            for row in reader:
                if None in row:
                    raise TraceError(f"{path.name}, line {reader.line_num}: more cells than columns")
                yield f"{path.name}, line {reader.line_num}", row
    except (UnicodeDecodeError, csv.Error) as error:
        raise TraceError(f"{path.name}: {error}", hint="a CSV file in UTF-8 is expected") from error


def _json_rows(path: Path) -> Iterator[tuple[str, Row]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield f"{path.name}, line {number}", _json_row(line, f"{path.name}, line {number}")
    except UnicodeDecodeError as error:
        raise TraceError(f"{path.name}: {error}", hint="JSON Lines in UTF-8 are expected") from error


def _json_row(line: str, where: str) -> Row:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise TraceError(f"{where}: {error}", hint="each line holds one JSON object") from error
    if not isinstance(row, dict):
        raise TraceError(f"{where}: no JSON object", hint=_HINT)
    return row


def _columns(path: Path, names: Iterable[str]) -> None:
    names = set(names)
    if dialect_of(names) is None:
        missing = [name for name in REQUIRED if name not in names]
        raise TraceError(
            f"{path.name} has no column {', '.join(missing)}",
            hint=f"{_HINT}; exports of {_OTHERS} are read too",
        )


def _from_parquet(path: Path, route: str | None) -> Trace:
    import duckdb  # noqa: PLC0415 - an extra, loaded where used

    with duckdb.connect(config=dict(_OFFLINE)) as database:
        try:
            table = database.read_parquet(str(path))
        except duckdb.Error as error:
            raise TraceError(
                f"{path.name} cannot be read: {str(error).splitlines()[0]}", hint="is it a Parquet file?"
            ) from error
        if not set(REQUIRED) <= set(table.columns):
            raise TraceError(f"{path.name} lacks one of {', '.join(REQUIRED)}", hint=_HINT)
        if route is not None:
            if "route" not in table.columns:
                raise TraceError(f"{path.name} has no column route", hint="leave --route out")
            table = table.filter(duckdb.ColumnExpression("route") == duckdb.ConstantExpression(route))
        names = [*REQUIRED, *({"cached_tokens"} & set(table.columns))]
        rows = table.select(*names).fetchnumpy()
    _some(path, len(rows["t_ms"]), route)
    return _sorted(path.name, [_column(path, rows, name) for name in REQUIRED], _cached_column(path, rows))


def _column(path: Path, rows: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    """A whole column, checked. Row numbers count from 1."""
    import numpy as np  # noqa: PLC0415 - as above

    column = rows[name]
    most = 1e15 if name == "t_ms" else MOST_TOKENS
    if column.dtype.kind not in "iuf":
        raise TraceError(f"{path.name}: {name} holds no numbers", hint=_HINT)
    plain = np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)
    wrong = ~((plain >= 0) & (plain <= most))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise TraceError(
            f"{path.name}, row {at + 1}: {name} is {column[at]}", hint=f"it must lie between 0 and {most:g}"
        )
    return plain if name == "t_ms" else plain.astype(np.int64)


def _cached_column(path: Path, rows: Mapping[str, NDArray[Any]]) -> NDArray[np.int64] | None:
    import numpy as np  # noqa: PLC0415 - as above

    if "cached_tokens" not in rows or np.ma.is_masked(rows["cached_tokens"]):
        return None
    cached = _column(path, rows, "cached_tokens")
    above = cached > rows["input_tokens"]
    if above.any():
        at = int(np.argmax(above))
        raise TraceError(
            f"{path.name}, row {at + 1}: {cached[at]} cached tokens of {rows['input_tokens'][at]}",
            hint="cached tokens are a part of the input",
        )
    return cached


_READERS: Mapping[str, Reader] = {
    ".csv": _csv_rows,
    ".jsonl": _json_rows,
    ".ndjson": _json_rows,
    ".parquet": _json_rows,  # read by column, see `read_trace`
}
