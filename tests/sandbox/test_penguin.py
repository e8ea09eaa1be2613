"""docs/platforms/penguin.md: tokens, envelope, submission, transaction, list."""

import pytest
import requests

from tests.sandbox.callers import Penguin


def refused(answer):
    return str(answer["code"]) != "0"


def test_section_2_the_grant_is_spelt_without_underscore(penguin):
    answer = penguin.access_token()
    assert set(answer["data"]) == {"access_token", "expires_in", "openid"}
    assert answer["data"]["expires_in"] == 7200
    assert refused(penguin.access_token(grant_type="client_credentials"))


@pytest.mark.parametrize("changes", [{"client_id": "nobody"}, {"client_secret": "wrong"}, {"scope": "all"}])
def test_section_2_wrong_credentials_and_unknown_parameters_are_refused(penguin, changes):
    assert refused(penguin.access_token(**changes))


def test_section_2_a_token_lives_two_hours(penguin, sandbox):
    answer = penguin.access_token()["data"]
    check = {"access_token": answer["access_token"], "openid": answer["openid"]}
    url = f"{penguin.url}/omoauth2/checktoken"
    assert requests.get(url, params=check).json()["data"]["validity"] is True
    sandbox.settings(clock_offset_s=7201)
    assert requests.get(url, params=check).json()["data"]["validity"] is False
    told = requests.get(f"{penguin.url}/media/basicinfoclient", params=check).json()
    assert refused(told) and "access_token" in told["msg"]


@pytest.fixture
def granted(sandbox, penguin):
    """Return a function: the holder of penguinsandbox0002 agrees, the application gets its tokens."""

    def ask():
        asked = {"response_type": "code", "client_id": penguin.client_id, "redirect_uri": "https://a.cn/back"}
        page, chosen = f"{penguin.url}/omoauth2/authorize", {"account": "penguinsandbox0002"}
        assert "云山女声" in requests.get(page, params=asked).text
        went = requests.post(page, params={**asked, "state": "7"}, data=chosen, allow_redirects=False)
        target, query = went.headers["location"].split("?")
        assert (target, query.split("&")[1]) == ("https://a.cn/back", "state=7")
        given = {"grant_type": "authorization_code", "code": query.split("&")[0].removeprefix("code=")}
        told = penguin.access_token(**given)["data"]
        assert refused(penguin.access_token(**given)), "a code is good once"
        return told

    return ask


def refresh(penguin, token):
    asked = {"grant_type": "refreshtoken", "client_id": penguin.client_id, "refresh_token": token}
    return requests.post(f"{penguin.url}/omoauth2/refreshtoken", params=asked).json()


def test_section_2_an_account_holder_agrees_and_the_application_publishes_for_it(sandbox, penguin, granted):
    told = granted()
    identity = {"access_token": told["access_token"], "openid": told["openid"]}
    about = requests.get(f"{penguin.url}/media/basicinfoauth", params=identity).json()
    assert about["data"]["nick"] == "云山女声"
    fields = {**penguin.article(), "cover_type": "1", "tag": "木棉", "category": "4", **identity}
    sent = requests.post(f"{penguin.url}/articlev2/authpubpic", data=fields).json()
    sandbox.finish_reviews()
    query = {**identity, "transaction_id": sent["data"]["transaction_id"]}
    answer = requests.get(f"{penguin.url}/transaction/infoauth", params=query).json()
    assert answer["data"]["transaction_status"] == "成功"
    listed = requests.get(f"{penguin.url}/article/authlist", params=identity).json()["data"]
    assert [each["article_title"] for each in listed["articles"]] == ["木棉花开的地方"]
    assert [entry["account"] for entry in sandbox.articles("penguin")] == ["penguinsandbox0002"]


@pytest.mark.parametrize("path", ["media/basicinfoauth", "article/authlist"])
def test_section_4_the_auth_calls_want_the_openid_of_the_token(penguin, granted, path):
    token = granted()["access_token"]
    for openid in ({}, {"openid": "another"}):
        assert refused(requests.get(f"{penguin.url}/{path}", params={"access_token": token, **openid}).json())
    assert refused(requests.get(f"{penguin.url}/{path}", params={"access_token": penguin.token}).json())


def test_section_2_a_refresh_replaces_the_refresh_token(penguin, granted):
    told = granted()
    renewed = refresh(penguin, told["refresh_token"])
    assert renewed["data"]["refresh_token"] != told["refresh_token"]
    assert refused(refresh(penguin, told["refresh_token"]))


def test_section_2_the_key_may_be_misspelt(penguin, granted, sandbox):
    sandbox.settings(penguin_misspelt_refresh=True)
    told = granted()
    assert "refresh_token" not in told
    renewed = refresh(penguin, told["refresh_toekn"])["data"]
    assert renewed["refresh_toekn"] not in str(sandbox.calls("penguin"))


def test_a_holder_may_take_her_consent_back(penguin, granted, sandbox):
    told = granted()
    sandbox.revoke_consent("penguin", "penguinsandbox0002", penguin.client_id)
    assert refused(refresh(penguin, told["refresh_token"]))
    identity = {"access_token": told["access_token"], "openid": told["openid"]}
    assert refused(requests.get(f"{penguin.url}/media/basicinfoauth", params=identity).json())


