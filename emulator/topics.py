"""The texts of `help TOPIC`. Every line fits into 80 columns, and every text into one screen or two."""

from __future__ import annotations

TOPICS: dict[str, tuple[str, str]] = {
    "start": (
        "start and stop it, ports and keys",
        """
        up --data DIR                  start everything on http://127.0.0.1:9000
        up --data DIR --bucket photos --cos-bucket photos-1250000000
                                       the same, with a bucket of OSS and of COS
        up --data DIR --port 0         take a free port, which the first line tells

        It is ready when it prints its address. Ctrl-C or SIGTERM stops it. It
        listens on the loopback address only, and no other machine can reach it.

        The access key id is emulator, and so is its secret. The environment
        variables EMULATOR_ACCESS_KEY_ID and EMULATOR_ACCESS_KEY_SECRET set others.
        EMULATOR_OTHER_KEY_ID and EMULATOR_OTHER_KEY_SECRET add the key of another
        account, which may do with OSS what a bucket's policy allows it.

        Several emulators live side by side, each with its own DIR and port. Two on
        the same DIR would spoil it, so the second one says so and ends.
        """,
    ),
    "clients": (
        "point a vendor's client at it",
        """
        Every service has the same address, http://127.0.0.1:9000.

        oss2            oss2.Bucket(oss2.Auth("emulator", "emulator"),
                                    "http://127.0.0.1:9000", "photos")
        ossutil         -e http://127.0.0.1:9000 -i emulator -k emulator
        ali-oss         endpoint: "http://127.0.0.1:9000"
        COS for Python  CosConfig(Region="ap-guangzhou", SecretId="emulator",
                                  SecretKey="emulator", Scheme="http",
                                  IP="127.0.0.1", Port=9000)
        tablestore      OTSClient("http://127.0.0.1:9000", "emulator", "emulator",
                                  "any-instance")
        IMM, FC, SCF    the address as the client's endpoint, with the protocol http
        aliyun-mns-sdk  Account("http://127.0.0.1:9000", "emulator", "emulator")

        The region of Alibaba Cloud is cn-hangzhou, and that of Tencent Cloud is
        ap-guangzhou. The file emulator/README.md has a whole program for each.
        """,
    ),
    "stores": (
        "OSS and COS: buckets, objects, pictures, labels",
        """
        Buckets are made by their clients, or by --bucket and --cos-bucket. Each
        cloud has its own buckets; a bucket of COS ends in -APPID.

        Settings of a bucket are kept and given back, so that scripts which set up
        a bucket can run. Most have no effect; the pages name those that do.

        Image processing needs no more than the emulator itself. Labels of pictures
        (image/labels, IMM and detect-label) come from a program, which is started
        when the first picture is to be labelled. Without --detector that is
        `imagelabels detect`, and its labels are in the --label-language.

        Both stores have a clock of their own, which POST /_emulator/clock moves
        forward so that objects expire: see `help log` and `help state`.

        A URL of COS that is to be opened is signed with a CosConfig without IP and
        Port. The file emulator/README.md shows how to open it.

        What is not there is refused by name. The pages in docs/emulator/ list
        every operation.
        """,
    ),
    "tablestore": (
        "tables, rows, indexes, and what can be made unlike",
        """
        Every name of an instance works, and its tables are its own.

        --index-lag SECONDS            search indexes see rows late, as they do on
                                       the service; without it they see them at once
        --missing-rows-fail            no column condition holds for a missing row
        --no-conditional-increments    an increment has no column condition

        The vendor's pages do not settle the last two, so that a program should work
        with either.
        """,
    ),
    "functions": (
        "deploy functions, trigger and invoke them",
        """
        up --data DIR --deploy FILE starts the functions that FILE lists:

          [{"cloud": "aliyun", "name": "thumbs", "code": "thumbs",
            "handler": "index.handler", "paths": ["shared"],
            "environment": {"SIZE": "300"}, "timeout": 60, "memory": 512,
            "trigger": {"bucket": "photos", "prefix": "in/", "suffix": ".jpg",
                        "events": ["oss:ObjectCreated:*"]}}]

        Folders are relative to FILE. cloud, name and code must be there. A trigger
        of tencent has a bucket such as photos-1250000000 and events such as
        cos:ObjectCreated:*. instances limits how many events run at once. service
        is the service of FC 2.0 to which a function of aliyun belongs.

        runtime names what its context is like, such as python3.12. A program that
        serves HTTP has "runtime": "custom.debian12" and
        "custom": {"command": ["python3"], "args": ["server.py"]}. With "http": {}
        a function has a URL, which is printed at the start.

        A single function of aliyun needs no file: see --function in `up --help`.

        Functions run in processes of their own, with temporary keys that the
        emulator issues and takes. One that uses more than its memory is ended. A
        failed event is tried again, as the platforms do; --time-scale 0.01 shortens
        the waits. Destinations and hooks have the vendors' names, such as
        asyncInvokeConfig; docs/emulator/functions.md shows them. What a function
        prints is in DIR/functions/NAME.log, with --verbose also on the error output.
        """,
    ),
    "state": (
        "what is kept where, and what a crash may cost",
        """
        Everything is in the folder that --data names:

        store.sqlite, objects/         OSS: what is known of objects, and their bytes
        cos/                           the same for COS
        tablestore/                    tables, rows and indexes
        functions/                     the events that wait, the messages for queues,
                                       and the functions' logs
        tmp/                           the temporary folders of functions
        clock                          how far the clock was moved
        lock                           the number of the process that uses the folder

        If the process is killed, every write that a client got an answer for is
        there at the next start, and any other write is there wholly or not at all.
        Files that nothing refers to are removed at the start. Nothing is forced to
        the disk, so a loss of power may cost the newest writes.

        The clock goes forward only. To reset it, stop the emulator and delete the
        file clock; objects that were written meanwhile have times in the future.

        To begin anew, stop the emulator and delete the folder. To keep a state,
        stop the emulator and copy the folder.
        """,
    ),
    "log": (
        "what the emulator prints, and its control paths",
        """
        Requests that are refused or that fail are told on the error output, one
        line each: the time, the service, the method, bucket and key, the status,
        the vendor's code, the reason, and the request id that the client got.

          17:40:00.123 refused OSS GET photos/a.jpg 404 NoSuchKey: The specified
          key does not exist. [6760F5A10C5A4A3C3A6E2F11]

        --log-requests all tells every request, and none tells nothing. No line has
        a signature or a key's secret. A batch whose single rows or keys fail is a
        request that succeeds.

        GET /_emulator/                lists all control paths
        GET /_emulator/health          200 when the emulator is ready, and the number
                                       of its process
        GET /_emulator/calls           how often each operation was requested;
                                       with ?since=0 the newest calls, one by one
        GET /_emulator/clock           the time of OSS, COS and queues
        POST /_emulator/clock          move it forward, as by {"days": 31}: rules of
                                       the lifecycle are carried out then, and
                                       inventories are written
        GET /_emulator/faults          the rules of faults: see `help faults`
        POST /_emulator/inventories    write an inventory of a bucket now, by
                                       {"store": "oss", "bucket": "photos",
                                       "id": "daily"}
        GET /_emulator/functions       the functions; below functions/NAME there are
                                       queue, failures, messages, failures/redrive
                                       and invoke; DELETE deletes failures or
                                       messages
        """,
    ),
    "faults": (
        "let things go wrong as they do on the services",
        """
        --faults FILE --seed 7 starts with rules of faults, and PUT
        /_emulator/faults puts others in force:

          {"seed": 7, "rules": [
            {"do": "error", "service": "oss", "operation": "PUT object?tagging",
             "key": "d/*", "share": 0.1, "times": 3, "code": "InternalError"},
            {"do": "kill", "function": "thumbs", "at": 3},
            {"do": "duplicate", "share": 0.1}]}

        of requests    error, slow, cut_before, cut_after, cut_within, late,
                       throttle
        of functions   kill, stop, expire, clock
        of events      duplicate, delay, reorder, drop, merge
        of indexes     lag

        Rules choose by the seed, so that a run can be repeated. GET
        /_emulator/faults counts what they did, GET /_emulator/calls?since=0 lists
        the requests with their faults, and GET /_emulator/deliveries?since=0 the
        events. The file docs/emulator/faults.md has all fields.

        These options make the emulator less kind for good:

        --index-lag SECONDS            search indexes see rows late
        --imm-rate NUMBER              IMM throttles above so many requests a second
        --scf-rate NUMBER              SCF does so
        --credentials-seconds SECONDS  the keys of functions expire soon
        --function-instances NUMBER    busy functions refuse clients
        --tag-signature end            a late body of a tag write meets an expired
                                       signature

        kill -9 loses no acknowledged write: see `help state`.
        """,
    ),
}
"""The summary and the text of each topic, in the order in which they are listed."""


def overview(program: str) -> str:
    """Return the list of the topics."""
    rows = [f"  {name:12}{summary}" for name, (summary, _) in TOPICS.items()]
    return "\n".join(["Topics:", *rows, "", f"`{program} help TOPIC` shows one of them.", ""])


def text(topic: str) -> str:
    """Return the text of a topic."""
    lines = TOPICS[topic][1].strip("\n").splitlines()
    return "\n".join(line.removeprefix(" " * 8).rstrip() for line in lines).rstrip() + "\n"
