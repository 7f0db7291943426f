// SPDX-License-Identifier: GPL-2.0

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/alg_probe_judge.h"

/**
 * fault_add() - note a fault of the message
 * @findings: the findings
 * @kind: its kind
 * @rfc: the section of a standard that it breaks
 * @format: a sentence, as for printf()
 */
void fault_add(struct findings *findings, enum fault_kind kind, const char *rfc,
	       const char *format, ...)
{
	struct fault *fault = &findings->faults[findings->n_faults];
	va_list ap;

	findings->found.broken++;
	findings->kinds |= 1U << kind;
	if (findings->n_faults == FAULTS_MAX)
		return;
	va_start(ap, format);
	vsnprintf(fault->text, sizeof(fault->text), format, ap);
	va_end(ap);
	fault->rfc = rfc;
	findings->n_faults++;
}

/**
 * faults_print() - print the faults of the message, and forget them
 * @findings: the findings
 */
void faults_print(struct findings *findings)
{
	struct print *out = &findings->out;

	if (!findings->n_faults)
		return;
	print_list(out, "faults");
	for (size_t i = 0; i < findings->n_faults; i++) {
		print_item(out);
		print_color(out, PRINT_RED);
		print_word(out, "fault:");
		print_string(out, PRINT_ANY, "fault", findings->faults[i].text);
		print_string(out, PRINT_ANY, "rfc", findings->faults[i].rfc);
		print_item_end(out);
	}
	print_list_end(out);
	findings->n_faults = 0;
}

/**
 * reply_read() - read an answer of the far end
 * @reply: its text; the other members are filled in
 *
 * Return: whether it is one.
 */
bool reply_read(struct reply *reply)
{
	char plain[PROBE_REPLY_MAX];
	const char *body;
	unsigned int byte;

	headers_align(plain, sizeof(plain), reply->text, reply->text);
	strcpy(reply->text, plain);
	body = strstr(reply->text, "\r\n\r\n");
	if (!body || !strstr(reply->text, "application/" PROBE_MARK) ||
	    sscanf(body, " %45s %u", reply->host, &reply->port) != 2 ||
	    strlen(body) < 4 + PROBE_SENDER_LEN)
		return false;
	if (!strncmp(reply->host, "::ffff:", 7))
		memmove(reply->host, reply->host + 7, strlen(reply->host) - 6);
	reply->len = 0;
	for (body += 4 + PROBE_SENDER_LEN;
	     reply->len < PROBE_TEXT_MAX - 1 &&
	     isxdigit((unsigned char)body[0]) &&
	     isxdigit((unsigned char)body[1]) &&
	     sscanf(body, "%2x", &byte) == 1;
	     body += 2)
		reply->arrived[reply->len++] = byte;
	reply->arrived[reply->len] = '\0';
	reply->calls = strstr(body, PROBE_CALLS);
	reply->full = strstr(body, PROBE_FULL);
	reply->later = strstr(body, PROBE_LATER);
	reply->more = strstr(body, PROBE_MORE);
	return true;
}

/*
 * @sent is NULL for a line that something on the way has added, @arrived for
 * one removed.
 */
static void line_print(struct findings *findings, const char *sent,
		       const char *arrived, bool harm)
{
	struct print *out = &findings->out;
	char text[256];

	findings->found.alg = true;
	if (harm && sent)
		fault_add(findings, FAULT_MESSAGE, line_rfc(sent),
			  "%.*s is %s", (int)strcspn(sent, ":=\r "), sent,
			  arrived ? "changed" : "removed");
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
	if (harm && sent)
		print_word(out, sent && arrived ?
				"  <- nothing to change there" :
				"  <- not to be lost");
	print_item_end(out);
}

/* May an ALG turn a line into another one? */
static bool is_allowed(const char *sent, const char *arrived, const char *host,
		       bool strict)
{
	return line_is_hop(sent, arrived) ||
	       (line_may_change(sent) && line_is_moved(sent, arrived, host) &&
		(!strict || !strncmp(sent, "Via:", 4)));
}

