"""What stands in the documents: strangers' readers find every field, and nothing hostile breaks them."""

import hashlib
import json

import feedparser
import jsonschema
import pytest
from lxml import etree

from publishers import registry
from publishers.feeds.rss import HUB
from publishers.models import DeliveryItem, FeedEntry
from tests.publishers.feeds.cast import PLATFORM, content, items_of, put, read, take_back

pytestmark = pytest.mark.django_db(transaction=True)
SPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "hub": HUB,
}
#: After the specification of JSON Feed 1.1, written down anew.
URL, MOMENT = {"type": "string", "pattern": "^https?://"}, {"type": "string", "pattern": r"^\d{4}-.*\+08:00$"}
ITEM = {
    "type": "object",
    "required": ["id", "content_html", "_hub"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "url": URL,
        "image": URL,
        "title": {"type": "string"},
        "summary": {"type": "string"},
        "content_html": {"type": "string"},
        "date_published": MOMENT,
        "date_modified": MOMENT,
        "authors": {"type": "array", "items": {"type": "object", "minProperties": 1}},
        "tags": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "attachments": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["url", "mime_type"],
                "properties": {"url": URL, "size_in_bytes": {"type": "integer"}},
            },
        },
        "_hub": {
            "type": "object",
            "required": ["status", "version"],
            "properties": {
                "status": {"enum": ["published", "withdrawn"]},
                "version": {"type": "integer", "minimum": 1},
                "original": {"type": "boolean"},
                "cover_images": {"type": "array"},
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            },
        },
    },
    "additionalProperties": False,
}
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string", "minLength": 1},
        "home_page_url": URL,
        "feed_url": URL,
        "next_url": URL,
        "description": {"type": "string"},
        "language": {"type": "string"},
        "items": {"type": "array", "items": ITEM},
        "_hub": {"type": "object"},
    },
    "additionalProperties": False,
}
HOSTILE = ']]><script>alert(1)</script> & "quoted" <!-- \u202e 女声 \U0001f33a'


def parsed(account) -> etree._Element:
    return etree.fromstring(read(account, "xml").content)


def test_a_strangers_reader_finds_the_whole_article_in_rss(account):
    payload = content()
    put(account, 7, payload)
    found = feedparser.parse(read(account, "xml").content)
    assert not found.bozo
    [entry] = found.entries
    assert (entry.title, entry.summary) == (payload["title"], payload["summary"])
    assert entry.link == payload["url"] and not entry.guidislink
    assert entry.author == payload["author"] and entry.rights == payload["rights"]
    assert [tag.term for tag in entry.tags] == ["家庭", "阅读", "乡村"]
    assert entry.published.endswith("+0800")
    assert [(each.href, each.type, each.length) for each in entry.enclosures] == [
        ("https://hub.example/b/1", "image/jpeg", "1024")
    ]


def test_the_elements_of_rss_stand_in_their_declared_namespaces(account):
    payload = content()
    entry = put(account, 7, payload)
    [item] = parsed(account).findall("channel/item")
    texts = {
        "content:encoded": payload["content_html"],
        "dc:creator": payload["author"],
        "dc:source": payload["source"],
        "dc:rights": payload["rights"],
        "hub:status": "published",
        "hub:version": "1",
        "hub:original": "true",
        "hub:source_url": payload["source_url"],
    }
    assert {name: item.findtext(name, namespaces=SPACES) for name in texts} == texts
    assert item.findtext("atom:updated", namespaces=SPACES).endswith("+08:00")
    assert item.find("guid").attrib == {"isPermaLink": "false"} and item.findtext("guid") == entry.guid
    [media] = item.findall("media:content", SPACES)
    assert dict(media.attrib) == {
        "url": "https://hub.example/b/1",
        "type": "image/jpeg",
        "medium": "image",
        "fileSize": "1024",
        "width": "900",
        "height": "600",
    }


