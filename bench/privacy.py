"""隐私识别 Privacy finder: private details put into messages and looked for, and finds drawn at random to be read.

    python -m bench.privacy                                # recall on the demo's own messages
    python -m bench.privacy FILE.xlsx FILE.csv             # … on messages of your own (columns 留言主题 留言详情 答复意见, or --columns)
    python -m bench.privacy FILE --read name --size 60     # print finds of one kind, drawn by --seed, to be judged by a person
    python -m bench.privacy FILE --left --size 300         # what a tagger takes for a name and is not found
    python -m bench.privacy --right 57 --of 60             # Wilson interval of such a judgement

A detail counts as found when every character of it is covered and the masked message does not hold it. Details are
drawn from lists of this file's own, not from the finder's. Forms marked * are those that nothing announces: they are
listed to show what stays, and are left out of the sums.
"""

from __future__ import annotations

import argparse
import math
import random
import string
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from core.privacy import mask_text
from core.private_words import KINDS, find
from core.tables import read_table

COLUMNS = ("留言主题", "留言详情", "答复意见")
FAMILY = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "林", "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯",
          "邓", "曹", "彭", "曾", "肖", "田", "董", "潘", "袁", "蔡", "蒋", "余", "于", "杜", "叶", "程", "苏", "魏", "吕", "丁", "任", "沈", "姚", "卢", "姜", "崔", "钟", "谭", "陆", "汪", "范",
          "金", "石", "廖", "贾", "夏", "韦", "付", "方", "白", "邹", "孟", "熊", "秦", "邱", "江", "尹", "薛", "闫", "段", "雷", "侯", "龙", "史", "陶", "黎", "贺", "顾", "毛", "郝", "龚", "邵",
          "万", "钱", "严", "覃", "武", "戴", "莫", "孔", "向", "汤", "常", "温", "康", "施", "文", "牛", "樊", "葛", "邢", "安", "齐", "易", "乔", "伍", "庞", "颜", "倪", "庄", "聂", "章", "鲁",
          "岳", "翟", "殷", "詹", "申", "欧", "耿", "关", "兰", "焦", "俞", "左", "柳", "甘", "祝", "包", "宁", "尚", "符", "舒", "阮", "柯", "纪", "梅", "童", "凌", "毕", "单", "季", "裴", "霍",
          "涂", "成", "苗", "谷", "盛", "曲", "翁", "冉", "骆", "蓝", "路", "游", "辛", "靳", "欧阳", "上官", "诸葛", "司马"]  # fmt: skip
GIVEN = ["伟", "芳", "娜", "敏", "静", "磊", "洋", "勇", "艳", "杰", "涛", "超", "霞", "平", "刚", "桂英", "建国", "志强", "秀兰", "丽华", "小红", "文博", "子涵", "雨桐", "浩然", "梓萱", "欣怡", "国栋",
         "晓东", "海燕", "春梅", "玉珍", "翠花", "大勇", "永福", "德旺", "金凤", "少华", "立新", "卫东", "爱民", "红梅", "淑芬", "振宇", "思远", "嘉豪", "一鸣", "天佑", "俊熙", "可馨", "诗涵",
         "若曦", "晨曦", "宇轩", "皓轩", "沐阳", "奕辰", "若男", "招娣", "根生", "水生", "来福", "进财", "满堂", "守业", "光荣", "先进", "跃进", "援朝", "解放", "和平", "长征", "向阳", "学军",
         "翀", "赟", "喆", "罡", "旻", "婳", "懿", "祎", "昱", "钰", "翊", "彧", "晟", "骁", "琰", "圳", "泓", "栩", "麟", "佩瑶", "慧敏", "银川", "祖德", "仕林", "应龙", "必武", "其昌", "不凡",
         "为民", "新华", "东升", "四清", "三元", "十全", "五一", "中秋", "冬至", "二妹", "小六", "老幺"]  # fmt: skip
