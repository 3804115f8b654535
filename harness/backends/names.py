"""Is the model that answered the model that was asked for?"""

import re

SNAPSHOT = re.compile(
    r"(latest|preview|exp|stable|free|\d{4}-\d{2}-\d{2}|\d{2}-\d{4}|\d{2}-\d{2}|\d{3,8}|v\d+(\.\d+)*)"
    r"([-:@](latest|preview|exp|stable|free|\d{4}-\d{2}-\d{2}|\d{2}-\d{4}|\d{2}-\d{2}|\d{3,8}|v\d+(\.\d+)*))*"
)
MOVING = re.compile(r"[-:@](latest|preview|free|nitro|floor)$")


def same_model(asked: str, answered: str) -> bool:
    """True where `answered` is `asked`, or one is a dated snapshot of the other.

    `gpt-4o` and `gpt-4o-2024-08-06` agree, so do `gemini-1.5-pro` and `models/gemini-1.5-pro-002`; `gpt-4` and
    `gpt-4-turbo` do not, nor do two different snapshots of one model.
    """
    left, right = _plain(asked), _plain(answered)
    if left == right:
        return True
    return _is_snapshot(right, MOVING.sub("", left)) or _is_snapshot(left, right)


def _is_snapshot(name: str, family: str) -> bool:
    if name == family:
        return True
    rest = name.removeprefix(family)
    return rest != name and rest[:1] in "-:@" and SNAPSHOT.fullmatch(rest[1:]) is not None


def _plain(name: str) -> str:
    """The name without a vendor in front, in lower case."""
    return name.strip().lower().rstrip("/").rpartition("/")[2]
