"""三校: what a text must keep to, and what a machine notices before people read it.

Doors: ``limits`` (what channels accept), ``proofreading`` (notes), ``suggestions`` (shorter titles).
"""
