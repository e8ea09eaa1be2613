"""Yidian (一点号); what is known of it is docs/platforms/yidian.md."""
