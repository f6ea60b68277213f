"""What a hub's words become: names, files, quantisations, licences. No hub is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.engine.hub import HubFile, ModelName, Repo, choose, is_model_name, parse_name, variants
from freehold.engine.hub.choice import quantisation_in
from freehold.engine.hub.listing import Checksum, is_safe, read_repo
from freehold.errors import FreeholdError

SHA256 = Checksum("sha256", "0" * 64)


def repo(*files: str | tuple[str, int]) -> Repo:
    sized = [(file, 100) if isinstance(file, str) else file for file in files]
    return Repo("org/name", "c" * 40, None, tuple(HubFile(path, size, SHA256) for path, size in sized))


def chosen(holding: Repo, wanted: str | None = None) -> list[str]:
    return [file.path for file in choose(holding, wanted).files]


@pytest.mark.parametrize(
    ("text", "repo_name", "wanted"),
    [
        ("org/name", "org/name", None),
        ("bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M", "bartowski/Llama-3.2-1B-Instruct-GGUF", "Q4_K_M"),
        ("org/name:sub/dir/x-q8_0.gguf", "org/name", "sub/dir/x-q8_0.gguf"),
        ("https://huggingface.co/org/name/", "org/name", None),
    ],
)
def test_a_name_is_a_repository_and_perhaps_a_quantisation(
    text: str, repo_name: str, wanted: str | None
) -> None:
    assert parse_name(text) == ModelName(repo_name, wanted)


@pytest.mark.parametrize(
    "text",
    ["", "name", "a/b/c", "../etc", "org/../x", "org/na me", "org/name:", "-x/y", "a/.b", "org/name:a\nb"],
)
def test_what_is_no_name_is_refused_with_a_hint(text: str) -> None:
    assert not is_model_name(text)
    with pytest.raises(FreeholdError) as raised:
        parse_name(text)
    assert raised.value.hint is not None


@pytest.mark.parametrize(
    ("path", "quantisation"),
    [
        ("Llama-3.2-1B-Instruct-Q4_K_M.gguf", "Q4_K_M"),
        ("llama-2-7b.q4_0.gguf", "Q4_0"),
        ("qwen2.5-7b-instruct-q5_k_m-00001-of-00002.gguf", "Q5_K_M"),
        ("Q8_0/model-00001-of-00003.gguf", "Q8_0"),
        ("UD-Q4_K_XL/x-UD-Q4_K_XL-00001-of-00002.gguf", "UD-Q4_K_XL"),
        ("model-fp16.gguf", "F16"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("model-IQ2_XXS.gguf", "IQ2_XXS"),
        ("model-BF16.gguf", "BF16"),
        ("Qwen2-1.5B.gguf", None),
    ],
)
def test_a_file_s_name_tells_its_quantisation(path: str, quantisation: str | None) -> None:
    assert quantisation_in(path) == quantisation


def test_without_a_wish_q4_k_m_is_taken() -> None:
    assert chosen(repo("m-Q8_0.gguf", "m-Q4_K_M.gguf", "m-Q2_K.gguf")) == ["m-Q4_K_M.gguf"]


def test_without_q4_k_m_the_smallest_of_four_bits_or_more_is_taken() -> None:
    holding = repo(("m-Q8_0.gguf", 900), ("m-Q5_K_M.gguf", 600), ("m-IQ2_XXS.gguf", 200))
    assert chosen(holding) == ["m-Q5_K_M.gguf"]


def test_where_all_are_small_the_largest_is_taken() -> None:
    assert chosen(repo(("m-Q2_K.gguf", 300), ("m-IQ2_XXS.gguf", 200))) == ["m-Q2_K.gguf"]


def test_a_wish_is_heard_in_any_case_and_as_a_file() -> None:
    holding = repo("m-Q8_0.gguf", "m-Q4_K_M.gguf")
    assert chosen(holding, "q8_0") == chosen(holding, "m-Q8_0.gguf") == ["m-Q8_0.gguf"]


def test_an_unknown_quantisation_is_told_what_there_is() -> None:
    with pytest.raises(FreeholdError, match="has no Q6_K") as raised:
        choose(repo(("m-Q8_0.gguf", 8_500_000_000), "m-Q4_K_M.gguf"), "Q6_K")
    assert raised.value.hint is not None
    assert "Q8_0 (8.50 GB)" in raised.value.hint
    assert "Q4_K_M" in raised.value.hint


def test_all_parts_of_a_model_are_taken_in_their_order() -> None:
    parts = [f"Q4_K_M/m-Q4_K_M-0000{number}-of-00003.gguf" for number in (2, 3, 1)]
    assert chosen(repo(*parts)) == sorted(parts)


def test_a_model_whose_parts_are_not_all_there_is_refused() -> None:
    with pytest.raises(FreeholdError, match=r"3 parts, and the hub lists 2"):
        choose(repo("m-Q4_K_M-00001-of-00003.gguf", "m-Q4_K_M-00002-of-00003.gguf"), None)


def test_two_models_of_one_quantisation_are_told_apart_by_their_files() -> None:
    holding = repo("a-Q4_K_M.gguf", "b-Q4_K_M.gguf")
    with pytest.raises(FreeholdError, match="2 models") as raised:
        choose(holding, "Q4_K_M")
    assert "org/name:a-Q4_K_M.gguf" in str(raised.value.hint)
    assert chosen(holding, "b-Q4_K_M.gguf") == ["b-Q4_K_M.gguf"]


def test_the_eye_of_a_model_is_not_taken_for_the_model() -> None:
    holding = repo(("mmproj-model-f16.gguf", 1), ("imatrix-Q4_K_M.gguf", 1), "m-Q8_0.gguf")
    assert [variant.title for variant in variants(holding)] == ["Q8_0"]


def test_without_gguf_the_safetensors_are_taken_with_their_tokenizer_and_no_code() -> None:
    holding = repo(
        *("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "config.json"),
        *("tokenizer.json", "modeling_x.py", "consolidated.safetensors", "original/params.json"),
        *("pytorch_model.bin", "README.md"),
    )
    assert chosen(holding) == [
        *("config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"),
        "tokenizer.json",
    ]


def test_a_quantisation_of_safetensors_is_refused() -> None:
    with pytest.raises(FreeholdError, match="no GGUF"):
        choose(repo("model.safetensors"), "Q4_K_M")


def test_formats_that_may_run_code_are_refused_by_name() -> None:
    with pytest.raises(FreeholdError, match=r"may run code.*pytorch_model\.bin"):
        choose(repo("pytorch_model.bin", "config.json"), None)
    with pytest.raises(FreeholdError, match="holds no weights"):
        choose(repo("README.md"), None)


@pytest.mark.parametrize(
    "path",
    ["../x.gguf", "a//b.gguf", "/etc/x.gguf", ".hidden.gguf", "a\\b.gguf", "a\x1b[2Jb.gguf", "x" * 300, ""],
)
def test_a_path_that_could_lead_astray_is_left_out(path: str) -> None:
    assert not is_safe(path)
    entry = {"type": "file", "path": path, "size": 1, "oid": "a" * 40}
    assert read_repo("o/n", {"sha": "a" * 40}, [entry]).files == ()


@pytest.mark.parametrize(
    ("info", "licence"),
    [
        ({"cardData": {"license": "apache-2.0"}}, "apache-2.0"),
        ({"tags": ["gguf", "license:mit"]}, "mit"),
        (
            {"cardData": {"license": "other", "license_name": "llama3", "license_link": "LICENSE"}},
            "other llama3 LICENSE",
        ),
        ({"cardData": {"license": "evil\x1b[31m\nline"}}, "evil [31m line"),
        ({"cardData": None, "tags": None}, None),
        ({}, None),
    ],
)
def test_the_licence_is_what_the_card_says_on_one_line(info: dict[str, object], licence: str | None) -> None:
    assert read_repo("o/n", {"sha": "a" * 40, **info}, []).licence == licence


def test_a_checksum_of_another_shape_is_none() -> None:
    tree = [
        {"type": "file", "path": "a.gguf", "size": 1, "oid": "a" * 40, "lfs": {"oid": "sha256:" + "b" * 64}},
        {"type": "file", "path": "b.gguf", "size": 1, "oid": "a" * 40, "lfs": {"oid": "short"}},
        {"type": "directory", "path": "c"},
        "nonsense",
    ]
    first, second = read_repo("o/n", {"sha": "a" * 40}, tree).files
    assert first.checksum == Checksum("sha256", "b" * 64)
    assert second.checksum is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_KEYS = st.sampled_from(
    ["sha", "type", "path", "size", "oid", "lfs", "cardData", "license", "tags", "safetensors"]
)


@given(st.dictionaries(_KEYS, _JSON), st.lists(st.dictionaries(_KEYS, _JSON) | _JSON, max_size=3))
def test_whatever_a_hub_says_is_read_or_refused(info: dict[str, object], tree: list[object]) -> None:
    try:
        found = read_repo("o/n", info, tree)
    except ValueError:
        return
    assert all(is_safe(file.path) for file in found.files)
