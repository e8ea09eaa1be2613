"""A proof bundle verifies without the hub, and any changed byte in it shows."""

import base64
import hashlib
import io
import json
import subprocess
import sys
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from wagtail.models import Page

from cms.models import Release
from cms.organisation.offices import desk_group
from cms.releases import withdrawals
from publishers import engine
from publishers.exports import proof
from publishers.models import Delivery
from publishers.verification.verify import verify as verify_delivery
from tests.factories import make_image, make_section, make_story, make_user
from tests.factories_release import make_release
from tests.publishers.desk.conftest import Desk, desk, network, refused
from tests.publishers.engine.cast import send
from tests.publishers.engine.conftest import ground, office, server
from tests.triggers import lifted

__all__ = ["desk", "ground", "network", "office", "server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def release(network):
    """A Release that went through review, with a picture, live on one account."""
    cover = {"cover": make_image(), "cover_alt": "夜校的窗", "cover_credit": "岭南女声 绘"}
    signed = make_release(
        make_story(make_section(network.city), author=network.author, title="夜校的灯", **cover)
    )
    engine.run(send(signed, account=network.of_city).pk)
    return signed


@pytest.fixture
def bundle(release, tmp_path):
    file = tmp_path / "proof.zip"
    call_command("proof", str(release.pk), "-o", str(file))
    return file


def verify(bundle, *options):
    """Run the script that lies in the bundle, apart from the hub."""
    script = bundle.with_name("verify.py")
    with zipfile.ZipFile(bundle) as opened:
        script.write_bytes(opened.read("verify.py"))
    return subprocess.run([sys.executable, *options, script, bundle], capture_output=True, text=True)


def change(bundle, name, content):
    """Replace one file of the bundle, its entry in the index with it, as a forger would."""
    with zipfile.ZipFile(bundle) as opened:
        files = {each: opened.read(each) for each in opened.namelist()}
    index = json.loads(files["index.json"])
    files[name] = content
    index["files"][name] = hashlib.sha256(content).hexdigest()
    files["index.json"] = json.dumps(index).encode()
    with zipfile.ZipFile(bundle, "w") as written:
        for each, stored in files.items():
            written.writestr(each, stored)


def forge(bundle):
    """Change a word and every hash over it, as somebody does who has no key."""
    with zipfile.ZipFile(bundle) as opened:
        files = {each: opened.read(each) for each in opened.namelist()}
    document = files["release/document.json"].replace("夜校".encode(), "日校".encode())
    manifest = json.loads(files["release/manifest.json"])
    text = hashlib.sha256(
        b'{"document":' + document + b',"variants":' + files["release/variants.json"] + b"}"
    ).hexdigest()
    manifest["document_sha256"] = hashlib.sha256(document).hexdigest()
    manifest["approvals"] = [approval | {"sha256": text} for approval in manifest["approvals"]]
    change(bundle, "release/document.json", document)
    change(bundle, "release/approvals.json", json.dumps(manifest["approvals"]).encode())
    change(bundle, "release/manifest.json", json.dumps(manifest).encode())


def test_it_verifies_with_the_signatures(bundle):
    whole = verify(bundle)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "不符 0 项" in whole.stdout and "没有安装" not in whole.stdout


def test_without_cryptography_it_says_that_no_signature_was_checked_and_ends_otherwise(bundle):
    bare = verify(bundle, "-I", "-S")
    assert bare.returncode == 3 and "没有核对签名" in bare.stdout, bare.stderr
    forge(bundle)
    forged = verify(bundle, "-I", "-S")
    assert forged.returncode == 3 and "没有核对签名" in forged.stdout
    found = verify(bundle)
    assert found.returncode == 1 and "签发稿：签名" in found.stdout


def test_a_key_of_somebody_elses_under_the_hubs_id_verifies_nothing(bundle):
    """Though what she signed with it fits."""
    hers = Ed25519PrivateKey.generate()
    with zipfile.ZipFile(bundle) as opened:
        keys, manifest = json.loads(opened.read("keys.json")), opened.read("release/manifest.json")
        stated = json.loads(opened.read("release/signature.json"))
    public = base64.b64encode(hers.public_key().public_bytes_raw()).decode()
    signature = base64.b64encode(hers.sign(manifest)).decode()
    change(bundle, "keys.json", json.dumps([key | {"public_key": public} for key in keys]).encode())
    change(bundle, "release/signature.json", json.dumps(stated | {"signature": signature}).encode())
    found = verify(bundle)
    assert found.returncode == 1 and "不符：签发稿：签名" in found.stdout


def test_what_is_no_bundle_or_a_part_of_one_is_told_in_a_sentence(bundle):
    whole = bundle.read_bytes()
    with zipfile.ZipFile(bundle) as opened:
        files = {each: opened.read(each) for each in opened.namelist()}
    script = bundle.with_name("verify.py")
    script.write_bytes(files["verify.py"])

    def told(*arguments):
        ran = subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True)
        assert ran.stderr == "" and len(ran.stdout.splitlines()) == 1, ran.stdout + ran.stderr
        return ran.returncode

    assert told() == 2
    assert told(bundle.with_name("none.zip")) == 1
    bundle.write_bytes(whole[: len(whole) // 2])
    assert told(bundle) == 1
    for missing in ("keys.json", "index.json", "index.sig", "release/signature.json"):
        with zipfile.ZipFile(bundle, "w") as written:
            for each in files.keys() - {missing}:
                written.writestr(each, files[each])
        assert told(bundle) == 1


def test_it_holds_what_was_signed_sent_and_answered(bundle, release):
    with zipfile.ZipFile(bundle) as opened:
        names = opened.namelist()
        [delivery] = [json.loads(opened.read(name)) for name in names if name.endswith("/delivery.json")]
        assert opened.read("release/document.json") == bytes(release.document)
    assert delivery["items"][0]["url"] and {"draft", "submit"} <= {
        each["name"] for each in delivery["attempts"]
    }
    assert [each["by"] for each in delivery["history"]] == ["command line"]
    for part in ("payload.json", "rendition-1.json"):
        assert any(name.endswith(part) for name in names)


@pytest.mark.parametrize("options", [(), ("-I", "-S")])
def test_a_changed_word_shows_even_when_the_index_was_changed_with_it(bundle, release, options):
    document = bytes(release.document).replace("夜校".encode(), "日校".encode())
    change(bundle, "release/document.json", document)
    found = verify(bundle, *options)
    assert found.returncode == 1 and "成稿与签发稿一致" in found.stdout


@pytest.mark.parametrize("options", [(), ("-I", "-S")])
@pytest.mark.parametrize("name", ["release/later-9.json", "deliveries/note.txt"])
def test_a_file_that_was_put_in_shows(bundle, name, options):
    with zipfile.ZipFile(bundle, "a") as opened:
        opened.writestr(name, "{}")
    found = verify(bundle, *options)
    assert found.returncode == 1 and "目录与文件一一对应" in found.stdout


@pytest.mark.parametrize(
    ("part", "content", "sentence"),
    [
        ("release/variants.json", b'{"wechat":{"title":"x"}}', "渠道稿与签发稿一致"),
        ("release/approvals.json", b"[]", "审稿记录与签发稿一致"),
        ("assets/", b"another picture", "附图"),
        ("payload.json", b"{}", "payload：与所述一致"),
        ("rendition-1.json", b"{}", "rendition-1：与所述一致"),
    ],
)
def test_each_part_that_was_exchanged_with_its_entry_in_the_index_shows(bundle, part, content, sentence):
    with zipfile.ZipFile(bundle) as opened:
        name = next(each for each in opened.namelist() if each.startswith(part) or each.endswith(part))
    change(bundle, name, content)
    found = verify(bundle, "-I", "-S")
    assert found.returncode == 1 and any(
        line.startswith("不符") and sentence in line for line in found.stdout.splitlines()
    )


def test_it_holds_what_was_seen_afterwards(release, tmp_path):
    verify_delivery(Delivery.objects.get().pk)
    file = tmp_path / "proof.zip"
    call_command("proof", str(release.pk), "-o", str(file))
    with zipfile.ZipFile(file) as opened:
        [name] = [each for each in opened.namelist() if each.endswith("/delivery.json")]
        [item] = json.loads(opened.read(name))["items"]
    [seen] = item["sightings"]
    assert (seen["status"], len(seen["sha256"]), seen["url"]) == (404, 64, item["url"])
    assert verify(file).returncode == 0


def test_it_holds_the_correction_and_the_withdrawal_that_came_after(release, network, tmp_path):
    page = Page.objects.get(pk=release.page_id).specific
    page.title = "夜校的灯（更正）"
    page.save_revision(user=network.author)
    newer = make_release(page)
    withdrawals.withdraw(Page.objects.get(pk=page.pk), reason="地名写错。", by=network.duty)
    file = tmp_path / "proof.zip"
    call_command("proof", str(release.pk), "-o", str(file))
    with zipfile.ZipFile(file) as opened:
        later = json.loads(opened.read(f"release/later-{newer.number}.json"))
        decision = json.loads(opened.read(f"release/withdrawal-{newer.number}.json"))
    assert later["title"] == "夜校的灯（更正）" and decision["reason"] == "地名写错。"
    assert verify(file).returncode == 0
    name = f"release/withdrawal-{newer.number}.json"
    change(file, name, json.dumps(decision | {"reason": "读者要求。"}).encode())
    found = verify(file)
    assert found.returncode == 1 and f"release/withdrawal-{newer.number}：签名" in found.stdout


def test_it_holds_the_withdrawal_of_the_very_text_that_it_proves(release, network, tmp_path):
    withdrawals.withdraw(Page.objects.get(pk=release.page_id), reason="地名写错。", by=network.duty)
    file = tmp_path / "proof.zip"
    call_command("proof", str(release.pk), "-o", str(file))
    with zipfile.ZipFile(file) as opened:
        decision = json.loads(opened.read(f"release/withdrawal-{release.number}.json"))
    assert decision["reason"] == "地名写错。"
    assert verify(file).returncode == 0


def test_it_holds_no_withdrawal_of_an_earlier_text(release, network, tmp_path):
    withdrawals.withdraw(Page.objects.get(pk=release.page_id), reason="地名写错。", by=network.duty)
    page = Page.objects.get(pk=release.page_id).specific
    page.title = "夜校的灯（更正）"
    page.save_revision(user=network.author)
    newer = make_release(page)
    file = tmp_path / "proof.zip"
    call_command("proof", str(newer.pk), "-o", str(file))
    with zipfile.ZipFile(file) as opened:
        assert not [name for name in opened.namelist() if "withdrawal" in name]


def test_a_changed_answer_of_a_platform_shows_by_the_signature_of_the_index(bundle):
    with zipfile.ZipFile(bundle) as opened:
        [name] = [each for each in opened.namelist() if each.endswith("/delivery.json")]
        forged = opened.read(name).replace(b"settled", b"cancelled")
    change(bundle, name, forged)
    found = verify(bundle)
    assert found.returncode == 1 and "目录：签名" in found.stdout


def test_an_approval_in_another_name_shows(bundle):
    with zipfile.ZipFile(bundle) as opened:
        manifest = json.loads(opened.read("release/manifest.json"))
    manifest["approvals"][0]["name"] = "别人"
    change(bundle, "release/manifest.json", json.dumps(manifest, ensure_ascii=False).encode())
    found = verify(bundle)
    assert found.returncode == 1 and "签发稿：签名" in found.stdout


def test_there_is_no_proof_of_a_release_that_was_changed(release, tmp_path):
    with lifted():
        Release.objects.filter(pk=release.pk).update(title="改过的标题")
    file = tmp_path / "proof.zip"
    with pytest.raises(CommandError):
        call_command("proof", str(release.pk), "-o", str(file))
    assert not file.exists()


def test_a_release_is_named_by_eight_letters_of_its_hash_and_no_fewer(release, tmp_path):
    file = tmp_path / "proof.zip"
    for text in (release.sha256[:7], "x" * 8):
        with pytest.raises(CommandError, match=text):
            call_command("proof", text, "-o", str(file))
    call_command("proof", release.sha256[:8], "-o", str(file))
    assert file.exists()


def test_who_may_see_the_signatures_downloads_it_at_the_desk_and_a_stranger_does_not(release, network):
    answer = Desk(network.duty).get("hub_proof", release.pk)
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as opened:
        assert "verify.py" in opened.namelist()
    stranger = make_user("elsewhere")
    stranger.groups.add(desk_group())
    assert refused(Desk(stranger).get("hub_proof", release.pk))


def test_the_bundle_holds_no_secret(release):
    written = io.BytesIO()
    proof.write(release, written)
    with zipfile.ZipFile(written) as opened:
        content = b"".join(opened.read(name) for name in opened.namelist())
    assert b"the-app-secret" not in content and b"tok-" not in content
