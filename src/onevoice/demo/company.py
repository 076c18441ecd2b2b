"""Demo, the company: Fernhill Group's units, platforms, contact points, campaigns and policy, as its setup folder."""

from typing import Final

from onevoice.actions.activate_policy import starter_policy

Table = tuple[tuple[str, ...], ...]

ADMIN: Final = "demo@fernhill.example"
FRANCHISEE: Final = "north@hearth.example"
DOMAINS: Final = ("fernhill.example", "fernhillbank.example", "fernhill-money.example", "hearth.example")
PLAUSIBLE: Final = ("Europe/London", "Europe/Berlin", "America/New_York")
"""Where a customer of unknown zone may be."""

COMPANY_TOML: Final = f"""\
key = "fernhill"
name = "Fernhill Group"
zone = "Europe/London"
region = "GB"
plausible_zones = [{", ".join(f'"{zone}"' for zone in PLAUSIBLE)}]
"""

DOCUMENTS: Final[dict[str, Table]] = {
    "units": (
        ("key", "name", "parent", "kind"),
        ("marketing", "Group Marketing", "", "department"),
        ("legal", "Legal", "", "department"),
        ("support", "Customer Support", "", "department"),
        ("dental", "Fernhill Dental", "", "brand"),
        ("dental-desk", "Dental Front Desk", "dental", "team"),
        ("dental-scheduling", "Dental Scheduling", "dental", "team"),
        ("bank", "Fernhill Bank", "", "brand"),
        ("bank-marketing", "Bank Marketing", "bank", "department"),
        ("bank-managers", "Account Managers", "bank", "team"),
        ("bank-security", "Bank Security", "bank", "team"),
        ("travel", "Fernhill Travel", "", "brand"),
        ("travel-gates", "Travel Gate Desk", "travel", "team"),
        ("travel-offers", "Travel Offers", "travel", "department"),
        ("hearth", "Hearth Coffee", "", "brand"),
        ("hearth-loyalty", "Hearth Loyalty", "hearth", "department"),
        ("hearth-north", "Hearth North", "hearth", "franchisee"),
        ("hearth-south", "Hearth South", "hearth", "franchisee"),
    ),
    "platforms": (
        ("key", "name", "unit", "vendor", "mode"),
        ("chairside", "Chairside scheduler", "dental", "sandbox", "monitor"),
        ("mailboxes", "Managers' mailboxes", "bank-managers", "sandbox", "monitor"),
        ("gate-texts", "Gate alerts", "travel-gates", "sandbox", "monitor"),
        ("bank-mailer", "Bank newsletter mailer", "bank-marketing", "sandbox", "advise"),
        ("travel-mailer", "Travel deals mailer", "travel-offers", "sandbox", "advise"),
        ("till", "Franchise till", "hearth", "sandbox", "enforce"),
        ("group-crm", "Group CRM", "fernhill", "sandbox", "enforce"),
    ),
    "contact_points": (
        ("key", "name", "channel", "address", "unit", "platform", "status", "sends", "receives", "purpose"),
        ("dental-office", "Dental office line", "sms", "'+441632960101", "dental-desk", "chairside", "active", "yes",
         "yes",
         "Answers patients"),
        ("dental-reminders", "Dental reminder line", "sms", "'+441632960102", "dental-scheduling", "chairside",
         "active",
         "yes", "no", "Sends reminders; nobody reads it"),
        ("gate-line", "Gate line", "sms", "'+441632960301", "travel-gates", "gate-texts", "active", "yes", "yes",
         "Gate changes"),
        ("hearth-line", "Hearth texts", "sms", "HEARTH", "hearth", "till", "active", "yes", "no", "Coupons"),
        ("bank-news", "Bank news", "email", "news@fernhillbank.example", "bank-marketing", "bank-mailer", "active",
         "yes",
         "yes", "Newsletters"),
        ("bank-new-domain", "Bank's new mail domain", "email", "hello@fernhill-money.example", "bank-marketing",
         "group-crm",
         "planned", "yes", "no", "To replace news@ next month; not announced yet"),
        ("bank-help", "Bank help", "email", "help@fernhillbank.example", "support", "mailboxes", "active", "yes", "yes",
         "Questions"),
        ("anna-desk", "Anna Brandt", "email", "anna.brandt@fernhillbank.example", "bank-managers", "mailboxes",
         "active",
         "yes", "yes", "Account manager"),
        ("luis-desk", "Luis Ortega", "email", "luis.ortega@fernhillbank.example", "bank-managers", "mailboxes",
         "active",
         "yes", "yes", "Account manager"),
        ("bank-old-line", "Bank's old text line", "sms", "'+441632960201", "bank", "group-crm", "retired", "yes", "no",
         "Replaced in spring"),
        ("travel-deals", "Travel deals", "email", "deals@travel.fernhill.example", "travel-offers", "travel-mailer",
         "active", "yes", "no", "Weekly deals"),
        ("hearth-mail", "Hearth post", "email", "post@hearth.example", "hearth", "till", "active", "yes", "yes",
         "Coupons and news"),
        ("group-mail", "Fernhill news", "email", "news@fernhill.example", "marketing", "group-crm", "active", "yes",
         "yes",
         "Group news"),
        ("legal-mail", "Legal notices", "email", "notices@fernhill.example", "legal", "group-crm", "active", "yes",
         "no",
         "Changes of terms"),
    ),
    "topics": (
        ("key", "name", "parent", "unit"),
        ("banking", "Banking", "", "bank"),
        ("gold-card", "Gold card", "banking", "bank"),
        ("savings", "Savings", "banking", "bank"),
        ("trips", "Trips", "", "travel"),
        ("city-breaks", "City breaks", "trips", "travel"),
        ("coffee", "Coffee", "", "hearth"),
        ("espresso-machine", "Espresso machine", "coffee", "hearth"),
        ("teeth", "Teeth", "", "dental"),
    ),
    "purposes": (("key", "name"), ("news", "News and offers"), ("care", "Care and appointments")),
    "offers": (
        ("key", "name", "topic", "terms"),
        ("autumn-cup", "Second cup free", "coffee", "Until the end of the month, one per person"),
        ("gold-offer", "Gold card, first year free", "gold-card", "New customers only"),
        ("winback-cup", "Come back: machine at half price", "espresso-machine", "For those we miss"),
    ),
    "campaigns": (
        ("key", "name", "unit", "category", "topics", "offer", "why"),
        ("bank-news", "Bank newsletter", "bank-marketing", "marketing", "savings", "", "Monthly rates, explained"),
        ("gold-spring", "Gold card offer", "bank-marketing", "marketing", "gold-card", "gold-offer", "New cards"),
        ("travel-deals", "Travel deals", "travel-offers", "marketing", "city-breaks", "", "Seats nobody booked yet"),
        ("gate-change", "Gate changes", "travel-gates", "service", "trips", "", "Passengers must find their gate"),
        ("cup-brand", "Second cup, by the brand", "hearth-loyalty", "marketing", "coffee", "autumn-cup", "Quiet month"),
        ("cup-north", "Second cup, by Hearth North", "hearth-north", "marketing", "coffee", "autumn-cup",
         "Quiet month"),
        ("cup-south", "Second cup, by Hearth South", "hearth-south", "marketing", "coffee", "autumn-cup",
         "Quiet month"),
        ("machine-winback", "Espresso machine winback", "hearth-loyalty", "marketing", "espresso-machine",
         "winback-cup",
         "People who stopped buying"),
        ("roast-news", "Roast of the week", "hearth-loyalty", "marketing", "coffee", "", "What is fresh"),
        ("group-news", "Fernhill news", "marketing", "marketing", "", "", "All brands in one letter"),
        ("new-terms", "New terms", "legal", "legal", "", "", "The law changed"),
        ("card-alert", "Card alert", "bank-security", "safety", "banking", "", "A payment nobody expected"),
    ),
    "staff": (
        ("email", "name", "unit", "role", "active"),
        (ADMIN, "Dana Whitfield", "fernhill", "admin", "yes"),
        (FRANCHISEE, "Ned Archer", "hearth-north", "agent", "yes"),
        ("anna.brandt@fernhillbank.example", "Anna Brandt", "bank-managers", "agent", "yes"),
        ("luis.ortega@fernhillbank.example", "Luis Ortega", "bank-managers", "agent", "yes"),
    ),
}  # fmt: skip

