from __future__ import annotations

from collections.abc import Callable

import pytest

from freehold.config import Settings

Read = Callable[..., Settings]
Mistakes = Callable[..., list[str]]

# Twelve lines: a route under test begins at line 13.
MODELS = """\
[models.gpt]
tenure = "rented"
provider = "sandbox"
[models.mini]
tenure = "rented"
provider = "sandbox"
clearance = "public"
[models.llama]
tenure = "owned"
provider = "llamacpp"
weights = "llama.gguf"
hourly_cost_usd = 0.60
"""


def route(*lines: str) -> str:
    return MODELS + "[routes.r]\n" + "\n".join(lines)


@pytest.mark.parametrize(
    ("lines", "candidates"),
    [
        (["rent = 'gpt'"], ("gpt",)),
        (["own = 'llama'"], ("llama",)),
        (["rent = ['gpt', 'mini']", "own = 'llama'"], ("gpt", "mini", "llama")),
        (["rent = ['mini', 'gpt']", "own = ['llama']", "home = 'own'"], ("llama", "mini", "gpt")),
        (["rent = []", "own = 'llama'"], ("llama",)),
    ],
)
def test_the_home_is_asked_first_each_side_in_its_order(
    read: Read, lines: list[str], candidates: tuple[str, ...]
) -> None:
    assert read(route(*lines)).routes["r"].candidates == candidates


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], "13 routes.r: a route needs a model to rent or to own"),
        (["rent = []"], "13 routes.r: a route needs a model to rent or to own"),
        (["rent = 'gtp'"], '14 routes.r.rent: no model is called "gtp" (did you mean "gpt"?)'),
        (
            ["rent = ['gpt',", "'zzz']"],
            '15 routes.r.rent[1]: no model is called "zzz" (known are gpt, llama, mini)',
        ),
        (["rent = 'llama'"], '14 routes.r.rent: "llama" is owned (name it under own)'),
        (["own = ['gpt']"], '14 routes.r.own[0]: "gpt" is rented (name it under rent)'),
        (["rent = ['gpt', 'gpt']"], '14 routes.r.rent[1]: "gpt" is named twice'),
        (["rent = 'gpt'", "home = 'own'"], "15 routes.r.home: its home is own, and it names no model there"),
        (["rent = 'gpt'", "policy = 'chaepest'"], '15 routes.r.policy: no policy is called "chaepest"'),
        (["rent = 'gpt'", "policy = 'split'"], '13 routes.r.split: policy = "split" needs the share'),
        (["rent = 'gpt'", "policy = 'split'", "split = {}"], '16 routes.r.split: policy = "split" needs'),
        (["rent = 'gpt'", "split = { gpt = 1 }"], "15 routes.r.split: is not used"),
        (
            ["rent = 'gpt'", "policy = 'split'", "split.llama = 1"],
            "16 routes.r.split.llama: no model of this",
        ),
        (["rent = 'gpt'", "policy = 'split'", "split.gpt = 0"], "16 routes.r.split.gpt: must be more than 0"),
        (["rent = 'gpt'", "policy = 'split'", "split.gpt = 'a'"], "16 routes.r.split.gpt: takes a number"),
        (["rent = 'gpt'", "deadline_seconds = inf"], "15 routes.r.deadline_seconds: must be"),
        (["rent = 'gpt'", f"deadline_seconds = 1{'0' * 400}"], "15 routes.r.deadline_seconds: is too large"),
        (["rent = 'gpt'", "grammar = ''"], "15 routes.r.grammar: must not be empty"),
    ],
)
def test_a_route_that_cannot_be_is_told(mistakes: Mistakes, lines: list[str], expected: str) -> None:
    told = mistakes(route(*lines))
    where = expected.split(" ", 1)[0]
    assert [line for line in told if line.startswith(expected)], told
    assert all(line.startswith(f"{where} ") for line in told)


