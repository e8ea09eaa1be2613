"""How a partner reads: only what changed, page by page, and nobody else."""

import json
from ipaddress import ip_network
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from lxml import etree

from cms.refusals import Refused
from publishers import feeds
from publishers.feeds import entries, feeding
from publishers.logs import Line
from publishers.models import Feed, FeedEntry
from publishers.people.permissions import OPERATOR
from tests.publishers.feeds.cast import age, content, items_of, make_account, path_of, put, read, take_back

pytestmark = pytest.mark.django_db(transaction=True)


def settled(account, **more):
    """Let the last change be over for a while, and the feed have been read just now."""
    Feed.objects.filter(account=account).update(
        changed_at=timezone.now() - timezone.timedelta(minutes=5), read_at=timezone.now()
    )


def titles(account, **asked):
    return [item.get("title") for item in items_of(account, **asked)]


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_an_unchanged_feed_is_answered_from_its_row_alone(
    account, form, validator, django_assert_num_queries
):
    put(account, 7)
    settled(account)
    first = read(account, form)
    condition = {"ETag": "HTTP_IF_NONE_MATCH", "Last-Modified": "HTTP_IF_MODIFIED_SINCE"}[validator]
    path, client = path_of(account, form), Client(REMOTE_ADDR="203.0.113.9")
    with django_assert_num_queries(1):
        second = client.get(path, **{condition: first[validator]})
    assert (second.status_code, second.content) == (304, b"")
    assert second["ETag"] == first["ETag"] and "private" in second["Cache-Control"]


def test_many_articles_cost_as_many_queries_as_one(account, django_assert_max_num_queries):
    for page_id in range(30):
        put(account, page_id + 1)
    path, client = path_of(account, "json"), Client()
    with django_assert_max_num_queries(5):
        assert len(json.loads(client.get(path).content)["items"]) == 30


def test_each_change_is_seen_by_who_has_the_feed_already(account):
    entry = put(account, 7)
    seen = read(account)["ETag"]
    for change in (lambda: put(account, 8), lambda: take_back(entry)):
        change()
        answer = read(account, HTTP_IF_NONE_MATCH=seen)
        assert answer.status_code == 200
        seen = answer["ETag"]


def test_a_second_change_in_the_same_second_is_not_hidden_by_last_modified(account):
    put(account, 7)
    Feed.objects.update(changed_at=timezone.now() + timezone.timedelta(seconds=30))
    with time_machine.travel(timezone.now() + timezone.timedelta(hours=1), tick=True):
        assert "Last-Modified" not in read(account), "another change may fall in this second"
    settled(account)
    assert "Last-Modified" in read(account)


def test_the_two_forms_and_the_pages_have_tags_of_their_own(account):
    put(account, 7)
    tags = [read(account, "xml"), read(account, "json"), read(account, "json", query={"page": "2"})]
    assert len({answer["ETag"] for answer in tags}) == 3


def test_head_tells_the_same_headers_without_a_body(account):
    put(account, 7)
    head, got = Client().head(path_of(account)), read(account, "xml")
    assert head.status_code == 200 and head.content == b""
    assert head["ETag"] == got["ETag"] and head["Content-Type"] == got["Content-Type"]
    assert Client().post(path_of(account)).status_code == 405


def test_head_is_no_reading(account):
    put(account, 7)
    assert Client().head(path_of(account)).status_code == 200
    assert feeds.of(account.pk).read_at is None


def test_a_change_comes_after_the_last_one_whatever_the_hosts_clock_says(account):
    entry, before = put(account, 7), feeds.of(account.pk).changed_at
    Feed.objects.update(changed_at=before - timezone.timedelta(hours=1))
    with time_machine.travel(before - timezone.timedelta(hours=3), tick=True):
        take_back(entry)
    assert FeedEntry.objects.get().changed_at == feeds.of(account.pk).changed_at > before
    assert [item["id"] for item in items_of(account, query={"since": before.isoformat()})] == [entry.guid]


def test_no_cache_keeps_that_an_address_is_unknown(account):
    """It may be known a moment later; and nobody else is to learn of the question."""
    answer = Client().get(path_of(account).replace(".xml", "x.xml"))
    assert answer.status_code == 404
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))


def test_a_shared_cache_keeps_nothing_and_nothing_runs(account):
    answer = read(account)
    assert "private" in answer["Cache-Control"] and "no-cache" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


