"""The help of the command line, in the person's language."""

from __future__ import annotations

from collections.abc import Iterator

import click

from passerelle.cli.language import Translator

Helped = click.Command | click.Option


def every_help(command: click.Command) -> Iterator[tuple[Helped, str]]:
    """A command, its options and what is below it, each with its English help."""
    if command.help:
        yield command, command.help
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            yield option, option.help
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from every_help(below)


def translate(command: click.Command, *, language: Translator) -> None:
    """Put the help of a command and of all below it into a language. Done once, before anything is shown."""
    for helped, said in list(every_help(command)):
        helped.help = language.gettext(said)