def test_json_feed_is_as_its_specification_has_it(account):
    payload = content(sha256=hashlib.sha256(content()["content_html"].encode()).hexdigest())
    put(account, 7, payload)
    take_back(put(account, 8))
    answer = read(account, "json")
    assert answer["Content-Type"].startswith("application/feed+json")
    document = json.loads(answer.content)
    jsonschema.validate(document, JSON_FEED)
    shown = next(item for item in document["items"] if item["_hub"]["status"] == "published")
    assert shown["content_html"] == payload["content_html"]
    assert shown["_hub"]["sha256"] == hashlib.sha256(shown["content_html"].encode()).hexdigest()
    assert shown["_hub"]["cover_images"] == payload["cover_images"]
    assert shown["authors"] == [{"name": "林晓岚"}] and shown["tags"] == ["家庭", "阅读", "乡村"]


def test_a_feed_says_whose_it_is_and_for_which_platform(account):
    document, channel = json.loads(read(account, "json").content), parsed(account).find("channel")
    title, platform = f"{account.name} · {account.office.name}", registry.get(PLATFORM).platform.name
    assert document["title"] == channel.findtext("title") == title
    assert document["description"] == channel.findtext("description") and platform in document["description"]


def test_an_article_without_an_author_names_none_and_of_several_covers_one_is_enclosed(account):
    """RSS knows one enclosure; the others are among the pictures, each once."""
    [cover] = content()["cover_images"]
    other = cover | {"url": "https://hub.example/b/2"}
    jsonschema.validate(json.loads(read(account, "json").content), JSON_FEED)
    put(account, 7, content(author="", cover_images=[cover, other], images=[cover]))
    [shown], [item] = items_of(account), parsed(account).findall("channel/item")
    assert shown["authors"] == [] and shown["image"] == cover["url"]
    assert [each.get("url") for each in item.findall("enclosure")] == [cover["url"]]
    media = [each.get("url") for each in item.findall("media:content", SPACES)]
    assert media == [cover["url"], other["url"]]


def test_a_tombstone_has_a_status_and_no_content_in_both_forms(account):
    entry = take_back(put(account, 7))
    [item] = parsed(account).findall("channel/item")
    assert item.findtext("hub:status", namespaces=SPACES) == "withdrawn"
    assert item.findtext("content:encoded", namespaces=SPACES) == ""
    assert item.findtext("guid") == entry.guid and item.findtext("hub:version", namespaces=SPACES) == "2"
    [tombstone] = items_of(account)
    assert tombstone["content_html"] == "" and tombstone["_hub"] == {"status": "withdrawn", "version": 2}
    for form in ("xml", "json"):
        assert "山里的阅览室" not in read(account, form).content.decode()


def test_hostile_texts_arrive_as_text_in_both_forms(account):
    hostile = dict.fromkeys(("title", "summary", "author", "source", "rights", "category"), HOSTILE)
    put(
        account,
        7,
        content(**hostile, content_html=f"<p>{HOSTILE}</p>", tags=[HOSTILE], url="https://h/?a=1&b=<"),
    )
    root = parsed(account)
    [item] = root.findall("channel/item")
    assert item.findtext("title") == item.findtext("description") == HOSTILE
    assert item.findtext("content:encoded", namespaces=SPACES) == f"<p>{HOSTILE}</p>"
    assert [each.tag for each in root.iter("{*}script")] == []
    [shown] = items_of(account)
    assert shown["title"] == HOSTILE and shown["content_html"] == f"<p>{HOSTILE}</p>"


def test_what_somebody_wrote_into_the_database_is_not_served(account, caplog):
    put(account, 7)
    forged = put(account, 8)
    FeedEntry.objects.filter(pk=forged.pk).update(content=content("谁也没签发的标题"))
    assert [item["title"] for item in items_of(account)] == ["山里的阅览室"]
    assert "is not what the hub stored" in caplog.text
    row = DeliveryItem.objects.get(pk=forged.item_id)
    assert row.account.platform == PLATFORM
