from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from freehold.costs import Bill, BillLine, read_bill, same_model
from freehold.errors import ConfigError

DAY = date(2025, 10, 6)

# As platform.openai.com exports them: every column, days without use as lines without figures.
USAGE = """\
start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,\
service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens
1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,,,,,,,,,,,
1759708800,1759795200,2025-10-06T00:00:00+00:00,2025-10-07T00:00:00+00:00,proj_x,8.0,user_x,key_x,\
gpt-5-2025-08-07,FALSE,default,46264.0,60000.0,8192.0,38072.0
"""
COSTS = """\
start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id
1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,,,,
1759708800,1759795200,2025-10-06T00:00:00+00:00,2025-10-07T00:00:00+00:00,0.5617712500000000,usd,\
"gpt-5-2025-08-07, input",proj_x
1759708800,1759795200,2025-10-06T00:00:00+00:00,2025-10-07T00:00:00+00:00,0.25,usd,,proj_x
"""
AZURE = """\
Date,MeterCategory,MeterSubCategory,MeterName,UnitOfMeasure,Quantity,CostInBillingCurrency,BillingCurrency
10/06/2025,Cognitive Services,Azure OpenAI,gpt-4o-mini-0718-Inp-glbl Tokens,1K,46.264,0.0069396,USD
10/06/2025,Cognitive Services,Azure OpenAI,gpt 4o mini 0718 cached Inp glbl Tokens,1K,8,0.0006,USD
10/06/2025,Cognitive Services,Azure OpenAI,GPT 5 Mini outpt Glbl 1M Tokens,1M,0.06,0.12,EUR
10/06/2025,Virtual Machines,Dv3 Series,D4 v3,1 Hour,24,1.5,USD
"""
PLAIN = "date,model,requests,input_tokens,cost_usd\n2025-10-06,gpt-5,8,46264,0.56\n"


def line_of(bill: Bill, number: int) -> BillLine:
    return next(line for line in bill.lines if line.number == number)


def test_openais_usage_is_known_by_its_header_and_days_without_use_are_covered() -> None:
    bill = read_bill(USAGE, "usage.csv")
    assert (bill.format, bill.providers) == ("openai usage", frozenset({"openai"}))
    assert bill.days == {date(2025, 10, 5), DAY}
    (line,) = bill.lines
    assert (line.day, line.model, line.number) == (DAY, "gpt-5-2025-08-07", 3)
    assert (line.requests, line.input_tokens, line.cached_tokens, line.output_tokens) == (
        8,
        46_264,
        8_192,
        60_000,
    )
    assert line.cost_usd is None


def test_openais_costs_are_by_line_item_or_for_all_models_together() -> None:
    bill = read_bill(COSTS, "costs.csv")
    assert (bill.format, len(bill.days)) == ("openai costs", 2)
    assert [(line.model, line.cost_usd) for line in bill.lines] == [
        ("gpt-5-2025-08-07", Decimal("0.56177125")),
        (None, Decimal("0.25")),
    ]
    assert all(line.requests is None and line.input_tokens is None for line in bill.lines)


def test_the_usage_apis_answer_is_read_as_the_same_bill() -> None:
    result = {
        "object": "organization.usage.completions.result",
        "input_tokens": 46_264,
        "output_tokens": 60_000,
        "input_cached_tokens": 8_192,
        "num_model_requests": 8,
        "model": "gpt-5-2025-08-07",
        "batch": None,
    }
    buckets = [
        {"object": "bucket", "start_time": 1759622400, "end_time": 1759708800, "results": []},
        {"object": "bucket", "start_time": 1759708800, "end_time": 1759795200, "results": [result]},
    ]
    page = {"object": "page", "data": buckets, "has_more": False, "next_page": None}
    whole = read_bill(USAGE, "usage.csv")
    for text in (json.dumps(page), json.dumps([page])):
        bill = read_bill(text, "usage.json")
        assert (bill.format, bill.days) == (whole.format, whole.days)
        assert [(ln.day, ln.model, ln.requests, ln.input_tokens, ln.cached_tokens) for ln in bill.lines] == [
            (ln.day, ln.model, ln.requests, ln.input_tokens, ln.cached_tokens) for ln in whole.lines
        ]


def test_the_costs_apis_amounts_are_exact_although_json_calls_them_numbers() -> None:
    result = """{"object": "organization.costs.result", "line_item": "gpt-5-2025-08-07, output",
        "amount": {"value": 0.1000000000000000055, "currency": "usd"}}"""
    bucket = f'{{"object": "bucket", "start_time": 1759708800, "results": [{result}]}}'
    text = f'{{"object": "page", "data": [{bucket}]}}'
    (line,) = read_bill(text, "costs.json").lines
    assert (line.model, line.cost_usd) == ("gpt-5-2025-08-07", Decimal("0.1000000000000000055"))


