// SPDX-License-Identifier: GPL-2.0
/*
 * The near end of a probe: it sends messages and judges what became of them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "lab/alg_probe.h"
#include "lab/alg_probe_text.h"
#include "lab/sock.h"
#include "print.h"
#include "report.h"
#include "tool.h"

#define TRIES		3
#define FAULTS_MAX	8

/*
 * The messages: %1 is the own address as SIP writes it, %2 the own port, %3 the
 * own address as SDP writes it. All of them get more headers. @strict: an ALG
 * may change nothing but the Via, because no other line has an address at which
 * the phone can be reached.
 */
static const struct probe {
	const char *name;
	const char *method;
	const char *headers;
	const char *body;
	bool strict;
	bool audio;
} probes[] = {
	{
		.name = "options",
		.method = "OPTIONS",
		.headers = "Contact: <sip:a@%1$s:%2$u>\r\n",
		.body = "",
	},
	{
		.name = "register",
		.method = "REGISTER",
		.headers = "Contact: <sip:a@%1$s:%2$u>;expires=60\r\n",
		.body = "",
	},
	{
		.name = "invite",
		.method = "INVITE",
		.headers = "Contact: <sip:a@%1$s:%2$u>\r\n"
			   "Content-Type: application/sdp\r\n",
		.body = "v=0\r\no=- 1 1 IN %3$s\r\ns=-\r\nc=IN %3$s\r\n"
			"t=0 0\r\nm=audio 40200 RTP/AVP 0\r\n"
			"a=rtpmap:0 PCMU/8000\r\n",
		.audio = true,
	},
	{
		.name = "invite with media elsewhere",
		.method = "INVITE",
		.headers = "Contact: <sip:a@%1$s:%2$u>\r\n"
			   "Content-Type: application/sdp\r\n",
		.body = "v=0\r\no=- 1 1 IN IP4 media.example.com\r\ns=-\r\n"
			"c=IN IP4 media.example.com\r\nt=0 0\r\n"
			"m=audio 40202 RTP/AVP 0\r\n",
	},
	{
		.name = "text that names the address",
		.method = "MESSAGE",
		.headers = "Content-Type: text/plain\r\n",
		.body = "call me at %1$s:%2$u, c=IN %3$s\r\n",
		.strict = true,
	},
	{
		.name = "address in other headers",
		.method = "OPTIONS",
		.headers = "P-Asserted-Identity: <sip:a@%1$s>\r\n"
			   "Subject: %1$s\r\n",
		.body = "",
		.strict = true,
	},
};

#define N_PROBES (sizeof(probes) / sizeof(*probes))

/* A fault of a message, and the sentence of a standard that it breaks. */
struct fault {
	char text[160];
	const char *rfc;
};

/**
 * struct prober - one run
 * @out: the output
 * @fd: socket for the signalling
 * @audio_fd: socket for the audio
 * @own: own address
 * @wait: ms after which a datagram counts as lost
 * @from_sip_port: this is the second pass, from SIP_PORT
 * @faults: faults of the message
 * @n_faults: number of them
 * @failed: by probe: it had a fault in the first pass
 * @calls_lost: a call back did not arrive
 * @found: the result
 */
struct prober {
	struct print out;
	int fd, audio_fd;
	union sock_addr own;
	int wait;
	bool from_sip_port;
	struct fault faults[FAULTS_MAX];
	size_t n_faults;
	bool failed[N_PROBES];
	bool calls_lost;
	struct alg_probe found;
};

__attribute__((format(printf, 3, 4)))
static void fault_add(struct prober *prober, const char *rfc,
		      const char *format, ...)
{
	struct fault *fault = &prober->faults[prober->n_faults];
	va_list ap;

	prober->found.broken++;
	if (prober->n_faults == FAULTS_MAX)
		return;
	va_start(ap, format);
	vsnprintf(fault->text, sizeof(fault->text), format, ap);
	va_end(ap);
	fault->rfc = rfc;
	prober->n_faults++;
}

