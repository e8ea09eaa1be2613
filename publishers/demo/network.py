"""The demonstration's offices, people and accounts. All of them are made up."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.utils.translation import gettext

from cms.bootstrap import bootstrap
from cms.models import Membership, Office, Role, SectionPage, Stage, role_label
from cms.organisation.offices import grant, open_office
from publishers import accounts
from publishers.demo.logins import Logins
from publishers.interface import API, FEED, MANUAL, PUSH
from publishers.models import Account
from publishers.people.permissions import OPERATOR

PROVINCE = ("lingnan", "岭南省妇女联合会")
OFFICES = [
    # code, name, kind, parent
    ("xuanchuan", "岭南省妇女联合会宣传部", Office.Kind.DEPARTMENT, "lingnan"),
    ("quanyi", "岭南省妇女联合会权益部", Office.Kind.DEPARTMENT, "lingnan"),
    ("yunshan", "云山市妇女联合会", Office.Kind.CITY, "lingnan"),
    ("rongcheng", "榕城市妇女联合会", Office.Kind.CITY, "lingnan"),
    ("qingxi", "云山市清溪县妇女联合会", Office.Kind.COUNTY, "yunshan"),
]
SECTIONS = [
    # office, slug, title
    ("lingnan", "stories", "女性故事"),
    ("lingnan", "policies", "政策解读"),
    ("lingnan", "comments", "木棉时评"),
    ("yunshan", "events", "活动"),
]
PEOPLE = [
    # user name, name, office, role, stage
    ("editor", "编辑小林", "lingnan", Role.AUTHOR, None),
    ("reviewer1", "初审老陈", "lingnan", Role.REVIEWER, Stage.FIRST),
    ("reviewer2", "复审老何", "lingnan", Role.REVIEWER, Stage.SECOND),
    ("reviewer3", "终审老罗", "lingnan", Role.REVIEWER, Stage.FINAL),
    ("duty", "值班小周", "lingnan", Role.DUTY_EDITOR, None),
    ("liaison", "云山联络员小许", "yunshan", Role.LIAISON, None),
    ("yunshan_editor", "云山编辑小梁", "yunshan", Role.AUTHOR, None),
]
ADMINISTRATOR = "admin"


@dataclass(frozen=True)
class SandboxAccount:
    """An account that the sandbox ships; its secret is ``secret-<id>``."""

    office: str
    platform: str
    id: str
    name: str
    transport: str = API

    def credentials(self, sandbox_url: str) -> dict[str, str]:
        secret = f"secret-{self.id}"
        if self.transport == PUSH:
            url = f"{sandbox_url}/{self.platform}/push"
            return {"push_url": url, "push_key": self.id, "push_secret": secret}
        if self.transport == FEED:
            return {"callback_secret": secret}
        names = {"wechat": ("appid", "secret"), "penguin": ("client_id", "client_secret")}.get(self.platform)
        return dict(zip(names, (self.id, secret), strict=True)) if names else {}


#: Each platform by a road that is open for it (docs/platforms): interface, feed, push, or a person.
ACCOUNTS = [
    SandboxAccount("lingnan", "wechat", "wxsandbox0001", "岭南女声"),
    SandboxAccount("yunshan", "wechat", "wxsandbox0002", "云山女声"),
    SandboxAccount("lingnan", "penguin", "penguinsandbox0001", "岭南女声"),
    SandboxAccount("lingnan", "toutiao", "toutiaosandbox0001", "岭南女声", FEED),
    SandboxAccount("lingnan", "netease", "neteasesandbox0001", "岭南女声", MANUAL),
    SandboxAccount("lingnan", "nanfang", "nanfangsandbox0001", "岭南女声", PUSH),
    SandboxAccount("lingnan", "yidian", "yidiansandbox0001", "岭南女声", MANUAL),
    SandboxAccount("lingnan", "partner", "partnersandbox0001", "岭南女声", PUSH),
]


def is_of_others() -> bool:
    """Return whether the hub has an organisation of its own: the demonstration's has no place in it."""
    root = Office.get_first_root_node()
    return root is not None and root.code != PROVINCE[0]


def load(sandbox_url: str, logins: Logins) -> None:
    """Make what is missing of the network; its accounts point at the sandbox.

    Raises Refused where something else has the place of what is missing.
    """
    code, name = PROVINCE
    bootstrap(code=code, name=name, administrator=ADMINISTRATOR, password=logins.password(ADMINISTRATOR))
    for office in OFFICES:
        _open(*office)
    for section in SECTIONS:
        _section(*section)
    for person in PEOPLE:
        _person(*person, logins=logins)
    for account in ACCOUNTS:
        _account(account, sandbox_url)


def _open(code: str, name: str, kind: str, parent: str) -> None:
    if not Office.objects.filter(code=code).exists():
        open_office(code=code, name=name, kind=kind, parent=Office.objects.get(code=parent))


def _section(office: str, slug: str, title: str) -> None:
    branch = Office.objects.get(code=office).branch
    if not branch.get_children().filter(slug=slug).exists():
        branch.add_child(instance=SectionPage(title=title, slug=slug))


def section(slug: str) -> SectionPage | None:
    """Return the demonstration's section; None where somebody put another page in its place."""
    office = next(office for office, known, _title in SECTIONS if known == slug)
    return SectionPage.objects.child_of(Office.objects.get(code=office).branch).filter(slug=slug).first()


def _person(username: str, name: str, office: str, role: str, stage: int | None, *, logins: Logins) -> None:
    user, made = get_user_model().objects.get_or_create(
        username=username, defaults={"first_name": name, "email": f"{username}@lingnan.example"}
    )
    if made:
        user.set_password(logins.password(username))
        user.save()
    grant(user, Office.objects.get(code=office), role, stage)


def _account(account: SandboxAccount, sandbox_url: str) -> None:
    if not Account.objects.filter(platform=account.platform, name=account.name).exists():
        accounts.add(
            office=Office.objects.get(code=account.office),
            platform=account.platform,
            name=account.name,
            base_url=f"{sandbox_url}/{account.platform}",
            transport=account.transport,
            credentials=account.credentials(sandbox_url),
            by=OPERATOR,
        )


def roles() -> dict[str, str]:
    """Return what each person is, in words, by user name."""
    known = {ADMINISTRATOR: gettext("Administrator of the whole hub")}
    for person in Membership.objects.select_related("user", "office").exclude(user__is_superuser=True):
        label = role_label(person.role, person.stage)
        known[person.user.get_username()] = f"{person.user.first_name} · {person.office.name} · {label}"
    return known


def sandbox_ids() -> dict[int, str]:
    """Return the sandbox's id of each account, by the account's number."""
    known = {(account.platform, account.name): account.id for account in ACCOUNTS}
    return {account.pk: known[account.platform, account.name] for account in Account.objects.all()}
