"""connector: from VNPT-iOffice to the signed monthly report.

Start reading here. Data flows one way, and the folders are the flow:

    sources -> normalise -> reconcile -> store -> detect -> notify / report

``jobs`` hold the use cases, ``bootstrap`` is the one place that wires them, the edges (``cli``, ``daemon``,
``status``) decide nothing. ``domain`` and the stages marked pure in the README know no input or output.
"""

__version__ = "0.1.0"
