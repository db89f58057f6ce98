"""The help of the command line, in the person's language."""

from __future__ import annotations

from collections.abc import Iterator

import click

from passerelle.cli.language import Translator

Helped = click.Command | click.Option
_english: dict[Helped, str] = {}  # what was written, of what is shown in another language now


def every_help(command: click.Command) -> Iterator[tuple[Helped, str]]:
    """A command, its options and what is below it, each with its English help."""
    helped: list[Helped] = [command, *(option for option in command.params if isinstance(option, click.Option))]
    for one in helped:
        if one.help:
            yield one, _english.get(one, one.help)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from every_help(below)


def translate(command: click.Command, *, language: Translator) -> None:
    """Put the help of a command and of all below it into a language."""
    for helped, said in list(every_help(command)):
        _english[helped] = said
        helped.help = language.gettext(said)
