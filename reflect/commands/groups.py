"""The command `groups`: every mentor group, a line each."""

from reflect.school import lists


def show() -> int:
    for group in lists.groups():
        print(f"{group.code}\t{group.name}")
    return 0
