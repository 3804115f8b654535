"""How many braces a text in a language of C's family leaves open; those in strings and comments do not count."""

import re

_TOKEN = re.compile(
    r"""
      //[^\n]* | /\*[\s\S]*?(?:\*/|\Z)
    | \bR"(?P<mark>[^()\\\s]{0,16})\([\s\S]*?(?:\)(?P=mark)"|\Z)      # C++
    | \bb?r(?P<hashes>\#{0,16})"[\s\S]*?(?:"(?P=hashes)|\Z)           # Rust
    | \"\"\"(?:[^"\\]|\\[\s\S]|"(?!""))*+(?:\"\"\"|\Z)                # Java
    | "(?:[^"\\]|\\[\s\S])*+"?
    | '(?:[^'\\\n]|\\(?:[ux][^'\n]{0,10}|[\s\S]))'                    # a character; in Rust 'a alone is a lifetime
    | (?P<open>\{) | (?P<close>\})
    """,
    re.VERBOSE,
)


def unclosed(text: str) -> int:
    """Opening braces less closing ones. Linear in the text."""
    return sum((token["open"] is not None) - (token["close"] is not None) for token in _TOKEN.finditer(text))
