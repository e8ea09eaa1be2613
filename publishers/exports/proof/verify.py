"""Verifies a proof bundle without the hub: python3 verify.py BUNDLE.zip

Hashes are checked with Python's standard library alone, signatures with the package ``cryptography``. The
keys come from the bundle, so compare their ids with those that the hub shows at its public address
``/.well-known/nusheng-hub-keys.json``. Exit status:

0  everything is as signed
1  something is not as signed, or the bundle cannot be read
2  no bundle was named
3  the hashes agree, but no signature was checked: ``cryptography`` is missing, and hashes alone can be forged
"""

import base64
import hashlib
import json
import sys
import zipfile
import zlib

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    READS_SIGNATURES = True
except ImportError:
    READS_SIGNATURES = False

OUTSIDE = {"index.json", "index.sig", "verify.py"}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def canonical(value):
    """Return RFC 8785 bytes of what the hub states: text, whole numbers, true and false, ASCII names."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class Bundle:
    def __init__(self, path):
        with zipfile.ZipFile(path) as opened:
            self.files = {name: opened.read(name) for name in opened.namelist()}
        self.problems = []
        self.checked = []
        self.keys = {key["key_id"]: key["public_key"] for key in self.json("keys.json")}

    def json(self, name):
        return json.loads(self.files[name])

    def require(self, true, sentence):
        (self.checked if true else self.problems).append(sentence)

    def signed(self, message, signature, what):
        """Require that the hub's key made ``signature`` over ``message``."""
        if not READS_SIGNATURES:
            return
        key = self.keys.get(signature["key_id"])
        try:
            raw = base64.b64decode(key or "")
            same = sha256(raw)[:16] == signature["key_id"]
            Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(signature["signature"]), message)
        except (InvalidSignature, ValueError):
            same = False
        self.require(same, f"{what}：签名")

    def verify(self):
        self.verify_index()
        self.verify_release()
        for name in self.files:
            if name.endswith(".signed.json"):
                self.verify_statement(name.removesuffix(".signed.json"))
            elif name.startswith("release/") and name.endswith(".signature.json"):
                what = name.removesuffix(".signature.json")
                self.signed(self.files.get(f"{what}.json", b""), self.json(name), what)
        return self.problems

    def verify_index(self):
        listed = self.json("index.json")["files"]
        self.require(set(self.files) - OUTSIDE == set(listed), "目录与文件一一对应")
        for name, expected in listed.items():
            self.require(sha256(self.files.get(name, b"")) == expected, f"{name}：SHA-256")
        self.signed(self.files["index.json"], self.json("index.sig"), "目录")

    def verify_release(self):
        manifest = self.json("release/manifest.json")
        document, variants = self.files["release/document.json"], self.files["release/variants.json"]
        self.signed(self.files["release/manifest.json"], self.json("release/signature.json"), "签发稿")
        self.require(sha256(document) == manifest["document_sha256"], "成稿与签发稿一致")
        self.require(json.loads(variants) == manifest["variants"], "渠道稿与签发稿一致")
        self.require(self.json("release/approvals.json") == manifest["approvals"], "审稿记录与签发稿一致")
        for name, size in manifest["assets"].items():
            content = self.files.get(f"assets/{name}", b"")
            self.require(sha256(content) == name and len(content) == size, f"附图 {name[:12]}")
        text = sha256(b'{"document":' + document + b',"variants":' + variants + b"}")
        for approval in manifest["approvals"]:
            who = f"第 {approval['stage']} 级审稿（{approval['name']}，{approval['at'][:16]}）"
            self.require(approval["sha256"] == text, f"{who}：审的就是这份文字")
            stated = {name: approval[name] for name in approval if name not in ("key_id", "signature")}
            self.signed(canonical(stated), approval, who)

    def verify_statement(self, name):
        """A rendition or payload: what is stated about it, and its bytes."""
        stated = self.json(f"{name}.signed.json")
        self.require(sha256(self.files[f"{name}.json"]) == stated["sha256"], f"{name}：与所述一致")
        self.signed(self.files[f"{name}.signed.json"], self.json(f"{name}.signature.json"), name)


def main(path):
    try:
        bundle = Bundle(path)
        problems = bundle.verify()
    except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        print(f"无法读取证明包：{error}")
        return 1
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # What the hub wrote has every part in its form.
        print(f"不符：证明包缺少内容或格式不对（{type(error).__name__}: {error}）。")
        return 1
    for sentence in problems:
        print(f"不符：{sentence}")
    print(f"核对 {len(bundle.checked) + len(problems)} 项，不符 {len(problems)} 项。")
    print(f"公钥编号：{'、'.join(bundle.keys)}。请与中枢公布的公钥对照。")
    if problems:
        return 1
    if not READS_SIGNATURES:
        print("没有安装 cryptography，只核对了哈希，没有核对签名：仅凭哈希不能排除伪造。请安装后再核对。")
        return 3
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("用法：python3 verify.py 证明包.zip")
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
