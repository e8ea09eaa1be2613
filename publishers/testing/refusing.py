"""11 credentials, 12 rejected, 13 capabilities: a refusal becomes the error that says what to do next."""

from collections.abc import Iterator
from typing import TypeVar

import pytest

from publishers.interface import (
    CapabilityMissing,
    CredentialsInvalid,
    OutcomeUnknown,
    Publisher,
    PublisherError,
    Rejected,
)
from publishers.testing.documents import specimen
from publishers.testing.given import Given, MakeJob, Refusal
from publishers.testing.job import MemoryAccount
from publishers.testing.pictures import MemoryPicture
from publishers.testing.running import settle
from publishers.testing.scenarios import NotDeclared, require_waits, scenario
from publishers.testing.server import Server

Error = TypeVar("Error", bound=PublisherError)


def refused(
    kind: type[Error],
    refusals: list[Refusal],
    plugin: Publisher,
    account: MemoryAccount,
    make_job: MakeJob,
    served: list[MemoryPicture],
    server: Server,
) -> Iterator[Error]:
    """Let each refusal of this kind happen, and return what the plugin raised. None declared: not run."""
    mine = [(path, code) for error, path, code in refusals if error is kind]
    if not mine:
        raise NotDeclared(f"The contract of {plugin.platform.name} has no answer that means {kind.__name__}.")
    for path, code in mine:
        account.forget_token()
        server.refuse(path, code)
        with pytest.raises(kind) as raised:
            settle(plugin, make_job(specimen(served)), server)
        assert raised.value.code == str(code)
        yield raised.value
    assert server.seen() == []


class Refusing(Given):
    @scenario("11.1")
    def test_wrong_credentials_are_refused_as_such(self, plugin, account):
        secret = {field.name for field in plugin.platform.credentials if field.secret}
        given = {name: "wrong" if name in secret else value for name, value in account.credentials.items()}
        with pytest.raises(CredentialsInvalid):
            plugin.check(MemoryAccount(account.name, account.base_url, given))

    @scenario("11.2")
    def test_an_expired_token_is_replaced(self, plugin, job, server, account):
        plugin.check(account)
        server.expire_tokens()
        assert settle(plugin, job, server)

    @scenario("11.3")
    def test_refused_credentials_stop_the_account(self, plugin, account, make_job, served, server, refusals):
        list(refused(CredentialsInvalid, refusals, plugin, account, make_job, served, server))

    @scenario("11.4")
    def test_no_error_tells_a_secret(self, plugin, account, make_job, served, server, refusals):
        secrets = {account.credentials.get(each.name) for each in plugin.platform.credentials if each.secret}
        for _kind, path, code in refusals:
            account.forget_token()
            server.refuse(path, code)
            with pytest.raises(PublisherError) as raised:
                settle(plugin, make_job(specimen(served)), server)
            told = f"{raised.value} {raised.value.body} {raised.value.request_id}"
            assert not [secret for secret in secrets | account.tokens if secret and secret in told]

    @scenario("12.1")
    def test_a_refused_text_goes_back_to_the_editor_with_a_sentence(
        self, plugin, account, make_job, served, server, refusals
    ):
        for raised in refused(Rejected, refusals, plugin, account, make_job, served, server):
            assert raised.reason.strip()

    @scenario("12.2")
    def test_every_other_refusal_is_the_error_of_the_contract(
        self, plugin, account, make_job, served, server, refusals
    ):
        kinds = {error for error, _path, _code in refusals}
        others = kinds - {Rejected, CredentialsInvalid, CapabilityMissing, OutcomeUnknown}
        if not others:
            raise NotDeclared(f"The contract of {plugin.platform.name} has no other answers.")
        for kind in sorted(others, key=lambda each: each.__name__):
            list(refused(kind, refusals, plugin, account, make_job, served, server))

    @scenario("12.3")
    def test_a_refusal_that_no_document_names_is_looked_for_before_the_call_is_made_again(
        self, plugin, job, server, undocumented
    ):
        if undocumented is None:
            raise NotDeclared("The tests name no code that the contract does not.")
        path, code = undocumented
        server.refuse(path, code)
        with pytest.raises(PublisherError) as raised:
            plugin.publish(job)
        assert isinstance(raised.value, OutcomeUnknown) or not raised.value.certain
        published = settle(plugin, job, server)
        assert len(server.seen()) == (1 if published else 0)

    @scenario("13.1")
    def test_the_check_tells_the_capabilities_and_changes_nothing(self, plugin, account, server, changing):
        assert plugin.check(account) == set(plugin.platform.capabilities)
        assert not set(server.calls()) & set(changing)

    @scenario("13.2")
    def test_a_missing_capability_is_named(self, plugin, account, make_job, served, server, refusals):
        for raised in refused(CapabilityMissing, refusals, plugin, account, make_job, served, server):
            assert raised.name in plugin.platform.capabilities

    @scenario("13.3")
    def test_what_publishing_does_not_need_may_fail(self, plugin, account, server, optional):
        if not optional:
            raise NotDeclared(f"{plugin.platform.name} is asked for nothing but what publishing needs.")
        require_waits(server)
        for path in optional:
            for status in (429, 503, 500):
                server.ask_to_wait(path, status, None)
                assert "publish" in plugin.check(account), f"{path} {status}"