def test_section_3_code_comes_as_number_and_as_text(penguin):
    seen = {type(penguin.get("media/basicinfoclient")["code"]) for _ in range(4)}
    assert seen == {int, str}


@pytest.mark.parametrize("path", ["article/clientpubpic", "articlev2/clientpubpic"])
@pytest.mark.parametrize("style", ["data", "params"])
def test_section_4_fields_may_stand_in_the_form_or_in_the_query(penguin, path, style):
    answer = penguin.post(path, style, **penguin.article())
    assert len(str(answer["data"]["transaction_id"])) == 19


@pytest.mark.parametrize(("setting", "style"), [("query", "data"), ("form", "params")])
def test_section_4_sources_differ_so_a_setting_takes_only_one_of_them(penguin, sandbox, setting, style):
    article, token = penguin.article(), penguin.token
    sandbox.settings(penguin_parameters=setting)
    assert token and refused(penguin.post("article/clientpubpic", style, **article))


def test_section_4_transaction_id_comes_as_number_and_as_text(penguin):
    article = penguin.article()
    answers = [penguin.post("article/clientpubpic", **article) for _ in range(4)]
    assert {type(answer["data"]["transaction_id"]) for answer in answers} == {int, str}


def test_section_4_a_submission_is_processed_and_then_published(penguin, sandbox):
    sandbox.settings(review_s=600)
    transaction_id = penguin.submit()["data"]["transaction_id"]
    under_way = penguin.transaction(transaction_id)["data"]
    assert (under_way["transaction_status"], under_way["article_info"]) == ("处理中", {})
    assert sandbox.articles("penguin") == []

    sandbox.finish_reviews()
    done = penguin.transaction(transaction_id)["data"]
    article = done["article_info"]
    assert str(done["transaction_id"]) == str(transaction_id)
    assert (done["transaction_status"], done["transaction_type"]) == ("成功", "文章")
    assert (article["article_title"], article["article_pub_flag"]) == ("木棉花开的地方", "发布成功")
    assert "木棉花开的地方" in requests.get(article["article_url"]).text
    assert requests.get(article["article_imgurl"]).headers["content-type"] == "image/jpeg"


def test_section_4_a_refused_review_is_a_failure_with_its_reason(penguin, sandbox):
    sandbox.fault("reject_review", platform="penguin", msg="标题不规范")
    answer = penguin.publish()
    assert answer["data"]["transaction_status"] == "失败"
    assert answer["msg"] == "标题不规范"
    assert sandbox.articles() == []


def test_section_4_another_accounts_transaction_is_not_found(penguin, sandbox):
    transaction_id = penguin.submit()["data"]["transaction_id"]
    assert refused(Penguin(sandbox, "penguinsandbox0002").transaction(transaction_id))


def test_section_4_the_list_has_pages_of_at_most_ten(penguin):
    article = penguin.article()
    for _ in range(11):
        penguin.post("article/clientpubpic", **article)
    penguin.sandbox.finish_reviews()
    pages = [penguin.get("article/clientlist", page=page, limit=10)["data"] for page in (1, 2)]
    assert [len(page["articles"]) for page in pages] == [10, 1]
    assert {page["total"] for page in pages} == {11}
    for wrong in ({"limit": 11}, {"limit": 0}, {"page": 0}, {"page": "x"}, {"size": 5}):
        assert refused(penguin.get("article/clientlist", **wrong))


def test_section_4_account_info_has_name_and_picture(penguin):
    told = penguin.get("media/basicinfoclient")["data"]
    assert told["nick"] == "岭南女声"
    assert "image/svg" in requests.get(told["header"]).headers["content-type"]


@pytest.mark.parametrize(
    "changes",
    [{"title": ""}, {"content": " "}, {"cover_pic": " "}, {"category": "新闻"}, {"author": "女声"}],
)
def test_section_4_what_is_missing_or_unknown_is_refused(penguin, changes):
    assert refused(penguin.submit(**changes))


def test_section_5_a_title_has_5_to_64_characters(penguin):
    assert [refused(penguin.submit(title="字" * count)) for count in (4, 5, 64, 65)] == [
        True,
        False,
        False,
        True,
    ]


def test_section_5_pictures_are_fetched_and_shown_from_penguins_own_address(penguin, sandbox):
    own = penguin.picture_address()
    penguin.publish(content=f'<p>一</p><img src="{own}"><img src="{sandbox.url}/nothing.jpg">')
    (article,) = sandbox.articles("penguin")
    assert article["content"].startswith('<p>一</p><img src="/penguin/image/')
    assert article["content"].count("<img") == 1


@pytest.mark.parametrize("address", ["/nothing.jpg", "/"])
def test_section_5_a_cover_that_cannot_be_fetched_fails_the_submission(penguin, sandbox, address):
    answer = penguin.publish(cover_pic=sandbox.url + address)
    assert answer["data"]["transaction_status"] == "失败"
    assert "封面" in answer["msg"]


def test_section_5_scripts_and_foreign_links_do_not_reach_the_reader(penguin, sandbox):
    penguin.publish(content='<p onclick="x">一<script>2</script><a href="https://example.org">三</a></p>')
    assert sandbox.articles("penguin")[0]["content"] == "<p>一三</p>"


def test_section_8_no_other_path_answers(penguin):
    assert requests.post(f"{penguin.url}/marticle/publish").status_code == 404
