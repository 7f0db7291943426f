// SPDX-License-Identifier: GPL-2.0
/*
 * The near end of a probe: it sends messages and has judged what became of
 * them.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "lab/alg_probe.h"
#include "lab/alg_probe_beside.h"
#include "lab/alg_probe_judge.h"
#include "lab/alg_probe_link.h"
#include "lab/alg_probe_message.h"
#include "print.h"
#include "report.h"
#include "tool.h"

#define TRIES		3
/* Of a far end that has not answered at all, little more is expected. */
#define SILENT_PART	4

/**
 * struct prober - one run
 * @findings: what was found
 * @path: the path
 * @link: socket for the signalling
 * @audio_fd: socket for the audio
 * @own: own address
 * @to: the far end
 * @wait: ms after which a datagram counts as lost
 * @quiet: nothing is printed
 * @pass: the pass
 * @failed: by probe: it had a fault over UDP
 * @by_other: the message was answered, but not by the far end
 * @reply: the last answer
 * @is_full: the far end does all that PROBE_FULL says
 */
struct prober {
	struct findings findings;
	const struct alg_path *path;
	struct link link;
	int audio_fd;
	union sock_addr own, to;
	int wait;
	bool quiet;
	enum probe_pass pass;
	bool failed[PROBES], by_other;
	struct reply reply;
	bool is_full;
};

