"""Defines the table of what differs between the object stores of two vendors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from emulator.objectstore.inventory_rules import InventoryRules
from emulator.objectstore.lifecycle_rules import LifecycleRules
from emulator.objectstore.naming import BucketNames, KeyNames
from emulator.objectstore.stored import Stored

Tags = dict[str, str]


@dataclass(frozen=True, slots=True)
class EventNames:
    """The vendor's names for the changes of an object, without a prefix."""

    put: str
    copy: str
    delete: str
    delete_many: str
    marker: str
    """A delete marker was made."""
    complete: str
    begin: str = ""
    """This event and those below are empty if the vendor sends none or names none."""
    part: str = ""
    part_copy: str = ""
    abort: str = ""
    post: str = ""
    """An HTML form has made an object."""
    append: str = ""
    link: str = ""
    restore: str = ""
    """The restoring of an archived object has begun."""
    restored: str = ""
    expired: str = ""
    """A rule of the lifecycle has removed an object or a version, or has put a delete marker above it."""


@dataclass(frozen=True, slots=True)
class RestoreRules:
    """How a vendor lets archived objects be restored."""

    refusal: str
    """The code of the refusal of an object that is not archived."""
    job: str
    """The element around the element Tier."""
    longest: Mapping[str, int]
    """An object can be read for at most so many days, by storage class."""
    adds: bool
    """If this is true, restoring once more adds to the days that are left; else the days count from now on."""


@dataclass(frozen=True, slots=True)
class EncryptionRules:
    """The headers in which a vendor tells how an object is encrypted."""

    algorithm: str
    key: str
    """The header that names the key of the key management service."""
    data: str
    """The header for what encrypts the data under such a key. It is empty where the vendor has none."""
    values: Mapping[str, str]
    """The value of the header `algorithm`, by the name that a setting of a bucket has for it."""
    root: str
    """The root element of a bucket's setting, and `element` is the path from there to what encrypts by default."""
    element: str
    unknown: str
    """The code of the refusal of an algorithm that the vendor does not have."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One vendor's rules for names, tags, headers and events of its object store."""

    headers: str
    """The text with which the vendor's own headers begin, such as x-oss-."""
    acl: str
    """The header that gives an object an ACL of its own. It is kept with the headers of the object."""
    buckets: BucketNames
    keys: KeyNames
    storage_classes: frozenset[str]
    upper_case_classes: bool
    """If this is true, a storage class counts as its name in upper case, however a client writes it."""
    archived: frozenset[str]
    """The storage classes whose objects must be restored before they are read."""
    events: EventNames
    restores: RestoreRules
    lifecycle: LifecycleRules
    inventories: InventoryRules
    encryption: EncryptionRules
    appends_versions: bool
    """If this is true, bytes are appended to the current version also where the bucket keeps versions."""
    smallest_part: int
    """Each part of an upload but the last has at least so many bytes."""
    etag: Callable[[bytes], str]
    """Makes the ETag from the MD5 of an upload."""
    shown_headers: Callable[[Stored], dict[str, str]]
    """Returns the headers with which GET and HEAD answer for an object, without its length."""
    checked_tags: Callable[[list[tuple[str, str]]], Tags]
    """Turns pairs into tags. It raises the Refusal of tags that the vendor does not take."""
    tags_from_header: Callable[[str], Tags]
    """Reads the tags that an upload brings in a header. It raises the Refusal of tags that the vendor does not take."""

    @property
    def metadata(self) -> str:
        """The text with which the headers begin in which users keep metadata of their own."""
        return f"{self.headers}meta-"

    @property
    def link_target(self) -> str:
        """The header that names the target of a link. It is kept with the headers of the link."""
        return f"{self.headers}symlink-target"
