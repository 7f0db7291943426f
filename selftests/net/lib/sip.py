# SPDX-License-Identifier: GPL-2.0-only
"""SIP messages: texts with gaps, and what fills them on each side of the NAT.

A text is one message as a person would write it. {host} and {port} are the
phone's address as the side in question sees it, {rtp} and {rtcp} its media
ports; they are all that an ALG may change, so filling the same text with the
outside's values gives, byte for byte, what must arrive there. {length} is the
length of the body, {body} the place where it goes.
"""

import re
from typing import NamedTuple

OFFER = """
v=0
o=alice 2890844526 2890844526 IN IP4 {host}
s=-
c=IN IP4 {host}
t=0 0
m=audio {rtp} RTP/AVP 0 8
a=rtpmap:0 PCMU/8000
a=sendrecv
"""

# The outside's description names the media host, and its port {far}.
ANSWER = """
v=0
o=bob 1234 1 IN IP4 198.51.100.20
s=-
c=IN IP4 198.51.100.20
t=0 0
m=audio {far} RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""

# --- requests and answers of a registration ----------------------------------

REGISTER = """
REGISTER sip:203.0.113.10 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport
Max-Forwards: 70
From: <sip:alice@example.com>;tag={tag}
To: <sip:alice@example.com>
Call-ID: {call_id}
CSeq: {cseq} REGISTER
Contact: <sip:alice@{host}:{port}>;expires=600
Content-Length: 0

"""

REGISTER_OK = """
SIP/2.0 200 OK
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport={port};received={host}
From: <sip:alice@example.com>;tag={tag}
To: <sip:alice@example.com>;tag=registrar
Call-ID: {call_id}
CSeq: {cseq} REGISTER
Contact: <sip:alice@{host}:{port}>;expires=600
Content-Length: 0

"""

# --- a text, of which the module keeps nothing but the connection -------------

MESSAGE = """
MESSAGE sip:bob@203.0.113.10 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport
Max-Forwards: 70
From: "Alice" <sip:alice@example.com>;tag={tag}
To: <sip:bob@example.com>
Call-ID: {call_id}
CSeq: {cseq} MESSAGE
Content-Type: text/plain
Content-Length: {length}

{body}"""

# --- a call from the phone ----------------------------------------------------

INVITE = """
INVITE sip:bob@203.0.113.10 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport
Max-Forwards: 70
From: "Alice" <sip:alice@example.com>;tag={tag}
To: <sip:bob@example.com>
Call-ID: {call_id}
CSeq: {cseq} INVITE
Contact: <sip:alice@{host}:{port}>
Content-Type: application/sdp
Content-Length: {length}

{body}"""

_ANSWERED = """
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport={port};received={host}
From: "Alice" <sip:alice@example.com>;tag={tag}
To: <sip:bob@example.com>;tag=bob
Call-ID: {call_id}
CSeq: {cseq} INVITE
Contact: <sip:bob@203.0.113.10:5060>
"""

_WITH_BODY = """\
Content-Type: application/sdp
Content-Length: {length}

{body}"""

_WITHOUT_BODY = """\
Content-Length: 0

"""

RINGING = "\nSIP/2.0 180 Ringing" + _ANSWERED + _WITHOUT_BODY
PROGRESS = "\nSIP/2.0 183 Session Progress" + _ANSWERED + _WITH_BODY
OK = "\nSIP/2.0 200 OK" + _ANSWERED + _WITH_BODY
NOT_ACCEPTABLE = "\nSIP/2.0 488 Not Acceptable Here" + _ANSWERED + _WITHOUT_BODY

ACK = """
ACK sip:bob@203.0.113.10:5060 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}ack;rport
Max-Forwards: 70
From: "Alice" <sip:alice@example.com>;tag={tag}
To: <sip:bob@example.com>;tag=bob
Call-ID: {call_id}
CSeq: {cseq} ACK
Content-Length: 0

