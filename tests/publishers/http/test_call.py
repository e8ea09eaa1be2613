"""A call to a platform goes where it was sent, and nowhere else."""

import pytest

from publishers.http import call, outbound
from publishers.interface import PermanentError
from publishers.testing.stand_in import StandIn


class Moved(StandIn):
    """Sends whoever asks on to another address, and would answer there."""

    def __init__(self):
        self.asked: list[str] = []
        super().__init__()

    def respond(self, call):
        self.asked.append(call.target)
        if call.path == "/moved":
            return 307, b"", {"Location": f"{self.url}/taken"}
        return 200, {"errcode": 0}


@pytest.mark.parametrize(("method", "changes"), [("GET", False), ("POST", False), ("POST", True)])
def test_a_redirect_is_not_followed_with_the_token(method, changes):
    with Moved() as platform, pytest.raises(PermanentError) as refused:
        call(
            outbound.session(),
            method,
            f"{platform.url}/moved",
            changes=changes,
            params={"access_token": "tok-1"},
        )
    assert platform.asked == ["/moved?access_token=tok-1"]
    assert refused.value.status == 307
