#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What happens is told to whoever listens, and to nobody else."""

import functools
import json
import os
import re
import shutil
import signal
import socket
import struct
import tempfile

from lib import alg, ksft, netns, sip, tracing
from lib.ladder import Line
from lib.monitor import Monitor
from lib.tcp import Connection
from lib.topology import OUTSIDE, SERVER, SIP_PORT

# linux/udp.h; Python has no name for it.
UDP_SEGMENT = 103

# What tshark tells of a packet.
FIELDS = ("frame.interface_name", "ip.src", "ip.dst", "sip.Method", "sip.Status-Code",
          "ip.checksum.status", "udp.checksum.status", "frame.comment", "udp.length")

# The module cannot read the port of either.
ODD_FIELD = "Refer-To: <sip:bob@192.168.1.2:70000>"
ODD_MEDIA = sip.OFFER + "m=video 70000 RTP/AVP 31\n"

BROKEN = sip.OFFER.replace("{rtp}", "70000")

case = functools.partial(ksft.case, only_sipalg=True)


def _names(events):
    return [each["event"] for each in events]


@case("a call: it begins, has bindings, is confirmed, ends, and takes them along")
def a_call(t, net):
    line = Line(t, net)
    call = line.dialog()
    monitor = Monitor(net)
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.closed(audio)
    events = monitor.until("call-gone")
    monitor.end()
    states = [each.get("state") for each in events if each["event"].startswith("call-")]
    t.equal(states, ["early", "confirmed", "ending", "ending"], "states of the call")
    made = [each for each in events if each["event"] == "binding-new"]
    gone = [each for each in events if each["event"] == "binding-gone"]
    t.equal({each["kind"] for each in made}, {"signalling", "rtp", "rtcp"}, "bindings made")
    for each in made:
        t.equal((each["inside"]["address"], each["outside"]["address"]),
                ("192.168.1.2", OUTSIDE), "ends of a binding")
    t.equal(sorted(each["inside"]["port"] for each in gone),
            sorted(each["inside"]["port"] for each in made), "bindings gone")


@case("a registration is told when the registrar grants it")
def a_registration(t, net):
    line = Line(t, net)
    monitor = Monitor(net)
    line.register()
    events = monitor.until("call-changed")
    monitor.end()
    t.equal((events[-1]["kind"], events[-1]["state"]), ("registration", "confirmed"), "the event")


@case("--messages: each message as it came and as it went, and the edits between")
def messages(t, net):
    line = Line(t, net)
    call = line.dialog()
    monitor = Monitor(net, "--messages")
    sent = call.text(sip.INVITE, call.inside, body=sip.OFFER).decode()
    arrived = call.up(sip.INVITE).data.decode()
    told = next(each for each in monitor.until("message") if each["event"] == "message")
    monitor.end()
    t.equal(told["before"], sent, "text before")
    t.equal(told["after"], arrived, "text after")
    t.equal(told["result"], "changed", "result")
    t.equal((told["source"]["address"], told["target"]["address"]), ("192.168.1.2", SERVER),
            "its way")
    t.equal((told["in"], told["out"]), ("lan1", "wan"), "its devices")
    text = sent
    for edit in reversed(told["edits"]):
        at = edit["offset"]
        text = text[:at] + edit["text"] + text[at + edit["length"]:]
    t.equal(text, arrived, "the edits make one of the other")


@case("--messages and the tracepoint: where a part stays as it is, for it cannot be read")
def skipped(t, net):
    line = Line(t, net)
    call = line.dialog()
    monitor = Monitor(net, "--messages")
    with tracing.Events("sipalg_message") as events:
        call.up(sip.INVITE.replace("Contact:", ODD_FIELD + "\nContact:"), body=ODD_MEDIA)
    told = monitor.until("message")[-1]
    monitor.end()
    t.equal(told["skipped"], ["Refer-To", "m="], "names of what stays as it is")
    offsets = [told["before"].index(part) for part in ("Refer-To", "m=video")]
    for name, offset in zip(("field", "media"), offsets):
        where = int(re.search(f"skipped_{name}=([0-9-]+)", events.lines[0])[1])
        t.true(0 <= where - offset < len(ODD_FIELD), f"{name} in the tracepoint")


def _require(t, *programs):
    for program in programs:
        if not shutil.which(program):
            t.skip(f"no {program} here")


def _packets(file, *words):
    """Return what tshark tells of the packets of a file: FIELDS of each."""
    told = netns.run("tshark", "-n", *words, "-r", file, "-T", "fields",
                     *(word for field in FIELDS for word in ("-e", field))).stdout
    return [row.split("\t") for row in told.splitlines()]


