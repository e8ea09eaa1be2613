"""What a variable may hold: each kind makes a value of a text, or says in a sentence what a right one is."""

import ipaddress
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import SplitResult, parse_qs, urlsplit

import dj_database_url
import dj_email_url
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from environs import FileAwareEnv
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

from config.environment import BASE_DIR, IN_A_FILE, PREFIX, refuse

T = TypeVar("T")
HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
ADDRESS = r"\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\]?"  # IPv6
SOCKETS = r"%2[Ff].*"  # PostgreSQL's folder of sockets
ON, OFF = ("on", "true", "yes", "y", "t", "1"), ("off", "false", "no", "n", "f", "0")
SERVERS, FILE = ("postgres", "postgresql", "pgsql"), "sqlite"
WITHOUT_SERVER = ("console", "dummy", "memory", "file")
#: For PostgreSQL, unless the address says otherwise. A server that accepts and says nothing is given up, and
#: so is one that is cut off without a word; a query may take its time: the kernel answers for who is at work.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
#: HUB_X, or the content of the file that HUB_X_FILE names; a file is written with a line break at its end.
env = FileAwareEnv(prefix=PREFIX, strip_whitespace=True)
#: The settings that were read, and what others of the project say to each other by a variable.
known: set[str] = set()
NO_SETTINGS = ("DEMO_FOLDER", "BENCH_FOLDER", "TEST_")


class Wrong(ValueError):
    """The message, in Chinese, says what is wrong with a value, and shows no secret."""


@dataclass(frozen=True)
class Kind(Generic[T]):
    """``parse`` returns the value that a text means, or raises ValueError; ``right`` tells what it may be.

    What may hold a secret (``shown`` is False) stays out of the sentence.
    """

    right: str
    parse: Callable[[str], T]
    shown: bool = True

    def read(self, name: str, usual: str) -> T:
        """Return what the variable ``name`` says, or else ``usual``. Refuses to start with another value."""
        known.add(name)
        text = env.str(name, usual).strip()
        try:
            return self.parse(text)
        except Wrong as wrong:
            what = f"不对（{wrong}）"
        except ValueError:
            what = f"“{' '.join(text.split())[:80]}”不对" if self.shown else "不对"
        refuse(f"{PREFIX}{name} 的值{what}：应为{self.right}。")


def unknown() -> list[str]:
    """Return the variables that look like the hub's and are none: a name that is misspelt changes nothing."""
    said = [name.removeprefix(PREFIX) for name in os.environ if name.startswith(PREFIX)]
    return sorted(
        f"{PREFIX}{name}"
        for name in said
        if name.removesuffix(IN_A_FILE) not in known and not name.startswith(NO_SETTINGS)
    )


def one_of(*names: str) -> Kind[str]:
    return _matching("|".join(names), f" {'、'.join(names[:-1])} 或 {names[-1]}")


def whole_number(least: int, most: int) -> Kind[int]:
    def parse(text: str) -> int:
        if not least <= int(text) <= most:
            raise ValueError
        return int(text)

    return Kind(f" {least} 到 {most} 的整数", parse)


