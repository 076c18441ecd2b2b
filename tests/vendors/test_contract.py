"""What every reader of logs promises, whatever the vendor and whatever the file."""

import gzip
import os
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.nouns.words import EntryKind
from onevoice.vendors import VENDORS, LogReader
from onevoice.vendors.table.mapping import NOT_OBSERVED

GIVEN = Given(unit="shop", platform="p", category="service", ours=("shop.example",))
KINDS = {kind.spoken for kind in EntryKind if kind not in NOT_OBSERVED}

SAMPLES: dict[str, bytes] = {
    "twilio": (
        b"Sid,Direction,Status,From,To,Body,SentDate,NumSegments,ErrorCode\n"
        b"SM1,outbound-api,delivered,+15005550006,+15558675310,Hello,2024-03-08T09:05:00Z,1,\n"
        b'SM2,inbound,received,+15558675310,+15005550006,"STOP",2024-03-08T09:06:00Z,1,\n'
        b"SM3,outbound-api,queued,+15005550006,+15558675310,Hello,2024-03-08T09:07:00Z,1,\n"
    ),
    "sendgrid": (
        b'{"sg_event_id":"e1","event":"processed","email":"a@example.com","timestamp":1461095250,"sg_message_id":"m"}\n'
        b'{"sg_event_id":"e2","event":"bounce","type":"bounce","email":"a@example.com","timestamp":1461095260}\n'
        b'{"sg_event_id":"e3","event":"deferred","email":"a@example.com","timestamp":1461095270}\n'
    ),
    "mailgun": (
        b'{"event-data":{"event":"accepted","id":"e1","timestamp":1534108637.15,"recipient":"a@example.com",'
        b'"message":{"headers":{"message-id":"1@shop.example"}}},"signature":{"token":"t"}}\n'
        b'{"event-data":{"event":"failed","severity":"permanent","id":"e2","timestamp":1534108640,'
        b'"recipient":"a@example.com","delivery-status":{"code":550,"message":"5.1.1 no such user"}}}\n'
        b'{"event-data":{"event":"failed","severity":"temporary","id":"e3","timestamp":1534108645,'
        b'"recipient":"a@example.com"}}\n'
    ),
    "postmark": (
        b'{"RecordType":"Delivery","MessageID":"m1","Recipient":"a@example.com","DeliveredAt":"2024-03-08T09:05:00Z"}\n'
        b'{"RecordType":"Bounce","ID":7,"Type":"HardBounce","MessageID":"m2","Email":"b@example.com",'
        b'"BouncedAt":"2024-03-08T09:06:00.1234567-04:00"}\n'
        b'{"RecordType":"Bounce","ID":8,"Type":"AutoResponder","MessageID":"m3","Email":"b@example.com",'
        b'"BouncedAt":"2024-03-08T09:07:00Z"}\n'
    ),
    "ses": (
        b'{"eventType":"Send","mail":{"timestamp":"2024-03-08T09:05:00Z","messageId":"m1",'
        b'"destination":["a@example.com","b@example.com"]},"send":{}}\n'
        b'{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","timestamp":"2024-03-08T09:06:00Z",'
        b'"feedbackId":"f1","bouncedRecipients":[{"emailAddress":"c@example.com"}]},"mail":{"messageId":"m2"}}\n'
        b'{"eventType":"Open","mail":{"timestamp":"2024-03-08T09:05:00Z","messageId":"m1",'
        b'"destination":["a@example.com","b@example.com"]},"open":{"timestamp":"2024-03-08T09:08:00Z"}}\n'
    ),
    "brevo": (
        b'{"event":"request","email":"a@example.com","message-id":"<1@relay.example>","ts_epoch":1520363423000}\n'
        b'{"event":"hard_bounce","email":"a@example.com","message-id":"<1@relay.example>","ts_epoch":1520363424000}\n'
        b'{"event":"deferred","email":"a@example.com","message-id":"<1@relay.example>","ts_epoch":1520363425000}\n'
    ),
    "mailchimp": (
        b"action,campaign_id,member_id,timestamp,bounce_type,url\n"
        b"open,c1,m1,2024-03-08 09:05:00,,\n"
        b"bounce,c1,m2,2024-03-08 09:06:00,hard,\n"
        b"looked,c1,m2,2024-03-08 09:07:00,,\n"
    ),
    "klaviyo": (
        b"ID,PERSON_ID,CAMPAIGN_ID,METRIC_ID,TYPE,DATETIME,PROPERTY_SUBJECT\n"
        b"e1,p1,c1,k1,Received Email,2024-03-08 09:05:00.000,Hello\n"
        b"e2,p1,c1,k2,Unsubscribed,2024-03-08 09:06:00.000,Hello\n"
        b"e3,p1,c1,k3,Placed Order,2024-03-08 09:07:00.000,\n"
    ),
    "zendesk": (
        b"id,requester_id,submitter_id,via_channel,description,created_at,subject,recipient\n"
        b"1,11,11,email,Hello,2024-03-08 09:05:00,Help,care@shop.example\n"
        b"2,12,12,chat,Hello,2024-03-08 09:06:00,Help,care@shop.example\n"
        b"3,13,13,email,Hello,,Help,care@shop.example\n"
    ),
    "hubspot": (
        b'{"events":[{"id":"e1","created":1461095250000,"type":"SENT","recipient":"a@example.com","hmid":"m",'
        b'"emailCampaignId":7,"subject":"Hello"},\n'
        b'{"id":"e2","created":1461095260000,"type":"BOUNCE","recipient":"a@example.com","hmid":"m","emailCampaignId":7,'
        b'"category":"UNKNOWN_USER"},\n'
        b'{"id":"e3","created":1461095270000,"type":"DEFERRED","recipient":"a@example.com","emailCampaignId":7}]}\n'
    ),
    "iterable": (
        b'{"eventName":"emailSend","email":"a@example.com","createdAt":"2024-03-08 09:05:00 +00:00","messageId":"m"}\n'
        b'{"eventName":"emailUnSubscribe","email":"a@example.com","createdAt":"2024-03-08 09:06:00 +00:00",'
        b'"messageId":"m"}\n'
        b'{"eventName":"purchase","email":"a@example.com","createdAt":"2024-03-08 09:07:00 +00:00","messageId":"m"}\n'
    ),
    "intercom": (
        b"user_id,user_external_id,email,content_id,content_type,content_title,receipt_id,received_at,first_open,"
        b"first_unsubscribe\n"
        b"u1,7,a@example.com,c1,email,Hello,r1,2024-03-08 09:05:00 UTC,2024-03-08 09:15:00 UTC,\n"
        b"u2,8,b@example.com,c1,email,Hello,r2,2024-03-08 09:06:00 UTC,,2024-03-08 09:16:00 UTC\n"
        b"u3,9,c@example.com,c1,email,Hello,r3,,,\n"
    ),
    "marketo": (
        b"marketoGUID,leadId,activityDate,activityTypeId,campaignId,primaryAttributeValueId,primaryAttributeValue,"
        b"attributes\n"
        b"g1,7,2024-03-08T09:05:00Z,6,c1,5,Hello,{}\n"
        b"g2,7,2024-03-08T09:06:00Z,9,c1,5,Hello,{}\n"
        b"g3,7,2024-03-08T09:07:00Z,2,c1,5,Form,{}\n"
    ),
    "pardot": (
        b"id,prospect_id,type,type_name,email_id,details,created_at\n"
        b"1,7,6,Email,9,Hello,2024-03-08 09:05:00\n"
        b"2,7,13,Email,9,Hello,2024-03-08 09:06:00\n"
        b"3,7,2,Form,,Form,2024-03-08 09:07:00\n"
    ),
    "braze": (
        b'{"id":"e1","event_type":"users.messages.email.Send","time":1461095250,"user_id":"u","external_user_id":"7",'
        b'"email_address":"a@example.com","dispatch_id":"d"}\n'
        b'{"id":"e2","event_type":"users.messages.sms.InboundReceive","time":1461095260,"user_id":"u",'
        b'"external_user_id":"7"}\n'
        b'{"id":"e3","event_type":"users.behaviors.Purchase","time":1461095270,"user_id":"u","external_user_id":"7"}\n'
    ),
    "rees46": (
        b"id,message_id,campaign_id,client_id,channel,sent_at,is_opened,opened_first_time_at,is_clicked,"
        b"clicked_first_time_at\n"
        b"1,m1,c1,7,email,2024-03-08 09:05:00,t,2024-03-08 09:15:00,f,\n"
        b"2,m2,c1,8,mobile_push,2024-03-08 09:06:00,f,,f,\n"
        b"3,m3,c1,9,pigeon,2024-03-08 09:07:00,f,,f,\n"
    ),
    "mail": (
        b"From ann Fri Mar  8 09:05:00 2024\nFrom: ann@example.com\nTo: care@shop.example\n"
        b"Date: Fri, 08 Mar 2024 09:05:00 +0000\n\nHello.\n\n"
        b"From shop Fri Mar  8 09:06:00 2024\nFrom: care@shop.example\nTo: ann@example.com, bob@example.com\n"
        b"Date: Fri, 08 Mar 2024 09:06:00 +0000\nMessage-ID: <1@shop.example>\n\nHello back.\n\n"
        b"From x Fri Mar  8 09:07:00 2024\nSubject: nobody\n\nx\n"
    ),
}
RECORDS = 3


