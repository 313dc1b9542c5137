"""Walks from page to page in Chinese and finds what nobody translated."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

from orders.models import Message, Order, Review, TrackingEvent
from stores.models import Carrier, Category, Company, Listing, Store

# Three English words in a row are a sentence that nobody translated; two may be a name or a format.
ENGLISH = re.compile(r"[A-Za-z]['’A-Za-z]+(?: [A-Za-z]['’A-Za-z]*){2,}")
# Words that Chinese sellers use in English, names of files and codes.
NAMES = ("Top Rated Seller", "Flash Deals", "English", "CSV UTF-8")
# What the audit trail records is a code with its subject: "order.shipped order 4711".
EVENT = re.compile(r"\b[a-z_]+\.[a-z_.]+ [a-z_]+ \S+")
TEXT_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "data-label")
NOT_READ = ("script", "style", "code", "pre")
VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
# Words of the engine: ids of rules, keys of parameters. The rulebook shows them to staff.
ENGINE = re.compile(
    r"\b(?:DM|MX|SR|PN|AP|DP|TM|AF|BX|RL|IX|PG)-\d\d|\b(?:metrics|counting|judging|notices)\.[a-z_]+\.?\b"
)
# What ends the session, or is no page.
LEFT_ALONE = re.compile(r"logout|/i18n/|/static/|/media/|\.(csv|xlsx|json|zip|parquet)$|/errors/$|download")
MOST_PAGES = 150
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