"""

# The ACK for a final response other than 2xx has the branch of the INVITE (RFC 3261, 17.1.1.3).
ACK_REFUSED = ACK.replace("{branch}ack", "{branch}").replace("10:5060 SIP", "10 SIP")

CANCEL = """
CANCEL sip:bob@203.0.113.10 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport
Max-Forwards: 70
From: "Alice" <sip:alice@example.com>;tag={tag}
To: <sip:bob@example.com>
Call-ID: {call_id}
CSeq: {cseq} CANCEL
Content-Length: 0

"""

CANCEL_OK = """
SIP/2.0 200 OK
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport={port};received={host}
From: "Alice" <sip:alice@example.com>;tag={tag}
To: <sip:bob@example.com>;tag=bob
Call-ID: {call_id}
CSeq: {cseq} CANCEL
Content-Length: 0

"""

BYE = """
BYE sip:bob@203.0.113.10:5060 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}bye;rport
Max-Forwards: 70
From: "Alice" <sip:alice@example.com>;tag={tag}
To: <sip:bob@example.com>;tag=bob
Call-ID: {call_id}
CSeq: 101 BYE
Contact: <sip:alice@{host}:{port}>
Content-Length: 0

"""

BYE_OK = """
SIP/2.0 200 OK
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}bye;rport={port};received={host}
From: "Alice" <sip:alice@example.com>;tag={tag}
To: <sip:bob@example.com>;tag=bob
Call-ID: {call_id}
CSeq: 101 BYE
Content-Length: 0

"""

# Bob hangs up.
REMOTE_BYE = """
BYE sip:alice@{host}:{port} SIP/2.0
Via: SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bK{branch}bob
Max-Forwards: 70
From: <sip:bob@example.com>;tag=bob
To: "Alice" <sip:alice@example.com>;tag={tag}
Call-ID: {call_id}
CSeq: 7 BYE
Content-Length: 0

"""

REMOTE_BYE_OK = """
SIP/2.0 200 OK
Via: SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bK{branch}bob
From: <sip:bob@example.com>;tag=bob
To: "Alice" <sip:alice@example.com>;tag={tag}
Call-ID: {call_id}
CSeq: 7 BYE
Content-Length: 0

"""

# --- a call to the phone ------------------------------------------------------

INCOMING = """
INVITE sip:alice@{host}:{port} SIP/2.0
Via: SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bK{branch}
Max-Forwards: 70
From: <sip:bob@example.com>;tag=bob
To: "Alice" <sip:alice@example.com>
Call-ID: {call_id}
CSeq: {cseq} INVITE
Contact: <sip:bob@203.0.113.10:5060>
Content-Type: application/sdp
Content-Length: {length}

{body}"""

INCOMING_RINGING = """
SIP/2.0 180 Ringing
Via: SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bK{branch}
From: <sip:bob@example.com>;tag=bob
To: "Alice" <sip:alice@example.com>;tag={tag}
Call-ID: {call_id}
CSeq: {cseq} INVITE
Contact: <sip:alice@{host}:{port}>
Content-Length: 0

"""

INCOMING_OK = """
SIP/2.0 200 OK
Via: SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bK{branch}
From: <sip:bob@example.com>;tag=bob
To: "Alice" <sip:alice@example.com>;tag={tag}
Call-ID: {call_id}
CSeq: {cseq} INVITE
Contact: <sip:alice@{host}:{port}>
Content-Type: application/sdp
Content-Length: {length}

{body}"""

INCOMING_ACK = """
ACK sip:alice@{host}:{port} SIP/2.0
Via: SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bK{branch}ack
Max-Forwards: 70
From: <sip:bob@example.com>;tag=bob
To: "Alice" <sip:alice@example.com>;tag={tag}
Call-ID: {call_id}
CSeq: {cseq} ACK
Content-Length: 0

"""

# The phone hangs up.
INCOMING_BYE = """
BYE sip:bob@203.0.113.10:5060 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}bye;rport
Max-Forwards: 70
From: "Alice" <sip:alice@example.com>;tag={tag}
To: <sip:bob@example.com>;tag=bob
Call-ID: {call_id}
CSeq: 101 BYE
Content-Length: 0

