"""What each table of the shared exports is, written down by reading them: a log with its columns, or no log at all.

Several names for one field are equally right. `=word` is a constant instead of a column. A table is no log where
its rows are not things that happened to a person at a time: settings, profiles, tags, recipients without a time.
"""

from typing import Final

Columns = dict[str, tuple[str, ...]]

MESSAGE: Final[Columns] = {
    "time": ("date_sent",),
    "key": ("id",),
    "address": ("to",),
    "contact_point": ("from",),
    "words": ("body",),
    "direction": ("direction",),
    "kind": ("status",),
    "channel": ("=sms",),
    "inbound.address": ("from",),
}
CALL: Final[Columns] = {
    "time": ("start_time", "created_at"),
    "key": ("id",),
    "address": ("to",),
    "contact_point": ("from",),
    "direction": ("direction",),
    "kind": ("direction",),
    "channel": ("=voice",),
    "inbound.address": ("from",),
}
LOGS: Final[dict[str, Columns]] = {
    "klaviyo/event.csv": {
        "time": ("DATETIME", "TIMESTAMP"),
        "key": ("ID", "UUID"),
        "kind": ("TYPE",),
        "customer": ("PERSON_ID",),
        "campaign": ("CAMPAIGN_ID", "PROPERTY_CAMPAIGN_NAME"),
        "subject": ("PROPERTY_SUBJECT",),
        "channel": ("TYPE", "=email"),
    },
    "mailchimp/automation_recipient_activity.csv": {
        "time": ("timestamp",),
        "kind": ("action",),
        "customer": ("member_id",),
        "campaign": ("automation_email_id",),
        "channel": ("=email",),
    },
    "mailchimp/campaign_recipient_activity.csv": {
        "time": ("timestamp",),
        "kind": ("action",),
        "customer": ("member_id",),
        "campaign": ("campaign_id",),
        "channel": ("=email",),
    },
    "mailchimp/unsubscribe.csv": {
        "time": ("timestamp",),
        "kind": ("=withdrawn",),
        "customer": ("member_id",),
        "campaign": ("campaign_id",),
        "channel": ("=email",),
    },
    "mailchimp/member.csv": {
        "time": ("last_changed",),
        "kind": ("status",),
        "customer": ("id",),
        "address": ("email_address",),
        "channel": ("=email",),
    },
    "twilio/twilio_message_data.csv": MESSAGE,
    "twilio/twilio_message_data_snowflake.csv": MESSAGE
    | {
        "address": ("TO",),
        "contact_point": ("FROM",),
        "inbound.address": ("FROM",),
    },
    "twilio/twilio_call_data.csv": CALL,
    "twilio/twilio_call_data_snowflake.csv": CALL
    | {
        "address": ("TO",),
        "contact_point": ("FROM",),
        "inbound.address": ("FROM",),
    },
    "zendesk/ticket_data.csv": {
        "time": ("created_at",),
        "key": ("id",),
        "kind": ("=received",),
        "customer": ("requester_id",),
        "contact_point": ("recipient",),
        "subject": ("subject",),
        "words": ("description",),
        "channel": ("via_channel",),
    },
    "zendesk/ticket_comment_data.csv": {
        "time": ("created",),
        "key": ("id",),
        "customer": ("user_id",),
        "words": ("body",),
    },
}
NEVER: Final[dict[str, tuple[str, ...]]] = {
    "twilio/twilio_message_data.csv": ("customer",),
    "twilio/twilio_message_data_snowflake.csv": ("customer",),
    "twilio/twilio_call_data.csv": ("customer",),
    "twilio/twilio_call_data_snowflake.csv": ("customer",),
    "zendesk/ticket_data.csv": ("address",),
}
"""Fields that nothing in a table is; a guess that fills one is wrong."""
