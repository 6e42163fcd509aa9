"""Replay or record the requests of a test run: ``pytest --bedrock-fixtures=replay``.

The plugin starts one ``bedrock-fixtures serve`` a process, so one a worker of pytest-xdist, and sets the variables from which
the openai and AWS SDKs take their address before any test makes a client. It tells the server which test runs, and fails a
test whose request has no recording with the reason.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import urllib.parse
import urllib.request
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

MODES = ("replay", "missing", "record", "off")
KEY = pytest.StashKey["Server"]()

# What a replay must not find: with it, a client could go to AWS.
CREDENTIALS = (
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_BEDROCK_BEARER_TOKEN",
    "AWS_BEDROCK_API_KEY",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("bedrock-fixtures", "recordings of LLM answers")
    group.addoption(
        "--bedrock-fixtures",
        choices=MODES,
        default=None,
        help="answer the tests' requests from recordings (replay), ask for those that have none (missing), ask for all "
        "(record), or do nothing (off)",
    )
    group.addoption("--bedrock-fixtures-args", default="", help="more arguments for `bedrock-fixtures serve`, such as --sandbox")
    group.addoption(
        "--bedrock-fixtures-log",
        metavar="FILE",
        default=None,
        help="append what was read and which tests passed, for `bedrock-fixtures prune --reads FILE`",
    )
    parser.addini("bedrock_fixtures", "the mode when --bedrock-fixtures is not given: " + ", ".join(MODES), default="off")


def find_program() -> str:
    """The program of this wheel, else the first one on the PATH."""
    name = "bedrock-fixtures.exe" if os.name == "nt" else "bedrock-fixtures"
    own = Path(sysconfig.get_path("scripts")) / name
    found = str(own) if own.is_file() else shutil.which("bedrock-fixtures")
    if found is None:
        raise pytest.UsageError("the program bedrock-fixtures is not installed: pip install bedrock-fixtures")
    return found


class Server:
    """A running server and what it was told."""

    def __init__(self, mode: str, root: Path, arguments: list[str]) -> None:
        self.mode = mode
        self.receipt: dict[str, Any] = {}
        command = [find_program(), "serve", "-q", "--mode", mode, "--stdin-ends", "--root", str(root), *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise pytest.UsageError(f"bedrock-fixtures serve ended with exit code {self.process.wait()}")
        ready = json.loads(line)
        self.base_url: str = ready["base_url"]
        self.origin: str = ready["origin"]
        # A proxy is for other machines.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.origin + path, data=data, method=method)
        with self.opener.open(request, timeout=60) as reply:
            return json.loads(reply.read())

    def misses_of(self, test_id: str) -> list[str]:
        receipt = self.call("GET", "/-/receipt?test_id=" + urllib.parse.quote(test_id, safe=""))
        refused = [record["reason"] for record in receipt["recorded"] if record["status"] == "refused"]
        return [miss["message"] for miss in receipt["misses"]] + [f"the answer was not recorded: {why}" for why in refused]

    def environment(self) -> dict[str, str | None]:
        """What clients find in the environment; None for what is taken out."""
        values: dict[str, str | None] = dict.fromkeys(CREDENTIALS)
        values.update(
            OPENAI_BASE_URL=self.base_url,
            OPENAI_API_KEY="bedrock-fixtures",
            AWS_BEDROCK_BASE_URL=self.base_url,
            AWS_ENDPOINT_URL_BEDROCK_RUNTIME=self.origin,
            AWS_ACCESS_KEY_ID="bedrock-fixtures",
            AWS_SECRET_ACCESS_KEY="bedrock-fixtures",
        )
        for name in ("NO_PROXY", "no_proxy"):
            values[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1,localhost"]))
        return values

    def stop(self) -> None:
        if self.process.poll() is None:
            assert self.process.stdin is not None and self.process.stdout is not None
            self.process.stdin.close()
            lines = self.process.stdout.read().splitlines()
            self.process.wait()
            self.receipt = json.loads(lines[-1]) if lines else {}


def pytest_configure(config: pytest.Config) -> None:
    mode = config.getoption("--bedrock-fixtures") or config.getini("bedrock_fixtures")
    if mode not in MODES:
        raise pytest.UsageError(f"bedrock_fixtures must be one of {', '.join(MODES)}, not {mode!r}")
    is_worker = hasattr(config, "workerinput")
    # The workers of pytest-xdist have servers of their own; their controller runs no test.
    is_controller = not is_worker and getattr(config.option, "dist", "no") != "no"
    if mode == "off" or is_controller:
        return
    server = Server(mode, config.rootpath, config.getoption("--bedrock-fixtures-args").split())
    config.stash[KEY] = server
    config.add_cleanup(lambda: finish(config, server))
    before = {name: os.environ.get(name) for name in server.environment()}
    config.add_cleanup(lambda: set_environment(before))
    set_environment(server.environment())


def set_environment(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def finish(config: pytest.Config, server: Server) -> None:
    server.stop()
    log = config.getoption("--bedrock-fixtures-log")
    if log and server.receipt:
        passed = [f"# passed {test_id}" for test_id in server.receipt["passed"]]
        lines = [*server.receipt["read"], *passed]
        # One write, as several workers append to one file.
        with open(log, "a", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, None]:
    server = item.config.stash.get(KEY, None)
    if server is None:
        yield
        return
    server.call("PUT", "/-/test", {"test_id": item.nodeid})
    yield
    server.call("DELETE", "/-/test")


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    outcome = yield
    server = item.config.stash.get(KEY, None)
    misses = server.misses_of(item.nodeid) if server is not None else []
    if misses:
        # The reason is the failure, also where the test or its client made another one of it.
        outcome.force_exception(pytest.fail.Exception("\n".join(["bedrock-fixtures: " + miss for miss in misses]), pytrace=False))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    outcome = yield
    report = outcome.get_result()
    server = item.config.stash.get(KEY, None)
    if server is not None and report.when == "call" and report.passed:
        server.call("POST", "/-/passed", {"test_id": item.nodeid})


def pytest_report_header(config: pytest.Config) -> str | None:
    server = config.stash.get(KEY, None)
    return None if server is None else f"bedrock-fixtures: {server.mode} at {server.base_url}"


@pytest.fixture(scope="session")
def bedrock_base_url(request: pytest.FixtureRequest) -> str:
    """The address for clients that do not read it from the environment."""
    server = request.config.stash.get(KEY, None)
    if server is None:
        pytest.skip("needs --bedrock-fixtures=replay, missing or record")
    return server.base_url


if sys.version_info < (3, 9):  # pragma: no cover
    raise ImportError("bedrock_fixtures needs Python 3.9 or newer")
