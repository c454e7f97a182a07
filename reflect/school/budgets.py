"""What tries of a password are counted under: a name, a device that is known, a person."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from reflect.school.sessions import digest

LONGEST_WAIT = timedelta(seconds=60)
# For one name, from all addresses together. Shorter than what one address waits: somebody who goes
# on guessing from one place leaves room for the owner of the name in another one.
LONGEST_WAIT_ANYWHERE = timedelta(seconds=15)


@dataclass(frozen=True)
class Budget:
    """A key under which tries are counted, and the longest wait between two of them."""

    key: str
    longest_wait: timedelta = LONGEST_WAIT


def budgets_of_stranger(sign_in_name: str, *, remote_address: str) -> tuple[Budget, ...]:
    """Return the budgets of a try at this name on a device that is not known.

    None of them is of an address alone: a whole school may be behind one.
    """
    address_key = digest(f"address:{_network(remote_address)}")
    return (
        Budget(name_key(sign_in_name), LONGEST_WAIT_ANYWHERE),
        Budget(f"{name_key(sign_in_name)}:{address_key}"),
    )


def budgets_of_known_device(person_id: int, device_id: int) -> tuple[Budget, ...]:
    """Return the budget of a device on which this person signed in before."""
    return (Budget(f"{person_key(person_id)}:{device_id}"),)


def budgets_of_session(person_id: int) -> tuple[Budget, ...]:
    """Return the budget of somebody who is signed in and types their password again."""
    return (Budget(person_key(person_id)),)


def name_key(sign_in_name: str) -> str:
    """Return what the keys of all budgets of this name begin with."""
    # Hashed, for what is typed into that field is sometimes a password.
    return digest(f"name:{sign_in_name}")


def person_key(person_id: int) -> str:
    """Return what the keys of all other budgets of this person begin with."""
    return digest(f"person:{person_id}")


def _network(remote_address: str) -> str:
    """Return what one machine cannot choose freely: of an IPv6 address, the first half."""
    try:
        address = ipaddress.ip_address(remote_address)
    except ValueError:
        return remote_address
    prefix = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network((address, prefix), strict=False))