static void lines_print(struct findings *findings, const char *sent,
			const char *arrived, const char *host, bool strict)
{
	print_list(&findings->out, "lines");
	while (*sent || *arrived) {
		bool added = *arrived && (!*sent || line_is_in(arrived, sent));
		bool removed = *sent &&
			       (!*arrived || line_is_in(sent, arrived) ||
				!line_has_same_name(sent, arrived));

		if (*sent && *arrived && line_is_same(sent, arrived)) {
			sent = line_next(sent);
			arrived = line_next(arrived);
		} else if (added) {
			line_print(findings, NULL, arrived, false);
			arrived = line_next(arrived);
		} else if (removed) {
			line_print(findings, sent, NULL, true);
			sent = line_next(sent);
		} else {
			line_print(findings, sent, arrived,
				   !is_allowed(sent, arrived, host, strict));
			sent = line_next(sent);
			arrived = line_next(arrived);
		}
	}
	print_list_end(&findings->out);
}

/* Content-Length and Via, as they arrived. */
static void headers_check(struct findings *findings, const char *sent,
			  const char *arrived)
{
	const char *length = header_find(arrived, "Content-Length:");
	const char *body = strstr(arrived, "\r\n\r\n");
	const char *via = header_find(arrived, "Via:");
	size_t len = strlen(sent), got = strlen(arrived);
	unsigned long announced;

	if (!body)
		fault_add(findings, FAULT_MESSAGE, "RFC 3261, 7",
			  "the lines arrive without their CR, or with no "
			  "empty line behind the headers");

	if (body && *length) {
		announced = strtoul(length + strlen("Content-Length:"), NULL,
				    10);
		if (announced != strlen(body + 4))
			fault_add(findings, FAULT_MESSAGE, "RFC 3261, 18.3",
				  "Content-Length says %lu, the body has %zu "
				  "bytes", announced, strlen(body + 4));
	}
	if (len && got && sent[len - 1] == '\n' && arrived[got - 1] != '\n')
		fault_add(findings, FAULT_MESSAGE, "RFC 3261, 18.3",
			  "the end of the body is cut off");
	if (*via && !memmem(via, line_len(via), ";rport", 6))
		fault_add(findings, FAULT_MESSAGE, "RFC 3581, 4",
			  "the Via has lost rport: responses go to another "
			  "port");
}

/* A value without the brackets of an IPv6 address. */
static size_t value_len(const char **value)
{
	*value += **value == '[';
	return strcspn(*value, ";,] \r\n");
}

/*
 * The far end has told in the Via what it saw. An ALG may translate that back
 * to the phone's own address and port.
 */
static void via_check(struct findings *findings, const struct reply *reply,
		      const union sock_addr *own)
{
	const char *via = header_find(reply->text, "Via:");
	const char *received = memmem(via, line_len(via), ";received=", 10);
	const char *rport = memmem(via, line_len(via), ";rport=", 7);
	unsigned long port = rport ? strtoul(rport + 7, NULL, 10) : 0;
	char host[HOST_MAX];
	size_t len;

	sock_addr_host(own, host);
	if (received) {
		received += 10;
		len = value_len(&received);
	}
	if (!received)
		fault_add(findings, FAULT_MESSAGE, "RFC 3261, 18.2.1",
			  "the Via of the answer has lost received");
	else if ((len != strlen(reply->host) ||
		  strncmp(received, reply->host, len)) &&
		 (len != strlen(host) || strncmp(received, host, len)))
		fault_add(findings, FAULT_MESSAGE, "RFC 3261, 18.2.1",
			  "received in the answer is %.*s, neither what the "
			  "far end saw nor the phone", (int)len, received);
	if (port != reply->port && port != sock_addr_port(own) &&
	    strstr(reply->plain, ";rport"))
		fault_add(findings, FAULT_MESSAGE, "RFC 3581, 4",
			  "rport in the answer is %lu, neither what the far "
			  "end saw nor the phone", port);
}

