"""A stand-in of VNPT-iOffice on loopback: the demo, the training server and the tests talk to it over real HTTP.

``timeline`` reads what happened, ``world`` tells how things stand at a virtual instant, ``wire`` writes them as the API
does, ``endpoints`` answers requests, ``faults`` breaks the answers on demand, ``server`` speaks HTTP, ``process`` runs
it as its own process. ``mail`` is the mail server beside it. No other part of the connector depends on this folder.
"""
