from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import CONFIG, Freehold
from tests.engine.tiny_gguf import Shape, write_gguf


def test_a_good_config_is_said_to_be_good(freehold: Freehold, config: Path) -> None:
    ended = freehold("check")
    assert ended.code == 0
    assert "no mistakes in freehold.toml: 2 models, 1 route" in ended.out
    assert config.exists()


def test_every_mistake_is_told_at_once_with_line_key_and_hint(freehold: Freehold, config: Path) -> None:
    config.write_text(CONFIG.replace('own = "llama"', 'own = "lama"').replace("slots", "slotz"))
    ended = freehold("check")
    assert ended.code == 1
    lines = ended.out.splitlines()
    line_of_own = config.read_text().splitlines().index('own = "lama"') + 1
    assert f'freehold.toml:{line_of_own}: routes.support.own: no model is called "lama"' in lines
    assert '  hint: did you mean "llama"?' in lines
    assert any("models.llama.slotz" in line for line in lines)
    assert lines[-1] == "2 mistakes in freehold.toml"


def test_as_json_it_is_a_list_of_findings(freehold: Freehold, config: Path) -> None:
    config.write_text(CONFIG.replace('own = "llama"', 'own = "lama"'))
    ended = freehold("check", "--json")
    assert ended.code == 1
    (finding,) = ended.json
    assert finding["key"] == "routes.support.own"
    assert finding["severity"] == "mistake"
    assert finding["hint"] == 'did you mean "llama"?'
    assert set(finding) == {"file", "key", "line", "message", "hint", "severity"}


def test_what_is_odd_but_not_wrong_is_a_warning_and_exit_code_0(freehold: Freehold, config: Path) -> None:
    config.write_text(CONFIG.replace("hourly_cost_usd = 0.6\n", ""))
    ended = freehold("check", "--json")
    assert ended.code == 0
    assert [(f["key"], f["severity"]) for f in ended.json] == [("models.llama.hourly_cost_usd", "warning")]


def test_weights_that_are_missing_or_broken_are_mistakes(freehold: Freehold, config: Path) -> None:
    owned = CONFIG.replace('"compatible"', '"llamacpp"').replace(
        'url = "http://127.0.0.1:9/v1"', 'weights = "w.gguf"'
    )
    config.write_text(owned)
    (missing,) = freehold("check", "--json").json
    line = owned.splitlines().index('weights = "w.gguf"') + 1
    assert (missing["key"], missing["line"]) == ("models.llama.weights", line)
    assert missing["hint"]
    (doctored,) = [
        c for c in freehold("doctor", "--no-ask", "--json").json["checks"] if c["name"] == "weights"
    ]
    assert (doctored["verdict"], f"models.llama.weights, line {line}" in doctored["said"]) == ("bad", True)
    started = freehold("serve")
    assert (started.code, f"line {line}: models.llama.weights: " in started.err) == (2, True)
    (config.parent / "w.gguf").write_bytes(b"GGUF and then nothing")
    assert [f["key"] for f in freehold("check", "--json").json] == ["models.llama.weights"]
    write_gguf(config.parent / "w.gguf", Shape())
    assert freehold("check").code == 0


def test_mistakes_in_the_price_file_are_told_with_its_own_lines(freehold: Freehold, config: Path) -> None:
    config.write_text(CONFIG + '\n[prices]\nfile = "prices.toml"\n')
    assert [f["key"] for f in freehold("check", "--json").json] == ["prices.file"]
    (config.parent / "prices.toml").write_text('[openai.gpt]\ninput_usd_per_million = "cheap"\n')
    (finding,) = freehold("check", "--json").json
    assert (Path(finding["file"]).name, finding["line"]) == ("prices.toml", 2)


def test_a_file_that_is_missing_is_exit_code_2(freehold: Freehold) -> None:
    ended = freehold("check", "--config", "elsewhere.toml")
    assert ended.code == 2
    assert "there is no config at elsewhere.toml" in ended.err
    assert "freehold init --config elsewhere.toml" in ended.err


def test_a_folder_is_not_a_config(freehold: Freehold, folder: Path) -> None:
    assert freehold("check", "--config", str(folder)).code == 2


def test_a_file_that_is_no_toml_is_a_finding_with_its_line(freehold: Freehold, config: Path) -> None:
    config.write_text("[server\n")
    ended = freehold("check", "--json")
    assert ended.code == 1
    assert [f["line"] for f in ended.json] == [1]


def test_mistakes_in_a_file_of_rules_are_told_with_its_lines_and_the_starter_is_odd(
    freehold: Freehold, config: Path
) -> None:
    rules = '\n[models.{0}]\ntenure = "owned"\nprovider = "rules"\nrules = "{1}"\n'
    config.write_text(CONFIG + rules.format("mine", "mine.toml") + rules.format("try", "builtin:starter"))
    (config.parent / "mine.toml").write_text('[[rules]]\ncategory = "hatred"\npattern = "a*"\n')
    found = freehold("check", "--json").json
    told = [(Path(f["file"]).name, f["line"], f["key"], f["severity"]) for f in found]
    assert told[:2] == [
        ("mine.toml", 2, "rules[0].category", "mistake"),
        ("mine.toml", 3, "rules[0].pattern", "mistake"),
    ]
    assert [(key, severity) for _, _, key, severity in told[2:]] == [("models.try.rules", "warning")]