/* The branch stays; other parameters may be added: RFC 3261, 17.1.3. */
static bool via_is_mine(const char *mine, const char *got)
{
	const char *branch = strstr(mine, ";branch=");
	size_t len = strcspn(branch + 1, ";\r");
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "%.*s", (int)len, branch + 1);
	return !strncmp(mine, got, strcspn(mine, ";")) &&
	       memmem(got, line_len(got), wanted, strlen(wanted));
}

/* The phone finds its own Contact there, to know how long it is registered. */
static void binding_check(struct findings *findings, const char *sent,
			  const struct reply *reply)
{
	const char *mine = header_find(sent, "Contact:");
	const char *got = header_find(reply->text, "Contact:");

	if (!reply->more || strncmp(sent, "REGISTER ", 9) ||
	    line_is_same(got, mine) ||
	    line_is_same(got, header_find(reply->plain, "Contact:")))
		return;
	fault_add(findings, FAULT_MESSAGE, "RFC 3261, 10.3",
		  "the Contact of the answer is neither the phone's nor what "
		  "the far end got: %.*s", *got ? (int)line_len(got) : 4,
		  *got ? got : "none");
}

/* The phone knows its responses by these headers. */
static void answer_check(struct findings *findings, const char *sent,
			 const struct reply *reply)
{
	const char *wrong = NULL;
	struct print *out = &findings->out;

	for (size_t i = 0; i < PROBE_REPEATED && !wrong; i++) {
		const char *mine = header_find(sent, probe_repeated[i]);
		const char *got = header_find(reply->text, probe_repeated[i]);

		if (i ? !line_is_same(mine, got) : !via_is_mine(mine, got))
			wrong = probe_repeated[i];
	}
	print_bool(out, "answer", !wrong);
	if (!wrong)
		return;
	fault_add(findings, FAULT_MESSAGE, "RFC 3261, 8.2.6.2",
		  "the answer has another %.*s", (int)strcspn(wrong, ":"),
		  wrong);
	print_newline(out);
	print_word(out, "    what the answer has is not what was sent:");
	print_string(out, PRINT_ANY, "answer_differs", wrong);
}

/**
 * judge_call() - judge a call of the far end
 * @findings: the findings
 * @call: its text
 * @own: own address and port
 * @more: it has a route
 */
void judge_call(struct findings *findings, const char *call,
		const union sock_addr *own, bool more)
{
	static const char *const lines[] = { PROBE_CALL_LINES };
	const char *first = strstr(call, "\r\n" PROBE_ROUTE_1 "\r\n");
	const char *second = strstr(call, "\r\n" PROBE_ROUTE_2 "\r\n");

	if (!probe_calls_phone(call, own))
		fault_add(findings, FAULT_CALL, "RFC 3261, 8.2.2.1",
			  "a call comes with another Request-URI than the "
			  "phone's Contact: %.*s", (int)line_len(call), call);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (!line_is_in(call, lines[i]))
			fault_add(findings, FAULT_MESSAGE, line_rfc(lines[i]),
				  "a call comes with another %.*s",
				  (int)strcspn(lines[i], ":"), lines[i]);
	if (more && (!first || !second || first > second))
		fault_add(findings, FAULT_MESSAGE, "RFC 3261, 16.6",
			  "a call comes with another Record-Route, or in "
			  "another order: it cannot be hung up");
}

/**
 * judge_hangup() - judge the end of a call of the far end
 * @findings: the findings
 * @bye: the BYE; NULL if it has not come
 */
void judge_hangup(struct findings *findings, const char *bye)
{
	if (!bye)
		fault_add(findings, FAULT_LOST, "RFC 3261, 15",
			  "a call comes in, but not its BYE: it does not end");
}