def _matching(pattern: str, right: str) -> Kind[str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return Kind(right, parse)


def _many(right: str, parse: Callable[[str], T], *, shown: bool = True) -> Kind[list[T]]:
    def parse_all(text: str) -> list[T]:
        return [parse(each.strip()) for each in text.split(",") if each.strip()]

    return Kind(f"{right}，多个用半角逗号分开", parse_all, shown)


def _switch(text: str) -> bool:
    if text.lower() not in (*ON, *OFF):
        raise ValueError
    return text.lower() in ON


def _folder(text: str) -> Path:
    folder = BASE_DIR / text
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        if not there.is_dir():
            raise Wrong(f"{there} 不是文件夹")
    except OSError as error:
        raise Wrong(f"{folder}: {error.strerror}") from None
    return folder


def _bind(text: str) -> str:
    host, _colon, port = text.rpartition(":")
    if not re.fullmatch(rf"{HOST}|\[{ADDRESS}\]", host) or not 0 < int(port) < 65536:
        raise ValueError
    return text


def _split(text: str, *schemes: str) -> SplitResult:
    """Return the parts of the address ``text``. Raises ValueError, also for a port that cannot be."""
    parts = urlsplit(text)
    if parts.scheme not in schemes or parts.port == 0 or "://" not in text:
        raise ValueError
    if re.search(r"\s", parts.netloc) or not re.fullmatch(
        rf"({HOST}|{ADDRESS}|{SOCKETS})?", parts.hostname or ""
    ):
        raise ValueError
    return parts


def _web_address(text: str) -> str:
    parts = _split(text, "http", "https")
    if not parts.hostname or "@" in parts.netloc or re.search(r"[\s?#]", text):
        raise ValueError
    return text.rstrip("/")


def _root_address(text: str) -> str:
    """Return the address of a hub: its own begin at the host, not below a path."""
    address = _web_address(text)
    if urlsplit(address).path:
        raise Wrong("系统的地址前不能加路径")
    return address


def _origin(text: str) -> str:
    if urlsplit(_web_address(text.replace("://*.", "://", 1))).path:
        raise ValueError
    return text.rstrip("/")


def _database(text: str) -> dj_database_url.DBConfig:
    parts = _split(text, *SERVERS, FILE)
    config = dj_database_url.parse(text, conn_max_age=60, conn_health_checks=True)
    if not parts.path.strip("/"):
        raise Wrong("没有写数据库的名称或文件")
    if parts.scheme == FILE:
        if parts.query or parts.netloc:
            raise ValueError
        config["NAME"] = str(BASE_DIR / config["NAME"])
        if Path(config["NAME"]).is_dir() or not Path(config["NAME"]).parent.is_dir():
            raise Wrong(f"{config['NAME']} 是文件夹，或不在已有的文件夹中")
        return config
    config["OPTIONS"] = PATIENCE | config.get("OPTIONS", {})
    try:
        make_conninfo(**config["OPTIONS"])
    except ProgrammingError:
        raise Wrong("问号后的选项 PostgreSQL 不认识") from None
    return config


def _broker(text: str) -> str:
    parts = _split(text, "filesystem", "redis", "rediss", "amqp", "amqps")
    if parts.scheme != "filesystem" and not parts.hostname:
        raise Wrong("没有写主机名")
    if parts.scheme.startswith("redis") and not re.fullmatch(r"(/\d*)?", parts.path):
        raise Wrong("Redis 的库号不是数字")
    return text


def _mail(text: str) -> dict:
    parts = _split(text, *dj_email_url.SCHEMES)
    if parts.scheme == "smtps":  # the library would warn in English, and speak STARTTLS
        raise Wrong("smtps:// 请改写成 smtp://…:465/?ssl=True")
    if parts.scheme not in WITHOUT_SERVER and not parts.hostname:
        raise Wrong("没有写邮件服务器的主机名")
    asked = parse_qs(parts.query)
    if all(asked.get(name, [""])[0] in dj_email_url.TRUTHY for name in ("tls", "ssl")):
        raise Wrong("tls 和 ssl 只能写一个")
    config = dict(dj_email_url.parse(text))
    # As smtplib sends them; what is not ASCII it cannot.
    if not f"{config['EMAIL_HOST_USER'] or ''}{config['EMAIL_HOST_PASSWORD'] or ''}".isascii():
        raise Wrong("用户名和密码中只能有英文字母、数字和符号")
    return config


def _sender(text: str) -> str:
    try:
        validate_email(parseaddr(text)[1])
    except ValidationError:
        raise ValueError from None
    return text


def _fernet_keys(text: str) -> list[str]:
    keys = [key.strip() for key in text.split(",") if key.strip()]
    for number, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise Wrong(f"共 {len(keys)} 个，第 {number} 个不是 Fernet 密钥") from None
    return keys


TEXT = Kind("文本", str, shown=False)
SWITCH = Kind(" on 或 off", _switch)
FOLDER = Kind("文件夹的路径，如 .data 或 /srv/hub/.data", _folder)
NAME = _matching(r"[A-Za-z0-9_.-]{1,64}", "英文字母、数字和 . - _ 组成的名称，如 hub")
BIND = Kind("“地址:端口”，端口为 1 到 65535，如 127.0.0.1:8000", _bind)
URL = Kind(
    "带 http:// 或 https:// 的地址，不带密码、路径和参数，如 https://hub.example.cn",
    _root_address,
    shown=False,
)
ORIGINS = _many("带 http:// 或 https:// 的来源，如 https://hub.example.cn", _origin, shown=False)
SERVED_HOSTS = _many(
    "主机名，不带 http:// 和端口，如 hub.example.cn", _matching(rf"\*|\.?{HOST}|{ADDRESS}", "").parse
)
HOSTS = _many(
    "主机名或 IP 地址，不带 http:// 和端口，如 localhost", _matching(rf"{HOST}|{ADDRESS}", "").parse
)
NETWORKS = _many(" IP 地址或网段，如 127.0.0.1 或 10.0.0.0/8", ipaddress.ip_network)
DATABASE = Kind(
    " postgres://用户:密码@主机:5432/库名 或 sqlite:///文件，密码中的特殊字符写成 %XX", _database, shown=False
)
BROKER = Kind(
    " filesystem://、redis://主机:6379/0 或 amqp://用户:密码@主机:5672//，密码中的特殊字符写成 %XX",
    _broker,
    shown=False,
)
MAIL = Kind(
    " smtp://用户:密码@主机:587/?tls=True 或 console://，密码中的特殊字符写成 %XX", _mail, shown=False
)
SENDER = Kind("邮件地址，如 hub@example.cn", _sender)
FERNET_KEYS = Kind(
    ' Fernet 密钥，多个用半角逗号分开，用 python -c "from cryptography.fernet import Fernet; '
    'print(Fernet.generate_key().decode())" 生成',
    _fernet_keys,
    shown=False,
)
TOKEN = Kind("没有空格的英文字符", _matching(r"[!-~]*", "").parse, shown=False)
