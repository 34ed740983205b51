"""Does what users of ossutil do every day, with both signatures. CLIENTS_OSSUTIL names the program (version 1.7)."""

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
LARGE = bytes_of(12 * MB)
PARTS = ("--bigfile-threshold", MB, "--part-size", MB)
"""Options with which files above 1 MB are sent and fetched in parts. Without them it is 100 MB."""
DOCUMENTS = {
    "cors": "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
    "</CORSRule></CORSConfiguration>",
    "lifecycle": "<LifecycleConfiguration><Rule><ID>old</ID><Prefix>old/</Prefix><Status>Enabled</Status>"
    "<Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>",
    "website": "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
    "</WebsiteConfiguration>",
}
SHOWN = {"cors": "<AllowedMethod>GET", "lifecycle": "<Days>7", "website": "index.html"}


class Scenario:
    """The steps under one signature, in a bucket of their own."""

    def __init__(self, version: str) -> None:
        self.home = FOLDER / f"ossutil-{version}"
        self.home.mkdir(exist_ok=True)
        self.bucket = f"oss://ossutil-{version}"
        options = ["-e", f"http://127.0.0.1:{PORT}", "-i", KEY, "-k", KEY, "--sign-version", version]
        options += ["--region", "cn-hangzhou", "-c", str(self.home / "config")]
        start = (os.environ.get("CLIENTS_OSSUTIL", "ossutil"),)
        self.tool = Program(start, tuple(options), {"HOME": str(self.home)})
        self.step = Steps(f"{version.upper()}: ")
        self.version = version
        (self.home / "config").write_text("[Credentials]\n")

    def cp(self, *arguments: object) -> str:
        checkpoint = ("--checkpoint-dir", self.home / "checkpoint", "--output-dir", self.home / "output")
        return self.tool("cp", "-f", *arguments, *checkpoint)

    def same(self, key: str, data: bytes, *options: object) -> None:
        """Fail unless the object has this content."""
        path = self.home / "down.bin"
        path.unlink(missing_ok=True)
        self.cp(f"{self.bucket}/{key}", path, *options)
        expect(path.read_bytes() == data, True)

    def put(self, key: str, data: bytes, *options: object) -> None:
        self.cp(file(f"{self.home.name}/up.bin", data), f"{self.bucket}/{key}", *options)

    def add(self) -> Steps:
        self.buckets()
        self.objects()
        self.kinds_of_objects()
        self.folders()
        self.parts()
        self.versions()
        self.settings()
        return self.step

    def buckets(self) -> None:
        tool, bucket = self.tool, self.bucket

        @self.step("make a bucket, and its ACL")
        def _() -> None:
            tool("mb", bucket)
            expect_in(tool("ls"), bucket)
            tool("set-acl", bucket, "public-read", "-b", "-f")
            expect_in(tool("stat", bucket), "public-read", "oss-cn-hangzhou")
            tool("set-acl", bucket, "private", "-b", "-f")

    def objects(self) -> None:
        tool, bucket, step = self.tool, self.bucket, self.step

        @step("upload, download and show")
        def _() -> None:
            for key in ("a.txt", "照片/狗 1+2.txt"):
                self.put(key, f"this is {key}".encode())
                self.same(key, f"this is {key}".encode())
            expect_in(tool("cat", f"{bucket}/a.txt"), "this is a.txt")

        @step("get a range")
        def _() -> None:
            self.same("a.txt", b"is is", "--range", "2-6")

        @step("metadata")
        def _() -> None:
            self.put("meta.txt", b"x", "--meta", "Content-Type:text/css#X-Oss-Meta-Who:me")
            expect_in(tool("stat", f"{bucket}/meta.txt"), "text/css", "X-Oss-Meta-Who", ": me")
            tool("set-meta", f"{bucket}/meta.txt", "X-Oss-Meta-Who:you", "--update", "-f")
            expect_in(tool("stat", f"{bucket}/meta.txt"), "text/css", ": you")
            tool("stat", f"{bucket}/nothing", fails=True)

        @step("tags")
        def _() -> None:
            tool("object-tagging", "--method", "put", f"{bucket}/a.txt", "kind#text", "owner#me")
            expect_in(tool("object-tagging", "--method", "get", f"{bucket}/a.txt"), "kind", "text", "owner", "me")
            tool("object-tagging", "--method", "delete", f"{bucket}/a.txt")
            expect("owner" in tool("object-tagging", "--method", "get", f"{bucket}/a.txt"), False)
            self.put("tagged.txt", b"x", "--tagging", "a=b")
            expect_in(tool("object-tagging", "--method", "get", f"{bucket}/tagged.txt"), "a", "b")

    def kinds_of_objects(self) -> None:
        tool, bucket, step = self.tool, self.bucket, self.step

        @step("copy")
        def _() -> None:
            self.cp(f"{bucket}/照片/狗 1+2.txt", f"{bucket}/copy 狗.txt")
            self.same("copy 狗.txt", "this is 照片/狗 1+2.txt".encode())

        @step("append")
        def _() -> None:
            for text in (b"one,", b"two"):
                tool("appendfromfile", file(f"{self.home.name}/up.bin", text), f"{bucket}/log.txt")
            self.same("log.txt", b"one,two")

        @step("symlink")
        def _() -> None:
            tool("create-symlink", f"{bucket}/link.txt", "a.txt")
            expect_in(tool("read-symlink", f"{bucket}/link.txt"), "a.txt")
            self.same("link.txt", b"this is a.txt")

        @step("the ACL of an object")
        def _() -> None:
            tool("set-acl", f"{bucket}/a.txt", "public-read", "-f")
            expect_in(tool("stat", f"{bucket}/a.txt"), "public-read")
            address = f"http://127.0.0.1:{PORT}/{bucket.removeprefix('oss://')}/a.txt"
            expect(fetched(address), b"this is a.txt")

        @step("a signed URL")
        def _() -> None:
            printed = tool("sign", f"{bucket}/照片/狗 1+2.txt", "--timeout", "60")
            found = re.search(r"http://\S+", printed)
            if found is None:
                raise Failed(f"no address is in {printed!r}")
            expect(fetched(found.group()), "this is 照片/狗 1+2.txt".encode())

        @step("restore")
        def _() -> None:
            self.put("old.txt", b"old", "--meta", "X-Oss-Storage-Class:Archive")
            tool("cat", f"{bucket}/old.txt", fails=True)
            tool("restore", f"{bucket}/old.txt")

    def folders(self) -> None:
        tool, bucket, step = self.tool, self.bucket, self.step

        @step("upload, list and download folders")
        def _() -> None:
            for name in ("1", "2", "d/3", "d/4 狗"):
                file(f"{self.home.name}/folder/{name}", name.encode())
            self.cp("-r", self.home / "folder", f"{bucket}/l/")
            expect_in(tool("ls", f"{bucket}/l/", "-s"), f"{bucket}/l/d/4 狗", "Object Number is: 5")
            expect_in(tool("ls", f"{bucket}/l/", "-d"), f"{bucket}/l/d/", "Object and Directory Number is: 3")
            expect_in(tool("ls", f"{bucket}/l/", "-s", "--limited-num", "2"), "Object Number is: 2")
            expect_in(tool("ls", f"{bucket}/l/", "-s", "--marker", "l/2"), "Object Number is: 3")
            self.cp("-r", f"{bucket}/l/", self.home / "back")
            expect((self.home / "back" / "d" / "4 狗").read_bytes(), "d/4 狗".encode())
            expect_in(tool("du", f"{bucket}/l/"), "object count:5")
            tool("mkdir", f"{bucket}/empty/")
            expect_in(tool("ls", f"{bucket}/empty/", "-s"), f"{bucket}/empty/")

        @step("synchronise folders")
        def _() -> None:
            (self.home / "folder" / "1").unlink()
            file(f"{self.home.name}/folder/5", b"new")
            more = ("--checkpoint-dir", self.home / "checkpoint", "--output-dir", self.home / "output")
            tool("sync", self.home / "folder", f"{bucket}/l/", "--delete", "-f", *more)
            listed = tool("ls", f"{bucket}/l/", "-s")
            expect_in(listed, f"{bucket}/l/5", "Object Number is: 5")
            expect(f"{bucket}/l/1" in listed, False)

        @step("delete, and delete a folder")
        def _() -> None:
            tool("rm", f"{bucket}/meta.txt", "-f")
            tool("stat", f"{bucket}/meta.txt", fails=True)
            tool("rm", f"{bucket}/l/", "-r", "-f")
            expect_in(tool("ls", f"{bucket}/l/", "-s"), "Object Number is: 0")

    def parts(self) -> None:
        tool, bucket, step = self.tool, self.bucket, self.step

        @step("upload, download and copy in parts")
        def _() -> None:
            self.put("large.bin", LARGE, *PARTS)
            expect_in(tool("stat", f"{bucket}/large.bin"), "-12")
            self.same("large.bin", LARGE, *PARTS)
            self.cp(f"{bucket}/large.bin", f"{bucket}/copied.bin", *PARTS)
            self.same("copied.bin", LARGE)

        @step("list unfinished uploads")
        def _() -> None:
            expect_in(tool("ls", bucket, "-m"), "UploadID Number is: 0")
            tool("rm", bucket, "-m", "-r", "-f")

        @step("a photo of 19 MB in parts is labelled by one invocation")
        def _() -> None:
            to = f"oss://demo-photos/ossutil-{self.version}.png"
            invoked_once("aliyun_label", lambda: self.cp(FOLDER / "photo-19.png", to, *PARTS))
            expect_in(tool("object-tagging", "--method", "get", to), "label:cat", "mammal")

    def versions(self) -> None:
        tool, bucket = self.tool, self.bucket

        @self.step("versions")
        def _() -> None:
            tool("bucket-versioning", "--method", "put", bucket, "enabled")
            expect_in(tool("bucket-versioning", "--method", "get", bucket), "Enabled")
            for text in (b"first", b"second"):
                self.put("v.txt", text)
            tool("rm", f"{bucket}/v.txt", "-f")
            listed = tool("ls", f"{bucket}/v.txt", "--all-versions")
            versions = re.findall(r"(\S+)\s+(?:true|false)\s+(?:true|false)\s+oss://", listed)
            expect(len(versions), 3)
            self.same("v.txt", b"first", "--version-id", versions[-1])
            tool("rm", f"{bucket}/v.txt", "--version-id", versions[0], "-f")
            self.same("v.txt", b"second")
            tool("bucket-versioning", "--method", "put", bucket, "suspended")

    def settings(self) -> None:
        tool, bucket, step = self.tool, self.bucket, self.step
        for name, document in DOCUMENTS.items():

            @step(name)
            def _(name: str = name, document: str = document) -> None:
                tool(name, "--method", "put", bucket, file(f"{self.home.name}/{name}.xml", document.encode()))
                expect_in(tool(name, "--method", "get", bucket), SHOWN[name])
                tool(name, "--method", "delete", bucket)

        @step("the tags of a bucket, referer, policy and who pays")
        def _() -> None:
            tool("bucket-tagging", "--method", "put", bucket, "team#photos")
            expect_in(tool("bucket-tagging", "--method", "get", bucket), "team", "photos")
            tool("bucket-tagging", "--method", "delete", bucket)
            tool("referer", "--method", "put", bucket, "http://a.example")
            expect_in(tool("referer", "--method", "get", bucket), "a.example")
            tool("referer", "--method", "delete", bucket)
            policy = b'{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:GetObject"],"Principal":["1"]}]}'
            tool("bucket-policy", "--method", "put", bucket, file(f"{self.home.name}/policy.json", policy))
            expect_in(tool("bucket-policy", "--method", "get", bucket), "oss:GetObject")
            tool("bucket-policy", "--method", "delete", bucket)
            tool("request-payment", "--method", "put", bucket, "Requester")
            expect_in(tool("request-payment", "--method", "get", bucket), "Requester")
            tool("request-payment", "--method", "put", bucket, "BucketOwner")

        @step("encryption by default")
        def _() -> None:
            tool("bucket-encryption", "--method", "put", bucket, "--sse-algorithm", "AES256")
            expect_in(tool("bucket-encryption", "--method", "get", bucket), "AES256")
            tool("bucket-encryption", "--method", "delete", bucket)

        @step("delete a bucket with all that is in it")
        def _() -> None:
            tool("rm", bucket, "-b", "-f", fails=True)
            tool("rm", bucket, "-a", "-r", "-b", "-f", "--all-versions")
            expect(f"{bucket}\n" in tool("ls", "-s"), False)


if __name__ == "__main__":
    outcomes = [Scenario(version).add().run() for version in ("v1", "v4")]
    sys.exit(0 if all(outcomes) else 1)