static void progress_show(const struct prober *prober, const char *name)
{
	if (!prober->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s%s", name, *name ? " ..." : "");
}

static bool is_silent(const struct prober *prober)
{
	return !prober->findings.found.answered;
}

/* Waits for the answer to a message. Return: whether it has come. */
static bool reply_receive(struct prober *prober, size_t i, int wait)
{
	struct reply *reply = &prober->reply;

	while (link_receive(&prober->link, wait, reply->text,
			    sizeof(reply->text)) > 0) {
		if (reply_read(reply)) {
			if (probe_is_arrived(i, prober->pass, reply->arrived))
				return true;
		} else if (!strncmp(reply->text, "SIP/2.0 2", 9)) {
			prober->by_other |= probe_is_arrived(i, prober->pass,
							     reply->text);
		}
	}
	return false;
}

/*
 * Sends a message until it is answered. All tries of the first message together
 * take as long as one of another. Return: 0, 1 if there is no answer, or -1
 * after an error message.
 */
static int probe_ask(struct prober *prober, size_t i, const char *text, int len)
{
	int tries = prober->link.is_tcp || (i && is_silent(prober)) ? 1 : TRIES;
	int wait = prober->wait;

	prober->by_other = false;
	if (is_silent(prober))
		wait /= i ? SILENT_PART : tries;
	for (int try = 0; try < tries; try++) {
		if (link_send(&prober->link, text, len,
			      prober->pass == PASS_SPLIT)) {
			if (prober->link.is_tcp)
				return 1;
			if (errno != ECONNREFUSED) {
				progress_show(prober, "");
				error("the message cannot be sent: %m");
				return -1;
			}
		}
		if (reply_receive(prober, i, wait))
			return 0;
	}
	return 1;
}

/*
 * The far end calls no third host, so it has not called a Contact that was
 * changed to one.
 */
static void contact_check(struct prober *prober, const char *sent)
{
	const char *mine = header_find(sent, "Contact:");
	const char *got = header_find(prober->reply.plain, "Contact:");

	if (*mine && prober->reply.full && !line_is_same(mine, got))
		fault_add(&prober->findings, FAULT_CALL, "RFC 3261, 8.1.1.8",
			  "the Contact arrives as one at which the phone "
			  "cannot be called");
}

/* The far end has called the Contact that it got. */
static bool call_receive(struct prober *prober, size_t i, const char *method,
			 char plain[PROBE_REPLY_MAX])
{
	char text[PROBE_REPLY_MAX - HEADERS_GROW];

	while (link_receive(&prober->link, prober->wait, text,
			    sizeof(text)) > 0) {
		headers_align(plain, PROBE_REPLY_MAX, text, text);
		if (probe_is_call(i, prober->pass, method, plain))
			return true;
	}
	return false;
}

static void call_check(struct prober *prober, size_t i)
{
	char text[PROBE_REPLY_MAX] = "";
	bool called = call_receive(prober, i, "INVITE", text);
	bool more = prober->reply.more;

	print_bool(&prober->findings.out, "called_back", called);
	if (called)
		judge_call(&prober->findings, text, &prober->own, more);
	if (called && more)
		judge_hangup(&prober->findings,
			     call_receive(prober, i, "BYE", text) ? text :
								    NULL);
	else if (!called)
		fault_add(&prober->findings, FAULT_CALL, "RFC 3261, 8.1.1.8",
			  "a call to the Contact that arrived does not come "
			  "back");
}

/* A message whose answer was lost is sent again: RFC 3261, 17.1.1.2. */
static int again_check(struct prober *prober, size_t i, const char *text,
		       int len)
{
	char first[PROBE_TEXT_MAX];
	size_t first_len = prober->reply.len;
	int missing;

	memcpy(first, prober->reply.arrived, first_len);
	missing = probe_ask(prober, i, text, len);
	if (missing < 0)
		return -1;
	if (missing)
		fault_add(&prober->findings, FAULT_LOST, "RFC 3261, 17.2.3",
			  "sent again with the same branch, it is lost");
	else if (prober->reply.len != first_len ||
		 memcmp(first, prober->reply.arrived, first_len))
		fault_add(&prober->findings, FAULT_MESSAGE, "RFC 3261, 17.2.3",
			  "sent again with the same branch, it arrives "
			  "different");
	return 0;
}

static int message_judge(struct prober *prober, size_t i, const char *text,
			 int len)
{
	struct findings *findings = &prober->findings;
	bool same;

	prober->is_full |= prober->reply.full;
	headers_align(prober->reply.plain, sizeof(prober->reply.plain),
		      prober->reply.arrived, text);
	same = judge_message(findings, &probes[i], text, len, &prober->reply,
			     &prober->own);
	if (probes[i].audio)
		audio_judge(findings, prober->audio_fd, prober->wait,
			    &prober->to, &prober->reply, !same);
	if (prober->reply.calls)
		call_check(prober, i);
	else
		contact_check(prober, text);
	return probes[i].again ? again_check(prober, i, text, len) : 0;
}

static int probe_send(struct prober *prober, size_t i)
{
	struct findings *findings = &prober->findings;
	unsigned int broken = findings->found.broken;
	char text[PROBE_TEXT_MAX], name[64];
	int len, missing;

	len = probe_write(text, i, prober->pass, &prober->own, 0);
	snprintf(name, sizeof(name), "%s%s", probes[i].name,
		 pass_suffixes[prober->pass]);
	progress_show(prober, name);
	missing = probe_ask(prober, i, text, len);
	progress_show(prober, "");
	if (missing < 0)
		return -1;
	if (!i && missing && is_silent(prober) && !prober->quiet)
		info("%s has not answered yet, on port %u", prober->path->peer,
		     prober->path->port);
	print_item(&findings->out);
	print_string(&findings->out, PRINT_ANY, "message", name);
	if (missing)
		judge_lost(findings, &probes[i], prober->by_other);
	else
		missing = message_judge(prober, i, text, len);
	faults_print(findings);
	print_item_end(&findings->out);
	if (!pass_is_tcp(prober->pass))
		prober->failed[i] |= findings->found.broken != broken;
	return missing < 0 ? -1 : 0;
}

/* Connects in no more than the time after which a datagram counts as lost. */
static int link_open(struct prober *prober, bool is_tcp)
{
	int type = is_tcp ? SOCK_STREAM : SOCK_DGRAM, on = 1;
	struct timeval limit = {
		.tv_sec = prober->wait / 1000,
		.tv_usec = prober->wait % 1000 * 1000,
	};
	const char *dev = prober->path->dev;
	socklen_t len = sizeof(prober->own);
	int fd = socket(prober->to.any.sa_family, type | SOCK_CLOEXEC, 0);

	prober->link = (struct link){ .fd = fd, .is_tcp = is_tcp };
	return fd < 0 ||
	       setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, strlen(dev)) ||
	       (is_tcp && (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
				      sizeof(limit)) ||
			   setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
				      sizeof(on)))) ||
	       bind(fd, &prober->own.any, sock_addr_len(&prober->own)) ||
	       connect(fd, &prober->to.any, sock_addr_len(&prober->to)) ||
	       getsockname(fd, &prober->own.any, &len) ? -1 : 0;
}