@case("--pcapng: tshark reads each message as it came and as it left")
def capture(t, net):
    _require(t, "tshark")
    line = Line(t, net)
    with tempfile.TemporaryDirectory(prefix="sipalg-") as folder:
        file = os.path.join(folder, "calls.pcapng")
        monitor = Monitor(net, "--pcapng", file, "count", "2")
        call = line.dialog()
        left = call.up(sip.INVITE).data
        call.down(sip.RINGING)
        number = json.loads(t.alg.tool(net, "-j", "call", "show").stdout)[0]["id"]
        t.equal(monitor.left(), (0, ""), "how it ends")
        rows = _packets(file, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE")
    inside, outside = ("192.168.1.2", OUTSIDE)
    t.equal([row[:5] for row in rows],
            [["inside", inside, SERVER, "INVITE", ""], ["outside", outside, SERVER, "INVITE", ""],
             ["outside", SERVER, outside, "", "180"], ["inside", SERVER, inside, "", "180"]],
            "packets")
    t.equal({tuple(row[5:7]) for row in rows}, {("1", "1")}, "checksums of IP and UDP")
    t.equal({row[7] for row in rows}, {f"call {number}; changed: messages changed"},
            "comments")
    t.equal(rows[1][8], str(len(left) + 8), "length of the message that left")


@case("--pcapng: sngrep finds a call over UDP and one over TCP, on both sides of the router")
def call_flow(t, net):
    _require(t, "sngrep", "tshark")
    line = Line(t, net)
    stream = Connection(net)
    with tempfile.TemporaryDirectory(prefix="sipalg-") as folder:
        file, found = (os.path.join(folder, name) for name in ("calls.pcapng", "found.pcap"))
        monitor = Monitor(net, "--pcapng", file, "count", "4")
        call = line.dialog()
        call.up(sip.INVITE)
        call.down(sip.RINGING)
        stream.up(t, sip.INVITE)
        stream.down(t, sip.RINGING)
        t.equal(monitor.left(), (0, ""), "how it ends")
        # It writes the packets in which it found SIP; each call is told once.
        told = netns.run("sngrep", "-F", "-N", "-I", file, "-O", found, stdin="").stdout
        rows = _packets(found)
    t.true("Dialog count: 2" in told, f"calls that it finds: {told}")
    inside, outside = ("192.168.1.2", OUTSIDE)
    t.equal([row[1:5] for row in rows],
            2 * [[inside, SERVER, "INVITE", ""], [outside, SERVER, "INVITE", ""],
                 [SERVER, outside, "", "180"], [SERVER, inside, "", "180"]], "packets")


@case("--messages in observe mode: what would change, while nothing does", switched_on=False)
def observed(t, net):
    t.alg.tool(net, "observe", "dev", "wan")
    line = Line(t, net)
    monitor = Monitor(net, "--messages")
    call = line.dialog(mapped=False)
    arrived = call.up(sip.INVITE).data.decode()
    told = monitor.until("message")
    monitor.end()
    t.equal(_names(told), ["message"], "events")
    t.equal((told[0]["before"], told[0]["result"]), (arrived, "observed"), "what is told")
    t.true(f"Contact: <sip:alice@{OUTSIDE}:5060>" in told[0]["after"], "what would be")


@case("--messages: where the inside is in a VRF, the device is told, not the VRF")
def in_vrf(t, net):
    if net.router.run("ip", "link", "add", "blue", "type", "vrf", "table", "10",
                      check=False).returncode:
        t.skip("no VRF here")
    netns.configure({net.router.namespace: [
        "link set blue up", "link set lan1 master blue",
        f"route add default via {SERVER} dev wan table 10"]})
    net.router.run("nft", "add", "rule", "inet", "firewall", "forward",
                   "iifname", "blue", "oifname", "wan", "accept")
    line = Line(t, net)
    monitor = Monitor(net, "--messages", "dev", "lan1")
    line.dialog().up(sip.REGISTER)
    told = monitor.until("message")[-1]
    monitor.end()
    t.equal((told["in"], told["out"]), ("lan1", "wan"), "its devices")


@case("a message that is refused is told with the reason")
def refused(t, net):
    line = Line(t, net)
    monitor = Monitor(net)
    line.dialog(mapped=False).up(sip.INVITE, body=BROKEN)
    told = monitor.until("refused")[-1]
    monitor.end()
    t.equal(told["result"], "passed_bad_sdp", "reason")
    t.true(told["doc"], "and in words")
    t.true("before" not in told, "without the text")


@case("what passes unchanged is told with the reason, whichever it is")
def reasons(t, net):
    line = Line(t, net)
    line.register()
    line.dialog().up(sip.INVITE)
    refused = {}
    monitor = Monitor(net)

    def told():
        return monitor.until("refused")[-1]["result"]

    line.dialog(rtp=800, mapped=False).up(sip.INVITE)
    refused["a well-known port"] = told()
    for limit, text in (("registrations", sip.REGISTER), ("calls", sip.INVITE)):
        for name in (f"limit-{limit}", f"limit-host-{limit}"):
            t.alg.tool(net, "set", name, "1")
            line.dialog(mapped=False).up(text)
            refused[name] = told()
            t.alg.tool(net, "set", name, "1000")
    t.alg.tool(net, "set", "limit-host-bindings", "1")
    line.dialog(rtp=4100, mapped=False).up(sip.INVITE)
    refused["limit-host-bindings"] = told()
    t.alg.tool(net, "set", "limit-host-bindings", "1000")
    _send_cut(net, line)
    refused["a datagram longer than UDP says"] = told()
    _send_offloaded(net, line)
    refused["two in one offloaded packet"] = told()
    stream = Connection(net)
    stream.phone.send(b"OPTIONS sip:b@203.0.113.10 SIP/2.0\r\nContent-Length: x\r\n\r\n")
    refused["over TCP"] = told()
    monitor.end()
    t.equal(refused, {
        "a well-known port": "low_port",
        "limit-registrations": "passed_limit_registrations",
        "limit-host-registrations": "passed_limit_host_registrations",
        "limit-calls": "passed_limit_calls",
        "limit-host-calls": "passed_limit_host_calls",
        "limit-host-bindings": "limit_host_bindings",
        "a datagram longer than UDP says": "passed_bad_length",
        "two in one offloaded packet": "passed_gso",
        "over TCP": "passed_bad_length",
    }, "what is told")


@case("--messages: what cannot be read is told, without a text")
def unread(t, net):
    line = Line(t, net)
    monitor = Monitor(net, "--messages")
    _send_offloaded(net, line)
    told = monitor.until("message")
    monitor.end()
    t.equal([(each["result"], each["before"], each["after"], each["edits"]) for each in told],
            [("passed_gso", "", "", [])], "what is told")


def _send_cut(net, line):
    """Send a datagram with two bytes behind what UDP takes for its end."""
    text = line.dialog().text(sip.REGISTER, line.dialog().inside)
    udp = struct.pack("!HHHH", *line.phone.address[1:], SIP_PORT, 8 + len(text), 0)
    with net.phone1.namespace, \
            socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        raw.sendto(udp + text + b"\r\n", line.server.address)


def _send_offloaded(net, line):
    """Send two messages in a packet that nobody cuts before its end."""
    text = line.dialog().text(sip.REGISTER, line.dialog().inside)
    with net.phone1.namespace, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as offloading:
        offloading.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, len(text))
        offloading.sendto(2 * text, line.server.address)


