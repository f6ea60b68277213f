"""The answers as a TOML file that can be read, reviewed and asked again. Does not know how they were got."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from freehold.cli.guide.dialogue import Said
from freehold.cli.guide.kinds import toml

_REST = """\
# What your own contract says of a rented model goes before what providers publish:
# [contracts."openai/gpt-4o-mini"]
# trains_on_data = false
# retention_days = 30
# regions        = ["eu"]
# retires        = 2027-10-31
# source         = "contract of May, annex 3"

# What a trial found, stated with who says so:
# [quality."llama-3.1-8b"]
# good_enough_share = 0.88
# source            = "200 tickets, read blind by two agents"

# Figures that you know better than we do; `freehold decide` lists them all:
# [assumptions]
# own_engineers = { range = [0.3, 0.6, 1.0], source = "our platform team" }
"""


def answers_text(said: Sequence[Said], at: datetime, name: str) -> str:
    """The file's text. What was left open stands there as a comment, with the question."""
    return "\n".join(_lines(said, at, name)) + "\n" + _REST


def _lines(said: Sequence[Said], at: datetime, name: str) -> Iterator[str]:
    yield f"# Rent or own: what we answered on {at:%Y-%m-%d}. Every key may be changed or left out."
    yield f"#   freehold decide --answers {name}"
    yield f"#   freehold report --answers {name} --pdf board.pdf"
    yield ""
    for section, members in groupby(said, key=lambda each: each.question.key.partition(".")[0]):
        yield f"[{section}]"
        for each in members:
            yield f"# {each.question.ask}"
            yield f"# {each.question.why}"
            key = each.question.key.partition(".")[2]
            yield f"# {key} =" if each.value is None else f"{key} = {toml(each.value)}"
            yield ""
