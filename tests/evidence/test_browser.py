"""Attaching files in a real browser: progress, refusals, another try, paste, the phone (PN-08, AP-02)."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from evidence.models import EvidenceFile
from stores.models import Company
from tests.browser import PageFaults, submit_sign_in
from tests.evidence.files import jpeg, pdf
from tests.stores.people import PASSWORD, make_person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.evidence.draft_page"),
    pytest.mark.rule("PN-08", "AP-02"),
]
STANDARDS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
CHOOSE = "#evidence-files"
# The clipboard holds a screenshot as PNG.
PASTE = """() => {
  const canvas = document.createElement("canvas");
  canvas.toBlob(picture => {
    const data = new DataTransfer();
    data.items.add(new File([picture], "image.png", { type: "image/png" }));
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  });
}"""


@pytest.fixture
def draft(page: Page, live_server: Any) -> Page:
    make_person("seller", Company.objects.create(company_no="C1", name="Company"))
    page.goto(f"{live_server.url}/accounts/login/?next=/draft")
    submit_sign_in(page, "seller@example.com", PASSWORD)
    page.wait_for_url("**/draft")
    return page


def file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_files_go_one_by_one_and_a_refused_one_takes_the_focus(draft: Page, page_faults: PageFaults) -> None:
    page_faults.expect("422")
    draft.set_input_files(
        CHOOSE, [file("清单.pdf", pdf(pages=3)), file("表.pdf", b"PK\x03\x04"), file("照片.jpg", jpeg())]
    )
    refused = draft.locator(".file.is-refused")
    expect(refused).to_contain_text("没有收下：从内容看，它是 ZIP，不是 PDF 或 JPEG。 其余文件不受影响")
    expect(draft.locator(".file .name")).to_have_text(["清单.pdf", "表.pdf", "照片.jpg"])
    expect(draft.locator("#file-slots")).to_contain_text("已用 2 / 5")
    expect(refused).to_be_focused()
    expect(draft.locator("[data-upload-said]")).to_contain_text("照片.jpg：已上传")
    for width in (360, 1440):
        draft.set_viewport_size({"width": width, "height": 900})
        assert draft.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(draft, options=STANDARDS).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []
    refused.get_by_role("button", name="不用它，保留其余").click()
    expect(refused).to_have_count(0)
    draft.reload()
    expect(draft.locator(".file .name a")).to_have_text(["清单.pdf", "照片.jpg"])


def test_what_broke_can_be_tried_again_and_what_is_known_is_refused_unsent(
    draft: Page, page_faults: PageFaults
) -> None:
    page_faults.expect("ERR_FAILED")
    draft.route("**/draft", lambda route: route.abort(), times=1)
    draft.set_input_files(CHOOSE, [file("一.jpg", jpeg("1")), file("大.pdf", b"%PDF-" + b"x" * 11_000_000)])
    broken, large = (draft.locator(".file.is-refused").filter(has_text=name) for name in ("一.jpg", "大.pdf"))
    expect(large).to_contain_text("大.pdf · 10.5 MB")
    expect(large).to_contain_text("文件超过 10 MB。")
    expect(broken).to_contain_text("连接中断。什么都没有丢，请重试。")
    broken.get_by_role("button", name="重试").click()
    expect(draft.locator(".file .name a")).to_have_text(["一.jpg"])
    draft.evaluate(PASTE)
    expect(draft.locator(".file .name a").last).to_contain_text("截图")
    expect(draft.locator("#file-slots")).to_contain_text("已用 2 / 5")
    # What is refused takes no slot from those behind it.
    page_faults.expect("422")
    more = [file(f"{number}.jpg", jpeg(f"{number}")) for number in range(2, 6)]
    draft.set_input_files(CHOOSE, [file("表.pdf", b"PK\x03\x04"), *more])
    expect(draft.locator("#file-slots")).to_contain_text("已用 5 / 5")
    expect(draft.locator(".file.is-refused").last).to_contain_text("5.jpg")
    expect(draft.locator(".file.is-refused").last).to_contain_text("最多只能附 5 个文件。")
    assert EvidenceFile.objects.filter(kind="jpeg").count() == 5