def test_a_name_is_a_model_or_a_route(mistakes: Mistakes) -> None:
    (told,) = mistakes(MODELS + "[routes.llama]\nown = 'llama'")
    assert told.startswith("13 routes.llama: a model has the same name")


def test_a_route_of_a_broken_model_is_not_told_again(mistakes: Mistakes) -> None:
    text = MODELS.replace('tenure = "owned"', 'tenure = "own"') + "[routes.r]\nown = 'llama'"
    assert [told.split(":")[0] for told in mistakes(text)] == ["9 models.llama.tenure"]


def test_split_keeps_the_shares_as_numbers(read: Read) -> None:
    lines = ("rent = 'gpt'", "own = 'llama'", "policy = 'split'", "split = { gpt = 0.9, llama = 1 }")
    assert read(route(*lines)).routes["r"].split == {"gpt": 0.9, "llama": 1.0}
    assert read(route(*lines)).routes["r"].model_dump()["split"] == {"gpt": 0.9, "llama": 1.0}


def test_policies_and_grammars_are_those_that_the_reader_was_handed(read: Read, mistakes: Mistakes) -> None:
    text = route("rent = 'gpt'", "policy = 'nearest'", "grammar = 'tickte'")
    assert read(text, policies=["nearest"]).routes["r"].grammar == "tickte"
    (told,) = mistakes(text, policies=["nearest"], grammars=["ticket"])
    assert told == '16 routes.r.grammar: no grammar is called "tickte" (did you mean "ticket"?)'


def test_a_route_that_nobody_may_ever_answer_is_odd_and_still_served(read: Read) -> None:
    (warning,) = read(route("rent = ['gpt', 'mini']", "label = 'personal'")).warnings
    assert (warning.key, warning.line) == ("routes.r.label", 15)
    assert warning.message.startswith("no model of this route may ever answer it")
    (warning,) = read(route("rent = 'mini'")).warnings
    assert (warning.key, warning.line) == ("routes.r.label", 13)


def test_one_cleared_model_is_enough(read: Read) -> None:
    house = read(route("rent = 'gpt'", "own = 'llama'", "home = 'own'", "label = 'secret'"))
    assert house.warnings == ()


def test_a_home_that_may_not_answer_its_own_route_is_odd(read: Read) -> None:
    (warning,) = read(route("rent = 'gpt'", "own = 'llama'", "label = 'personal'")).warnings
    assert (warning.key, warning.line) == ("routes.r.label", 16)
    assert "the other side answers all" in warning.message


def test_a_route_that_refuses_everything_on_purpose_is_odd_and_not_wrong(read: Read) -> None:
    (warning,) = read(route("rent = 'gpt'", "label = 'personal'", "private = 'refuse'")).warnings
    assert warning.key == "routes.r.label"


def test_a_budget_needs_to_know_how_long_an_answer_can_get(read: Read, mistakes: Mistakes) -> None:
    (said,) = mistakes(route("rent = 'gpt'", "budget_usd = 5"))
    assert said.startswith("13 routes.r.max_output_tokens: a budget holds the worst case of a request")
    assert mistakes(route("own = 'llama'", "budget_period = 'day'")) == [
        "15 routes.r.budget_period: is not used (write budget_usd, or take it out)"
    ]
    bounded = read(route("rent = 'gpt'", "budget_usd = 5", "max_output_tokens = 100")).routes["r"]
    assert (str(bounded.budget_usd), bounded.budget_period, bounded.max_output_tokens) == ("5", "total", 100)
    owned = read(route("own = 'llama'", "budget_usd = '0.50'", "budget_period = 'month'")).routes["r"]
    assert (str(owned.budget_usd), owned.budget_period) == ("0.50", "month")
    sized = MODELS.replace('provider = "sandbox"\n', 'provider = "sandbox"\ncontext_tokens = 8192\n', 1)
    assert read(sized + "[routes.r]\nrent = 'gpt'\nbudget_usd = 5").routes["r"].budget_usd == 5
