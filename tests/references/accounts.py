"""Every argument of a framework's layer is accounted for: "case: field" of Config, "variant: name",
or a reason in words.
"""

from references import variants
from references.case import Config


def unaccounted(names, accounts):
    """Arguments that nothing reaches, and accounts of what is no longer there."""
    return sorted(set(names) ^ set(accounts))


def pointless(accounts, framework):
    """Accounts that name a field or a variant that there is not."""
    known = {
        "case": set(Config.__dataclass_fields__),
        "variant": {name.partition("/")[2] for name in variants(framework)},
    }
    parts = [account.partition(": ") for account in accounts.values()]
    return [name for kind, _, name in parts if kind in known and name not in known[kind]]
