"""Does what users of coscmd do every day. CLIENTS_COSCMD names the Python in whose environment it is installed."""

from __future__ import annotations

import os
import re
import sys

from tests.clients.steps import (
    FOLDER,
    KEY,
    PORT,
    Failed,
    Program,
    Steps,
    bytes_of,
    expect,
    expect_in,
    fetched,
    file,
    invoked_once,
)

MB = 1024 * 1024
BUCKET = "cmd-1250000000"
ENDPOINT = f"cos.ap-guangzhou.myqcloud.com:{PORT}"
LARGE = bytes_of(25 * MB)
START = """
import socket, sys
lookup = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **named: lookup(
    '127.0.0.1' if str(host).endswith('.myqcloud.com') else host, *rest, **named)
from coscmd.cos_cmd import _main
sys.exit(_main())
"""
"""Starts coscmd so that the vendor's names lead to this machine."""

home = FOLDER / "coscmd"
tool = Program((os.environ.get("CLIENTS_COSCMD", sys.executable), "-W", "ignore", "-c", START), (), {"HOME": str(home)})
step = Steps()


def same(key: str, data: bytes, *options: str) -> None:
    """Fail unless the object has this content."""
    path = home / "down.bin"
    path.unlink(missing_ok=True)
    tool("download", "-f", key, path, *options)
    expect(path.read_bytes() == data, True)


@step("configure, and make a bucket")
def _() -> None:
    home.mkdir(exist_ok=True)
    tool("config", "-a", KEY, "-s", KEY, "-b", BUCKET, "-e", ENDPOINT, "--do-not-use-ssl", "--retry", "1")
    tool("createbucket")
    expect_in(tool("list", "-r"), "Files num: 0")


@step("upload, info and download")
def _() -> None:
    for key in ("a.txt", "照片/狗 1+2.txt"):
        tool("upload", file("cmd.txt", f"this is {key}".encode()), key)
        same(key, f"this is {key}".encode())
    expect_in(tool("info", "a.txt"), "13", "a.txt")
    tool("info", "nothing", fails=True)


@step("upload with headers")
def _() -> None:
    tool("upload", file("cmd.txt", b"x"), "meta.txt", "-H", "{'x-cos-meta-who':'me','Content-Type':'text/css'}")
    expect_in(tool("info", "meta.txt"), "text/css")


@step("upload in parts, and download in parts")
def _() -> None:
    tool("upload", file("large.bin", LARGE), "large.bin")
    same("large.bin", LARGE)


@step("list and abort unfinished uploads")
def _() -> None:
    tool("listparts")
    tool("abort")


@step("upload, list and download folders")
def _() -> None:
    for name in ("1", "2", "d/3", "d/4 狗"):
        file(f"coscmd/folder/{name}", name.encode())
    tool("upload", "-r", f"{home / 'folder'}/", "/l/")
    listed = tool("list", "-r", "l/")
    expect_in(listed, "l/1", "l/2", "l/d/3", "l/d/4 狗")
    expect_in(tool("list", "l/"), "l/d/", "DIR")
    expect(tool("list", "-n", "2", "-r", "l/").count(" l/"), 2)
    tool("download", "-r", "-f", "l/", home / "back/")
    expect((home / "back" / "d" / "4 狗").read_bytes(), "d/4 狗".encode())


@step("synchronise folders")
def _() -> None:
    expect_in(tool("upload", "-rs", f"{home / 'folder'}/", "/l/"), "4 files skipped")
    file("coscmd/folder/5", b"new")
    (home / "folder" / "1").unlink()
    tool("upload", "-rs", "--delete", "-y", f"{home / 'folder'}/", "/l/")
    listed = tool("list", "-r", "l/")
    expect_in(listed, "l/5")
    expect("l/1" in listed, False)


@step("copy and move")
def _() -> None:
    source = f"{BUCKET}.{ENDPOINT}"
    tool("copy", f"{source}/照片/狗 1+2.txt", "copy 狗.txt")
    same("copy 狗.txt", "this is 照片/狗 1+2.txt".encode())
    tool("copy", f"{source}/large.bin", "large copy.bin")
    same("large copy.bin", LARGE)
    tool("move", f"{source}/large copy.bin", "moved.bin")
    same("moved.bin", LARGE)
    tool("info", "large copy.bin", fails=True)


@step("a signed URL")
def _() -> None:
    printed = tool("signurl", "a.txt", "-t", "60")
    found = re.search(r"https?://([^/\s']+)/([^\s']+)", printed)
    if found is None:
        raise Failed(f"no address is in {printed!r}")
    host, rest = found.groups()
    expect(fetched(f"http://127.0.0.1:{PORT}/{rest}", headers={"Host": host}), b"this is a.txt")


@step("the ACL of an object and of a bucket")
def _() -> None:
    tool("putobjectacl", "--grant-read", "anyone", "a.txt")
    expect_in(tool("getobjectacl", "a.txt"), "anyone: READ")
    expect(fetched(f"http://127.0.0.1:{PORT}/a.txt", headers={"Host": f"{BUCKET}.{ENDPOINT}"}), b"this is a.txt")
    tool("putbucketacl", "--grant-read", "anyone")
    expect_in(tool("getbucketacl"), "anyone: READ")


@step("restore")
def _() -> None:
    tool("upload", file("cmd.txt", b"old"), "old.txt", "-H", "{'x-cos-storage-class':'ARCHIVE'}")
    tool("restore", "-d", "1", "-t", "Expedited", "old.txt")


@step("versions")
def _() -> None:
    tool("putbucketversioning", "Enabled")
    expect_in(tool("getbucketversioning"), "Enabled")
    for text in (b"first", b"second"):
        tool("upload", "-f", file("cmd.txt", text), "v.txt")
    listed = tool("list", "-v", "v.txt")
    versions = re.findall(r"(\S*MTg\S+|\S{30,})", listed)
    expect(len(versions), 2)
    same("v.txt", b"first", "--versionId", versions[-1])
    tool("delete", "-f", "--versionId", versions[-1], "v.txt")
    tool("putbucketversioning", "Suspended")


@step("the probe")
def _() -> None:
    expect_in(tool("probe", "-n", "1", "-s", "1"), "Upload", "1/1")


@step("a photo of 30 MB is labelled by one invocation")
def _() -> None:
    photo = Program((*tool.start, "-b", "demo-photos-1250000000"), (), tool.environment)
    invoked_once("tencent_label", lambda: photo("upload", FOLDER / "photo-30.png", "coscmd.png"))


@step("delete, delete a folder and delete a bucket")
def _() -> None:
    tool("delete", "-f", "a.txt")
    tool("info", "a.txt", fails=True)
    tool("delete", "-r", "-f", "l/")
    expect_in(tool("list", "-r", "l/"), "Files num: 0")
    tool("deletebucket", fails=True)
    tool("deletebucket", "-f")
    tool("list", fails=True)


if __name__ == "__main__":
    sys.exit(0 if step.run() else 1)
