#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""LuCI's views in headless Chromium, with a small ubus. TAP.

Usage: browser.py FOLDER-OF-VIEWS
"""

import collections
import html.parser
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

EVIL = "<img src=x onerror='window.hurt=1'>"
CALL = {"id": 7, "kind": "dialog", "state": "confirmed", "inside": {"address": "192.168.1.2"},
        "peer": {"address": "203.0.113.10"}, "age": 9, "duration": 3, "from": EVIL, "to": "bob",
        "streams": [{"kind": "rtp", "media": "audio", "codecs": ["PCMU/8000"],
                     "heard": ["inside"]}]}
# What each method answers, the first time and later.
ANSWERS = {
    ("luci.sipalg", "status"): (
        {"policies": [{"mode": "on", "dev": "wan"}], "counters": {"messages": 4}, "calls": []},
        {"policies": [{"mode": "off", "dev": "wan"}], "counters": {"messages": 5},
         "calls": [CALL]}),
    ("luci.sipalg", "check"): (
        {"findings": [{"name": "module", "level": "good", "text": "the module is loaded"}]},
        {"findings": [{"name": "nat", "level": "problem", "text": "there is no NAT",
                       "command": "nft add"}]}),
    ("uci", "set"): ({}, {}),
}


class Ubus(http.server.BaseHTTPRequestHandler):
    """Serves the page and the views, and answers as uhttpd does for ubus."""

    asked = collections.defaultdict(list)

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        """Say nothing."""

    def _send(self, kind, data):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):  # pylint: disable=invalid-name
        """Send the page, or a view."""
        here = os.path.dirname(os.path.abspath(__file__))
        path = os.path.join(sys.argv[1], os.path.basename(self.path)) \
            if self.path.startswith("/view/") else os.path.join(here, "luci.html")
        with open(path, "rb") as file:
            self._send("text/javascript" if "/view/" in self.path else "text/html", file.read())

    def do_POST(self):  # pylint: disable=invalid-name
        """Answer a call of ubus."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _, name, method, args = asked["params"]
        calls = self.asked[name, method]
        answer = ANSWERS[name, method][min(len(calls), 1)]
        calls.append(args)
        self._send("application/json", json.dumps({"jsonrpc": "2.0", "id": asked["id"],
                                                   "result": [0, answer]}).encode())


class Page(html.parser.HTMLParser):
    """What the browser has made: the title, rows of tables, tags, and text."""

    def __init__(self, text):
        super().__init__()
        self.title = self.text = ""
        self.rows, self.tags, self._open = [], collections.Counter(), ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self._open = tag
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.rows[-1].append("")

    def handle_data(self, data):
        if self._open == "title":
            self.title += data
        elif self._open == "td" and self.rows[-1]:
            self.rows[-1][-1] += data
        if self._open != "script":
            self.text += data


def browse(url):
    """Return what Chromium has made of a page in the end."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run([program, "--headless", "--no-sandbox", "--disable-gpu",
                               f"--user-data-dir={home}", "--virtual-time-budget=20000",
                               "--dump-dom", url], capture_output=True, text=True, timeout=300,
                              check=False)
    return Page(done.stdout)


def main():
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        print("1..0 # SKIP chromium is missing: scripts/setup luci")
        return 0
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ubus) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browse(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
    values = {key: value for args in Ubus.asked["uci", "set"]
              for key, value in args["values"].items()}
    results = (
        ("LuCI in Chromium: the page comes to its end", page.title.strip() == "done"),
        ("LuCI in Chromium: what is told anew is shown",
         ["wan", "off"] in page.rows and ["messages", "5"] in page.rows and
         ["wan", "on"] not in page.rows),
        ("LuCI in Chromium: a call, and the side that is not heard",
         ["up", f"192.168.1.2, 203.0.113.10, {EVIL} → bob", "3 s",
          "audio PCMU/8000 (nothing from outside)"] in page.rows),
        ("LuCI in Chromium: a name from the network is no HTML", page.tags["img"] == 0),
        ("LuCI in Chromium: a finding with its command after a click",
         "there is no NAT" in page.text and "nft add" in page.text),
        ("LuCI in Chromium: the form writes the scope that was switched",
         (values.get("enabled"), values.get("network"), values.get("mode")) ==
         ("1", "wan", "observe")),
    )
    for number, (title, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} {title}")
    if not all(good for _, good in results):
        print("".join(f"# {line}\n" for line in
                      [page.title, str(page.rows), page.text, str(dict(Ubus.asked))]), end="")
    print(f"1..{len(results)}")
    return 0 if all(good for _, good in results) else 1


if __name__ == "__main__":
    sys.exit(main())
