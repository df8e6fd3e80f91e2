"""文本 Text: what an order says, cleaned of its export's dirt and cut into words.

The words are those of jieba's dictionary and of ours (``words.txt``, the hotline's own vocabulary). The dictionary is
read once, when first needed, and straight from the package: jieba's own cache is a marshal file in the shared
temporary folder, which anybody on the machine could have put there.
"""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
import warnings
from functools import lru_cache
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba's own regular expressions warn on Python 3.12 and later
    import jieba
import rjieba

jieba.setLogLevel(logging.CRITICAL)  # it reports loading on stderr, where our doors report problems

WORDS_FILE = Path(__file__).with_name("words.txt")

# The traditional characters a Sichuan hotline meets most, and what they are in simplified writing. A table, not a
# converter: one to one, none of whose left sides is also a common simplified character.
_TRADITIONAL = (
    "們問題電樓費業嗎這個為無時間來會說後過還對門車區發現開關長經學國應該沒讓請謝見聽買賣錢機場號處務員領導環壞響擾髒亂氣煙廠"
    "塵聲濁飲衛藥醫護療險養勞動資單簽約辦證戶遷補償徵樹園綠維裝違規劃設備實質價標準詐騙購網絡貨運輸郵遞線軌鐵橋燈滿懸災燒淨礦"
    "營農鄉鎮縣龍東裡邊頭點條種樣數據誰認識讀書寫話語講記課師優傷殘陽陰雞貓魚馬觀議論調報舉訴評審執權責稅債貸銀額總財產儲給結"
    "終級紅紙細組織練縮續緊聯職腦臉與興舊萬"
)
_SIMPLIFIED_AS = (
    "们问题电楼费业吗这个为无时间来会说后过还对门车区发现开关长经学国应该没让请谢见听买卖钱机场号处务员领导环坏响扰脏乱气烟厂"
    "尘声浊饮卫药医护疗险养劳动资单签约办证户迁补偿征树园绿维装违规划设备实质价标准诈骗购网络货运输邮递线轨铁桥灯满悬灾烧净矿"
    "营农乡镇县龙东里边头点条种样数据谁认识读书写话语讲记课师优伤残阳阴鸡猫鱼马观议论调报举诉评审执权责税债贷银额总财产储给结"
    "终级红纸细组织练缩续紧联职脑脸与兴旧万"
)
# What NFKC makes of the commonest marks. Replaced first, it mostly finds nothing left to do, and is told so quickly.
_FULL_WIDTH = tuple((mark, unicodedata.normalize("NFKC", mark)) for mark in "，！？：；（）\u3000")
_IS_TRADITIONAL = re.compile(f"[{_TRADITIONAL}]")
_SIMPLIFIED = str.maketrans(dict(zip(_TRADITIONAL, _SIMPLIFIED_AS, strict=True)))
_CARRIAGE = re.compile(r"_x000[dD]_|\r\n?")
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
_LINES = re.compile(r" ?\n[ \n]*")
_RUNS = re.compile(r"([^\w\s])\1{2,}|(\D)\2{5,}")  # ！！！！！ and 啊啊啊啊啊啊啊
_RUN = re.compile(r"(.)\1\1", re.DOTALL)  # of anything: cheaper to look for than the runs that are cut short
_SENTENCE = re.compile(r"[^。！？!?;；\n]+[。！？!?;；\n]*")
_WORD = re.compile(r"\w")
_STOPS = " \n。！？!?;；,，.:："
_REPEATED = 6  # characters below which a repeated sentence may be meant ("谢谢！谢谢！")

_loading = threading.Lock()


def _without_control(text: str) -> str:
    return "".join(
        c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )


def _without_echo(text: str) -> str:
    """Drop what an export says twice: title repeated as the body's head, sentences pasted again."""
    if (again := text.find(text[:_REPEATED], _REPEATED)) > 0:
        title = text[:again].rstrip(_STOPS)
        if text.startswith(title, again):
            text = text[again:]
    seen: set[str] = set()
    kept = []
    for sentence in _SENTENCE.findall(text):
        bare = sentence.strip(_STOPS)
        if len(bare) >= _REPEATED:
            if bare in seen:
                continue
            seen.add(bare)
        kept.append(sentence)
    return "".join(kept).strip() or text.strip()