ROADS = ["人民路", "解放西街", "青羊大道", "柳荫巷", "建设北路", "桂花里", "同心坊"]
ESTATES = ["锦绣家园", "丽景花园", "同德小区", "金色港湾", "府河名苑", "万和城"]
REGIONS = ["510105", "110105", "430102", "320583", "440306"]
HAN = str.maketrans("0123456789", "零一二三四五六七八九")
WIDE = str.maketrans(
    string.digits + string.ascii_letters + "-",
    "".join(chr(ord(c) + 0xFEE0) for c in string.digits + string.ascii_letters + "-"),
)

Form = tuple[str, str]  # the clause, and the secret in it
Maker = Callable[[random.Random], Form]


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(count))


def _mobile(rng: random.Random) -> str:
    return "1" + rng.choice("3456789") + _digits(rng, 9)


def _identity(rng: random.Random, slip: bool = False) -> str:
    body = f"{rng.choice(REGIONS)}{rng.randint(1940, 2015)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{_digits(rng, 3)}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
    return body + (rng.choice([c for c in "0123456789X" if c != check]) if slip else check)


def _card(rng: random.Random, length: int = 19) -> str:
    body = rng.choice(["622202", "621700", "622848", "436742"]) + _digits(rng, length - 7)
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def _fours(number: str) -> str:
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def _name(rng: random.Random) -> str:
    return rng.choice(FAMILY) + rng.choice(GIVEN)


def _plate(rng: random.Random, new: bool = False) -> str:
    head = rng.choice("川渝粤湘京沪") + rng.choice("ABCDEFGH")
    if new:
        return head + rng.choice("DF") + _digits(rng, 5)
    tail = list(rng.choice("ABCDEFGHJK") * rng.randint(0, 2) + _digits(rng, 5))[:5]
    rng.shuffle(tail)
    return head + "".join(tail)


def _mail(rng: random.Random) -> str:
    return (
        "".join(rng.choice(string.ascii_lowercase) for _ in range(6))
        + _digits(rng, 2)
        + rng.choice(["@163.com", "@qq.com", "@gmail.com", "@mail.example.com.cn"])
    )


def _chat(rng: random.Random) -> str:
    return (
        rng.choice(string.ascii_lowercase)
        + "".join(rng.choice(string.ascii_lowercase + "_") for _ in range(6))
        + _digits(rng, 3)
    )


def _of(clause: str, make: Callable[[random.Random], str]) -> Maker:
    def maker(rng: random.Random) -> Form:
        secret = make(rng)
        return clause.replace("{}", secret), secret

    return maker


def _room(rng: random.Random) -> str:
    return f"{rng.randint(1, 32)}{rng.choice(['01', '02', '03', '04'])}"


