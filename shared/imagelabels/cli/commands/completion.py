"""`imagelabels completion`: complete commands and options by the Tab key."""

from __future__ import annotations

from dataclasses import dataclass

import click

from imagelabels.cli.arguments import Choice
from imagelabels.cli.command import COMPLETE, PROGRAM, Command, examples


@dataclass(frozen=True, slots=True)
class Arguments:
    shell: str


def command() -> Command:
    return Command(
        "completion",
        run,
        Arguments,
        params=[click.Argument(["shell"], type=Choice(("bash", "zsh", "fish")), help="the shell that you type in")],
        help="Print what lets a shell complete commands, options and labels when you press Tab. Let your shell read it "
        "when it starts.",
        epilog=examples(
            "echo 'eval \"$(imagelabels completion bash)\"' >> ~/.bashrc",
            "echo 'eval \"$(imagelabels completion zsh)\"' >> ~/.zshrc",
            "imagelabels completion fish > ~/.config/fish/completions/imagelabels.fish",
        ),
    )


def run(args: Arguments) -> int:
    """Print click's own script for the shell, which asks this program what may come next."""
    from click.shell_completion import get_completion_class

    shell = get_completion_class(args.shell)
    assert shell is not None, args.shell
    # The script names the program and the variable; what can be completed is asked for later.
    print(shell(click.Command(PROGRAM), {}, PROGRAM, COMPLETE).source(), end="")
    return 0
