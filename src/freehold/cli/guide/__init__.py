"""The questions a tech lead should be asked before renting or owning, and the file that keeps the answers.

Does not know what follows from an answer.
"""

from freehold.cli.guide.dialogue import Said, asked
from freehold.cli.guide.kinds import a_file
from freehold.cli.guide.questions import QUESTIONS, Question
from freehold.cli.guide.sheet import answers_text

__all__ = ["QUESTIONS", "Question", "Said", "a_file", "answers_text", "asked"]
