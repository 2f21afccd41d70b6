"""How appointments and relations are read by the gate. Plain data: the table in docs/reference/roles.md too.

The packs know few roles, an office appoints to finer ones; each is read as one of the pack's.
"""

from __future__ import annotations

PACK_ROLE = {
    "registry_clerk": "clerk",
    "unit_head": "head",
    "petition_office_head": "head",
    "territorial_officer": "handler",
    "case_leader": "leader",
    "leadership": "leader",
    "retaliation_officer": "retaliation",
    "system": "system_admin",
    "security": "security_admin",
    "audit": "audit_admin",
}
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})

# How a relation shows in the list of involved units. `superior` and `anyone` look below the actor's unit:
# no role reads beyond its own subtree, whatever a table says.
OWN = ("office", "holder", "sender", "opined", "reviewer", "territorial")
BELOW = {"superior": ("holder",), "anyone": ("office", "holder")}
FORMER = "held"  # units that once held a track keep their own part of the file
