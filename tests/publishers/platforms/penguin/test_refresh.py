"""Renewing a connected account's access by many processes at once, and by one that dies on the way."""

import os
import secrets
import signal
import traceback

import pytest
from django.db import connections
from requests.adapters import HTTPAdapter

from publishers import accounts
from publishers.accounts import connecting, consents
from publishers.accounts.credentials import decrypt_text
from publishers.accounts.sessions import EngineAccount
from publishers.models import Account, Consent, HeldToken
from publishers.people.permissions import OPERATOR
from publishers.platforms.penguin.plugin import Penguin
from tests.publishers.engine.clock import an_hour_ago
from tests.publishers.engine.conftest import office
from tests.publishers.platforms.penguin.consent import agreed

__all__ = ["office"]
pytestmark = pytest.mark.django_db(transaction=True)
REFRESH = "/omoauth2/refreshtoken"
PROCESSES = 20


@pytest.fixture
def account(office, sandbox) -> Account:
    """A connected account whose access token has ended."""
    application, holder = f"app-{secrets.token_hex(6)}", f"holder-{secrets.token_hex(6)}"
    for account_id in (application, holder):
        sandbox.add_account("penguin", account_id, "s3cret", account_id)
    made = accounts.add(
        office=office,
        platform="penguin",
        name=holder,
        credentials={"application": "third_party", "client_id": application, "client_secret": "s3cret"},
        base_url=sandbox.base_url("penguin"),
        by=OPERATOR,
    )
    url, kept = connecting.begin(made, by=OPERATOR)
    told = agreed(url, holder)
    _account, begun = connecting.returned(kept, state=told["state"], by=OPERATOR)
    connecting.finish(made, begun, code=told["code"], by=OPERATOR)
    HeldToken.objects.filter(account=made).update(refresh_at=an_hour_ago())
    return made


def refreshes(sandbox) -> int:
    return len(sandbox.calls("penguin", path=REFRESH))


def check(account) -> str:
    """Be a process that needs the account's token; return it."""
    session = EngineAccount(Account.objects.get(pk=account.pk))
    Penguin().check(session)
    return decrypt_text(HeldToken.objects.get(account=account).token)


def fork(work) -> tuple[int, int]:
    """Let another process do ``work``; return its id and where it tells the result."""
    heard, told = os.pipe()
    connections.close_all()
    pid = os.fork()
    if pid:
        os.close(told)
        return pid, heard
    code = 1
    try:
        os.write(told, work().encode())
        code = 0
    except BaseException:  # noqa: BLE001  (a fork must never return into the test)
        traceback.print_exc()
    finally:
        os._exit(code)


def end(pid: int, heard: int) -> tuple[int, str]:
    with os.fdopen(heard) as lines:
        said = lines.read()
    return os.waitpid(pid, 0)[1], said


def test_twenty_processes_make_one_refresh_and_keep_what_it_gave(sandbox, account):
    before, grant = refreshes(sandbox), consents.grant_of(consents.of(account))
    begun = [fork(lambda: check(account)) for _process in range(PROCESSES)]
    ended = [end(*each) for each in begun]
    assert [status for status, _token in ended] == [0] * PROCESSES
    assert len({token for _status, token in ended}) == 1
    assert refreshes(sandbox) - before == 1
    kept = consents.grant_of(consents.of(account))
    assert kept.refresh_token != grant.refresh_token and kept.subject == grant.subject
    HeldToken.objects.update(refresh_at=an_hour_ago())
    assert check(account), "the one that is kept is the one that counts"


def test_who_waited_for_a_refresh_goes_on_with_its_grant(sandbox, account):
    session = EngineAccount(Account.objects.get(pk=account.pk))
    assert session.grant
    check(account)
    HeldToken.objects.update(refresh_at=an_hour_ago())
    Penguin().check(session)


def die_after_the_refresh() -> None:
    send = HTTPAdapter.send

    def last(adapter, request, **options):
        answer = send(adapter, request, **options)
        if REFRESH in request.url:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    HTTPAdapter.send = last


def test_a_refresh_whose_answer_died_with_its_process_asks_for_a_new_consent(sandbox, account):
    def work():
        die_after_the_refresh()
        return check(account)

    status, _said = end(*fork(work))
    assert os.WIFSIGNALED(status)
    HeldToken.objects.update(lease_until=an_hour_ago())
    checked = accounts.check(account, by=OPERATOR)
    assert checked.is_paused and "没有有效的授权" in checked.problem
    assert Consent.objects.filter(account=account).exists(), "who connected it stays known"
