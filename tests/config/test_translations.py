"""The catalogue is complete, and no page is left half English: the demo is walked through in Chinese (PG, DM-12)."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from polib import POFile, pofile

from orders.models import Message, Order, Review, TrackingEvent
from stores.models import Carrier, Category, Company, Listing, Store, User
from tests.stores.people import client_of, enrol
from tools.translations import CATALOGUE, PLACEHOLDER, ROOT, catalogue_faults

pytestmark = pytest.mark.sqlite_only

# Three English words in a row are a sentence that nobody translated; two may be a name or a format.
ENGLISH = re.compile(r"[A-Za-z]['’A-Za-z]+(?: [A-Za-z]['’A-Za-z]*){2,}")
# Words that Chinese sellers use in English, names of files and codes.
NAMES = ("Top Rated Seller", "Flash Deals", "English", "CSV UTF-8")
# What the audit trail records is a code with its subject: "order.shipped order 4711".
EVENT = re.compile(r"\b[a-z_]+\.[a-z_.]+ [a-z_]+ \S+")
TEXT_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "data-label")
NOT_READ = ("script", "style", "code", "pre")
VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
SIGN_IN_PAGES = ("account_login", "account_reset_password", "account_reset_password_done", "account_signup")
OWN_PAGES = ("stores:profile", "mfa_index", "usersessions_list", "account_change_password", "account_logout")
# Words of the engine: ids of rules, keys of parameters. The rulebook shows them to staff.
ENGINE = re.compile(
    r"\b(?:DM|MX|SR|PN|AP|DP|TM|AF|BX|RL|IX|PG)-\d\d|\b(?:metrics|counting|judging|notices)\.[a-z_]+\.?\b"
)
# What ends the session, or is no page.
LEFT_ALONE = re.compile(r"logout|/i18n/|/static/|/media/|\.(csv|xlsx|json|zip|parquet)$|/errors/$|download")
MOST_PAGES = 150
HAN = "一-鿿"


@pytest.fixture(scope="module")
def catalogue() -> POFile:
    return pofile(str(ROOT / CATALOGUE))


def translations(catalogue: POFile) -> Iterator[tuple[str, str]]:
    for entry in catalogue:
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            yield entry.msgid, text


def test_every_text_of_the_catalogue_has_its_translation(catalogue: POFile) -> None:
    assert list(catalogue_faults(catalogue)) == []


def test_translations_keep_their_placeholders(catalogue: POFile) -> None:
    lost = [
        (msgid, text)
        for msgid, text in translations(catalogue)
        if set(PLACEHOLDER.findall(msgid)) - set(PLACEHOLDER.findall(text))
    ]
    assert lost == []


def test_translations_end_as_their_originals(catalogue: POFile) -> None:
    """A sentence stays a sentence, a label a label."""
    wrong = [
        (msgid, text)
        for msgid, text in translations(catalogue)
        if msgid[-1:] in ".…" and len(msgid) > 1 and text[-1:] not in "。…" and not text.endswith(("：", "yes："))
    ]
    assert wrong == []


def test_chinese_is_set_with_chinese_punctuation_and_spaced_figures(catalogue: POFile) -> None:
    ascii_marks, unspaced = rf"[{HAN}][,;:!?.](?:\s|[{HAN}]|$)", rf"[{HAN}](?:[A-Za-z0-9]|%\()|[A-Za-z0-9][{HAN}]"
    ugly = re.compile(rf"{ascii_marks}|{unspaced}|[{HAN}] [{HAN}]")
    # Words that are filled in, not figures: no space belongs beside them.
    words = r"%\((?:metric|line|dimension|what|level|kind|who)\)s"
    joined = re.compile(rf"[{HAN}]{words}|{words}[{HAN}]")
    # A span such as "9 天" begins with a figure and ends with a word.
    texts = [joined.sub("", text.replace("%(span)s", "9 天")) for _, text in translations(catalogue)]
    assert [(text, found.group()) for text in texts if (found := ugly.search(text))] == []


# What pages in Chinese say that they are in.
CHINESE = "zh-Hans"


class Reader(HTMLParser):
    """Collects what a person reads on a page, and where its links lead. What says that it is in another language, as
    texts for buyers do, is no text of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.quiet: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        self.texts += [str(given[name]) for name in TEXT_ATTRIBUTES if given.get(name)]
        if tag not in VOID and (self.quiet or tag in NOT_READ or given.get("lang", CHINESE) != CHINESE):
            self.quiet.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.quiet and self.quiet[-1] == tag:
            self.quiet.pop()

    def handle_data(self, data: str) -> None:
        if not self.quiet:
            self.texts.append(" ".join(data.split()))


