"""NetEase (网易号); what is known of it is docs/platforms/netease.md."""
