"""Who may write what the public reads."""

import rules

from accounts.rules import is_clerk, is_editor, is_system_admin

rules.add_perm("publicity.manage_announcements", is_editor | is_clerk)

for _verb in ("view", "add", "change"):
    rules.add_perm(f"publicity.{_verb}_statistic", is_system_admin | is_editor)
