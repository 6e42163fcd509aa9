"""Replay or record the requests of a test run: ``pytest --bedrock-fixtures=replay``.

The plugin starts one ``bedrock-fixtures serve`` a process, so one a worker of pytest-xdist, and sets the variables from which
the openai and AWS SDKs take their address before any test makes a client. It tells the server which test runs, and fails a
test whose request has no recording with the reason.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sysconfig
import urllib.parse
import urllib.request
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

MODES = ("replay", "missing", "record", "off")
KEY = pytest.StashKey["Server"]()
PASSED = pytest.StashKey[bool]()

# What a replay must not find: with it, a client could go to AWS.
CREDENTIALS = (
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_BEDROCK_BEARER_TOKEN",
    "AWS_BEDROCK_API_KEY",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
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


def environment(origin: str) -> dict[str, str | None]:
    """What clients find in the environment; None for what is taken out."""
    values: dict[str, str | None] = dict.fromkeys(CREDENTIALS)
    values.update(
        OPENAI_BASE_URL=origin + "/openai/v1",
        OPENAI_API_KEY="bedrock-fixtures",
        AWS_BEDROCK_BASE_URL=origin + "/openai/v1",
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME=origin,
        AWS_ACCESS_KEY_ID="bedrock-fixtures",
        AWS_SECRET_ACCESS_KEY="bedrock-fixtures",
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_CONFIG_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
    )
    if not (os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")):
        values["AWS_REGION"] = "us-west-2"
    if importlib.util.find_spec("botocore") is None:
        # Without it the Bedrock client of openai cannot sign; with it, boto3 sends no token over plain http.
        values["AWS_BEARER_TOKEN_BEDROCK"] = "no-token-needed"
    for name in ("NO_PROXY", "no_proxy"):
        values[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1,localhost"]))
    return values


def environment_of_controller(mode: str) -> dict[str, str | None]:
    """The controller of xdist runs no test, but imports a conftest.py that may make a client. Nothing answers it.

    The workers inherit it, so it keeps what their servers need to record.
    """
    values = environment("http://127.0.0.1:9")
    needed = () if mode == "replay" else ("OPENAI_BASE_URL", "OPENAI_API_KEY", "AWS_BEDROCK_BASE_URL")
    return {name: values[name] for name in needed or values}


class Server:
    """A running server and what it was told."""

    def __init__(self, mode: str, root: Path, arguments: list[str]) -> None:
        self.mode = mode
        self.receipt: dict[str, Any] = {}
        self.told: dict[str, list[str]] = {}
        self.failed: set[str] = set()
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
            answer: dict[str, Any] = json.loads(reply.read())
            return answer

    def misses_of(self, test_id: str) -> list[str]:
        """What went wrong with the requests of a test since this was asked last."""
        receipt = self.call("GET", "/-/receipt?test_id=" + urllib.parse.quote(test_id, safe=""))
        refused = [record["reason"] for record in receipt["recorded"] if record["status"] == "refused"]
        misses = [miss["message"] for miss in receipt["misses"]] + [f"the answer was not recorded: {why}" for why in refused]
        told = self.told.get(test_id, [])
        self.told[test_id] = list(misses)
        for message in told:
            misses.remove(message)
        return misses

    def stop(self) -> None:
        if self.process.poll() is None:
            assert self.process.stdin is not None and self.process.stdout is not None
            self.process.stdin.close()
            if os.name != "nt":
                # A process that a test has forked may hold standard input too.
                self.process.terminate()
            lines = self.process.stdout.read().splitlines()
            self.process.wait()
            self.receipt = json.loads(lines[-1]) if lines else {}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    # A conftest.py may make a client while it is imported.
    options = early_config.known_args_namespace
    has_workers = getattr(options, "numprocesses", None) or getattr(options, "tx", None)
    if has_workers and "PYTEST_XDIST_WORKER" not in os.environ:
        mode = mode_of(early_config, options)
        change_environment(early_config, {} if mode == "off" else environment_of_controller(mode))
    else:
        start(early_config, options)


def pytest_configure(config: pytest.Config) -> None:
    # The workers of pytest-xdist have servers of their own. Which process is the controller is known for certain here.
    has_workers = getattr(config.option, "dist", "no") != "no" and getattr(config.option, "tx", None)
    if hasattr(config, "workerinput") or not has_workers:
        start(config, config.option)


def mode_of(config: pytest.Config, options: argparse.Namespace) -> str:
    mode: str = options.bedrock_fixtures or config.getini("bedrock_fixtures")
    if mode not in MODES:
        raise pytest.UsageError(f"bedrock_fixtures must be one of {', '.join(MODES)}, not {mode!r}")
    return mode


def start(config: pytest.Config, options: argparse.Namespace) -> None:
    mode = mode_of(config, options)
    if mode == "off" or KEY in config.stash or getattr(options, "help", False) or getattr(options, "version", 0):
        return
    server = Server(mode, config.rootpath, shlex.split(options.bedrock_fixtures_args))
    config.stash[KEY] = server
    config.add_cleanup(lambda: finish(config, server))
    change_environment(config, environment(server.origin))


def change_environment(config: pytest.Config, values: dict[str, str | None]) -> None:
    before = {name: os.environ.get(name) for name in values}
    config.add_cleanup(lambda: set_environment(before))
    set_environment(values)


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
        failed = [f"# failed {test_id}" for test_id in sorted(server.failed)]
        lines = ["# results", *server.receipt["read"], *passed, *failed]
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
    fail_if_missed(item, outcome)


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, None]:
    outcome = yield
    fail_if_missed(item, outcome)


def fail_if_missed(item: pytest.Item, outcome: Any) -> None:
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
    if server is None:
        return
    # A test passed if all its phases and subtests did: what is skipped or fails in the middle may have had more to ask.
    passed = report.passed and (report.when == "setup" or item.stash.get(PASSED, False))
    item.stash[PASSED] = passed
    if report.failed:
        server.failed.add(item.nodeid)
    elif report.when == "teardown" and passed:
        # It may have failed before it ran again.
        server.failed.discard(item.nodeid)
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