OWN_RULES: Final = """
[[rules]]
type = "same_content"
name = "one coupon, once"
says = "The same offer at most once in twenty-one days, whoever sends it: brand or franchisee."
applies = { categories = ["marketing"] }
at_most = 1
seconds = 1814400
of = "offer"
at_limit = "suppress"

[[rules]]
type = "minimum_gap"
name = "the manager has the floor"
says = "For two days after an account manager wrote to somebody at a client, no broadcast goes there."
applies = { categories = ["marketing"] }
counts = { units = ["bank-managers"] }
per = "client"
seconds = 172800
"""
"""What Fernhill added to the starter policy."""

RINGING: Final = 'applies = { categories = ["service"], channels = ["sms", "voice", "push", "whatsapp"] }'


def policy() -> str:
    """The starter policy with Fernhill's own rules; a gate change may ring at night; leases last four hours, so that
    what is reserved can be looked at."""
    body = starter_policy(PLAUSIBLE).replace('name = "starter"', 'name = "Fernhill"', 1)
    body = body.replace("lease = 3600           # a positive verdict stays reserved for an hour", "lease = 14400", 1)
    assert RINGING in body and "lease = 14400" in body, "the starter policy has changed its words"
    return body.replace(RINGING, RINGING + '\nexempts = [{ campaigns = ["gate-change"] }]', 1) + OWN_RULES
