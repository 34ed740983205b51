"""What all commands are made of: how the words of a command line are read, and how commands are found in a folder."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from imagelabels.domain.errors import LabelingError
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PROGRAM = "imagelabels"
WRONG_USE = 2
"""The exit status of a command that could not be understood, or not be done."""
COMPLETE = "_IMAGELABELS_COMPLETE"
"""The environment variable by which a shell asks what may come next."""

_NUMBER = re.compile(r"-\d+|-\d*\.\d+", re.ASCII)


class Several(click.Option):
    """An option that takes every word behind it, up to the next option, and may be given more than once."""

    def __init__(self, names: Sequence[str], **more: Any) -> None:
        super().__init__(names, multiple=True, **more)


class Command(click.Command):
    """A command that calls `run` with its arguments, an object of the class `arguments`."""

    allow_extra_args = True  # since click would print them as they are

    def __init__(self, name: str, run: Callable[[Any], int], arguments: Callable[..., Any], **more: Any) -> None:
        super().__init__(name, callback=lambda **given: run(arguments(**given)), **more)
        self._arguments = arguments

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:  # a line that the shell completes is not ended yet
            args = arranged(args, ctx)
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise click.UsageError(f"this is one word too many: {escaped(rest[0])}", ctx)
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. An error that it did not catch itself is told under the command's name."""
        try:
            return super().invoke(ctx)
        except LabelingError as error:
            say(f"{ctx.command_path}: {escaped(str(error))}")
            return WRONG_USE

    def parsed(self, *words: str) -> Any:
        """The arguments that the words stand for."""
        return self._arguments(**self.make_context(self.name, list(words)).params)


class Group(click.Group):
    """A command that consists of commands."""

    def __init__(self, name: str, **more: Any) -> None:
        super().__init__(name, no_args_is_help=False, subcommand_metavar="COMMAND ...", **more)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            raise click.UsageError(f"COMMAND is missing: name one of {', '.join(self.list_commands(ctx))}", ctx)
        return super().parse_args(ctx, args)


class Folder(Group):
    """The commands that are modules of a package. Each module has a function `command`, which makes the command, and
    begins with "`imagelabels NAME`: what it does."; only the module of the command that is run is imported."""

    def __init__(self, name: str, package: ModuleType, **more: Any) -> None:
        super().__init__(name, **more)
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the modules, in order."""
        return sorted(module.name for module in pkgutil.iter_modules(self._package.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, whose module is imported now."""
        if cmd_name not in self.list_commands(ctx):
            return None
        made: click.Command = importlib.import_module(f"{self._package.__name__}.{cmd_name}").command()
        return made

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._explained()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name, help=does) for name, does in self._explained() if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def _explained(self) -> Iterator[tuple[str, str]]:
        """Each command with what it does, as its module's first line says, which is read without being run."""
        for module in sorted(pkgutil.iter_modules(self._package.__path__), key=lambda module: module.name):
            spec = module.module_finder.find_spec(f"{self._package.__name__}.{module.name}", None)
            source = spec.loader.get_source(spec.name) if spec is not None else None  # type: ignore[union-attr]
            first = (ast.get_docstring(ast.parse(source or "")) or "").partition("\n")[0]
            yield module.name, first.partition(": ")[2].rstrip(".")


def examples(*lines: str) -> str:
    """The end of a command's help: one command line each. click leaves a paragraph alone that begins with \\b."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def arranged(args: Sequence[str], ctx: click.Context) -> list[str]:
    """The same arguments in the form that click knows: options in full and with one value each, then -- and the rest.

    An option's name may be cut short while no other begins so. What looks like an option is no value of the one before
    it, so that `--output --explain` writes no file of that name; behind = everything is a value.
    """
    options = option_names(ctx)
    given, words, rest = list[str](), list[str](), deque(args)
    while rest:
        arg = rest.popleft()
        if arg == "--":
            words += rest
            break
        if not _is_option(arg, options):
            words.append(arg)
            continue
        written, equals, value = arg.partition("=")
        name = _in_full(written, options, ctx)
        option = options[name]
        if equals or option.is_flag:
            given.append(f"{name}{equals}{value}")
            continue
        values = _values(rest, isinstance(option, Several), options)
        if not values:
            raise click.BadOptionUsage(name, f"option {name} needs a value behind it", ctx)
        given += [f"{name}={value}" for value in values]
    return [*given, "--", *words]


def option_names(ctx: click.Context) -> Mapping[str, click.Option]:
    """The options of a command by their names."""
    options = [param for param in ctx.command.get_params(ctx) if isinstance(param, click.Option)]
    return {name: option for option in options for name in option.opts}


def _is_option(word: str, options: Mapping[str, click.Option]) -> bool:
    """A hyphen alone is a word, and so are numbers and names with spaces, unless an option is called so."""
    if not word.startswith("-") or word == "-":
        return False
    name = word.partition("=")[0]
    return any(known.startswith(name) for known in options) or not (" " in word or _NUMBER.fullmatch(word))


def _in_full(written: str, options: Mapping[str, click.Option], ctx: click.Context) -> str:
    if written in options:
        return written
    begun = [name for name in options if written.startswith("--") and name.startswith(written)]
    if len(begun) > 1:
        raise click.BadOptionUsage(written, f"{escaped(written)} may be {' or '.join(begun)}", ctx)
    if not begun:
        raise click.NoSuchOption(written, ctx=ctx)
    return begun[0]


def _values(rest: deque[str], several: bool, options: Mapping[str, click.Option]) -> list[str]:
    """Take the words of an option from those that still come."""
    values: list[str] = []
    while rest and not _is_option(rest[0], options) and (several or not values):
        values.append(rest.popleft())
    return values