def test_the_window_is_the_newest_fifty_and_what_changed_in_three_days(account):
    for page_id in range(1, 56):
        age(put(account, page_id, title=f"第{page_id}篇"), days=200 - page_id)
    shown = titles(account)
    assert len(shown) == 50 and "第5篇" not in shown and shown[0] == "第55篇"
    put(account, 3, title="第3篇，改过")
    assert "第3篇，改过" in titles(account) and len(titles(account)) == 51
    for hours, is_there in ((71, True), (73, False)):
        changed_at = timezone.now() - timezone.timedelta(hours=hours)
        FeedEntry.objects.filter(content__title="第3篇，改过").update(changed_at=changed_at)
        assert ("第3篇，改过" in titles(account)) == is_there


def test_only_what_is_another_content_is_a_new_version(account):
    entry = put(account, 7)
    for text, version in ((entry.content, 1), (entry.content | {"title": "另一个标题"}, 2)):
        with transaction.atomic():
            feeding.offer(entry.item, text)
        entry.refresh_from_db()
        assert (entry.content, entry.version) == (text, version)
    assert [take_back(entry).version for _time in range(2)] == [3, 3], "a tombstone is told once"


def test_a_tombstone_stays_for_thirty_days(account):
    young, old = put(account, 7), put(account, 8)
    age(take_back(young), days=29)
    age(take_back(old), days=31)
    assert [item["id"] for item in items_of(account)] == [young.guid]
    since = (timezone.now() - timezone.timedelta(days=90)).isoformat()
    assert len(items_of(account, query={"since": since})) == 2, "whoever catches up learns of it"


def test_whoever_was_away_catches_up_over_hundreds_page_by_page(account):
    made = {put(account, page_id).guid for page_id in range(1, 231)}
    since = (timezone.now() - timezone.timedelta(hours=1)).isoformat()
    for form in ("json", "xml"):
        found, query = [], {"since": since}
        for _page in range(10):
            guids, query = _page_of(account, form, query)
            assert len(guids) <= entries.PAGE
            found += guids
            if query is None:
                break
        assert len(found) == 230 and set(found) == made


def _page_of(account, form, query):
    """Return the page's guids, and the query of the next page."""
    text = read(account, form, query=query).content.decode()
    if form == "json":
        document = json.loads(text)
        guids, following = [item["id"] for item in document["items"]], document.get("next_url", "")
    else:
        root = etree.fromstring(text.encode())
        guids = [item.findtext("guid") for item in root.iter("item")]
        links = {link.get("rel"): link.get("href") for link in root.iterfind("channel/{*}link[@rel]")}
        assert "self" in links
        following = links.get("next", "")
    if not following:
        return guids, None
    return guids, dict(parse_qsl(urlsplit(following).query))


def test_since_takes_what_changed_after_it_only(account):
    first = put(account, 7, title="第一篇")
    age(first, hours=2)
    put(account, 8, title="第二篇")
    an_hour_ago = timezone.now() - timezone.timedelta(hours=1)
    assert titles(account, query={"since": an_hour_ago.isoformat()}) == ["第二篇"]
    assert titles(account, query={"since": an_hour_ago.isoformat().replace("+", " ")}) == ["第二篇"]


@pytest.mark.parametrize(
    "query", [{"since": "gestern"}, {"since": "2026-03-01T09:00:00"}, {"since": "2026-13-41T99:00:00Z"},
              {"page": "0"}, {"page": "-1"}, {"page": "x"}, {"page": "9" * 40}]
)  # fmt: skip
def test_a_query_that_is_not_understood_is_refused_with_a_sentence(account, query):
    answer = read(account, query=query)
    assert answer.status_code == 400 and answer.content.decode().endswith("。")


