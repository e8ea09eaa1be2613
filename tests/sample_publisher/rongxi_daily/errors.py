"""What a refusal asks for: CONTRACT.md, section 1."""

import datetime as dt

import requests
from publishers.interface import (
    CapabilityMissing,
    CredentialsInvalid,
    PermanentError,
    PublisherError,
    QuotaExceeded,
    Rejected,
)

CHINA = dt.timezone(dt.timedelta(hours=8))


def refusal_of(answer: requests.Response) -> PublisherError | None:
    """Return the error that the newspaper's code means; None: it refuses nothing."""
    code, message = _said(answer)
    evidence = {"status": answer.status_code, "code": code, "body": message}
    match code:
        case "":
            return None
        case "4001":
            return Rejected(f"榕溪日报不接受这篇稿件：{message}", **evidence)
        case "4010":
            return CredentialsInvalid("榕溪日报不认这个接口密钥。", **evidence)
        case "4030":
            return CapabilityMissing("publish", "这个账号还没有发稿权限，请联系榕溪日报开通。", **evidence)
        case "4290":
            return QuotaExceeded("The day's articles are used up.", until=_midnight(), **evidence)
    return PermanentError(f"榕溪日报返回代码{code}。", **evidence)


def _said(answer: requests.Response) -> tuple[str, str]:
    """Return code and message of a refusal, two empty texts for anything else."""
    if not 400 <= answer.status_code < 500:
        return "", ""
    try:
        content = answer.json()
    except ValueError:
        return "", ""
    if not isinstance(content, dict):
        return "", ""
    return str(content.get("code", "")), str(content.get("message", ""))


def _midnight() -> dt.datetime:
    tomorrow = dt.datetime.now(CHINA).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), CHINA)