/**
 * judge_lost() - judge a message that was not answered
 * @findings: the findings
 * @probe: the message
 * @by_other: somebody else has answered it
 */
void judge_lost(struct findings *findings, const struct probe *probe,
		bool by_other)
{
	struct print *out = &findings->out;

	print_word(out, "-");
	print_color(out, PRINT_RED);
	print_string(out, PRINT_ANY, "result", "lost");
	findings->found.lost++;
	if (by_other)
		fault_add(findings, FAULT_LOST, "RFC 3261, 16",
			  "something on the way answers it itself, and the far "
			  "end gets nothing");
	else if (!findings->found.answered)
		findings->found.broken++;
	else if (probe->padding)
		fault_add(findings, FAULT_LARGE, "RFC 4787, 11",
			  "a message in IP fragments, or its answer, is lost");
	else
		fault_add(findings, FAULT_LOST, "RFC 4787, 7",
			  "others pass, but this one or its answer is lost");
}

/**
 * judge_message() - judge a message that was answered
 * @findings: the findings
 * @probe: the message
 * @sent: its text
 * @len: length of that
 * @reply: the answer
 * @own: own address and port
 *
 * Return: whether it arrived unchanged.
 */
bool judge_message(struct findings *findings, const struct probe *probe,
		   const char *sent, size_t len, const struct reply *reply,
		   const union sock_addr *own)
{
	bool same = reply->len == len && !memcmp(sent, reply->arrived, len);
	char host[HOST_MAX];

	sock_addr_host(own, host);
	findings->found.nat |= strcmp(reply->host, host) ||
			       reply->port != sock_addr_port(own);
	findings->found.answered++;
	print_word(&findings->out, "-");
	print_string(&findings->out, PRINT_ANY, "result",
		     same ? "unchanged" : "changed");
	answer_check(findings, sent, reply);
	binding_check(findings, sent, reply);
	if (reply->full)
		via_check(findings, reply, own);
	if (same)
		return true;
	findings->found.alg = true;
	headers_check(findings, sent, reply->plain);
	lines_print(findings, sent, reply->plain, host, probe->strict);
	return false;
}

/**
 * verdict_text() - one sentence to act on
 * @findings: the findings
 *
 * Return: the sentence, or NULL if nothing is wrong.
 */
const char *verdict_text(const struct findings *findings)
{
	static const char *const verdicts[FAULT_KINDS] = {
		[FAULT_CALL] =
			"Incoming calls are lost: switch the SIP ALG of the "
			"router on the way off.",
		[FAULT_AUDIO] =
			"Calls are silent on one side: switch the SIP ALG of "
			"the router on the way off, or allow UDP in its "
			"firewall.",
		[FAULT_IDLE] =
			"Incoming calls are lost after some time: have the "
			"phones send keep-alives more often.",
		[FAULT_KEEPALIVE] =
			"Keep-alives are lost, so incoming calls will be: "
			"switch the SIP ALG of the router on the way off.",
		[FAULT_LOST] =
			"Something on the way drops messages, see above: "
			"switch the SIP ALG of the router on the way off, or "
			"allow SIP in its firewall.",
		[FAULT_LARGE] =
			"Large messages are lost: let IP fragments pass, or "
			"have the phones use TCP.",
	};
	unsigned int kinds = findings->kinds;
	const struct alg_probe *found = &findings->found;

	if (!found->broken)
		return NULL;
	if (found->alg && kinds & (1U << FAULT_MESSAGE | 1U << FAULT_LOST) &&
	    !(kinds & 1U << FAULT_CALL))
		return "An ALG on the way breaks messages, see above: switch "
		       "the SIP ALG of the router on the way off.";
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		if (kinds & 1U << kind && verdicts[kind])
			return verdicts[kind];
	return "Something on the way breaks calls, see above.";
}
