"""What desk and wire say to each other in plain files and SQL, with no framework on either side.

`centre`   where a centre keeps its secrets and sockets, and its database under plain SQL
`tickets`  what a page may hear, signed by desk and checked by wire
`events`   the log's new events, the cards of live screens, and who is on duty, as wire reads them
`panels`   alarm panels: what their codes mean, how their keys are kept
`rings`    calls that ring at the telephone exchange
`inbox`    alarms and rings on their way to the desk: put there by wire, made into calls by desk
`positions`  a position, its source, and which of a unit's newest is shown
`tracks`   where units are and were: written by wire, read by desk
"""
from .centre import Centre, Folder, secret, socket_path, wake_path
from .positions import PHONE, TERMINAL, Position, Rules
from .tickets import BadTicket, Ticket, read_ticket, sign_ticket
from .tracks import delete_tracks_before, last_positions, tracks_of

__all__ = [
    "PHONE", "TERMINAL", "BadTicket", "Centre", "Folder", "Position", "Rules", "Ticket", "delete_tracks_before",
    "last_positions", "read_ticket", "secret", "sign_ticket", "socket_path", "tracks_of", "wake_path",
]