static void faults_print(struct prober *prober)
{
	struct print *out = &prober->out;

	if (!prober->n_faults)
		return;
	print_list(out, "faults");
	for (size_t i = 0; i < prober->n_faults; i++) {
		print_item(out);
		print_color(out, PRINT_RED);
		print_word(out, "fault:");
		print_string(out, PRINT_ANY, "fault", prober->faults[i].text);
		print_string(out, PRINT_ANY, "rfc", prober->faults[i].rfc);
		print_item_end(out);
	}
	print_list_end(out);
	prober->n_faults = 0;
}

/* Of the message in this run. */
static size_t probe_number(const struct prober *prober, size_t i)
{
	return 1 + i + prober->from_sip_port * N_PROBES;
}

/*
 * Did this message arrive, not an earlier one whose answer is late? One of
 * these is left of it even if an ALG changes the others.
 */
static bool probe_is_arrived(const struct prober *prober, size_t i,
			     const char *arrived)
{
	size_t number = probe_number(prober, i);
	char branch[48], call_id[48], cseq[32];

	snprintf(branch, sizeof(branch), "z9hG4bK%zu-%d;", number, getpid());
	snprintf(call_id, sizeof(call_id), PROBE_MARK "-%zu-%d@", number,
		 getpid());
	snprintf(cseq, sizeof(cseq), "\r\nCSeq: %zu ", number);
	return strstr(arrived, branch) || strstr(arrived, call_id) ||
	       strstr(arrived, cseq);
}

static int probe_write(char *text, const struct prober *prober,
		       const struct probe *probe, size_t i)
{
	char host[HOST_MAX], sip[HOST_MAX + 2], sdp[HOST_MAX + 4];
	bool is4 = prober->own.any.sa_family == AF_INET;
	unsigned int port = sock_addr_port(&prober->own);
	char headers[512], body[512];

	sock_addr_host(&prober->own, host);
	snprintf(sip, sizeof(sip), is4 ? "%s" : "[%s]", host);
	snprintf(sdp, sizeof(sdp), "IP%c %s", is4 ? '4' : '6', host);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(headers, sizeof(headers), probe->headers, sip, port, sdp);
	snprintf(body, sizeof(body), probe->body, sip, port, sdp);
#pragma GCC diagnostic pop
	i = probe_number(prober, i);
	return snprintf(text, PROBE_TEXT_MAX,
			"%s sip:b@example.com SIP/2.0\r\n"
			"Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK%zu-%d;rport\r\n"
			"Max-Forwards: 70\r\nFrom: <sip:a@%s:%u>;tag=a\r\n"
			"To: <sip:b@%s>\r\n"
			"Call-ID: " PROBE_MARK "-%zu-%d@%s\r\nCSeq: %zu %s\r\n%s"
			"Content-Length: %zu\r\n\r\n%s",
			probe->method, sip, port, i, getpid(), sip, port, sip,
			i, getpid(), sip, i, probe->method, headers,
			strlen(body), body);
}

/* Return: length of the message as it arrived, or -1 if this is no answer. */
static ssize_t arrived_read(struct prober *prober, const char *reply,
			    char *arrived, bool *calls)
{
	const char *body = strstr(reply, "\r\n\r\n");
	char host[HOST_MAX] = "", own[HOST_MAX];
	unsigned int port, byte;
	size_t len = 0;

	if (!body || !strstr(reply, "application/" PROBE_MARK) ||
	    sscanf(body, " %45s %u", host, &port) != 2 ||
	    strlen(body) < 4 + PROBE_SENDER_LEN)
		return -1;
	sock_addr_host(&prober->own, own);
	prober->found.nat |=
		strcmp(strncmp(host, "::ffff:", 7) ? host : host + 7, own) ||
		port != sock_addr_port(&prober->own);
	for (body += 4 + PROBE_SENDER_LEN;
	     len < PROBE_TEXT_MAX - 1 && isxdigit((unsigned char)body[0]) &&
	     isxdigit((unsigned char)body[1]) &&
	     sscanf(body, "%2x", &byte) == 1;
	     body += 2)
		arrived[len++] = byte;
	arrived[len] = '\0';
	*calls = !strcmp(body, PROBE_CALLS);
	return len;
}