FORMS: dict[str, dict[str, Maker]] = {
    "phone": {
        "plain": _of("电话{}", _mobile),
        "bare": _of("请打{}找我", _mobile),
        "3-4-4": _of("手机{}。", lambda r: (m := _mobile(r))[:3] + r.choice(" -.") + m[3:7] + r.choice(" -.") + m[7:]),
        "3-3-5": _of("手机 {} ", lambda r: (m := _mobile(r))[:3] + " " + m[3:6] + " " + m[6:]),
        "digit by digit": _of("号码是{}。", lambda r: r.choice(" -.").join(_mobile(r))),
        "+86": _of("联系{}", lambda r: "+86 " + _mobile(r)),
        "full width": _of("电话：{}", lambda r: _mobile(r).translate(WIDE)),
        "Chinese figures": _of("我的电话是{}，", lambda r: _mobile(r).translate(HAN)),
        "幺": _of("我的电话是{}，", lambda r: _mobile(r).translate(HAN).replace("一", "幺")),
        "half in figures": _of("打{}", lambda r: (m := _mobile(r))[:3] + m[3:7].translate(HAN) + m[7:]),
        "letter O": _of("打{}。", lambda r: (_mobile(r)[:5] + "0" + _digits(r, 5)).replace("0", "O")),
        "a word inside": _of("加{}", lambda r: (m := _mobile(r))[:3] + r.choice(["微", "加", "信", "V"]) + m[3:7] + m[7:]),
        "brackets": _of("电话{}", lambda r: (m := _mobile(r))[:3] + "(" + m[3:7] + ")" + m[7:]),
        "zero width": _of("电话{}", lambda r: (m := _mobile(r))[:3] + "\u200b" + m[3:7] + "\u200b" + m[7:]),
        "landline": _of("家里座机{}", lambda r: r.choice(["028", "0731", "0838"]) + "-" + r.choice("2368") + _digits(r, 6)),
        "landline, extension": _of("单位电话{}", lambda r: f"028-8{_digits(r, 7)}转{_digits(r, 3)}"),
        "landline, no area code": _of("座机：{}", lambda r: r.choice("68") + _digits(r, 7)),
        "two landlines": _of("电话{}", lambda r: f"8{_digits(r, 7)}、6{_digits(r, 7)}"),
        "*landline, no area code, not called one": _of("打{}，", lambda r: "8" + _digits(r, 7)),
    },
    "id_number": {
        "plain": _of("身份证号{}", _identity),
        "bare": _of("（{}）", _identity),
        "slip in check digit": _of("身份证{}", lambda r: _identity(r, True)),
        "small x": _of("身份证号码：{}", lambda r: _identity(r)[:17] + "x"),
        "spaced": _of("证件号 {}", lambda r: (i := _identity(r))[:6] + " " + i[6:14] + " " + i[14:]),
        "fours": _of("身份证号码是{}", lambda r: _fours(_identity(r))),
        "full width": _of("身份证：{}", lambda r: _identity(r).translate(WIDE)),
        "old, 15 digits": _of("身份证号{}", lambda r: (i := _identity(r))[:6] + i[8:17]),
        "a digit short": _of("身份证号码：{}，", lambda r: _identity(r)[:17].replace("X", "1")),
    },
    "bank_card": {
        "plain": _of("卡号{}", _card),
        "bare": _of("退款打到{}就行", _card),
        "fours": _of("请退到{}", lambda r: _fours(_card(r))),
        "16 digits": _of("银行卡：{}", lambda r: _card(r, 16)),
        "slip, called one": _of("银行卡号{}", lambda r: (c := _card(r))[:-1] + str((int(c[-1]) + 1) % 10)),
        "full width": _of("账号：{}", lambda r: _card(r).translate(WIDE)),
        "*slip, not called one": _of("退到{}", lambda r: (c := _card(r))[:-1] + str((int(c[-1]) + 1) % 10)),
    },
    "plate": {
        "plain": _of("车牌{}的车", _plate),
        "bare": _of("一辆{}白色轿车", _plate),
        "dot": _of("车号{}", lambda r: (p := _plate(r))[:2] + "·" + p[2:]),
        "new energy": _of("车牌号：{}", lambda r: _plate(r, True)),
        "small letters": _of("{}长期占道", lambda r: _plate(r).lower()),
        "full width": _of("车牌{}", lambda r: _plate(r).translate(WIDE)),
        "trailer": _of("货车{}", lambda r: _plate(r)[:2] + _digits(r, 4) + r.choice("挂学警")),
        "no province": _of("车牌号{}，", lambda r: r.choice("ABC") + _digits(r, 5)),
    },
    "email": {
        "plain": _of("邮箱{}", _mail),
        "bare": _of("发到{}。", _mail),
        "full-width @": _of("邮箱：{}", lambda r: _mail(r).replace("@", "＠")),
        "# for @": _of("邮箱{}", lambda r: "zs" + _digits(r, 6) + "#163.com"),
        "艾特": _of("邮箱{}", lambda r: "zs" + _digits(r, 6) + "艾特qq.com"),
    },
    "account": {
        "QQ": _of("QQ{}", lambda r: r.choice("123456789") + _digits(r, 8)),
        "qq号": _of("我的qq号是{}", lambda r: r.choice("123456789") + _digits(r, 7)),
        "微信": _of("加我微信{}", _chat),
        "微信号：": _of("微信号：{}", _chat),
        "微信:": _of("微信: {}", _chat),
        "加V": _of("加V{}详聊", _chat),
        "vx": _of("vx：{}", _chat),
        "薇信": _of("薇信{}", _chat),
        "抖音号": _of("抖音号：{}", _chat),
        "*微信 is …": _of("我微信就叫{}", lambda r: "".join(r.choice(string.ascii_lowercase) for _ in range(8))),
    },
    "document": {
        "passport": _of("护照号{}", lambda r: "E" + _digits(r, 8)),
        "student": _of("学号：{}", lambda r: "20" + _digits(r, 8)),
        "staff": _of("工号{}", lambda r: _digits(r, 6)),
        "exam": _of("准考证号：{}", lambda r: _digits(r, 12)),
        "hospital": _of("住院号{}", lambda r: _digits(r, 8)),
        "household": _of("燃气户号：{}", lambda r: _digits(r, 10)),
        "water meter": _of("水表编号是{}", lambda r: _digits(r, 9)),
        "disabled": _of("残疾证号：{}", lambda r: _digits(r, 10)),
    },
    "birth_date": {
        "born on": _of("本人出生于{}，", lambda r: f"{r.randint(1940, 2010)}年{r.randint(1, 12)}月{r.randint(1, 28)}日"),
        "… born": _of("女，{}出生，", lambda r: f"{r.randint(1940, 2010)}年{r.randint(1, 12)}月{r.randint(1, 28)}日"),
        "birthday": _of("生日：{}", lambda r: f"{r.randint(1940, 2010)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"),
    },
    "name": {
        "我叫": _of("我叫{}，是本地居民", _name),
        "我叫, goes on": _of("我叫{}住在附近", _name),
        "我是": _of("您好，我是{}，", _name),
        "本人": _of("本人{}，", _name),
        "姓名：": _of("姓名：{}，", _name),
        "联系人": _of("联系人：{} ", _name),
        "联系人, no colon": _of("联系人{}，", _name),
        "业主": _of("业主{}反映", _name),
        "kin": lambda r: _of(r.choice(["我父亲", "我儿子", "我母亲", "妻子", "我奶奶"]) + "{}" + r.choice(["在医院", "，今年", "于去年", "的户口"]), _name)(r),
        "role before": lambda r: _of(r.choice(["村支书", "物业经理", "主任", "班主任", "老板", "队长"]) + "{}" + r.choice(["说不归他管", "多次推诿", "不作为", "在场"]), _name)(r),
        "title after": lambda r: _of(r.choice(["找到", "请", "联系了", "，"]) + "{}" + r.choice(["先生", "女士", "经理", "主任", "老师", "师傅"]), _name)(r),
        "sex after": _of("{}，男，汉族，", _name),
        "identity card after": _of("{}（身份证见附件）", _name),
        "telephone after": lambda r: _of("。{} " + _mobile(r), _name)(r),
        "in a list": lambda r: (f"业主张伟明、{(n := _name(r))}、", n),
        "kin after": _of("，{}的母亲说", _name),
        "in a row": lambda r: (f"（{(n := _name(r))}、{_name(r)}、周凤凤）", n),
        "signature": lambda r: (f"此致敬礼！{(n := _name(r))}", n),
        "signature, date": lambda r: (f"请核实。\n{(n := _name(r))}\n2026年3月5日", n),
        "signature, 市民": lambda r: (f"谢谢！市民：{(n := _name(r))}", n),
        "again without a sign": lambda r: (f"我叫{(n := _name(r))}，家住附近。后来他们又来找{n}要钱", n),
        "minority, dot": _of("我叫{}，", lambda r: r.choice(["阿依古丽·买买提", "扎西·次仁", "古丽娜尔·艾力"])),
        "*nothing announces": _of("昨天{}去了物业那里问了半天", _name),
        "object of a verb": _of("他们把{}打伤了", _name),
    },
    "house": {
        "building unit room": lambda r: _of(r.choice(ESTATES) + "{}漏水", lambda r: f"{r.randint(1, 30)}栋{r.randint(1, 4)}单元{_room(r)}")(r),
        "… 室": lambda r: _of("我家住" + r.choice(ESTATES) + "{}，", lambda r: f"{r.randint(1, 30)}号楼{r.randint(1, 4)}单元{_room(r)}室")(r),
        "Chinese figures": lambda r: _of(r.choice(ESTATES) + "{}，", lambda r: f"{r.choice('二三四五六七八九')}栋{r.choice('一二三')}单元{r.choice('二三四五六')}楼")(r),
        "tower": lambda r: _of(r.choice(ESTATES) + "{}，", lambda r: f"{r.choice('ABC')}座{_room(r)}")(r),
        "by dashes": lambda r: _of(r.choice(ESTATES) + "{}。", lambda r: f"{r.randint(1, 30)}-{r.randint(1, 4)}-{_room(r)}")(r),
        "room": _of("住在{}，", lambda r: f"{_room(r)}室"),
        "building": lambda r: _of(r.choice(ESTATES) + "{}电梯坏了", lambda r: f"{r.randint(1, 30)}栋")(r),
        "buildings": lambda r: _of(r.choice(ESTATES) + "{}停水", lambda r: f"{r.randint(1, 9)}、{r.randint(10, 30)}栋")(r),
        "# sign": lambda r: _of(r.choice(ESTATES) + "{}，", lambda r: f"{r.randint(1, 30)}#{r.randint(1, 4)}单元{_room(r)}")(r),
        "door": lambda r: _of("住" + r.choice(ROADS) + "{}，", lambda r: f"{r.randint(1, 300)}号")(r),
        "door, annex": lambda r: _of(r.choice(ROADS) + "{}门口", lambda r: f"{r.randint(1, 300)}号附{r.randint(1, 20)}号")(r),
        "village": lambda r: _of(f"红光村{r.randint(1, 12)}组{{}}，", lambda r: f"{r.randint(1, 90)}号")(r),
        "full width": lambda r: _of(r.choice(ESTATES) + "{}，", lambda r: f"{r.randint(1, 30)}栋{r.randint(1, 4)}单元{_room(r)}".translate(WIDE))(r),
    },
}  # fmt: skip


