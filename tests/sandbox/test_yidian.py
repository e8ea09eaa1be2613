"""Yidian's stand-in: the token call of docs/platforms/yidian.md, section 1, and no other."""

import pytest
import requests

ASKED = {
    "grant_type": "client_credentials",
    "client_id": "yidiansandbox0001",
    "client_secret": "secret-yidiansandbox0001",
}


def ask(sandbox, **changes):
    url = f"{sandbox.base_url('yidian')}/apis/auth/token"
    answer = requests.get(url, params={**ASKED, **changes}, timeout=20)
    assert answer.status_code == 200
    return answer.json()


def test_a_media_id_and_its_secret_give_a_token(sandbox):
    told = ask(sandbox)
    assert told["access_token"] and told["expires_in"] == 7200
    noted = str(sandbox.calls("yidian"))
    assert told["access_token"] not in noted and ASKED["client_secret"] not in noted


@pytest.mark.parametrize(
    "wrong", [{"client_id": "nobody"}, {"client_secret": "wrong"}, {"grant_type": "password"}]
)
def test_what_is_wrong_is_said_in_error_and_error_description(sandbox, wrong):
    assert set(ask(sandbox, **wrong)) == {"error", "error_description"}


def test_the_article_call_that_nobody_has_seen_is_not_there(sandbox):
    for path in ("/apis/article/post", "/apis/post_article_info"):
        assert requests.post(sandbox.base_url("yidian") + path, timeout=20).status_code == 404