/*
 * @sent is NULL for a line that something on the way has added, @arrived for
 * one removed.
 */
static void line_print(struct prober *prober, const char *sent,
		       const char *arrived, bool harm)
{
	struct print *out = &prober->out;
	char text[256];

	prober->found.alg = true;
	prober->found.broken += harm;
	print_item(out);
	if (sent) {
		snprintf(text, sizeof(text), "%.*s", (int)line_len(sent), sent);
		print_word(out, "-");
		print_string(out, PRINT_ANY, "sent", text);
	}
	if (sent && arrived)
		print_newline(out);
	if (arrived) {
		snprintf(text, sizeof(text), "%.*s", (int)line_len(arrived),
			 arrived);
		print_word(out, "+");
		print_string(out, PRINT_ANY, "arrived", text);
	}
	print_bool(out, "harm", harm);
	if (harm)
		print_word(out, sent && arrived ?
				"  <- nothing to change there" :
				"  <- not to be lost");
	print_item_end(out);
}

static void lines_print(struct prober *prober, const char *sent,
			const char *arrived, bool strict)
{
	print_list(&prober->out, "lines");
	while (*sent || *arrived) {
		bool added = *arrived && (!*sent || line_is_in(arrived, sent));
		bool removed = *sent &&
			       (!*arrived || line_is_in(sent, arrived) ||
				!line_has_same_name(sent, arrived));

		if (*sent && *arrived && line_is_same(sent, arrived)) {
			sent = line_next(sent);
			arrived = line_next(arrived);
		} else if (added) {
			line_print(prober, NULL, arrived, false);
			arrived = line_next(arrived);
		} else if (removed) {
			line_print(prober, sent, NULL, true);
			sent = line_next(sent);
		} else {
			line_print(prober, sent, arrived,
				   !line_may_change(sent) ||
				   (strict && strncmp(sent, "Via:", 4)));
			sent = line_next(sent);
			arrived = line_next(arrived);
		}
	}
	print_list_end(&prober->out);
}

/* Content-Length and Via, as they arrived. */
static void headers_check(struct prober *prober, const char *arrived)
{
	const char *length = header_find(arrived, "Content-Length:");
	const char *body = strstr(arrived, "\r\n\r\n");
	const char *via = header_find(arrived, "Via:");
	unsigned long announced;

	if (body && *length) {
		announced = strtoul(length + strlen("Content-Length:"), NULL,
				    10);
		if (announced != strlen(body + 4))
			fault_add(prober, "RFC 3261, 18.3",
				  "Content-Length says %lu, the body has %zu "
				  "bytes", announced, strlen(body + 4));
	}
	if (*via && !memmem(via, line_len(via), ";rport", 6))
		fault_add(prober, "RFC 3581, 4",
			  "the Via has lost rport: responses go to another "
			  "port");
}

/*
 * The phone knows its responses by these headers. Parameters may be added to
 * the Via.
 */
static void answer_check(struct prober *prober, const char *sent,
			 const char *reply)
{
	const char *wrong = NULL;
	struct print *out = &prober->out;

	for (size_t i = 0; i < PROBE_REPEATED && !wrong; i++) {
		const char *mine = header_find(sent, probe_repeated[i]);
		const char *got = header_find(reply, probe_repeated[i]);
		size_t len = i ? line_len(mine) + 1 : strcspn(mine, ";");

		if (strncmp(mine, got, len))
			wrong = probe_repeated[i];
	}
	print_bool(out, "answer", !wrong);
	if (!wrong)
		return;
	prober->found.broken++;
	print_newline(out);
	print_word(out, "    what the answer has is not what was sent:");
	print_string(out, PRINT_ANY, "answer_differs", wrong);
}

