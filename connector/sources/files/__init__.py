"""Tables out of files: everything between bytes and cells. Start reading at ``reader``.

``reader`` starts a child process per file, so that no file and no bug of a library can take the daemon down; ``child``
runs there: it recognises the file (``recognise``), and one reader per format hands rows to ``output``; ``edxml`` hands
over packages of electronic documents.
"""
