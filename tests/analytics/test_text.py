"""文本: normalising and cutting into words."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.text import _tokenizer, domain_words, known_words, normalise, tokenise


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("", ""),
        ("１２３４５热线", "12345热线"),
        ("停水_x000D_\n三天", "停水\n三天"),
        ("停水\r\n\r\n  三天\t了 ", "停水\n三天 了"),
        ("停\u200b水\x07了\ufeff", "停水了"),
        ("快来！！！！！！", "快来!!!"),
        ("請問電費怎麼收", "请问电费怎麼收"),
        ("物业不修电梯。物业不修电梯。请处理", "物业不修电梯。请处理"),
        ("小区停水怎么没人管。小区停水怎么没人管我是业主", "小区停水怎么没人管我是业主"),
        ("谢谢！谢谢！", "谢谢!谢谢!"),
    ],
)
def test_normalise(dirty: str, clean: str) -> None:
    assert normalise(dirty) == clean


@given(st.text(max_size=200))
def test_normalising_never_fails_and_leaves_no_control_characters(text: str) -> None:
    clean = normalise(text)
    assert not any(ord(c) < 32 and c != "\n" for c in clean)
    assert clean == clean.strip()


def test_tokenise_knows_the_hotline_s_words() -> None:
    words = tokenise("业委会和网格员都说飞线充电归物业费管，ETC多扣了3元😀")
    assert {"业委会", "网格员", "飞线充电", "物业费", "etc"} <= set(words)
    assert all(word in tokenise(f"关于{word}的事") for word in ("雨污分流", "安置房", "共享单车", "微网格"))


@pytest.mark.parametrize("text", ["", "  \n", "！？…", "😀😀", "\x00"])
def test_no_words_no_tokens(text: str) -> None:
    assert tokenise(text) == []


def test_other_languages_digits_and_long_texts() -> None:
    assert tokenise("My WATER is cut off") == ["my", "water", "is", "cut", "off"]
    assert tokenise("13800000000") == ["13800000000"]
    long = "小区停水了没人处理" * 11_000  # 100 kB
    assert tokenise(long).count("停水") > 10_000


def test_domain_words_are_distinct_and_bare() -> None:
    words = domain_words()
    assert len(words) > 200
    assert not [word for word in words if "#" in word or len(word) < 2]


def test_importing_is_silent_even_where_warnings_are_errors() -> None:
    code = "from analytics.text import tokenise; tokenise('停水')"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@given(st.text(alphabet="小区停水了没人管物业费业委会电梯坏青羊区张伟芮abc12，。", max_size=40))
def test_known_words_are_jieba_s_without_its_markov_model(text: str) -> None:
    assert known_words(text) == list(_tokenizer().cut(text, HMM=False))


def test_half_a_character_is_left_out() -> None:
    assert known_words("停水\ud800三天") == ["停水", "三天"]