static void audio_check(struct prober *prober)
{
	struct print *out = &prober->out;
	char text[64];
	bool heard;

	heard = sock_receive(prober->audio_fd, prober->wait, text, sizeof(text),
			     NULL) > 0 && !strcmp(text, PROBE_AUDIO);
	prober->found.broken += !heard && prober->found.alg;
	print_bool(out, "audio", heard);
	print_newline(out);
	print_word(out, heard ? "    audio comes back" :
				"    no audio comes back");
}

/* The far end has called the Contact that it got. */
static void call_check(struct prober *prober)
{
	char text[PROBE_REPLY_MAX] = "";
	struct print *out = &prober->out;
	bool called = false;

	while (!called && sock_receive(prober->fd, prober->wait, text,
				       sizeof(text), NULL) > 0)
		called = !strncmp(text, "INVITE ", 7) &&
			 strstr(text, PROBE_MARK "-call-");
	print_bool(out, "called_back", called);
	if (called)
		return;
	prober->calls_lost = true;
	fault_add(prober, "RFC 3261, 8.1.1.8",
		  "a call to the Contact that arrived does not come back");
}

static void message_judge(struct prober *prober, const struct probe *probe,
			  const char *text, const char *arrived, bool same,
			  const char *reply, bool calls)
{
	prober->found.answered++;
	print_word(&prober->out, "-");
	print_string(&prober->out, PRINT_ANY, "result",
		     same ? "unchanged" : "changed");
	answer_check(prober, text, reply);
	if (!same)
		headers_check(prober, arrived);
	if (!same)
		lines_print(prober, text, arrived, probe->strict);
	if (probe->audio)
		audio_check(prober);
	if (calls)
		call_check(prober);
}

static void progress_show(const char *name)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s%s", name, *name ? " ..." : "");
}

static int probe_send(struct prober *prober, const struct probe *probe,
		      size_t i)
{
	char text[PROBE_TEXT_MAX], arrived[PROBE_TEXT_MAX] = "";
	char reply[PROBE_REPLY_MAX] = "", name[64];
	unsigned int broken = prober->found.broken;
	int len = probe_write(text, prober, probe, i);
	/* A peer that has not answered twice hardly answers the third time. */
	int tries = i && !prober->found.answered ? 1 : TRIES;
	struct print *out = &prober->out;
	bool calls = false;
	ssize_t got = -1;

	snprintf(name, sizeof(name), "%s%s", probe->name,
		 prober->from_sip_port ? " from port 5060" : "");
	progress_show(name);
	for (int try = 0; try < tries && got < 0; try++) {
		if (send(prober->fd, text, len, 0) != len &&
		    errno != ECONNREFUSED) {
			progress_show("");
			error("the message cannot be sent: %m");
			return -1;
		}
		while (got < 0 && sock_receive(prober->fd, prober->wait, reply,
					       sizeof(reply), NULL) > 0) {
			got = arrived_read(prober, reply, arrived, &calls);
			if (got >= 0 && !probe_is_arrived(prober, i, arrived))
				got = -1;
		}
	}
	progress_show("");
	print_item(out);
	print_string(out, PRINT_ANY, "message", name);
	if (got < 0) {
		print_word(out, "-");
		print_color(out, PRINT_RED);
		print_string(out, PRINT_ANY, "result", "lost");
		prober->found.lost++;
		prober->found.broken++;
	} else {
		message_judge(prober, probe, text, arrived,
			      got == len && !memcmp(text, arrived, len), reply,
			      calls);
	}
	faults_print(prober);
	print_item_end(out);
	prober->failed[i] |= prober->found.broken != broken;
	return 0;
}

