"""What happens to messages, to calls at the exchange, and to callers asked afterwards. Every function is keyword-only
where somebody acts, and is one transaction that ends with its events. A client's `key` makes a retry give the first
answer again."""
from .items import (
    attach,
    begin,
    claim,
    close,
    give_back,
    items_due,
    read,
    receive,
    reopen,
    reply,
    reveal,
)
from .replies import fetch_mail, fetched, send_due, web_item
from .rings import claim_back, end_back, open_answered, open_missed, rings_due, sit, take_in, watch_line
from .visits import claim_visit, draw, no_rating, number_of, rate, shares, visits_due

__all__ = [
    "attach",
    "begin",
    "claim",
    "claim_back",
    "claim_visit",
    "close",
    "draw",
    "end_back",
    "fetch_mail",
    "fetched",
    "give_back",
    "items_due",
    "no_rating",
    "number_of",
    "open_answered",
    "open_missed",
    "rate",
    "read",
    "receive",
    "reopen",
    "reply",
    "reveal",
    "rings_due",
    "send_due",
    "shares",
    "sit",
    "take_in",
    "visits_due",
    "watch_line",
    "web_item",
]
