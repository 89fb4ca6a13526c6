"""Alarm panels over SIA DC-09 on a port of their own.

`codec`   messages as bytes, on the parser of pysiaalarm; pure
`links`   who is connected, what becomes of what they say
`panel`   a panel of our own, for tests, demos and benchmarks
"""
