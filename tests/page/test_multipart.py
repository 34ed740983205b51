"""What a form with files sends, well formed and damaged."""

from __future__ import annotations

import pytest

from imagelabels.page.multipart import MOST_PARTS, read
from tests.page.world import BOUNDARY, form

KIND = f"multipart/form-data; boundary={BOUNDARY}"


def test_fields_and_files_come_out_as_they_went_in() -> None:
    content = b"\xff\xd8\r\n--\r\n\r\n" + bytes(range(256)) + b"--" + BOUNDARY.encode()
    sent = read(form({"to": "oss://a/照片/", "": ""}, {"猫%22.jpg": content, "b.png": b""}), KIND)
    assert sent.fields == {"to": "oss://a/照片/", "": ""}
    assert [(file.name, file.content) for file in sent.files] == [('猫".jpg', content), ("b.png", b"")]


def test_a_field_in_which_no_file_was_chosen_sends_none() -> None:
    assert read(form({}, {"": b""}), KIND).files == []


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b"", "application/json", "multipart/form-data"),
        (b"", "multipart/form-data", "multipart/form-data"),
        (b"", KIND, "boundary"),
        (form({"a": "b"}, {})[:-6], KIND, "end"),
        (f"--{BOUNDARY}\r\nno name\r\n--{BOUNDARY}--".encode(), KIND, "no name"),
        (f"--{BOUNDARY}\r\n{'x' * 5000}\r\n\r\n\r\n--{BOUNDARY}--".encode(), KIND, "no name"),
        (form({f"f{number}": "" for number in range(MOST_PARTS + 1)}, {}), KIND, f"at most {MOST_PARTS}"),
    ],
)
def test_a_damaged_form_is_refused_with_the_reason(body: bytes, kind: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(body, kind)


def test_as_many_fields_as_may_be_are_read() -> None:
    assert len(read(form({f"f{number}": "" for number in range(MOST_PARTS)}, {}), KIND).fields) == MOST_PARTS