static int sockets_open(struct prober *prober, unsigned int from_port)
{
	const struct alg_path *path = prober->path;
	bool is_tcp = pass_is_tcp(prober->pass);
	union sock_addr audio;

	sock_addr_set(&prober->to, path->peer, path->port);
	/* Once it is known, others may use the port with another address. */
	if (!prober->own.any.sa_family)
		sock_addr_set(&prober->own,
			      prober->to.any.sa_family == AF_INET ? "0.0.0.0" :
								    "::",
			      0);
	sock_addr_set_port(&prober->own, from_port);
	prober->audio_fd = socket(prober->to.any.sa_family,
				  SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (link_open(prober, is_tcp) || prober->audio_fd < 0)
		return -1;
	audio = prober->own;
	sock_addr_set_port(&audio, PROBE_AUDIO_PORT);
	return bind(prober->audio_fd, &audio.any, sock_addr_len(&audio));
}

static void sockets_close(struct prober *prober)
{
	link_close(&prober->link);
	if (prober->audio_fd >= 0)
		close(prober->audio_fd);
	prober->audio_fd = -1;
}

/*
 * Some ALGs only act on a phone that sends from port 5060, so the messages that
 * passed are sent from there again.
 */
static bool probe_is_due(const struct prober *prober, size_t i)
{
	return probes[i].passes & 1U << prober->pass &&
	       !(probes[i].padding && is_silent(prober)) &&
	       !(prober->pass == PASS_SIP_PORT && prober->failed[i]);
}

static int pass_send(struct prober *prober)
{
	int failed = 0;

	for (size_t i = 0; i < PROBES && !failed; i++)
		if (probe_is_due(prober, i))
			failed = probe_send(prober, i);
	if (!failed && prober->reply.full && prober->pass != PASS_SPLIT &&
	    prober->pass != PASS_SIP_PORT)
		keepalive_judge(&prober->findings, &prober->link, prober->wait,
				&prober->reply);
	return failed;
}

/* Return: 0, or -1 after an error message. */
static int udp_pass(struct prober *prober)
{
	const struct alg_path *path = prober->path;
	int failed;

	prober->pass = PASS_ANY_PORT;
	failed = sockets_open(prober, path->from_port);
	if (failed)
		error("socket by %s to %s: %m", path->dev, path->peer);
	else
		failed = pass_send(prober);
	sockets_close(prober);
	if (failed || path->from_port || is_silent(prober))
		return failed;
	/* Another program may have that port. */
	prober->pass = PASS_SIP_PORT;
	if (!sockets_open(prober, SIP_PORT))
		failed = pass_send(prober);
	sockets_close(prober);
	return failed;
}

static void connection_judge(struct prober *prober, int err)
{
	struct print *out = &prober->findings.out;

	print_item(out);
	print_string(out, PRINT_ANY, "message", "connection by TCP");
	print_word(out, "-");
	print_color(out, PRINT_RED);
	print_string(out, PRINT_ANY, "result", "lost");
	prober->findings.found.lost++;
	fault_add(&prober->findings, FAULT_LOST, "RFC 3261, 18",
		  "%s: %s", prober->path->peer,
		  strerror(err == EINPROGRESS ? ETIMEDOUT : err));
	faults_print(&prober->findings);
	print_item_end(out);
}

/* A far end that answered over UDP, but not fully, need not listen on TCP. */
static int tcp_pass(struct prober *prober)
{
	int failed = 0, err;

	if (!prober->path->only_tcp && !prober->is_full)
		return 0;
	for (int pass = PASS_TCP; pass <= PASS_SPLIT && !failed; pass++) {
		prober->pass = pass;
		progress_show(prober, "connection by TCP");
		err = sockets_open(prober, 0) ? errno : 0;
		progress_show(prober, "");
		if (err) {
			connection_judge(prober, err);
			sockets_close(prober);
			return 0;
		}
		failed = pass_send(prober);
		sockets_close(prober);
	}
	return failed;
}

/* The far end calls after a time in which the phone has sent nothing. */
static int idle_pass(struct prober *prober)
{
	struct findings *findings = &prober->findings;
	unsigned int idle = prober->path->idle;
	char text[PROBE_TEXT_MAX], name[64];
	bool called = false;
	int len, missing;

	prober->pass = PASS_ANY_PORT;
	if (sockets_open(prober, prober->path->from_port)) {
		error("socket by %s to %s: %m", prober->path->dev,
		      prober->path->peer);
		return -1;
	}
	len = probe_write(text, 0, prober->pass, &prober->own, idle);
	missing = probe_ask(prober, 0, text, len);
	snprintf(name, sizeof(name), "call after %u s", idle);
	if (!missing && prober->reply.later) {
		info("nothing is sent for %u s, then %s calls", idle,
		     prober->path->peer);
		progress_show(prober, name);
		do {
			called = probe_is_call(0, prober->pass, "INVITE", text);
		} while (!called &&
			 link_receive(&prober->link,
				      1000 * idle + prober->wait, text,
				      sizeof(text)) > 0);
		progress_show(prober, "");
	}
	sockets_close(prober);
	if (missing < 0)
		return -1;
	print_item(&findings->out);
	print_string(&findings->out, PRINT_ANY, "message", name);
	if (missing) {
		judge_lost(findings, &probes[0], prober->by_other);
	} else {
		print_word(&findings->out, "-");
		print_string(&findings->out, PRINT_ANY, "result",
			     called ? "unchanged" : "lost");
	}
	if (!missing && !called)
		fault_add(findings, FAULT_IDLE, "RFC 4787, 4.3",
			  "after that time without a packet, a call does not "
			  "come in");
	faults_print(findings);
	print_item_end(&findings->out);
	return 0;
}

/* Return: 0, or -1 after an error message. */
static int probe_all(struct prober *prober)
{
	const struct alg_path *path = prober->path;
	int failed = 0;

	if (!path->only_tcp)
		failed = udp_pass(prober);
	if (!failed && !path->only_udp)
		failed = tcp_pass(prober);
	if (!failed && path->idle && !is_silent(prober))
		failed = idle_pass(prober);
	return failed;
}

static void verdict_print(struct findings *findings)
{
	const struct alg_probe *found = &findings->found;
	const char *verdict = verdict_text(findings);
	struct print *out = &findings->out;

	print_item(out);
	if (!found->answered) {
		print_word(out, "Nothing was answered: "
				"sipalg exercise --answer has to run there.");
		print_number(out, PRINT_JSON, "broken", found->broken);
		print_item_end(out);
		return;
	}
	print_word(out, found->nat ? "There is NAT on the way," :
				     "There is no NAT on the way,");
	print_word(out, found->alg ? "and an ALG that changes messages." :
				     "and nothing that changes messages.");
	print_bool(out, "nat", found->nat);
	print_bool(out, "alg", found->alg);
	print_number(out, PRINT_JSON, "broken", found->broken);
	if (verdict) {
		print_newline(out);
		print_color(out, PRINT_RED);
		print_string(out, PRINT_ANY, "verdict", verdict);
	}
	print_item_end(out);
}

/**
 * alg_probe_run() - look for an ALG on a path, and print the findings
 * @tool: this run
 * @path: the path
 * @wait: ms after which a datagram counts as lost
 *
 * Return: exit status; STATUS_REFUSED also if there is a fault.
 */
int alg_probe_run(struct tool *tool, const struct alg_path *path, int wait)
{
	struct prober prober = {
		.path = path, .link.fd = -1, .audio_fd = -1, .wait = wait,
	};
	int status, failed;

	print_begin(&prober.findings.out, tool, PRINT_LINES);
	failed = probe_all(&prober);
	if (!failed)
		verdict_print(&prober.findings);
	status = print_end(&prober.findings.out);
	return failed || prober.findings.found.broken ? STATUS_REFUSED : status;
}

/**
 * alg_probe_check() - look for an ALG on a path without printing
 * @path: the path
 * @wait: ms after which a datagram counts as lost
 * @found: filled in
 *
 * Return: 0, or -1 after an error message.
 */
int alg_probe_check(const struct alg_path *path, int wait,
		    struct alg_probe *found)
{
	struct prober prober = {
		.path = path, .link.fd = -1, .audio_fd = -1, .wait = wait,
		.quiet = true,
	};
	struct print *out = &prober.findings.out;
	int failed = -1;

	print_begin(out, &(struct tool){}, PRINT_LINES);
	out->file = fopen("/dev/null", "we");
	if (out->file) {
		failed = probe_all(&prober);
		fclose(out->file);
	}
	*found = prober.findings.found;
	return failed;
}
