"""What a plugin author gets from ``publishers.testing.StandIn``: the HTTP of her platform's server."""

import pytest
import requests

from publishers.testing import Call, StandIn


class Echo(StandIn):
    def respond(self, call: Call):
        if call.path == "/lost":
            return None
        if call.path == "/raw":
            return 201, b"as it is", {"X-Said": "raw"}
        key = call.headers["authorization"]
        return 200, {"method": call.method, "query": call.query, "json": call.json(), "key": key}


def test_a_call_is_handed_over_whole_and_its_answer_is_json():
    with Echo() as server:
        headers = {"Authorization": "Bearer k"}
        said = requests.put(f"{server.url}/a?b=1&c=", json={"d": [2]}, headers=headers, timeout=5)
    assert said.headers["Content-Type"] == "application/json"
    expected = {"method": "PUT", "query": {"b": "1", "c": ""}, "json": {"d": [2]}, "key": "Bearer k"}
    assert said.json() == expected


def test_bytes_go_out_as_they_are_and_none_loses_the_answer():
    with Echo() as server:
        raw = requests.get(f"{server.url}/raw", timeout=5)
        assert (raw.status_code, raw.content, raw.headers["X-Said"]) == (201, b"as it is", "raw")
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{server.url}/lost", timeout=5)


def test_stopped_it_takes_no_calls():
    with Echo() as server:
        pass
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=5)