/* Binds to the own address, once it is known: others may use its port. */
static int sockets_open(struct prober *prober, const struct alg_path *path,
			unsigned int from_port)
{
	socklen_t len = sizeof(prober->own);
	union sock_addr to, audio;

	sock_addr_set(&to, path->peer, path->port);
	if (!prober->own.any.sa_family)
		sock_addr_set(&prober->own, to.any.sa_family == AF_INET ?
			      "0.0.0.0" : "::", from_port);
	sock_addr_set_port(&prober->own, from_port);
	prober->fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	prober->audio_fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC,
				  0);
	if (prober->fd < 0 || prober->audio_fd < 0 ||
	    setsockopt(prober->fd, SOL_SOCKET, SO_BINDTODEVICE, path->dev,
		       strlen(path->dev)) ||
	    bind(prober->fd, &prober->own.any, sock_addr_len(&prober->own)) ||
	    connect(prober->fd, &to.any, sock_addr_len(&to)) ||
	    getsockname(prober->fd, &prober->own.any, &len))
		return -1;
	audio = prober->own;
	sock_addr_set_port(&audio, PROBE_AUDIO_PORT);
	return bind(prober->audio_fd, &audio.any, sock_addr_len(&audio));
}

static void sockets_close(struct prober *prober)
{
	if (prober->fd >= 0)
		close(prober->fd);
	if (prober->audio_fd >= 0)
		close(prober->audio_fd);
	prober->fd = -1;
	prober->audio_fd = -1;
}

/*
 * Some ALGs only act on a phone that sends from port 5060, so the messages that
 * passed are sent from there again. Another program may have that port.
 */
static int second_pass(struct prober *prober, const struct alg_path *path)
{
	int failed = 0;

	if (path->from_port || !prober->found.answered)
		return 0;
	prober->from_sip_port = true;
	if (sockets_open(prober, path, SIP_PORT)) {
		sockets_close(prober);
		return 0;
	}
	for (size_t i = 0; i < N_PROBES && !failed; i++)
		if (!prober->failed[i])
			failed = probe_send(prober, &probes[i], i);
	sockets_close(prober);
	return failed;
}

/* Return: 0, or -1 after an error message. */
static int probe_all(struct prober *prober, const struct alg_path *path)
{
	int failed = sockets_open(prober, path, path->from_port);

	if (failed)
		error("socket by %s to %s: %m", path->dev, path->peer);
	for (size_t i = 0; i < N_PROBES && !failed; i++)
		failed = probe_send(prober, &probes[i], i);
	sockets_close(prober);
	return failed ? failed : second_pass(prober, path);
}

/* One sentence to act on. */
static const char *verdict_text(const struct prober *prober)
{
	const struct alg_probe *found = &prober->found;

	if (prober->calls_lost)
		return "Incoming calls are lost: switch the SIP ALG of the "
		       "router on the way off.";
	if (found->broken && found->alg)
		return "An ALG on the way breaks messages, see above: switch "
		       "the SIP ALG of the router on the way off.";
	if (found->lost)
		return "Something on the way drops messages, see above: switch "
		       "the SIP ALG of the router on the way off, or allow "
		       "SIP in its firewall.";
	return found->broken ? "Something on the way breaks calls, see above." :
			       NULL;
}

static void verdict_print(struct prober *prober)
{
	const struct alg_probe *found = &prober->found;
	const char *verdict = verdict_text(prober);
	struct print *out = &prober->out;

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
	struct prober prober = { .fd = -1, .audio_fd = -1, .wait = wait };
	int status, failed;

	print_begin(&prober.out, tool, PRINT_LINES);
	failed = probe_all(&prober, path);
	if (!failed)
		verdict_print(&prober);
	status = print_end(&prober.out);
	return failed || prober.found.broken ? STATUS_REFUSED : status;
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
	struct prober prober = { .fd = -1, .audio_fd = -1, .wait = wait };
	int failed = -1;

	print_begin(&prober.out, &(struct tool){}, PRINT_LINES);
	prober.out.file = fopen("/dev/null", "we");
	if (prober.out.file) {
		failed = probe_all(&prober, path);
		fclose(prober.out.file);
	}
	*found = prober.found;
	return failed;
}