@pytest.fixture(params=VENDORS, ids=lambda reader: reader.name)
def reader(request: pytest.FixtureRequest) -> LogReader:
    vendor = request.param
    assert isinstance(vendor, LogReader)
    return vendor


@pytest.fixture
def sample(reader: LogReader, tmp_path: Path) -> Path:
    path = tmp_path / "sample"
    path.write_bytes(SAMPLES[reader.name])
    return path


def observations(items: list[Read | Parked]) -> Iterator[Observation]:
    return (one for item in items if isinstance(item, Read) for one in item.observations)


def test_every_record_is_accounted_for_once(reader: LogReader, sample: Path) -> None:
    """Two records say something, the third waits with a reason; each has its own place."""
    items = list(reader.read(sample, GIVEN))
    assert [type(item) for item in items] == [Read, Read, Parked]
    assert len({item.where for item in items}) == RECORDS
    assert all(item.reason.endswith(".") for item in items if isinstance(item, Parked))
    assert all(item.observations for item in items if isinstance(item, Read))


def test_every_observation_could_be_written_down(reader: LogReader, sample: Path) -> None:
    """A kind that may be observed, a key of its own, a moment, a customer's address; and it survives the wire."""
    seen = list(observations(list(reader.read(sample, GIVEN))))
    assert len({one.key for one in seen}) == len(seen) and all(one.key for one in seen)
    for one in seen:
        assert one.kind in KINDS and one.occurred > 0 and (one.address or one.customer) and one.channel
        assert msgspec.json.decode(msgspec.json.encode(one), type=Observation) == one


