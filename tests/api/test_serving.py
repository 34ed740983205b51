"""`imagelabels serve` as a process, and the same API behind both clouds' functions."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from emulator.aliyun.fc.platform import FunctionCompute
from emulator.functions.deployment import Deployed
from emulator.functions.function import Function
from emulator.functions.platform import Platform
from emulator.tencent.scf.platform import ServerlessCloudFunction
from imagelabels.api.serving import THREADS
from imagelabels.cli.main import main
from tests.api.serving import ENVIRON, ROOT, command, filled, get, served
from tests.emulator.invoking import running_functions
from tests.model import PHOTOS, model_path

pytestmark = pytest.mark.story

QUESTIONS = (
    "/v1/pictures?limit=3",
    "/v1/pictures?label=dog:0.6,cat&order=confidence",
    "/v1/pictures?any_of=dog&any_of=cat&limit=2",
    f"/v1/pictures?label={quote('狗')}",
    "/v1/pictures?prefix=oss://photos/00",
    "/v1/pictures?min_confidence=80",
    "/v1/pictures?labels=dog",
    "/v1/pictures/ffffffffffffffffffffffffffffffff",
    "/v1/counts?label=dog",
    f"/v1/labels?q={quote('狗')}&language=zh-Hans",
    "/v1/albums",
    "/v1/changes?limit=3",
    "/v1/export?format=csv&label=dog",
    "/v1/export",
    "/v1/nothing",
    "/openapi.json",
)
VIEWS = (
    "/",
    "/?label=dog&order=uri",
    f"/?q={quote('狗')}",
    "/?label=<script>alert(1)</script>",
    "/complete?q=do",
    "/months?label=dog",
    "/pictures/ffffffffffffffffffffffffffffffff",
    "/albums",
    "/albums/none",
    "/operations",
    "/drop",
    "/login",
    "/static/page.css",
    "/static/page.js",
    "/static/none.js",
)
ALIKE = ("content-type", "etag", "cache-control", "content-security-policy", "www-authenticate", "location")


def test_who_bears_a_token_is_answered_until_it_is_revoked(tmp_path: Path) -> None:
    url = filled(tmp_path / "labels.db")
    secret = command("token", "create", "tests", "--index", url).strip()
    bearer = {"Authorization": f"Bearer {secret}"}
    with served(url) as (process, port):
        assert get(port, "/v1/pictures").status == 401
        assert len(get(port, "/v1/pictures", bearer).json["pictures"]) == 20
        listed = json.loads(command("token", "list", "--format", "json", "--index", url))
        command("token", "revoke", listed["id"], "--index", url)
        assert get(port, "/v1/pictures", bearer).status == 401
        assert get(port, "/v1/pictures", bearer, "HEAD").body == ""
    assert process.returncode == 0
    assert secret not in json.dumps(listed)


def test_a_client_that_goes_away_midway_harms_nobody_else(tmp_path: Path) -> None:
    with served(filled(tmp_path / "labels.db", 1_500), "--public") as (process, port):
        for _ in range(THREADS + 2):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"GET /v1/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
                client.recv(10)
        assert len(get(port, "/v1/export").body.splitlines()) == 1_500
        assert process.poll() is None


def test_clients_that_say_nothing_would_keep_everybody_else_out(tmp_path: Path) -> None:
    with served(filled(tmp_path / "labels.db", 1), "--public") as (_, port):
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(150)]
        for client in silent:
            client.sendall(b"GET / HTTP/1.1\r\nHost: local")
        assert get(port, "/v1/labels?q=dog").status == 200
        for client in silent:
            client.close()


def test_a_page_whose_name_leads_to_this_machine_could_read_a_public_index(tmp_path: Path) -> None:
    with served(filled(tmp_path / "labels.db", 1), "--public", "--site", "https://photos.example") as (_, port):
        assert get(port, "/v1/pictures", {"Host": f"evil.example:{port}"}).status == 421
        assert get(port, "/", {"Host": "evil.example"}).status == 421
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", "[::1]", "photos.example"):
            assert get(port, "/v1/pictures", {"Host": host}).status == 200


def test_a_request_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with served(filled(tmp_path / "labels.db", 1), "--public") as (_, port):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"POST /v1/albums HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.1 413"
        assert get(port, f"/v1/pictures?label={'x' * 10_001}").status == 400
        for address in ("/", "/v1/pictures", "/login"):
            assert get(port, f"{address}?{'&'.join(['label=dog'] * 1_001)}").status == 400
        assert get(port, f"/v1/pictures?{'&'.join(['not=dog'] * 50)}").status == 200


def test_feeds_behind_a_proxy_with_tls_would_send_their_secrets_over_plain_http(tmp_path: Path) -> None:
    url = filled(tmp_path / "labels.db", 1)
    album = command("album", "create", "Dogs", "dog", "--index", url).strip()
    feed = urlsplit(command("feed", "create", album, "--name", "x", "--index", url).split()[0]).path
    proxied = {"Host": "photos.example", "X-Forwarded-Proto": "https"}
    with served(url, "--host", "*") as (_, port):  # The server listens at several addresses, as for many names.
        assert "http://photos.example/" not in get(port, feed, proxied).body
        assert "http://photos.example/" in get(port, feed, {"Host": "photos.example"}).body


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("192.0.2.7", "cannot listen at 192.0.2.7"),
        ("300.1.1.1", "cannot listen at 300.1.1.1 port 0: no address is called so"),
    ],
)
def test_a_server_that_cannot_listen_says_why(tmp_path: Path, host: str, says: str) -> None:
    url = filled(tmp_path / "labels.db", 1)
    program = [sys.executable, "-m", "imagelabels", "serve", "--index", url, "--port", "0", "--host", host]
    ended = subprocess.run(program, env=ENVIRON, capture_output=True, text=True)
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert says in ended.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--index", "sqlite:////nowhere/labels.db"], "nowhere"),
        (["--port", "99999"], "--port"),
        (["--site", "photos.example"], "--site: 'photos.example' is not the beginning of an address"),
        (["--drop", "oss://photos/", "--host", "0.0.0.0"], "--drop takes photos from this machine only"),
        (["--drop", "file:///photos/"], "no photos can be uploaded to file://: name a bucket"),
        (["--function", "oss=a", "--function", "oss=b"], "--function names 2 functions for oss://"),
        (["--function", "imagelabels"], "'imagelabels' names no store with its function: write cos=NAME or oss=NAME"),
    ],
)
def test_a_server_that_cannot_start_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    url = filled(tmp_path / "labels.db", 1)
    assert main(["serve", "--index", url, "--port", "0", *options]) == 2
    assert says in capsys.readouterr().err


def test_a_port_where_another_program_listens_leads_to_what_can_be_done(tmp_path: Path) -> None:
    url = filled(tmp_path / "labels.db", 1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        program = [sys.executable, "-m", "imagelabels", "serve", "--index", url, "--port", f"{port}"]
        ended = subprocess.run(program, env=ENVIRON, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "name another port by --port (0 takes a free one)" in ended.stderr


def function(platform: Platform, cloud: str, handler: str, index: str, temporary: Path) -> Deployed:
    """The album function of a cloud, with a URL."""
    temporary.mkdir()
    made = Function(
        code=ROOT / "functions" / f"{cloud}_album",
        handler=handler,
        search_paths=(ROOT / "shared",),
        environment={"IMAGELABELS_INDEX": index},
        name=cloud,
        temporary=temporary,
    )
    return Deployed(platform, made, None, platform.url(made, {}))


def test_both_functions_answer_what_the_local_server_answers(tmp_path: Path) -> None:
    url = filled(tmp_path / "labels.db")
    secret = command("token", "create", "tests", "--write", "--index", url).strip()
    bearer = {"Authorization": f"Bearer {secret}"}
    aliyun = function(FunctionCompute(), "aliyun", "index.handler", url, tmp_path / "a")
    tencent = function(ServerlessCloudFunction(), "tencent", "index.main_handler", url, tmp_path / "t")
    (tmp_path / "data").mkdir()
    with served(url) as (_, port), running_functions(tmp_path / "data", aliyun, tencent) as clouds:
        for target in QUESTIONS:
            for headers in ({}, bearer):
                here = get(port, target, headers)
                expected = here.status, {name.lower(): value for name, value in here.headers.items()}, here.body
                for cloud in ("aliyun", "tencent"):
                    status, named, body = clouds.raw("GET", f"/_functions/{cloud}{target}", headers)
                    there = {name.lower(): value for name, value in named.items()}
                    assert (status, body.decode()) == (expected[0], expected[2]), (cloud, target)
                    assert [there.get(name) for name in ALIKE] == [expected[1].get(name) for name in ALIKE], target
        body = json.dumps({"title": "Dogs", "question": {"label": ["dog"]}}).encode()
        sent = {**bearer, "Content-Type": "application/json"}
        for cloud in ("aliyun", "tencent"):
            status, named, made = clouds.raw("POST", f"/_functions/{cloud}/v1/albums", sent, body)
            assert status == 201, made
            assert get(port, named["Location"], bearer).json == json.loads(made)
            etag = {"If-None-Match": named["ETag"], **bearer}
            assert clouds.raw("GET", f"/_functions/{cloud}{named['Location']}", etag)[0] == 304
            rss = command("feed", "create", json.loads(made)["id"], "--index", url).split()[0]
            feed = f"/_functions/{cloud}{rss.removeprefix('http://127.0.0.1:8080')}"
            status, named, read = clouds.raw("GET", feed, {})
            assert (status, named["Content-Type"]) == (200, "application/rss+xml; charset=utf-8")
            assert len(re.findall(rb"<link>https://[a-z0-9.:]+/pictures/", read)) == 12
            assert clouds.raw("GET", feed, {"If-None-Match": named["ETag"]})[0] == 304
            assert clouds.raw("GET", f"{feed[:-5]}x/rss", {})[0] == 404


def shown(status: int, headers: Mapping[str, str], body: str) -> tuple[object, ...]:
    """What is alike of a view. Only a function has keys here, and names the stores that copies come from."""
    there = {name.lower(): value for name, value in headers.items() if name.lower() != "etag"}
    policy = re.sub("img-src [^;]*", "img-src", there.pop("content-security-policy", ""))
    return status, policy, *(there.get(name) for name in ALIKE), re.sub('data-images="[^"]*"', "", body)


def test_both_functions_show_the_page_that_the_local_server_shows(tmp_path: Path) -> None:
    url = filled(tmp_path / "labels.db")
    secret = command("token", "create", "tests", "--write", "--index", url).strip()
    aliyun = function(FunctionCompute(), "aliyun", "index.handler", url, tmp_path / "a")
    tencent = function(ServerlessCloudFunction(), "tencent", "index.main_handler", url, tmp_path / "t")
    (tmp_path / "data").mkdir()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with served(url) as (_, port), running_functions(tmp_path / "data", aliyun, tencent) as clouds:
        picture = get(port, "/v1/pictures?limit=1", {"Authorization": f"Bearer {secret}"}).json["pictures"][0]["id"]
        for target in (*VIEWS, f"/pictures/{picture}"):
            for headers in ({}, {"Cookie": f"imagelabels_token={secret}; lang=zh-Hans"}):
                here = get(port, target, headers)
                expected = shown(here.status, here.headers, here.body)
                for cloud in ("aliyun", "tencent"):
                    status, named, body = clouds.raw("GET", f"/_functions/{cloud}{target}", headers)
                    assert shown(status, dict(named.items()), body.decode()) == expected, (cloud, target)
        for cloud in ("aliyun", "tencent"):
            address = f"/_functions/{cloud}/login"
            status, named, _ = clouds.raw("POST", address, form, f"token={secret}&to=/albums".encode())
            assert (status, named["Location"]) == (303, "/albums")
            assert named["Set-Cookie"].endswith("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure")
            cookie = {"Cookie": named["Set-Cookie"].partition(";")[0]}
            status, named, octets = clouds.raw("GET", f"/_functions/{cloud}/", cookie | {"Accept-Encoding": "gzip"})
            assert status == 200
            assert b"<!doctype html>" in (gzip.decompress(octets) if "Content-Encoding" in named else octets)


def test_files_of_this_machine_are_shown_explained_and_corrected(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shutil.copy(PHOTOS / "chelsea.png", tmp_path / "<script>.png")
    url = f"sqlite:///{tmp_path / 'labels.db'}"
    environ = {"IMAGELABELS_INDEX": url, "IMAGELABELS_MODEL": str(model_path(tmp_path_factory))}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setitem(ENVIRON, name, value)
        command("detect", str(tmp_path / "<script>.png"), "--index", url)
        bearer = {"Authorization": f"Bearer {command('token', 'create', 'tests', '--write').strip()}"}
        with served(url) as (_, port):
            (row,) = get(port, "/v1/pictures", bearer).json["pictures"]
            address = f"/v1/pictures/{row['id']}"
            assert any(label["kept"] for label in get(port, address, bearer).json["explained"])
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", f"{address}/thumbnail?side=64", headers=bearer)
            answer = connection.getresponse()
            assert (answer.getheader("Content-Type"), answer.read()[:2]) == ("image/jpeg", b"\xff\xd8")
            connection.close()
            said = json.dumps({"not": ["cat"], "add": ["dog"]})
            sent = {**bearer, "Content-Type": "application/json"}
            corrected = get(port, f"{address}/corrections", sent, "POST", said)
            assert corrected.status == 200, corrected.body
            assert corrected.json["corrections"] == {"not": ["cat"], "add": ["dog"]}
            assert len(get(port, "/v1/pictures?label=dog", bearer).json["pictures"]) == 1
