#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""exercise --through against ALGs that this test makes, right and broken ones.

The phone is 127.0.0.1 in a network namespace. The ALG listens there on 127.0.0.3, port
5060. As a NAT does, it sends on from 192.0.2.1 to 192.0.2.2, port 5070, in another
namespace, where `exercise --answer` runs.
"""

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
WAIT = "700"


class Alg(threading.Thread):
    """A NAT whose functions `out` and `back` change messages; None drops one.

    Both take a text, the phone's port and the port that the NAT shows for it.
    """

    def __init__(self, out, back):
        super().__init__(daemon=True)
        self.out, self.back = out, back
        self.inside = self._socket(SERVER, PORT)
        self.audio = self._socket(OUTSIDE, AUDIO)
        self.flows = {}
        self.stopped, self.stopping = os.pipe()
        self.start()

    @staticmethod
    def _socket(host, port):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((host, port))
        return sock

    def run(self):
        while True:
            ready, _, _ = select.select([self.stopped, self.inside, self.audio, *self.flows], [], [])
            for sock in ready:
                if sock == self.stopped:
                    return
                data, source = sock.recvfrom(65536)
                if sock is self.inside:
                    self._outward(data, source)
                elif sock is self.audio:
                    self.audio.sendto(data, (INSIDE, AUDIO))
                else:
                    self._inward(sock, data)

    def _outward(self, data, source):
        flow = next((sock for sock, phone in self.flows.items() if phone == source), None)
        if not flow:
            flow = self._socket(OUTSIDE, 0)
            self.flows[flow] = source
        text = self.out(data.decode(), source[1], flow.getsockname()[1])
        if text is not None:
            flow.sendto(text.encode(), (FAR, ANSWER))

    def _inward(self, flow, data):
        phone = self.flows[flow]
        text = self.back(data.decode(), phone[1], flow.getsockname()[1])
        if text is not None:
            self.inside.sendto(text.encode(), phone)

    def stop(self):
        os.write(self.stopping, b"x")
        self.join()
        for sock in (self.inside, self.audio, *self.flows):
            sock.close()
        os.close(self.stopped)
        os.close(self.stopping)


def nothing(text, phone, port):
    return text


def length(text):
    """Make Content-Length right."""
    head, _, body = text.partition("\r\n\r\n")
    return re.sub("(?m)^Content-Length: .*\r$", f"Content-Length: {len(body)}\r", head) + \
        "\r\n\r\n" + body


def translate(text, phone, port):
    """Change what an ALG has to change."""
    text = re.sub(rf"(?m)^(Via: SIP/2.0/UDP ){INSIDE}:{phone}", rf"\g<1>{OUTSIDE}:{port}", text)
    text = re.sub(rf"(?m)^(Contact: <sip:a@){INSIDE}:{phone}", rf"\g<1>{OUTSIDE}:{port}", text)
    return length(re.sub(rf"(?m)^([oc]=.*){INSIDE}", rf"\g<1>{OUTSIDE}", text))


def restore(text, phone, port):
    """Change a response back."""
    return re.sub(rf"(?m)^(Via: SIP/2.0/UDP ){OUTSIDE}:{port}", rf"\g<1>{INSIDE}:{phone}", text)


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


# A name, the two functions, whether there is an ALG, and what has to be found: parts of
# the output, of which the last is the verdict. Without any nothing is broken.
CASES = (
    ("NAT without ALG", nothing, nothing, False, ()),
    ("a right ALG", translate, restore, True, ()),
    ("one that adds a header", after(record_route), restore, True, ()),
    ("a Contact that nobody listens at", after(dead_contact), restore, True,
     ("a call to the Contact", "RFC 3261, 8.1.1.8", "Incoming calls are lost")),
    ("rport is removed", after(no_rport), restore, True,
     ("has lost rport", "RFC 3581", "switch the SIP ALG")),
    ("Content-Length is two short", after(short), restore, True,
     ("Content-Length says", "RFC 3261, 18.3", "switch the SIP ALG")),
    ("the end of a body is cut off", after(cut), restore, True,
     ("Content-Length says", "RFC 3261, 18.3", "switch the SIP ALG")),
    ("only from port 5060, From and To", from_5060, nothing, True,
     ("options from port 5060", "From: <sip:a@192.0.2.1", "switch the SIP ALG")),
    ("a text that names the address", after(body), restore, True,
     ("call me at 192.0.2.1", "switch the SIP ALG")),
    ("Call-ID is changed", after(call_id), restore, True,
     ("Call-ID", "switch the SIP ALG")),
    ("responses are not changed back", translate, nothing, True,
     ("Via:", "switch the SIP ALG")),
    ("INVITE is dropped", no_invite, nothing, False,
     ("lost", "Something on the way drops messages")),
    ("a header is removed", after(no_subject), restore, True,
     ("Subject: 127.0.0.1", "switch the SIP ALG")),
)


def probe(*words):
    """Run the near end; return its exit status and what it printed."""
    done = subprocess.run([TOOL, *words, "exercise", "--through", "lo", "--peer", SERVER,
                           "--wait", WAIT], stdout=subprocess.PIPE, text=True, timeout=60,
                          check=False)
    return done.returncode, done.stdout


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


def judge(number, case):
    """Try one ALG; return whether all was found, after having printed that."""
    title, out, back, has_alg, parts = case
    alg = Alg(out, back)
    try:
        status, said = probe("-j")
        verdict = json.loads(said.splitlines()[-1])
        good = (status, verdict["nat"], verdict["alg"], bool(verdict["broken"])) == \
            (1 if parts else 0, True, has_alg, bool(parts))
        text = verdict.get("verdict", "")
        good = good and all(part in said for part in parts[:-1])
        good = good and (parts[-1] in text if parts else not text)
    finally:
        alg.stop()
    print(f"{'ok' if good else 'not ok'} {number} - {title}")
    if not good:
        print("".join(f"# {line}\n" for line in said.splitlines()), end="")
    return good


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
        good = all([judge(number, case) for number, case in enumerate(CASES, 1)])
    finally:
        answering.terminate()
        answering.wait()
    print(f"1..{len(CASES)}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
