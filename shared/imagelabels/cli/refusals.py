"""How a command line that cannot be understood is refused: first what is wrong, then a short usage of the command."""

from __future__ import annotations

import click

from imagelabels.cli.command import PROGRAM, WRONG_USE, option_names
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, nearest, no_choice


def refuse(error: click.UsageError) -> int:
    """Say what is wrong and how the command is used; the exit status."""
    ctx = error.ctx
    path = PROGRAM if ctx is None else ctx.command_path
    say(f"{path}: {_sentence(error)}")
    if ctx is not None:
        say(f"{' '.join(ctx.get_usage().split())}; `{path} --help` explains it")
    return WRONG_USE


def _sentence(error: click.UsageError) -> str:
    """One line that no terminal obeys. What is not told apart here holds nothing that a stranger wrote, or escaped."""
    if isinstance(error, click.NoSuchOption) and error.ctx is not None:
        if error.option_name == "--index":
            return "there is no option --index: set IMAGELABELS_INDEX to the index"
        near = nearest(error.option_name, [name for name in option_names(error.ctx) if name.startswith("--")])
        return f"there is no option {escaped(error.option_name)}" + (f": did you mean {near}?" if near else "")
    if isinstance(error, click.NoSuchCommand) and error.ctx is not None:
        group = error.ctx.command
        assert isinstance(group, click.Group)
        return f"argument COMMAND: {no_choice(error.command_name, group.list_commands(error.ctx))}"
    if isinstance(error, click.MissingParameter):
        return f"{_name(error.param)} is missing" + (
            f": {error.param.help}" if error.param and error.param.help else ""
        )
    if isinstance(error, click.BadParameter):
        return f"argument {_name(error.param)}: {error.message}"
    return error.format_message()


def _name(param: click.Parameter | None) -> str:
    """How the help calls a parameter: --threshold, PATH."""
    if isinstance(param, click.Option):
        return param.opts[0]
    return "" if param is None else param.human_readable_name.strip("[].")
