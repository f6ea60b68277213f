"""How a ticket is put before the model: by `as_read` in training, by the GGUF's template in llama.cpp.

A test holds the two together. It does not know tokens, weights or files.
"""

from __future__ import annotations

# The last user message is the ticket, its parts joined. Other messages are touched but not used: if a
# template leaves system messages alone, llama.cpp takes it for unable and puts them into the user's.
# llama.cpp's own Jinja does not walk the letters of a text, hence the split.
CHAT_TEMPLATE = (
    "{%- set found = namespace(ticket='') -%}"
    "{%- for message in messages -%}"
    "{%- if message['role'] != 'user' -%}{%- set found.unread = message['content'] -%}"
    "{%- else -%}"
    "{%- if message['content'] is string -%}{%- set found.ticket = message['content'] -%}"
    "{%- else -%}{%- set found.ticket = '' -%}{%- for part in message['content'] -%}"
    "{%- if part['type'] == 'text' -%}{%- set found.ticket = found.ticket + part['text'] -%}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}{%- endif -%}{%- endfor -%}"
    "{%- set text = found.ticket | trim -%}"
    "{{- '<|ticket|>' -}}"
    "{%- if text != text | upper or text == text | lower -%}{{- text -}}"
    "{%- else -%}{%- for word in text.split(' ') -%}{%- if not loop.first -%}{{- ' ' -}}{%- endif -%}"
    "{%- set figure = namespace(held=false) -%}"
    "{%- for digit in '0 1 2 3 4 5 6 7 8 9'.split(' ') -%}"
    "{%- if digit in word -%}{%- set figure.held = true -%}{%- endif -%}{%- endfor -%}"
    "{%- if figure.held -%}{{- word -}}{%- else -%}{{- word | lower -}}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}"
    "{%- if add_generation_prompt -%}{{- '<|answer|>' -}}{%- endif -%}"
)


def as_read(text: str) -> str:
    """The ticket as the model reads it: shouting in small letters, but for what holds a digit.

    Capitals are other tokens altogether, and too rare to be learned twice. The template above does the same.
    """
    text = text.strip()
    if text != text.upper() or text == text.lower():
        return text
    words = text.split(" ")
    return " ".join(word if any(c in "0123456789" for c in word) else word.lower() for word in words)
