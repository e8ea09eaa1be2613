"""What a storm's plan asks for, made: offices, accounts, articles, deliveries, and what must never go out."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass, field

from django.utils import timezone

from cms import releases, signing
from cms.models import Office, Release, Role, SectionPage
from publishers import accounts, callbacks
from publishers.distribution import distribute
from publishers.models import Account, Delivery, DeliveryItem
from publishers.people.permissions import OPERATOR
from readers.snapshots import snapshots
from tests.chaos.storm.plan import Order, Plan
from tests.factories import make_office, make_section, make_story, make_user
from tests.publishers.engine.cast import signed_release
from tests.publishers.engine.clock import an_hour_ago

CREDENTIALS = {"wechat": ("appid", "secret"), "penguin": ("client_id", "client_secret")}
CALLBACK_TOKEN, AES_KEY = "tellmehere", "s" * 43
NAME = "榕溪女声"
#: In the title of whatever nobody signed off.
MARK = "未经签发"
SENTENCES = (
    "灯下的人多起来",
    "她把名字写在第一行",
    "山路上有了脚步声",
    "课后大家留下来说话",
    "桥边的店重新开门",
)


@dataclass
class Cargo:
    """``deliveries`` are those of the plan's orders; ``forged`` must never be seen by a reader."""

    plan: Plan
    accounts: list[Account] = field(default_factory=list)
    releases: dict[int, Release] = field(default_factory=dict)
    deliveries: list[uuid.UUID] = field(default_factory=list)
    forged: set[uuid.UUID] = field(default_factory=set)

    @property
    def all(self) -> list[uuid.UUID]:
        return [*self.deliveries, *self.forged]


def load(plan: Plan, sandbox) -> Cargo:
    """Make everything in the database; each delivery's time begins with this call."""
    signing.ensure_key()
    office = make_office("lingnan", name="岭南省妇女联合会")
    make_section(office, title="女性故事")
    make_user("duty", office, Role.DUTY_EDITOR)
    cargo = Cargo(plan)
    cargo.accounts = [_account(sandbox, office, *each) for each in enumerate(plan.platforms)]
    for number in sorted({number for order in plan.orders for number in order.articles}):
        cargo.releases[number] = _release(number, number in plan.withdrawn)
    begin = timezone.now()
    cargo.deliveries = [_deliver(cargo, order, begin) for order in plan.orders]
    cargo.forged = {_forge(cargo, *each, begin) for each in plan.forged}
    return cargo


def handle(number: int, platform: str) -> str:
    """Return the account's id on its platform."""
    return f"{platform}-{number}"


def handle_of(account: Account) -> str:
    """Return the same of an account of the hub."""
    return handle(int(account.name.removeprefix(NAME)), account.platform)


def _account(sandbox, office: Office, number: int, platform: str) -> Account:
    name, secret = f"{NAME}{number}", f"secret-of-{number}"
    may = ["draft", "publish"] if platform == "wechat" else None
    sandbox.add_account(platform, handle(number, platform), secret, name, capabilities=may)
    fields = dict(zip(CREDENTIALS[platform], (handle(number, platform), secret), strict=True))
    if platform == "wechat":
        fields |= {"callback_token": CALLBACK_TOKEN, "aes_key": AES_KEY}
    account = accounts.add(
        office=office,
        platform=platform,
        name=name,
        credentials=fields,
        base_url=sandbox.base_url(platform),
        by=OPERATOR,
    )
    if address := callbacks.address_of(account):
        mode = ("plain", "safe")[number // 2 % 2]
        sandbox.callback(handle(number, platform), address, CALLBACK_TOKEN, aes_key=AES_KEY, mode=mode)
    return account


def _release(number: int, to_be_withdrawn: bool) -> Release:
    """Return a public Release; one to be withdrawn has its page, which the withdrawal locks."""
    page_id = make_story(SectionPage.objects.get()).pk if to_be_withdrawn else 100_000 + number
    title = f"第{number + 1}号：{SENTENCES[number % len(SENTENCES)]}"
    release = signed_release(page_id, title=title)
    snapshots.make(release, section_id=None)  # its pictures are served from now on
    return release


def _deliver(cargo: Cargo, order: Order, begin: dt.datetime) -> uuid.UUID:
    edition = [cargo.releases[number] for number in order.articles]
    at = begin + dt.timedelta(seconds=order.due_s)
    [delivery] = distribute(edition, [cargo.accounts[order.account]], at=at, alike=True, by=OPERATOR)
    Delivery.objects.filter(pk=delivery.pk).update(priority=order.priority)
    return delivery.pk


def _forge(cargo: Cargo, kind: str, number: int, begin: dt.datetime) -> uuid.UUID:
    """Write into the database what only somebody could who goes past every service."""
    account = cargo.accounts[number]
    release = signed_release(900_000 + DeliveryItem.objects.count(), title=f"{MARK}：{kind}", pictures=1)
    if kind == "unsigned":
        release = _unsigned(release)
    delivery = Delivery.objects.create(account=account, due_at=begin, next_at=begin, created_by_name="nobody")
    others = [each for each in cargo.accounts if each.pk != account.pk and each.platform == account.platform]
    belongs_to = others[0] if kind == "of another account" else account
    DeliveryItem.objects.create(delivery=delivery, account=belongs_to, position=0, release=release)
    return delivery.pk


def _unsigned(release: Release) -> Release:
    """Return a further Release whose signature was made for another one."""
    release.pk, release.number, release.signed_at = uuid.uuid4(), release.number + 1, an_hour_ago()
    release.sha256 = hashlib.sha256(releases.manifest(release)).hexdigest()
    release.save(force_insert=True)
    return release