def test_reading_again_says_the_same(reader: LogReader, sample: Path, tmp_path: Path) -> None:
    """Under another name and packed, too: a key never depends on the file."""
    packed = tmp_path / os.fsdecode(b"other \xff\xe9.gz")
    packed.write_bytes(gzip.compress(sample.read_bytes()))
    first, again = (list(observations(list(reader.read(path, GIVEN)))) for path in (sample, packed))
    assert first == again


def test_the_sample_is_recognised_by_its_own_reader_only(reader: LogReader, sample: Path) -> None:
    """`onevoice import FILE` has one answer."""
    head = sample.read_bytes()
    assert [other.name for other in VENDORS if other.recognises(sample, head)] == [reader.name]


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_is_read_as_far_as_it_goes(reader: LogReader, sample: Path, seed: int) -> None:
    """Bytes changed, cut, doubled and shuffled: each item is a record or a reason, and nothing is raised."""
    chance = random.Random(seed)
    raw = bytearray(sample.read_bytes())
    for _ in range(12):
        at = chance.randrange(len(raw))
        match chance.randrange(4):
            case 0:
                raw[at] = chance.randrange(256)
            case 1:
                del raw[at : at + chance.randrange(40)]
            case 2:
                raw[at:at] = raw[max(at - 60, 0) : at]
            case _:
                raw[at:at] = bytes(chance.randrange(256) for _ in range(5))
    sample.write_bytes(bytes(raw))
    items = list(reader.read(sample, GIVEN))
    assert all(isinstance(item, Read | Parked) and item.where for item in items)
    assert all(one.kind in KINDS and one.key for one in observations(items))


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0" * 100, b"\xff\xfe", b"\x1f\x8b", b"[" * 100_000, b"{}", b"null", b'"', b",\n,\n", b"From \n\n\n"],
    ids=["empty", "zeros", "mark", "gzip", "brackets", "object", "null", "quote", "commas", "from"],
)
def test_what_is_no_log_at_all_gives_no_fact(reader: LogReader, tmp_path: Path, raw: bytes) -> None:
    """At most a few parked records, and no observation."""
    path = tmp_path / "nothing"
    path.write_bytes(raw)
    items = list(reader.read(path, GIVEN))
    assert len(items) <= RECORDS and not list(observations(items))
