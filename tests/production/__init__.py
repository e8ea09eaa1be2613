"""``docs/operations.md``, followed by a program: ``python -m tests.production --machines 5 --broker redis``.

Each line of its shell blocks is run as it stands there, in empty folders that stand for machines. What would
need root or another machine is done otherwise (``machine.INSTEAD``). The units of ``deploy/systemd`` are
started as systemd would, the database and the broker are real, and an article is signed off and sent.
"""
