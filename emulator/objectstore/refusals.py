"""The refusals that object stores share; each vendor's table gives them a status and a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emulator.core.refusal import Refusal


def invalid(name: str, value: str, message: str) -> Refusal:
    """Return an InvalidArgument, whose document names the argument and its value."""
    return Refusal("InvalidArgument", message, details={"ArgumentName": name, "ArgumentValue": value})


def not_built(operation: str) -> Refusal:
    """Return the refusal of what the service can do and the emulator cannot. It names the operation."""
    return Refusal("NotImplemented", f"The emulator does not have this operation: {operation}")


@dataclass(frozen=True, slots=True)
class PictureRefusals:
    """The codes and messages with which a service refuses to label a picture, by the reason of the detector.

    An empty message stands for the one in the service's table of errors.
    """

    by_reason: Mapping[str, tuple[str, str]]
    unknown: tuple[str, str]
    """The code and message for any other reason."""

    def refusal(self, reason: str) -> Refusal:
        code, message = self.by_reason.get(reason, self.unknown)
        return Refusal(code, message)

    @classmethod
    def of_store(
        cls, damaged: str, wrong_format: str, *, formats: str, too_large: str, too_many_pixels: str, too_small: str
    ) -> PictureRefusals:
        """Return the refusals of an object store.

        `damaged` and `wrong_format` are the vendor's codes for pictures that cannot be decoded, and for files that are
        no pictures of a format that it reads. The other arguments are the messages about its limits.
        """
        return cls(
            by_reason={
                "corrupt": (damaged, "The image cannot be decoded."),
                "empty": (damaged, "The object is empty."),
                "not_image": (wrong_format, "The object is not an image."),
                "too_large": ("ImageTooLarge", too_large),
                "too_many_pixels": ("ImageTooLarge", too_many_pixels),
                "too_small": ("ImageTooSmall", too_small),
                "unsupported_format": (wrong_format, formats),
            },
            unknown=(damaged, "The image cannot be labelled."),
        )
