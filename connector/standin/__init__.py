"""A stand-in of VNPT-iOffice on loopback: the demo, the training server and the tests talk to it over real HTTP.

``timeline`` reads what happened, ``world`` tells how things stand at a virtual instant, ``wire`` and ``notices`` write
it as the API does, ``endpoints`` answers requests, ``server`` speaks HTTP, ``process`` runs it as its own process.

``faults`` names all that can go wrong; ``answers`` (bytes), ``records`` (data) and ``churn`` (lists that change while
they are read) make it so; ``profile`` reads it from a file. ``ledger`` keeps what was asked. ``mail`` is the mail
server beside it. No other part of the connector depends on this folder.
"""
