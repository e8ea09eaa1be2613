"""WeChat Official Accounts (微信公众号); the contract is docs/platforms/wechat.md."""
