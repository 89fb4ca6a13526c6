"""The telephone exchange: Asterisk, heard over its manager interface (AMI).

`codec`     the line protocol as bytes; pure
`exchange`  the connection: what is told of what rings, and what was missed while it was away
`double`    an exchange of our own that speaks the same protocol, for tests and trials
"""