def names_in_the_data() -> list[str]:
    """Texts of sellers, buyers and carriers, which no catalogue translates; longest first."""
    found: set[str] = set(NAMES)
    for model, *fields in (
        (Carrier, "name"),
        (Category, "name", "name_en"),
        (Company, "name"),
        (Store, "name"),
        (Listing, "title", "description"),
        (Message, "text"),
        (Review, "text"),
        (Order, "cancel_reason"),
        (Order, "ship_address"),
        (TrackingEvent, "place", "text"),
    ):
        for field in fields:
            texts = model._default_manager.order_by().values_list(field, flat=True).distinct()
            found |= {" ".join(text.split()) for text in texts if text}
    return sorted(found, key=len, reverse=True)


def kind_of(address: str) -> tuple[str, str, str]:
    """The route of an address and the tab or part of it that is asked for; one page of each kind is read."""
    found = urlsplit(address)
    match = resolve(found.path)
    query = parse_qs(found.query)
    part = "".join(query.get("tab", [])) + "".join(query.get("part", []))
    return match.view_name, str(match.kwargs.get("code", "")), part


def pages(client: Client, starts: list[str]) -> Iterator[tuple[str, Reader]]:
    """Walk from page to page, one of each kind."""
    waiting = list(starts)
    seen: set[tuple[str, str, str]] = set()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        try:
            kind = kind_of(address)
        except Resolver404:
            continue
        if kind in seen:
            continue
        seen.add(kind)
        answer = client.get(address, headers={"accept-language": "zh-CN"})
        if not answer.get("Content-Type", "").startswith("text/html") or answer.status_code in (301, 302):
            continue
        # What a role may not do says so in Chinese as well.
        assert answer.status_code in (200, 403), address
        reader = Reader()
        reader.feed(answer.content.decode())
        yield address, reader
        for link in reader.links:
            target = urlsplit(urljoin(address, link))
            if not target.netloc and not LEFT_ALONE.search(target.path):
                waiting.append(target._replace(fragment="").geturl())


def english_left(client: Client, starts: list[str], names: list[str], *, engine: bool = False) -> tuple[set[str], int]:
    """Each English sentence, and with `engine` each word of the engine, with its page, and how many pages were read."""
    left, read = set(), 0

    def is_doubtful(text: str) -> bool:
        return bool(ENGLISH.search(text) or (engine and ENGINE.search(text)))

    for address, reader in pages(client, starts):
        read += 1
        for text in filter(is_doubtful, reader.texts):
            plain = EVENT.sub("·", text)
            for name in names:
                if len(name) > 2:
                    plain = plain.replace(name, "·")
            if is_doubtful(plain):
                left.add(f"{address}: {text[:200]}")
    return left, read


@pytest.mark.slow
@pytest.mark.django_db
def test_no_page_is_left_half_english(tmp_path: Path) -> None:
    call_command("demo", "--scale", "0.03", stdout=StringIO())
    names = names_in_the_data()
    public = english_left(Client(), [reverse(name) for name in SIGN_IN_PAGES], names)
    owner = client_of(User.objects.get(email="owner@example.com"))
    own = english_left(owner, ["/", *(reverse(name) for name in OWN_PAGES)], names, engine=True)
    staff = User.objects.get(email="staff@example.com")
    enrol(staff)
    operations = english_left(client_of(staff), [reverse("admin:index")], names)
    assert sorted(public[0] | own[0] | operations[0]) == []
    assert own[1] > 40
    assert operations[1] > 40