def test_azures_meters_are_models_with_a_direction_and_a_unit() -> None:
    bill = read_bill(AZURE, "azure.csv")
    assert (bill.format, bill.providers, bill.left_out) == ("azure", frozenset({"azure"}), 1)
    given, cached, made = bill.lines
    assert (given.model, given.input_tokens, given.cached_tokens, given.output_tokens) == (
        "gpt 4o mini 0718",
        46_264,
        0,
        0,
    )
    assert given.cost_usd == Decimal("0.0069396")
    assert (cached.model, cached.input_tokens, cached.cached_tokens) == ("gpt 4o mini 0718", 8_000, 8_000)
    assert (made.model, made.output_tokens, made.cost_usd) == ("gpt 5 mini", 60_000, None)
    assert given.requests is None


def test_azures_older_export_is_read_too() -> None:
    text = (
        "UsageDateTime,MeterCategory,MeterName,UsageQuantity,PreTaxCost\n"
        "2025-10-06,Cognitive Services,gpt-4o-mini-0718-Outp-glbl Tokens,1.5,0.0009\n"
    )
    (line,) = read_bill(text, "azure.csv").lines
    assert (line.output_tokens, line.cost_usd) == (1_500, Decimal("0.0009"))


def test_the_plain_format_may_leave_columns_out() -> None:
    (line,) = read_bill(PLAIN, "bill.csv").lines
    assert (line.requests, line.input_tokens, line.cached_tokens, line.output_tokens) == (
        8,
        46_264,
        None,
        None,
    )
    assert line.cost_usd == Decimal("0.56")


@pytest.mark.parametrize("text", [PLAIN.replace(",", ";"), PLAIN.replace(",", "\t"), "\ufeff" + PLAIN])
def test_other_separators_and_a_mark_at_the_beginning_are_taken(text: str) -> None:
    assert len(read_bill(text, "bill.csv").lines) == 1


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("", "bill:1", "no known bill"),
        ("a,b\n1,2\n", "bill:1", "no known bill"),
        (PLAIN.replace("46264", "many"), "bill:2", "input_tokens 'many' is no number"),
        (PLAIN.replace("46264", "1.5"), "bill:2", "is no whole number"),
        (PLAIN.replace("46264", "-1"), "bill:2", "is no whole number"),
        (PLAIN.replace("0.56", "NaN"), "bill:2", "cost_usd 'NaN' is no number"),
        (PLAIN.replace("2025-10-06", "6. Oktober"), "bill:2", "is no day"),
        (PLAIN.replace(",gpt-5,", ",,"), "bill:2", "names no model"),
        (PLAIN + "2025-10-06,gpt-5,8,46264,0.56,7\n", "bill:3", "has 6 cells"),
        (PLAIN + '2025-10-06,"gpt-5,8,46264,0.56\n', "bill:3", "is no CSV"),
        (USAGE.replace("1759795200,2025", "1759798800,2025"), "bill:3", "over midnight"),
        (COSTS.replace(",usd,,", ",eur,,"), "bill:4", "amount_currency 'eur' is not usd"),
        ("{", "bill:1", "is no JSON"),
        ('{"data": 1}', "bill:1", "holds no pages"),
        ('{"data": [1]}', "bill:1", "is no bucket"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text: str, key: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_bill(text, "bill")
    assert caught.value.key == key
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("gpt-4o-mini-2024-07-18", ["gpt-4o-mini-2024-07-18", "gpt-4o-mini"], "gpt-4o-mini-2024-07-18"),
        ("gpt-4o-mini-2024-07-18", ["gpt-4o-mini", "gpt-4o"], "gpt-4o-mini"),
        ("gpt-4o-mini-2024-07-18", ["gpt 4o mini 0718", "gpt 4o 0806"], "gpt 4o mini 0718"),
        ("gpt-4o-mini", ["gpt-4o-mini-2024-07-18"], "gpt-4o-mini-2024-07-18"),
        ("gpt-4o", ["gpt-4o-2024-08-06", "gpt-4o-2024-11-20"], None),
        ("gpt-4o-2024-05-13", ["gpt-4o-2024-08-06"], None),
        ("gpt-4o", ["gpt-4o-mini"], None),
        ("gpt-5.4-nano", ["5.4 nano"], "5.4 nano"),
        ("openai/gpt-4o", ["gpt-4o"], "gpt-4o"),
        ("gpt-5", ["gpt-5.1"], None),
    ],
)
def test_one_model_is_known_by_its_several_names(ours: str, theirs: list[str], found: str | None) -> None:
    assert same_model(ours, theirs) == found
