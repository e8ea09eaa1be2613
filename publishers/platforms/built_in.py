"""The one list of this tree's own publishers; others come by entry points (``publishers.registry``)."""

from publishers.interface import Publisher
from publishers.platforms.nanfang.plugin import Nanfang
from publishers.platforms.netease.plugin import NetEase
from publishers.platforms.partner.plugin import Partner
from publishers.platforms.penguin.plugin import Penguin
from publishers.platforms.toutiao.plugin import Toutiao
from publishers.platforms.wechat.plugin import WeChat
from publishers.platforms.yidian.plugin import Yidian

#: In the order in which people see them.
BUILT_IN: tuple[type[Publisher], ...] = (WeChat, Toutiao, Penguin, NetEase, Nanfang, Yidian, Partner)
