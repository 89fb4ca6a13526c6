"""The live process. It owns the port: passes pages on to the desk, sends updates out, takes positions in.

`hub`        open streams and what each may hear
`messages`   the log's events and cards as server-sent events
`follow`     follows the log and the duty ledger
`positions`  takes, checks, keeps and tells positions
`jt808`      vehicle terminals, on a port of their own
`stream`     GET /live
`proxy`      everything else goes to the desk
`app`        puts these together; `python -m shouwang.wire` runs it
"""
