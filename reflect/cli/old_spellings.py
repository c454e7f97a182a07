"""The commands as they were typed before they were grouped; they work for one more release."""

from collections.abc import Iterator, Sequence

import click

# The first match counts, so a longer spelling comes before its own beginning.
OLD_SPELLINGS = {
    ("groups",):           ("school", "groups"),
    ("password",):         ("school", "password"),
    ("custody",):          ("school", "custody"),
    ("round",):            ("school", "round"),
    ("import", "roster"):  ("roster", "import"),
    ("import",):           ("roster",),
    ("pdf",):              ("print", "pdf"),
    ("paper",):            ("print", "samples"),
    ("take-along",):       ("export", "students"),
    ("check-forms",):      ("forms", "check"),
}  # fmt: skip


def to_new_spelling(arguments: Sequence[str]) -> list[str]:
    """Return the arguments in today's spelling, and say so on standard error if they were not."""
    for old, new in OLD_SPELLINGS.items():
        if tuple(arguments[: len(old)]) == old:
            click.echo(
                f"`reflect {' '.join(old)}` is now `reflect {' '.join(new)}`; "
                "the old spelling works until the next release.",
                # Not on standard output, which a script of the school may read.
                err=True,
            )
            return [*new, *_repeat_group_option(arguments[len(old) :])]
    return list(arguments)


def _repeat_group_option(arguments: Sequence[str]) -> Iterator[str]:
    """Yield `--groups 2b 3a`, which `round` took, as `--group 2b --group 3a`."""
    is_group_code = False
    for argument in arguments:
        if argument == "--groups":
            is_group_code = True
            continue
        if argument.startswith("-"):
            is_group_code = False
            yield argument.replace("--groups=", "--group=")
            continue
        if is_group_code:
            yield "--group"
        yield argument
