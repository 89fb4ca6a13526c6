"""The telephone exchange: Asterisk, heard over its manager interface (AMI).

`line`      one connection, by panoramisk: what that library lacks
`exchange`  connection after connection: what is told of what rings, and what was missed while it was away
`double`    an exchange of our own that speaks the same protocol, for tests and trials
"""
