"""One working day in a real browser: a real-looking export comes in, a hotspot is seen, an order is walked to its end by
every role, the week's report is opened and its Word file downloaded."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from core import clock
from hotline.demo_accounts import PASSWORD
from tests.browser.server import chromium, server

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)  # a loaded machine draws late; what never comes still fails
MISSING = "没有 Chromium。Debian/Ubuntu：sudo apt-get install chromium，或用环境变量 CHROMIUM 指明"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run"]  # fmt: skip
_BURST = [
    "同德社区锦澜苑旁边的工地半夜还在打桩，吵得睡不着", "锦澜苑楼下施工到凌晨两点，孩子第二天还要上学",
    "同德社区地铁工地通宵施工，噪音太大", "锦澜苑夜间施工噪音扰民，打了几次电话没人管",
    "工地晚上十二点以后还在浇混凝土，同德社区居民没法休息", "同德社区锦澜苑外面的打桩机响了一夜",
    "施工单位夜间违规施工，锦澜苑三百多户受影响", "锦澜苑工地噪音，凌晨一点还有渣土车进出",
    "同德社区夜里施工机器轰鸣，老人心脏受不了", "请管管锦澜苑旁的夜间施工，连续三晚了",
    "半夜施工噪音从同德社区工地传来，窗户关了也听得见", "锦澜苑业主反映工地连夜施工，要求停工整改",
]  # fmt: skip
_QUIET = [
    "{}路灯不亮，晚上走路很黑",
    "{}垃圾两天没有清运",
    "{}门口违停车辆太多",
    "{}健身器材坏了没人修",
    "{}楼上漏水没人处理",
]
_PLACES = ["草市街街道", "少城街道", "金沙街道", "苏坡街道", "文家街道", "康河街道", "蔡桥街道"]


def _export(path: Path) -> Path:
    """Eight quiet weeks everywhere and, in the last two days, a burst at one place."""
    now = clock.local(clock.now())
    rows = []
    for number in range(168):
        when = now - timedelta(days=62 - number * 58 / 168, hours=number % 9)
        text = _QUIET[number % len(_QUIET)].format(_PLACES[number % len(_PLACES)])
        rows.append((f"Q{number:04}", f"U{number:04}", text[:12], when, text + f"，已经{number % 7 + 1}天了"))
    for number, text in enumerate(_BURST):
        when = now - timedelta(hours=44 - number * 3.5)
        rows.append((f"B{number:04}", f"V{number:04}", text[:14], when, text))
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["留言编号", "留言用户", "留言主题", "留言时间", "留言详情"])
        writer.writerows((*row[:3], f"{row[3]:%Y/%m/%d %H:%M:%S}", row[4]) for row in rows)
    return path


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[str]:
    if chromium() is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    model_folder.mkdir(parents=True, exist_ok=True)
    with server(tmp_path_factory.mktemp("journey")) as where:
        yield where


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


class Person:
    """Somebody at a browser window of their own; watches for errors and for strangers' hosts."""

    def __init__(self, browser: Browser, address: str, username: str, *, width: int = 1440) -> None:
        self.address = address
        self.faults: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 900}, accept_downloads=True, locale="zh-CN"
        )
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "request", lambda r: None if self._is_ours(r.url) else self.faults.append(f"asked {r.url}")
        )
        self.page.goto(f"{address}/login")
        self.page.get_by_label("账号").fill(username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.get_by_role("button", name="退出")).to_be_visible()

    def _is_ours(self, url: str) -> bool:
        return url.startswith((self.address, "data:", "blob:"))

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        return self.page

    def act(self, number: str, action: str, **fields: str) -> None:
        """Open an order and do one action, filling what its form asks."""
        page = self.open(f"/orders/{number}")
        box = page.locator(".acts details", has=page.locator(f'form[action$="/actions/{action}"]'))
        if box.get_attribute("open") is None:
            box.locator("summary").first.click()
        form = box.locator("form")
        for name, value in fields.items():
            field = form.locator(f'[name="{name}"]').first
            if field.get_attribute("type") == "radio":
                form.locator(f'[name="{name}"][value="{value}"]').check()
            elif field.evaluate("node => node.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        form.locator("button").last.click()
        expect(page.get_by_role("status")).to_contain_text("已")

    def leave(self) -> None:
        assert self.faults == []
        self.context.close()


def test_a_working_day(browser: Browser, address: str, tmp_path: Path) -> None:
    boss = Person(browser, address, "duban")
    page = boss.open("/imports")
    page.get_by_label("csv 或 xlsx 文件").set_input_files(_export(tmp_path / "留言导出.csv"))
    page.get_by_role("button", name="上传并核对").click()
    page.get_by_role("button", name="导入 180 件").click()
    expect(page.locator("[data-state-name]")).to_have_text("完成", timeout=60_000)
    page.get_by_role("link", name="看这 180 件工单").click()
    expect(page.get_by_text("共 180 件")).to_be_visible()
    expect(page.get_by_text("市政设施").first).to_be_visible()

    page = boss.open("/hotspots")
    page.get_by_role("button", name="立即扫描").click()
    spot = page.get_by_role("link", name="施工").or_(page.get_by_role("link", name="噪音")).first
    expect(spot).to_be_visible()
    spot.click()
    drawing = page.locator("[data-chart] svg")
    expect(drawing).to_be_visible()
    box = drawing.bounding_box()
    assert box is not None and box["width"] > 300
    page.get_by_role("link", name="在工单列表里看全部").click()
    expect(page.get_by_text("热点：").first).to_be_visible()
    number = page.locator("tbody a").first.inner_text()

    desk = Person(browser, address, "paidan")
    desk.act(number, "dispatch", lead_unit="QY-FN")
    desk.leave()
    clerk = Person(browser, address, "jingban", width=390)
    clerk.act(number, "sign_for")
    clerk.act(number, "contact", note="已电话联系，今晚现场核查")
    clerk.act(number, "reply", reply="已责令工地二十二点后停工，并安排夜间巡查。")
    assert clerk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "scrolls sideways on a phone"
    )
    clerk.leave()
    lead = Person(browser, address, "shenhe")
    lead.act(number, "approve")
    lead.leave()
    asker = Person(browser, address, "huifang")
    asker.act(number, "visit_back", contacted="1", solved="1", satisfaction="satisfied")
    expect(asker.open(f"/orders/{number}").locator(".page-head")).to_contain_text("办结")
    asker.leave()

    week = clock.iso_week(clock.now() - timedelta(weeks=1))
    page = boss.open("/reports")
    page.get_by_label("ISO 周，如 2026-W46").fill(week)
    page.get_by_role("button", name="生成并发布").click()
    expect(page.get_by_role("heading", name="总体情况")).to_be_visible(timeout=60_000)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载 Word").click()
    document = Document(BytesIO(Path(waiting.value.path()).read_bytes()))
    assert any("热点报告" in paragraph.text for paragraph in document.paragraphs)
    boss.leave()


def test_suggestions_come_while_one_types_and_one_key_takes_them(browser: Browser, address: str) -> None:
    operator = Person(browser, address, "shouli")
    page = operator.open("/orders/new")
    page.get_by_label("诉求内容").fill("锦澜苑门口的路灯坏了三天，晚上很黑，老人不敢出门")
    suggestions = page.get_by_label("智能建议")
    expect(suggestions.get_by_text("城乡建设/市政设施")).to_be_visible(timeout=20_000)
    page.keyboard.press("Alt+1")
    expect(page.get_by_label("分类", exact=True)).to_have_value("0113")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已登记")
    expect(page.get_by_text("已确认").first).to_be_visible()
    operator.leave()


@pytest.mark.parametrize("path", ["/", "/orders", "/orders/new", "/hotspots", "/imports", "/reports", "/warnings", "/jobs",
                                  "/staff", "/audit", "/password", "/api/docs"])  # fmt: skip
def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, address: str, path: str) -> None:
    names = {"/orders/new": "shouli", "/staff": "admin", "/audit": "admin"}
    person = Person(browser, address, names.get(path, "duban"), width=390)
    page = person.open(path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    person.leave()
