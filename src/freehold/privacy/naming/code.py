"""Which parts of a text are code, where only comments and strings are somebody's words. Knows no names.

Judged line by line: a question with a snippet below it is prose above and code below. A line that only looks
a little like code counts as prose: too much read costs an alarm, too little a name.
"""

from __future__ import annotations

import re
from typing import Final

_MAY_BE_CODE: Final = re.compile(r"[;{}()=]|import ")
# Each says it alone.
_SURELY: Final = re.compile(
    r"^\s*(?:(?:async\s+)?(?:def|class|func|fn|function|interface|struct|enum|namespace|package|module)"
    r"\s+[\w.]+\s*(?:[({:;<]|extends|implements|$)"
    r"|import\s+[\w.*{]+(?:\s*[;,.]|\s+as\s|\s+from\s|\s*$)|from\s+[\w.]+\s+import\b|#\s*include\b|#!/"
    r"|(?:public|private|protected|static|final|const|let|var|export|val)\s+[\w<>\[\], ]{1,60}[=;({]"
    r"|(?:if|while|for|switch|elif|catch)\s*\(.*[{:]\s*$|(?:return|throw|raise|yield|await)\s+[\w.]+\()"
    r"|[\w\])]\.[a-z_]\w*\((?!s\))|self\.\w|this\.\w"
)
# Two of these say it, one of the first four among them.
_OPERATOR: Final = re.compile(r"=>|->|::|==|!=|&&|\|\||[+\-*|&]=|:=|</|\?\.")
_ASSIGNED: Final = re.compile(
    r"[\w\]\"')]\s*(?:=\s*(?:[\"'\[{(\d]|\w+[.(\[]|new\s|(?:None|True|False|null|nil|true|false)\b)"
    r"|:\s*[\"'\[{])"
)
_CALL: Final = re.compile(r"\w\((?!s\)|e?s\)).*\)[;:{,)\s]*$")
_BRACE: Final = re.compile(r"[{}]\s*[,;)]*\s*$")
_IDENTIFIER: Final = re.compile(r"[a-z0-9]_[a-z0-9]|\b[a-z]{2,}[A-Z]")
_CLOSED: Final = re.compile(r";\s*$")
_ADDRESS: Final = re.compile(r"\S{0,20}://\S{1,400}")
_SPEAKING: Final = (_OPERATOR, _ASSIGNED, _CALL, _BRACE)
_ASIDE: Final = (_IDENTIFIER, _CLOSED)
# A string, or a comment to the line's end.
_WORDS: Final = re.compile(
    r"\"(?:[^\"\\\n]|\\.){0,400}\"|'(?:[^'\\\n]|\\.){0,400}'|`[^`\n]{0,400}`|(?://|#|--\s|/\*|<!--).*"
)

Stretch = tuple[int, int]


def silent_code(text: str) -> list[Stretch]:
    """Where code stands that says nothing, from left to right: its comments and strings are left out."""
    if _MAY_BE_CODE.search(text) is None:
        return []
    found: list[Stretch] = []
    start = 0
    for line in text.splitlines(keepends=True):
        if _is_code(line):
            at = start
            for said in _WORDS.finditer(line):
                found.append((at, start + said.start()))
                at = start + said.end()
            found.append((at, start + len(line.rstrip())))
        start += len(line)
    return found


def _is_code(line: str) -> bool:
    if "://" in line:
        line = _ADDRESS.sub("", line)
    if _SURELY.search(line) is not None:
        return True
    speaking = sum(sign.search(line) is not None for sign in _SPEAKING)
    if speaking == 0:
        return False
    return speaking > 1 or any(sign.search(line) is not None for sign in _ASIDE)
