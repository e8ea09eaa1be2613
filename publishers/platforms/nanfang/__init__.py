"""Nanfang Plus (南方号); what is known of it is docs/platforms/nanfang-plus.md."""