"""


def final(status):
    """Return the outside's final response without a body to INVITE."""
    return f"\nSIP/2.0 {status}" + _ANSWERED + _WITHOUT_BODY


# --- any other message of a call ----------------------------------------------

_ALICE = '"Alice" <sip:alice@example.com>;tag={tag}'
_BOB = "<sip:bob@example.com>;tag={bob}"


def _compose(start, via, ends, contact, lines, sdp):
    head = [start, f"Via: SIP/2.0/UDP {via}", "Max-Forwards: 70", f"From: {ends[0]}",
            f"To: {ends[1]}", "Call-ID: {call_id}", ends[2], contact, *lines]
    return "\n" + "\n".join(head) + "\n" + (_WITH_BODY if sdp else _WITHOUT_BODY)


def _branch(method):
    """Return the branch of a request: CANCEL has that of its INVITE (RFC 3261, 9.1)."""
    return "z9hG4bK{branch}" + ("" if method in ("INVITE", "CANCEL") else f"{method}{{cseq}}")


def request(method, *lines, sdp=False):
    """Return a request of the phone's inside a call that it began."""
    return _compose(f"{method} sip:bob@203.0.113.10:5060 SIP/2.0",
                    f"{{host}}:{{port}};branch={_branch(method)};rport",
                    (_ALICE, _BOB, f"CSeq: {{cseq}} {method}"),
                    "Contact: <sip:alice@{host}:{port}>", lines, sdp)


def answer(status, method, *lines, sdp=False):
    """Return the outside's response to that."""
    return _compose(f"SIP/2.0 {status}",
                    f"{{host}}:{{port}};branch={_branch(method)};"
                    "rport={port};received={host}",
                    (_ALICE, _BOB, f"CSeq: {{cseq}} {method}"),
                    "Contact: <sip:bob@203.0.113.10:5060>", lines, sdp)


def remote_request(method, *lines, sdp=False):
    """Return a request that the outside sends to the phone."""
    return _compose(f"{method} sip:alice@{{host}}:{{port}} SIP/2.0",
                    f"203.0.113.10:5060;branch={_branch(method)}",
                    (_BOB, _ALICE, f"CSeq: {{cseq}} {method}"),
                    "Contact: <sip:bob@203.0.113.10:5060>", lines, sdp)


def remote_answer(status, method, *lines, sdp=False):
    """Return the phone's response to that."""
    return _compose(f"SIP/2.0 {status}",
                    f"203.0.113.10:5060;branch={_branch(method)}",
                    (_BOB, _ALICE, f"CSeq: {{cseq}} {method}"),
                    "Contact: <sip:alice@{host}:{port}>", lines, sdp)


def without_body(text):
    """Return the text of a message without its body."""
    return text.replace(_WITH_BODY, _WITHOUT_BODY)


class View(NamedTuple):
    """What one side of the NAT takes the phone's addresses to be."""

    host: str
    port: int
    rtp: int
    rtcp: int


def fill(text, view, body="", **gaps):
    """Return the message that a text becomes, as the side of `view` sees it."""
    values = {**view._asdict(), **gaps}

    def lines(part):
        return part.lstrip("\n").replace("\n", "\r\n")

    head, takes_body, _ = lines(text).partition("{body}")
    body = lines(body).format_map(values) if takes_body else ""
    head = head.format_map({**values, "length": len(body.encode())})
    return (head + body).encode()


def via_port(message):
    """Return the port that the first Via names, None without one."""
    found = re.search(rb"^Via: SIP/2.0/UDP [^;]*:(\d+)", message, re.MULTILINE)
    return int(found[1]) if found else None


def media_port(message):
    """Return the port of the first m= line that is in use, None without one."""
    found = re.search(rb"^m=\w+ ([1-9]\d*)", message, re.MULTILINE)
    return int(found[1]) if found else None


def rtcp_port(message):
    """Return the port of the first a=rtcp line, None without one."""
    found = re.search(rb"^a=rtcp:(\d+)", message, re.MULTILINE)
    return int(found[1]) if found else None
