"""Toutiao (头条号); what is known of it is docs/platforms/toutiao.md."""
