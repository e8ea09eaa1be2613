"""An account's feed on the account's screen."""

from django import template

from publishers.desk.feeds import panel
from publishers.models import Account

register = template.Library()


@register.inclusion_tag("publishers/desk/account_feed.html", takes_context=True)
def account_feed(context, account: Account) -> dict:
    """Show the account's feed and what can be done with it; nothing where there is none."""
    return panel(account, manages=context["manages"])
