#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""exercise --through against ALGs that this test makes, right and broken ones.

The phone is 127.0.0.1 in a network namespace. The ALG listens there on 127.0.0.3, port
5060. As a NAT does, it sends on from 192.0.2.1 to 192.0.2.2, port 5070, in another
namespace, where `exercise --answer` runs.
"""

import contextlib
import itertools
import json
import os
import re
import select
import socket
import subprocess
import sys
import threading
import time

TOOL = os.environ.get("TOOL", "")
INSIDE, OUTSIDE, SERVER, FAR = "127.0.0.1", "192.0.2.1", "127.0.0.3", "192.0.2.2"
PORT, ANSWER, AUDIO = 5060, 5070, 40200
WAIT = "400"


def take_message(data):
    """Split what a connection has brought: a message, or nothing yet, and the rest."""
    blank = len(data) - len(data.lstrip(b"\r\n"))
    if blank:
        return data[:blank], data[blank:]
    head = data.partition(b"\r\n\r\n")[0]
    length = re.search(rb"Content-Length: *(\d+)", head)
    end = len(head) + 4 + int(length[1] if length else 0)
    return (data[:end], data[end:]) if b"\r\n\r\n" in data and len(data) >= end else (b"", data)


class Alg(threading.Thread):
    """A NAT whose functions `out` and `back` change messages; None drops one.

    Both take a text, the phone's port and the port that the NAT shows for it. A response by
    `out` is one of its own, and goes to the phone. What is no
    SIP is a text of Latin-1 for them.
    """

    def __init__(self, out, back, has_tcp):
        super().__init__(daemon=True)
        self.change = out, back
        self.inside = self._socket(SERVER, PORT)
        self.audio = self._socket(OUTSIDE, AUDIO)
        self.audio_inside = self._socket(SERVER, AUDIO)
        self.flows = {}
        # Of each connection: the other one, the direction, both ports, what has come.
        self.streams = {}
        self.listener = self._socket(SERVER, PORT, socket.SOCK_STREAM) if has_tcp else None
        self.stopped, self.stopping = os.pipe()
        self.start()

    @staticmethod
    def _socket(host, port, kind=socket.SOCK_DGRAM):
        sock = socket.socket(socket.AF_INET, kind)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
        sock.bind((host, port))
        if kind == socket.SOCK_STREAM and port:
            sock.listen()
        return sock

    def _sockets(self):
        others = (self.inside, self.audio, self.audio_inside, self.listener)
        return [*filter(None, others), *self.flows, *self.streams]

    def run(self):
        while True:
            ready, _, _ = select.select([self.stopped, *self._sockets()], [], [])
            for sock in ready:
                if sock == self.stopped:
                    return
                if sock is self.listener:
                    self._accept()
                elif sock in self.streams:
                    self._relay(sock)
                elif sock.fileno() >= 0:
                    self._datagram(sock, *sock.recvfrom(65536))

    def _datagram(self, sock, data, source):
        if sock is self.inside:
            self._outward(data, source)
        elif sock is self.audio:
            self.audio.sendto(data, (INSIDE, AUDIO))
        elif sock is self.audio_inside:
            self.audio.sendto(data, (FAR, AUDIO))
        else:
            self._inward(sock, data)

    def _changed(self, direction, data, phone, port):
        text = self.change[direction](data.decode("latin-1"), phone, port)
        return None if text is None else text.encode("latin-1")

    def _outward(self, data, source):
        flow = next((sock for sock, phone in self.flows.items() if phone == source), None)
        if not flow:
            flow = self._socket(OUTSIDE, 0)
            self.flows[flow] = source
        data = self._changed(0, data, source[1], flow.getsockname()[1])
        if data is not None and data.startswith(b"SIP/2.0"):
            self.inside.sendto(data, source)
        elif data is not None:
            flow.sendto(data, (FAR, ANSWER))

    def _inward(self, flow, data):
        phone = self.flows[flow]
        data = self._changed(1, data, phone[1], flow.getsockname()[1])
        if data is not None:
            self.inside.sendto(data, phone)

    def _accept(self):
        phone, source = self.listener.accept()
        far = self._socket(OUTSIDE, 0, socket.SOCK_STREAM)
        far.connect((FAR, ANSWER))
        ports = source[1], far.getsockname()[1]
        self.streams[phone] = [far, 0, ports, b""]
        self.streams[far] = [phone, 1, ports, b""]

    def _relay(self, sock):
        other, direction, ports, rest = self.streams[sock]
        try:
            data = sock.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            for ended in (sock, other):
                del self.streams[ended]
                ended.close()
            return
        message, rest = take_message(rest + data)
        while message:
            message = self._changed(direction, message, *ports)
            if message is not None:
                # The phone may have ended its side already.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    other.sendall(message)
            message, rest = take_message(rest)
        self.streams[sock][3] = rest

    def stop(self):
        os.write(self.stopping, b"x")
        self.join()
        for sock in self._sockets():
            sock.close()
        os.close(self.stopped)
        os.close(self.stopping)


def nothing(text, phone, port):
    return text


def length(text):
    """Make Content-Length right."""
    head, blank, body = text.partition("\r\n\r\n")
    return re.sub("(?m)^Content-Length: [0-9]+", f"Content-Length: {len(body)}", head) + \
        blank + body


def translate(text, phone, port):
    """Change what an ALG has to change."""
    text = re.sub(rf"(?m)^(Via: SIP/2.0/(?:UDP|TCP) ){INSIDE}:{phone}", rf"\g<1>{OUTSIDE}:{port}", text)
    text = re.sub(rf"(?m)^(Contact: <sip:a@){INSIDE}:{phone}", rf"\g<1>{OUTSIDE}:{port}", text)
    return length(re.sub(rf"(?m)^([oc]=.*){INSIDE}", rf"\g<1>{OUTSIDE}", text))


def restore_via(text, phone, port):
    """Change a response back."""
    return re.sub(rf"(?m)^(Via: SIP/2.0/(?:UDP|TCP) ){OUTSIDE}:{port}", rf"\g<1>{INSIDE}:{phone}", text)


def restore(text, phone, port):
    """Change a response back, or a call."""
    return re.sub(rf"^(INVITE sip:a@){OUTSIDE}:{port} ", rf"\g<1>{INSIDE}:{phone} ",
                  restore_via(text, phone, port))


def after(change):
    """An ALG that is right but for what `change` does to its messages."""
    return lambda text, phone, port: change(translate(text, phone, port), phone, port)


def from_5060(text, phone, port):
    """Act on phones that send from port 5060 alone."""
    if phone != PORT:
        return text
    return re.sub(f"(?m)^(From|To): (.*){INSIDE}", rf"\g<1>: \g<2>{OUTSIDE}", text)


def cut(text, phone, port):
    return text[:-2] if text.startswith("INVITE") else text


def dead_contact(text, phone, port):
    return re.sub(f"Contact: <sip:a@{OUTSIDE}:{port}", f"Contact: <sip:a@{OUTSIDE}:9", text)


def third_contact(text, phone, port):
    return text.replace(f"Contact: <sip:a@{OUTSIDE}", "Contact: <sip:a@192.0.2.77")


def other_user(text, phone, port):
    return text.replace("Contact: <sip:a@", "Contact: <sip:1@")


def no_expires(text, phone, port):
    return text.replace(";expires=60", "")


def no_max_forwards(text, phone, port):
    return text.replace("Max-Forwards: 70\r\n", "")


def everywhere(text, phone, port):
    return length(text.replace(INSIDE, OUTSIDE))


def other_nonce(text, phone, port):
    return text.replace(f'nonce="{INSIDE}"', f'nonce="{OUTSIDE}"')


def no_credentials(text, phone, port):
    return None if "Authorization:" in text else text


def origin_alone(text, phone, port):
    return length(text.replace(f"c=IN IP4 {OUTSIDE}", f"c=IN IP4 {INSIDE}"))


def on_hold(text, phone, port):
    return length(text.replace(f"c=IN IP4 {OUTSIDE}", "c=IN IP4 0.0.0.0"))


def other_codec(text, phone, port):
    return text.replace("RTP/AVP 0", "RTP/AVP 8")


def own_media(text, phone, port):
    return length(text.replace("c=IN IP4 media.example.com", f"c=IN IP4 {OUTSIDE}"))


def other_caller(text, phone, port):
    return restore(text, phone, port).replace("<sip:b@b.example.com>", f"<sip:b@{OUTSIDE}>")


def no_rport(text, phone, port):
    return text.replace(";rport", "")


def short(text, phone, port):
    return re.sub(r"Content-Length: (\d+)", lambda match:
                  f"Content-Length: {max(int(match[1]) - 2, 0)}", text)


def body(text, phone, port):
    return length(text.replace(f"call me at {INSIDE}", f"call me at {OUTSIDE}"))


def call_id(text, phone, port):
    return re.sub(f"(?m)^(Call-ID: .*)@{INSIDE}", rf"\1@{OUTSIDE}", text)


def no_invite(text, phone, port):
    return None if text.startswith("INVITE") else text


def record_route(text, phone, port):
    return text.replace("Max-Forwards", f"Record-Route: <sip:{OUTSIDE};lr>\r\nMax-Forwards", 1)


def no_subject(text, phone, port):
    return re.sub("Subject: [^\r]*\r\n", "", text)


def dead_audio(text, phone, port):
    return text.replace("m=audio 40200", "m=audio 40999")


def not_sip(text, phone, port):
    return text if "SIP/2.0" in text else None


def no_call(text, phone, port):
    return None if text.startswith("INVITE") else restore(text, phone, port)


def other_received(text, phone, port):
    return restore(text, phone, port).replace(f";received={OUTSIDE}", ";received=192.0.2.77")


def other_rport(text, phone, port):
    return restore(text, phone, port).replace(f";rport={port}", ";rport=9")


def right_received(text, phone, port):
    return restore(text, phone, port).replace(f";received={OUTSIDE};rport={port}",
                                              f";received={INSIDE};rport={phone}")


def other_branch(text, phone, port):
    return restore(text, phone, port).replace("branch=z9hG4bK", "branch=z9hG4bKx")


def own_answer(text, phone, port):
    """Answer OPTIONS, as routers do that are a proxy."""
    if not text.startswith("OPTIONS"):
        return text
    kept = re.findall(r"(?m)^(?:Via|From|To|Call-ID|CSeq): [^\r]*\r\n", text)
    return "SIP/2.0 200 OK\r\n" + "".join(kept) + "Content-Length: 0\r\n\r\n"


def line_feeds(text, phone, port):
    return text.replace("\r\n", "\n")


COMPACT = {"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m", "Subject": "s",
           "Content-Type": "c", "Content-Length": "l"}


def compact(text, phone, port):
    """Write names of headers in their compact form, and with other spaces."""
    return re.sub("(?m)^([A-Z][A-Za-z-]*): ", lambda match:
                  f"{COMPACT.get(match[1], match[1].upper())} :  ", text)


def sorted_headers(text, phone, port):
    """Put headers into another order."""
    head, blank, content = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    return "\r\n".join([first, *sorted(lines)]) + blank + content


def hop(text, phone, port):
    return text.replace("Max-Forwards: 70", "Max-Forwards: 69")


def more_hops(text, phone, port):
    return text.replace("Max-Forwards: 70", "Max-Forwards: 255")


def longer(text, phone, port):
    return text.replace(";expires=60", ";expires=3600")


def other_binding(text, phone, port):
    """Break the Contact of the answer to a REGISTER."""
    return re.sub(r"(?m)^(Contact: <sip:a@)[0-9.:]+", r"\g<1>192.0.2.99", restore(text, phone, port))


def other_route(text, phone, port):
    """Turn the route of a call round."""
    return restore(text, phone, port).replace("p1.example", "p3.example") \
        .replace("p2.example", "p1.example").replace("p3.example", "p2.example")


def no_bye(text, phone, port):
    return None if text.startswith("BYE") else restore(text, phone, port)


def only_udp(change):
    """Do that to what is no TCP."""
    return lambda text, phone, port: \
        change(text, phone, port) if "SIP/2.0/TCP" not in text else text


def only_tcp(change):
    """Do that to what is TCP."""
    return lambda text, phone, port: \
        change(text, phone, port) if "SIP/2.0/TCP" in text else text


def each_time_another():
    """Write another Contact for each message, also for one that is sent again."""
    times = itertools.count()
    return lambda text, phone, port: re.sub("(?m)^(Contact: [^\r]*)", lambda match:
                                            f"{match[1]};times={next(times)}", text)


def large(text, phone, port):
    return None if len(text) > 1500 else text


def forgetting():
    """A NAT that forgets a phone after some time without a packet."""
    last = [0]

    def out(text, phone, port):
        last[0] = time.monotonic()
        return text

    def back(text, phone, port):
        return text if time.monotonic() < last[0] + 0.7 else None

    return out, back


# Of the passes, the first alone.
ONCE = "--udp", "--from-port", "5062"

# A name, the two functions, whether there is an ALG, and what has to be found: parts of
# the output, of which the last is the verdict. Without any nothing is broken. Further
# words of the command may follow; --no-tcp is one for the NAT.
CASES = (
    ("NAT without ALG", nothing, nothing, False, ()),
    ("NAT without ALG, and a call after 1 s", nothing, nothing, False, (), "--idle", "1"),
    ("a right ALG", translate, restore, True, ()),
    ("one that changes received and rport back", translate, right_received, True, ()),
    ("one that adds a header", after(record_route), restore, True, ()),
    ("a Contact that nobody listens at", after(dead_contact), restore, True,
     ("a call to the Contact", "RFC 3261, 8.1.1.8", "Incoming calls are lost")),
    ("a Contact of a third host", after(third_contact), restore, True,
     ("the Contact arrives as one at which the phone cannot be called", "RFC 3261, 8.1.1.8",
      "Incoming calls are lost"), *ONCE),
    ("a Contact of another user", after(other_user), restore, True,
     ("Contact is changed", "the phone cannot be called", "Incoming calls are lost"), *ONCE),
    ("a Contact that has lost its expiry", after(no_expires), restore, True,
     ("Contact is changed", "RFC 3261, 8.1.1.8", "switch the SIP ALG"), *ONCE),
    ("Max-Forwards is removed", after(no_max_forwards), restore, True,
     ("Max-Forwards is removed", "RFC 3261, 8.1.1.6", "switch the SIP ALG"), *ONCE),
    ("the address is exchanged everywhere", everywhere, restore, True,
     ("From is changed", "Authorization is changed", "call me at 192.0.2.1",
      "switch the SIP ALG"), *ONCE),
    ("credentials are changed", after(other_nonce), restore, True,
     ("register with credentials", "Authorization is changed", "RFC 3261, 22.4",
      "switch the SIP ALG"), *ONCE),
    ("credentials are dropped", after(no_credentials), restore, True,
     ('"register with credentials","result":"lost"', "switch the SIP ALG"), *ONCE),
    ("o= is changed, c= is not", after(origin_alone), restore, True,
     ("audio of the far end does not arrive", "Calls are silent on one side"), *ONCE),
    ("calls are put on hold", after(on_hold), restore, True,
     ("audio of the far end does not arrive", "Calls are silent on one side"), *ONCE),
    ("a codec is changed", after(other_codec), restore, True,
     ("m is changed", "RFC 3261, 16.6", "switch the SIP ALG"), *ONCE),
    ("media of another host is changed", after(own_media), restore, True,
     ("invite with media elsewhere", "c is changed", "switch the SIP ALG"), *ONCE),
    ("the Request-URI of a call is not changed back", translate, restore_via, True,
     ("another Request-URI", "RFC 3261, 8.2.2.1", "Incoming calls are lost"), *ONCE),
    ("the caller's Contact is changed", translate, other_caller, True,
     ("a call comes with another Contact", "RFC 3261, 8.1.1.8", "switch the SIP ALG"), *ONCE),
    ("calls to the phone are dropped", translate, no_call, True,
     ("a call to the Contact", "Incoming calls are lost")),
    ("rport is removed", after(no_rport), restore, True,
     ("has lost rport", "RFC 3581", "switch the SIP ALG")),
    ("Content-Length is two short", only_udp(after(short)), restore, True,
     ("Content-Length says", "RFC 3261, 18.3", "switch the SIP ALG")),
    ("the end of a body is cut off", only_udp(after(cut)), restore, True,
     ("Content-Length says", "the end of the body", "RFC 3261, 18.3", "switch the SIP ALG")),
    ("only from port 5060, From and To", from_5060, nothing, True,
     ("options from port 5060", "From: <sip:a@192.0.2.1", "RFC 3261, 8.1.1.3",
      "switch the SIP ALG")),
    ("a text that names the address", after(body), restore, True,
     ("call me at 192.0.2.1", "RFC 3261, 16.6", "switch the SIP ALG")),
    ("Call-ID is changed", after(call_id), restore, True,
     ("Call-ID", "RFC 3261, 8.1.1.4", "switch the SIP ALG")),
    ("responses are not changed back", translate, nothing, True,
     ("Via:", "RFC 3261, 8.2.6.2", "switch the SIP ALG")),
    ("the branch of responses is another", translate, other_branch, True,
     ('"answer_differs":"Via:"', "RFC 3261, 8.2.6.2", "switch the SIP ALG")),
    ("received of responses is wrong", translate, other_received, True,
     ("received in the answer is 192.0.2.77", "RFC 3261, 18.2.1", "switch the SIP ALG")),
    ("rport of responses is wrong", translate, other_rport, True,
     ("rport in the answer is 9", "RFC 3581, 4", "switch the SIP ALG")),
    ("INVITE is dropped", only_udp(no_invite), nothing, False,
     ("lost", "Something on the way drops messages")),
    ("INVITE is dropped on TCP", only_tcp(no_invite), nothing, False,
     ("invite by TCP", "invite split over TCP segments", "Something on the way drops messages")),
    ("TCP is refused", nothing, nothing, False,
     ("connection by TCP", "Connection refused", "RFC 3261, 18",
      "Something on the way drops messages"), "--no-tcp"),
    ("TCP is refused, and not asked for", nothing, nothing, False, (), "--no-tcp", "--udp"),
    ("only TCP is asked for", nothing, nothing, False, (), "--tcp"),
    ("lines lose their CR", after(line_feeds), restore, True,
     ("without their CR", "RFC 3261, 7", "switch the SIP ALG"), *ONCE),
    ("names of headers become compact, which means the same", after(compact), restore, True, ()),
    ("those of responses do", translate, lambda *words: compact(restore(*words), *words[1:]), True,
     ()),
    ("headers change their order, which means the same", after(sorted_headers), restore, True, ()),
    ("a proxy counts itself as a hop", after(hop), restore, True, (), *ONCE),
    ("a hop count that grows", after(more_hops), restore, True,
     ("Max-Forwards is changed", "RFC 3261, 8.1.1.6", "switch the SIP ALG"), *ONCE),
    ("the expiry of a registration is another", after(longer), restore, True,
     ("Contact is changed", "switch the SIP ALG"), *ONCE),
    ("the Contact of a response to REGISTER is another", translate, other_binding, True,
     ("the Contact of the answer is neither", "RFC 3261, 10.3", "switch the SIP ALG")),
    ("the route of a call is turned round", translate, other_route, True,
     ("another Record-Route", "RFC 3261, 16.6", "switch the SIP ALG"), *ONCE),
    ("BYE from outside is dropped", translate, no_bye, True,
     ("but not its BYE", "RFC 3261, 15", "switch the SIP ALG"), *ONCE),
    ("OPTIONS is answered on the way", own_answer, nothing, False,
     ("something on the way answers it itself", "RFC 3261, 16",
      "Something on the way drops messages"), *ONCE),
    ("an ALG of TCP alone", only_tcp(after(call_id)), only_tcp(restore), True,
     ("Call-ID", "RFC 3261, 8.1.1.4", "switch the SIP ALG")),
    ("a header is removed", after(no_subject), restore, True,
     ("Subject: 127.0.0.1", "Subject is removed", "switch the SIP ALG")),
    ("a message that is sent again arrives different", after(each_time_another()), restore,
     True, ("it arrives different", "RFC 3261, 17.2.3", "switch the SIP ALG")),
    ("audio goes to a port where nobody is", after(dead_audio), restore, True,
     ("audio of the far end does not arrive", "RFC 3264, 5.1", "Calls are silent on one side")),
    ("keep-alives are dropped", not_sip, nothing, False,
     ("STUN keep-alive", "RFC 5626, 4.4.2", "Keep-alives are lost")),
    ("large messages are dropped", large, nothing, False,
     ("message in IP fragments", "RFC 4787, 11", "Large messages are lost")),
    ("NAT that forgets the phone", *forgetting(), False,
     ("call after 1 s", "RFC 4787, 4.3", "Incoming calls are lost after some time"),
     "--idle", "1"),
)


def probe(*words, wait=WAIT):
    """Run the near end; return its exit status, what it printed, and its errors."""
    done = subprocess.run([TOOL, "-j", "exercise", "--through", "lo", "--peer", SERVER,
                           "--wait", wait, *words], capture_output=True, text=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


FAR_END = """
echo; read line
ip link set lo up; ip link set far up; ip addr add 192.0.2.2/24 dev far
exec "$0" exercise --answer --port 5070
"""


def start_answering():
    """Run the far end in a namespace of its own; return its process."""
    far = subprocess.Popen(["unshare", "-n", "sh", "-c", FAR_END, TOOL], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE)
    far.stdout.readline()
    subprocess.run(["ip", "-batch", "-"], check=True, text=True, input=f"""
        link add near type veth peer name far netns {far.pid}
        addr add {OUTSIDE}/24 dev near
        link set near up
        """)
    far.stdin.write(b"\n")
    far.stdin.close()
    for _ in range(500):
        with open(f"/proc/{far.pid}/net/udp6", encoding="ascii") as sockets:
            if f":{AUDIO:04X} " in sockets.read():
                return far
        time.sleep(0.01)
    raise RuntimeError("exercise --answer does not listen")


def report(number, title, good, said):
    """Print a result."""
    print(f"{'ok' if good else 'not ok'} {number} - {title}")
    if not good:
        print("".join(f"# {line}\n" for line in said.splitlines()), end="")
    return good


def judge(number, case):
    """Try one ALG; return whether all was found, after having printed that."""
    title, out, back, has_alg, parts, *words = case
    alg = Alg(out, back, "--no-tcp" not in words)
    try:
        status, said, _ = probe(*(word for word in words if word != "--no-tcp"))
        verdict = json.loads(said.splitlines()[-1])
        good = (status, verdict.get("nat"), verdict.get("alg"), bool(verdict["broken"])) == \
            (1 if parts else 0, True, has_alg, bool(parts))
        text = verdict.get("verdict", "")
        good = good and all(part in said for part in parts[:-1])
        good = good and (parts[-1] in text if parts else not text)
        faults = [fault for line in map(json.loads, said.splitlines())
                  for fault in line.get("faults", ())]
        good = good and all("RFC" in fault["rfc"] for fault in faults) and \
            len(faults) == verdict["broken"]
    finally:
        alg.stop()
    return report(number, title, good, said)


def judge_silence(number):
    """A far end that does not answer is told of soon, and in words."""
    with Alg._socket(SERVER, PORT):
        begin = time.monotonic()
        status, said, errors = probe(wait="2000")
        took = time.monotonic() - begin
    good = (status, json.loads(said.splitlines()[-1])) == (1, {"broken": 7}) and took < 8 and \
        f"{SERVER} has not answered yet, on port {PORT}" in errors
    return report(number, "a silent far end is told of soon", good, f"{took} s\n{said}{errors}")


def main():
    if not os.access(TOOL, os.X_OK):
        print("1..0 # SKIP TOOL names no tool")
        return 0
    if "--inside" not in sys.argv:
        namespace = ["unshare", "-rn"]
        if subprocess.run([*namespace, "ip", "link", "set", "lo", "up"], check=False,
                          stderr=subprocess.DEVNULL).returncode:
            print("1..0 # SKIP no namespaces")
            return 0
        os.execvp("unshare", [*namespace, "sh", "-c", 'ip link set lo up && exec "$0" --inside',
                              os.path.abspath(__file__)])
    answering = start_answering()
    try:
        # The first packets find no neighbours.
        warming = Alg(nothing, nothing, False)
        probe(*ONCE)
        warming.stop()
        good = all([*(judge(number, case) for number, case in enumerate(CASES, 1)),
                    judge_silence(len(CASES) + 1)])
    finally:
        answering.terminate()
        answering.wait()
    print(f"1..{len(CASES) + 1}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
