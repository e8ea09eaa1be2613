"""What readers get of a Release: made once at sign-off, signed, proved before it is served.

Doors: ``snapshots`` (making and ending), ``current`` (what is served now), ``schemas`` (the API's answers).
"""