def wilson(right: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson score interval of a share (Wilson 1927), 95 %."""
    if not of:
        return 0.0, 1.0
    share, square = right / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def carriers(files: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Messages to look into: cells of the named columns, or the demo's own orders."""
    if not files:
        from hotline.demo import generate

        orders = generate(orders=1500, as_of=datetime(2026, 11, 23, tzinfo=UTC)).orders
        return [f"{order.title}。{order.text}" for order in orders]
    texts = []
    for file in files:
        table = read_table(file)
        named = [column for column in columns if column in table.columns]
        texts += [row.values[column] for row in table for column in named if row.values[column].strip()]
    return texts


def put_in(text: str, clause: str, rng: random.Random, last: bool) -> tuple[str, int]:
    """The text with a clause after one of its sentences (or at its end), and where the clause begins."""
    places = [i + 1 for i, char in enumerate(text) if char in "。！？；\n"] or [len(text)]
    place = len(text.rstrip()) if last else rng.choice(places)
    after = "" if last else text[place:]
    if after[:1].isalnum() and after[:1].isascii():
        after = "，" + after
    text = text[:place] + ("" if place and text[place - 1] in "。！？；\n" else "。") + clause + after
    return text, text.index(clause, max(0, place - 1))


def recall(texts: Sequence[str], each: int, seed: int) -> None:
    """Print found / put in by kind and form."""
    for kind, forms in FORMS.items():
        sums = [0, 0, 0]
        missed: dict[str, list[str]] = defaultdict(list)
        rows = []
        for form, make in forms.items():
            rng = random.Random(f"{seed}/{kind}/{form}")
            found = named = 0
            for _ in range(each):
                clause, secret = make(rng)
                text, at = put_in(rng.choice(texts), clause, rng, form.startswith("signature"))
                start = (
                    text.index(secret, at)
                    if "again" not in form
                    else text.rindex(secret, at, at + len(clause))
                )
                covered = {i for one in find(text) for i in range(one.start, one.end)}
                whole = all(i in covered for i in range(start, start + len(secret)) if text[i].isalnum())
                whole = whole and (kind in ("house", "birth_date") or secret not in mask_text(text))
                found += whole
                named += any(
                    one.kind == kind and one.start <= start and one.end >= start + len(secret)
                    for one in find(text)
                )
                if not whole:
                    missed[form].append(clause)
            rows.append((form, found, named))
            if not form.startswith("*"):
                sums = [sums[0] + found, sums[1] + each, sums[2] + named]
        low, high = wilson(sums[0], sums[1])
        print(
            f"\n{kind} {KINDS[kind]}: {sums[0]}/{sums[1]} = {sums[0] / sums[1]:.3f} ({low:.3f}–{high:.3f}); named as {kind}: {sums[2]}"
        )
        for form, found, named in rows:
            print(
                f"  {form:40} {found:4}/{each}  as {kind} {named}  "
                + " | ".join(c.replace("\n", "⏎") for c in missed[form][:4])
            )


def reading(texts: Sequence[str], kind: str, size: int, seed: int) -> None:
    """Print finds of one kind drawn at random, with what stands around them."""
    finds = [(text, one) for text in texts for one in find(text) if one.kind == kind]
    print(f"{kind}: {len(finds)} finds in {len(texts)} texts; {min(size, len(finds))} drawn with seed {seed}")
    for number, (text, one) in enumerate(random.Random(seed).sample(finds, min(size, len(finds))), 1):
        before, after = (
            " ".join(text[max(0, one.start - 16) : one.start].split()),
            " ".join(text[one.end : one.end + 14].split()),
        )
        print(f"{number:3} {before}【{text[one.start : one.end]}】{after}   {one.why}")


def left_over(texts: Sequence[str], size: int, seed: int) -> None:
    """Print words a part-of-speech tagger takes for names and the finder does not: read them, and know what is missed."""
    import rjieba

    left, covered = [], 0
    for text in texts:
        inside = {i for one in find(text) if one.kind == "name" for i in range(one.start, one.end)}
        here = 0
        for word, tag in rjieba.tag(text):
            start = text.find(word, here)
            if start < 0:
                continue
            here = start + len(word)
            if tag != "nr" or len(word) not in (2, 3):
                continue
            if start in inside:
                covered += 1
            else:
                left.append((text, start, here))
    print(
        f"{covered} words tagged as names were found, {len(left)} were not; {min(size, len(left))} of these, seed {seed}"
    )
    for text, start, end in random.Random(seed).sample(left, min(size, len(left))):
        print(
            "".join(text[max(0, start - 10) : start].split()),
            f"【{text[start:end]}】",
            "".join(text[end : end + 8].split()),
            sep="",
            end=" | ",
        )
    print()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*")
    parser.add_argument("--columns", default=",".join(COLUMNS))
    parser.add_argument("--each", type=int, default=100, help="details of each form")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--read", choices=list(KINDS))
    parser.add_argument(
        "--left", action="store_true", help="words a tagger takes for names and the finder does not"
    )
    parser.add_argument("--size", type=int, default=60)
    parser.add_argument("--right", type=int)
    parser.add_argument("--of", type=int)
    args = parser.parse_args()
    if args.right is not None and args.of:
        low, high = wilson(args.right, args.of)
        print(f"{args.right}/{args.of} = {args.right / args.of:.3f} ({low:.3f}–{high:.3f})")
        return
    texts = carriers(args.files, args.columns.split(","))
    if args.left:
        left_over(texts, args.size, args.seed)
        return
    if args.read:
        reading(texts, args.read, args.size, args.seed)
        return
    begun = time.perf_counter()
    count = sum(len(find(text)) for text in texts)
    took, characters = time.perf_counter() - begun, sum(map(len, texts))
    print(
        f"{len(texts)} texts, {characters} characters, {count} finds, {1e6 * took / characters:.2f} s per million characters"
    )
    recall(texts, args.each, args.seed)


if __name__ == "__main__":
    main()
