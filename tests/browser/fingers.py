"""A finger on the screen, as the browser knows it."""


def drag_with_a_finger(page, handle, x: float, y: float) -> None:
    """Drag ``handle`` by its middle to (x, y) on the screen."""
    handle.scroll_into_view_if_needed()
    start = handle.bounding_box()
    from_x, from_y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    finger = page.context.new_cdp_session(page)

    def touch(kind, *points):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": from_x, "y": from_y})
    for step in range(1, 11):
        touch("touchMove", {"x": from_x + (x - from_x) * step / 10, "y": from_y + (y - from_y) * step / 10})
    touch("touchEnd")