def test_a_wrong_address_is_unknown_and_says_nothing(account, office):
    other = make_account(office, "云山女声")
    right = path_of(account)
    wrong = [
        right.replace(f"/{account.pk}/", f"/{other.pk}/"),
        right.replace(f"/{account.pk}/", "/999999/"),
        right[:-5] + ("A" if right[-5] != "A" else "B") + ".xml",
        "/feeds/1/x.xml",
        "/feeds/99999999999999999/x.json",
    ]
    answers = [Client().get(path) for path in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {b""}


def test_after_rotation_only_the_new_address_is_known(account):
    old = path_of(account)
    feeds.rotate(account, by=OPERATOR)
    assert Client().get(old).status_code == 404
    assert Client().get(path_of(account)).status_code == 200


def test_the_key_lies_encrypted_in_the_database(account):
    key = path_of(account).rsplit("/", 1)[1].removesuffix(".xml")
    row = feeds.of(account.pk)
    assert key.encode() not in bytes(row.key) and key not in row.key_sha256 and len(key) > 40


def test_a_refused_address_is_not_in_the_log(account, caplog):
    feeds.allow(account, "198.51.100.0/24", by=OPERATOR)
    path = path_of(account)
    assert read(account, "xml").status_code == 404
    written = "\n".join(Line("%(message)s").format(record) for record in caplog.records)
    assert "203.0.113.9 is not among the allowed addresses" in written
    assert path.rsplit("/", 1)[1].removesuffix(".xml") not in written


@pytest.mark.parametrize(
    ("allowed", "remote", "status"),
    [
        ("203.0.113.9", "203.0.113.9", 200),
        ("203.0.113.0/24", "203.0.113.200", 200),
        ("203.0.113.0/24", "203.0.114.1", 404),
        ("198.51.100.1\n2001:db8::/32", "2001:db8:5::1", 200),
        ("2001:db8::/32", "2001:db9::1", 404),
        ("203.0.113.9", "::ffff:203.0.113.9", 200),
        ("203.0.113.9", "", 404),
        ("", "192.0.2.77", 200),
    ],
)
def test_only_the_allowed_networks_read(account, allowed, remote, status):
    feeds.allow(account, allowed, by=OPERATOR)
    assert read(account, remote=remote).status_code == status


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "status"),
    [
        # Nobody stands before the hub: what a header says is anybody's word.
        ([], "192.0.2.66", "203.0.113.9", 404),
        (["10.0.0.1"], "10.0.0.1", "203.0.113.9", 200),
        (["10.0.0.1"], "10.0.0.1", "203.0.113.9, 192.0.2.66", 404),
        (["10.0.0.0/8"], "10.0.0.1", "192.0.2.66, 203.0.113.9, 10.0.0.2", 200),
        (["10.0.0.1"], "10.0.0.1", "", 404),
        (["10.0.0.1"], "10.0.0.1", "nonsense", 404),
        # What ends with nothing names nobody there: who stands before it is asked about.
        (["10.0.0.1"], "10.0.0.1", "192.0.2.66, 203.0.113.9, ", 200),
    ],
)
def test_behind_a_proxy_its_own_word_counts_and_nobody_elses(
    account, settings, proxies, remote, forwarded, status
):
    settings.TRUSTED_PROXIES = [ip_network(each) for each in proxies]
    feeds.allow(account, "203.0.113.9", by=OPERATOR)
    assert read(account, remote=remote, HTTP_X_FORWARDED_FOR=forwarded).status_code == status


def test_what_is_no_network_is_refused_by_its_name(account):
    with pytest.raises(Refused, match=r"203\.0\.113\.300"):
        feeds.allow(account, "203.0.113.0/24\n203.0.113.300", by=OPERATOR)
    assert feeds.of(account.pk).allowed == ""


def test_reading_is_noted_and_an_unchanged_feed_seldom(account):
    assert feeds.of(account.pk).read_at is None
    first = read(account)
    noted = feeds.of(account.pk).read_at
    assert noted is not None
    for minutes in (0, 9):
        earlier = noted - timezone.timedelta(minutes=minutes)
        Feed.objects.update(read_at=earlier)
        read(account, HTTP_IF_NONE_MATCH=first["ETag"])
        assert feeds.of(account.pk).read_at == earlier
    Feed.objects.update(read_at=noted - timezone.timedelta(minutes=11))
    read(account, HTTP_IF_NONE_MATCH=first["ETag"])
    assert feeds.of(account.pk).read_at >= noted


def test_after_a_loss_of_the_database_an_article_has_its_name_again_and_no_other_gets_it(account):
    """Pages are numbered from one again."""
    first = put(account, 7)
    FeedEntry.objects.all().delete()
    with transaction.atomic():
        feeding.offer(first.item, first.content)
    assert FeedEntry.objects.get().guid == first.guid
    FeedEntry.objects.all().delete()
    assert put(account, 7, title="另一篇").guid != first.guid


def test_a_later_text_keeps_its_name_and_moves_up(account):
    first = put(account, 7)
    put(account, 8)
    later = put(account, 7, content("山里的阅览室，改过"))
    assert later.guid == first.guid and later.version == 2 and later.published_at == first.published_at
    assert [item["title"] for item in items_of(account)] == ["山里的阅览室，改过", "山里的阅览室"]
