"""Every reason a verdict can carry, in the published order; a code never changes meaning."""

from onevoice.nouns.words import Word


class Reason(Word):
    """Lower numbers come first among findings of equal strictness."""

    CLEARED = 0
    ADDRESS_UNUSABLE = 210
    CONTACT_POINT_UNREGISTERED = 310
    CONTACT_POINT_NOT_ACTIVE = 320
    DO_NOT_CONTACT = 610
    CONSENT_WITHDRAWN = 620
    CONSENT_MISSING = 630
    CONSENT_EXPIRED = 640
    CONSENT_UNPROVEN = 650
    ADDRESS_FAILED = 660
    PAUSED_BY_CUSTOMER = 670
    CHANNEL_REFUSED = 680
    TOPIC_REFUSED = 690
    CUSTOMER_STATE = 710
    QUIET_HOURS = 860
    PERSONAL_QUIET_TIME = 870
    ZONE_UNKNOWN = 880
    PERSONAL_CAP = 910
    CALENDAR_CAP = 920
    ROLLING_CAP = 930
    MINIMUM_GAP = 940
    SAME_CONTENT = 950
    SAME_OFFER = 960
    SEND_BY_PASSED = 1110
    DEFERRED_TOO_LONG = 1120
    NO_OPENING = 1130
