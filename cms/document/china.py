"""China's clocks: the hub's days, the platforms' days and every date that a reader sees follow them."""

from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
