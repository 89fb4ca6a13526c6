"""The use cases of this room."""

from .bulletins import amend, draft, publish, send_back, submit, withdraw
from .surveys import amend_survey, answer, cancel, close, delete_due, draft_survey, open_survey, publish_survey

MOVES = {"submit": submit, "return": send_back, "publish": publish, "withdraw": withdraw}
SURVEY_MOVES = {"open": open_survey, "close": close, "publish": publish_survey, "cancel": cancel}
__all__ = ["MOVES", "SURVEY_MOVES", "amend", "amend_survey", "answer", "cancel", "close", "delete_due", "draft",
           "draft_survey", "open_survey", "publish", "publish_survey", "send_back", "submit", "withdraw"]
