"""The command line: the same services as the console, the same words."""


def main() -> None:
    """The entry point. Django is set up before the commands import the tables."""
    from passerelle.app.state import configure

    configure()
    from passerelle.cli.commands import main as commands

    commands()
