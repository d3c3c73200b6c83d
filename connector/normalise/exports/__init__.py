"""Cells of an export → records, or what a clerk must be told. Pure; start reading in ``sheet``.

``sheet`` reads one sheet: ``headers`` (with ``header_rows``, ``columns``) finds what its columns mean, ``text`` (with
``legacy_fonts``, ``syllables``) how its letters are coded, ``row_kinds`` which rows are records, ``rows`` (with
``cells``, ``dates``, ``status``) makes them ``records``; ``as_of`` says of when they are. Then ``once`` drops what is
there twice, ``joining`` finds the stored record of each, ``merging`` says what changes. ``explain`` and ``report`` put
it into words.
"""
