"""Balance: are the groups alike? The verdict by rule, and the plan."""

from .table import BalanceTable, assess_balance, overview
from .verdict import judge, plan

__all__ = ["BalanceTable", "assess_balance", "judge", "overview", "plan"]