@case("changes of policies are told", switched_on=False)
def policies(t, net):
    monitor = Monitor(net)
    for words in (("on", "dev", "wan"), ("policy", "del", "dev", "wan"),
                  ("policy", "del", "dev", "wan"), ("off",)):
        t.alg.tool(net, *words)
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin="set zone 7 on\n")
    told = monitor.events(5)
    monitor.end()
    t.equal([(each["event"], each.get("dev") or each.get("zone"), each["mode"])
             for each in told],
            [("policy-new", "wan", "on"), ("policy-gone", "wan", "on"),
             ("policy-flushed", None, "off"), ("policy-flushed", None, "rule"),
             ("policy-new", 7, "on")], "what is told")


@case("a filter lets through what it names")
def filters(t, net):
    line = Line(t, net)
    other = Line(t, net, phone=net.phone2, server=line.server)
    monitor = Monitor(net, "address", "192.168.2.234")
    line.register()
    other.register()
    told = monitor.until("call-changed")
    monitor.end()
    for each in told:
        t.equal(each["inside"]["address"], "192.168.2.234", "address of what is told")


@case("too many messages for the reader: how many are lost is said, to the last one")
def overrun(t, net):
    line = Line(t, net)
    dialog = line.dialog()
    end = dialog.text(sip.REGISTER, dialog.inside)
    # So long that 1500 of them do not fit in its socket.
    text = dialog.text(sip.REGISTER.replace("Contact:", f"X: {'x' * 700}\nContact:"),
                       dialog.inside)
    monitor = Monitor(net, "--messages")
    before = t.alg.counters(net)["messages"]
    line.send_up(text, "REGISTER")
    told = monitor.until("message")
    monitor.signal(signal.SIGSTOP)
    for _ in range(1500):
        line.send_up(text, "REGISTER")
    monitor.signal(signal.SIGCONT)
    line.send_up(end, "REGISTER")
    while told[-1].get("before", "").encode() != end:
        told += monitor.events(1)
        if told[-1]["event"] == "overrun" and "lost" not in told[-1]:
            # That one was lost, too.
            line.send_up(end, "REGISTER")
    monitor.end()
    lost = sum(each.get("lost", 0) for each in told)
    missed = sum(each.get("missed", 0) for each in told)
    t.true(lost > 0, "some are lost")
    t.equal(len([each for each in told if each["event"] == "message"]) + lost + missed,
            t.alg.counters(net)["messages"] - before, "messages told and lost")


@case("who may not rule the namespace may not listen")
def unprivileged(t, net):
    done = net.router.run("setpriv", "--reuid", "65534", "--clear-groups", alg.TOOL, "monitor",
                          check=False)
    t.equal(done.returncode, 1, "exit status")
    t.true("permitted" in done.stderr, f"what it says: {done.stderr!r}")


@case("the module can be unloaded while somebody listens, who is told", switched_on=False)
def unload(t, net):
    monitor = Monitor(net)
    t.alg.unload()
    t.alg.load()
    t.equal(monitor.left(), (1, "sipalg: the module nf_sipalg is not loaded\n"), "how it ends")


if __name__ == "__main__":
    ksft.main()
