"""Files and pictures. Doors: ``blobs`` (kept by their hash), ``scaling`` (sizes), ``addresses`` (of covers).

``crops`` and ``colours`` say how sizes are made; ``exif`` takes out where and with what a photo was made.
"""
