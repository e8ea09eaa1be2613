"""The platforms that the sandbox stands for: slug → name, in the order of every list."""

PLATFORMS = {
    "wechat": "微信公众号",
    "toutiao": "头条号",
    "penguin": "企鹅号",
    "netease": "网易号",
    "nanfang": "南方号",
    "yidian": "一点号",
    "partner": "合作方",
}
ORDER = tuple(PLATFORMS)