def normalise(text: str) -> str:
    """The same words in one form: NFKC, simplified characters, no export marks, no repeats.

    Parameters: any text, empty included. Full-width digits and letters become half-width, ``_x000D_`` and carriage
    returns become line ends, control and private-use characters go, the commonest traditional characters become
    simplified, blanks shrink to one, long runs of one character to three, and a sentence (of six characters or
    more) or a title that is said again is dropped. Returns text without blanks at its ends. Never raises on text.
    """
    text = _CARRIAGE.sub("\n", text)
    for full, half in _FULL_WIDTH:
        text = text.replace(full, half)
    text = unicodedata.normalize("NFKC", text)
    if _IS_TRADITIONAL.search(text):  # asking is five times as fast as translating, and the answer mostly no
        text = text.translate(_SIMPLIFIED)
    text = text.replace("\t", " ")
    if not text.isprintable():
        text = _without_control(text)
    text = _SPACES.sub(" ", text)
    if "\n" in text:
        text = _LINES.sub("\n", text)
    text = text.strip()
    if _RUN.search(text):
        text = _RUNS.sub(lambda run: (run[1] or run[2]) * 3, text)
    return _without_echo(text)


@lru_cache(maxsize=1)
def domain_words() -> tuple[str, ...]:
    """The hotline's own words, from ``words.txt``: one a line, blank lines and ``#`` remarks left out."""
    lines = WORDS_FILE.read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines for word in line.partition("#")[0].split())


@lru_cache(maxsize=1)
def _load() -> jieba.Tokenizer:
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word in domain_words():
        tokenizer.add_word(word)  # frequency as high as is needed for the word to hold together
    return tokenizer


def _tokenizer() -> jieba.Tokenizer:
    with _loading:  # two threads of a web process must not both read half a million words
        return _load()


@lru_cache(maxsize=1)
def _fast_load() -> rjieba.Jieba:
    tokenizer = rjieba.Jieba()
    for word in domain_words():
        tokenizer.add_word(word, None, None)
    return tokenizer


def _fast_tokenizer() -> rjieba.Jieba:
    with _loading:
        return _fast_load()


def cut(text: str) -> list[str]:
    """Words of a text that is already normalised, punctuation and blanks left out, letters small. See `tokenise`."""
    return [word for word in _tokenizer().cut(text.lower()) if _WORD.search(word)]


def known_words(text: str) -> list[str]:
    """Words and marks of a text that is already normalised, by the dictionaries alone; what they do not know falls
    apart into characters.

    For whoever reads many orders and has no use for names: rjieba, the same dictionary and the same most probable
    path as jieba's without its Markov model, some twenty times as fast.
    """
    return _fast_cut(text, guess=False)


def quick_words(text: str) -> list[str]:
    """`cut` by rjieba: the same dictionaries and Markov model, tokens equal but for a few guessed names, and some
    twenty times as fast. For whoever reads a city's orders and compares only with what was read the same way."""
    return [word for word in _fast_cut(text, guess=True) if _WORD.search(word)]


def tagged_words(text: str) -> list[tuple[str, str]]:
    """All of a text as (word, part-of-speech tag), marks and blanks too, so that offsets can be counted; by rjieba."""
    try:
        return [(word, tag) for word, tag in _fast_tokenizer().tag(text, True)]
    except UnicodeEncodeError:  # half a character: nothing can be said of such a text
        return [(character, "x") for character in text]


def _fast_cut(text: str, *, guess: bool) -> list[str]:
    try:
        return _fast_tokenizer().cut(text.lower(), guess)
    except UnicodeEncodeError:  # half a character: `normalise` drops these, other callers may not have
        return _fast_tokenizer().cut(text.lower().encode(errors="ignore").decode(), guess)


def tokenise(text: str) -> list[str]:
    """Words of a text, in order: ``"小区停水3天"`` → ``["小区", "停水", "3", "天"]``.

    The text is normalised first. Punctuation, blanks and emoji are left out; letters become small; nothing else is
    dropped (stop words are the reader's business). Method: jieba 0.42, the most probable path through its
    dictionary and ours, a hidden Markov model for unknown words. Returns an empty list for a text without words.
    """
    return cut(normalise(text))


def warm_up() -> None:
    """Read the dictionaries now (before a server forks, so that its workers share the memory)."""
    _tokenizer()
    _fast_tokenizer()
