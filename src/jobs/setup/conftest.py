"""Requests that tests make with the openai SDK are answered from recordings: `bedrock-fixtures help other-languages`.

BEDROCK_FIXTURES=record records what the tests ask, =missing only what has no recording, =off leaves all as it is. Without
it, recordings answer, and a request that has none fails its test with the reason. Written by `bedrock-fixtures init`; with
`pip install bedrock-fixtures` the option --bedrock-fixtures does the same, for pytest-xdist too, and this file can go.
"""

import json
import os
import shlex
import subprocess
import urllib.request

import pytest

MODE = os.environ.get("BEDROCK_FIXTURES", "replay")
NONE = urllib.request.ProxyHandler({})


def tell(method, test_id):
    body = json.dumps({"test_id": test_id}).encode()
    request = urllib.request.Request(READY["origin"] + "/-/test", data=body, method=method)
    with urllib.request.build_opener(NONE).open(request, timeout=60) as reply:
        return json.load(reply)


if MODE != "off":
    # Before any test makes a client. The server ends with this process, whose end closes its standard input.
    more = shlex.split(os.environ.get("BEDROCK_FIXTURES_ARGS", ""))
    command = ["bedrock-fixtures", "serve", "-q", "--mode", MODE, "--stdin-ends", *more]
    SERVER = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    READY = json.loads(SERVER.stdout.readline() or '{"origin": null, "base_url": ""}')
    os.environ.update(OPENAI_BASE_URL=READY["base_url"], OPENAI_API_KEY="bedrock-fixtures")
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


@pytest.fixture(autouse=True)
def bedrock_fixtures(request):
    if MODE == "off":
        yield
        return
    if READY["origin"] is None:
        pytest.exit("bedrock-fixtures serve did not start; see its message above", 2)
    tell("PUT", request.node.nodeid)
    yield
    receipt = tell("DELETE", None)
    missed = [miss["message"] for miss in receipt["misses"]]
    missed += [record["reason"] for record in receipt["recorded"] if record["status"] == "refused"]
    if missed:
        pytest.fail("\n".join(missed), pytrace=False)
