"""Vehicle terminals over JT/T 808-2013 and -2019 on a port of their own.

`codec`      frames and bodies as bytes; pure
`links`      who is connected, what each may say, what becomes of it
`terminal`   a terminal of our own, for tests, demos and benchmarks
"""
