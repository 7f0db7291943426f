// SPDX-License-Identifier: GPL-2.0

#include <stdarg.h>
#include <stdio.h>

#include "message.h"
#include "sip.h"

#define ROUTER		"203.0.113.5"
#define HISTORY		16

static const char *const addresses[PARTIES] = {
	"192.168.1.10", "192.168.1.11", "192.168.1.12",
	"198.51.100.1", "198.51.100.2", "198.51.100.3",
};
static const char *const call_ids[CALL_IDS] = { "one", "two@host", "three", "four" };

/* Those that a call or a registration is made of come more often. */
static const struct {
	u8 method;
	const char *name;
	u8 share;
} methods[] = {
	{ SIP_INVITE, "INVITE", 10 }, { SIP_REGISTER, "REGISTER", 6 }, { SIP_BYE, "BYE", 3 },
	{ SIP_ACK, "ACK", 4 }, { SIP_CANCEL, "CANCEL", 3 }, { SIP_UPDATE, "UPDATE", 2 },
	{ SIP_PRACK, "PRACK", 2 }, { SIP_SUBSCRIBE, "SUBSCRIBE", 3 },
	{ SIP_NOTIFY, "NOTIFY", 2 }, { SIP_OPTIONS, "OPTIONS", 1 },
};
static const u16 statuses[] = { 100, 180, 183, 199, 200, 200, 200, 202, 302, 401, 407, 408,
				422, 481, 486, 487, 491, 500, 603 };
static const u16 ports[] = { 4000, 4000, 4002, 4004, 4101, 4006, 4009, 80, 0, 9, 5060, 65535 };
static const s32 lifetimes[] = { -1, -1, 0, 1, 30, 60, 3600, 2000000000 };

static struct message history[HISTORY];
static unsigned int n_history;

static u32 below(u32 n)
{
	return get_random_u32() % n;
}

#define any_of(array) ((array)[below(ARRAY_SIZE(array))])

const char *party_address(u8 party)
{
	return addresses[party];
}

/* The NAT shows its own address for an inside host, unless there is none. */
const char *party_seen(u8 party, u8 seen_by)
{
	return is_inside(party) && !is_routed(seen_by) ? ROUTER : addresses[party];
}

u16 party_port(u8 party, u8 seen_by)
{
	return is_inside(party) && party && !is_routed(seen_by) ? 6000 + party : 5060;
}

const char *message_call_id(u8 call_id)
{
	return call_ids[call_id];
}

static u8 any_method(void)
{
	u32 i, share = 0;

	for (i = 0; i < ARRAY_SIZE(methods); i++)
		share += methods[i].share;
	share = below(share);
	for (i = 0; share >= methods[i].share; i++)
		share -= methods[i].share;
	return methods[i].method;
}

static const char *name_of(u8 method)
{
	u32 i;

	for (i = 0; methods[i].method != method; i++)
		;
	return methods[i].name;
}

static void set_parties(struct message *message)
{
	do {
		message->from = (u8)below(PARTIES);
		message->to = (u8)below(PARTIES);
	} while (message->from == message->to ||
		 (!is_inside(message->from) && !is_inside(message->to)));
}

static void set_body(struct message *message)
{
	u32 i;

	message->media_of = below(16) ? message->from : (u8)below(PARTIES);
	message->n_streams = (u8)below(STREAMS_MAX + 1);
	for (i = 0; i < STREAMS_MAX; i++)
		message->port[i] = any_of(ports);
	message->rtcp = !below(8);
	message->tcp = !below(16);
}

static void set_contacts(struct message *message)
{
	u32 i;

	message->contact_of = below(16) ? message->from : (u8)below(PARTIES);
	message->n_contacts = (u8)below(CONTACTS_MAX + 1);
	for (i = 0; i < CONTACTS_MAX; i++)
		message->contact_port[i] = below(2) ? any_of(ports) : 5060;
	message->contact_expires = any_of(lifetimes);
	message->expires = any_of(lifetimes);
	message->session_expires = below(8) ? -1 : any_of(lifetimes);
}

static void make_up(struct message *message)
{
	set_parties(message);
	message->method = any_method();
	message->status = below(3) ? 0 : any_of(statuses);
	message->call_id = (u8)below(CALL_IDS);
	message->branch = (u8)below(4);
	message->from_tag = (u8)below(TAGS);
	message->to_tag = below(2) ? 0 : (u8)below(TAGS);
	message->cseq = below(16) ? 1 + below(6) : get_random_u32();
	set_body(message);
	set_contacts(message);
}

static void swap_ends(struct message *message)
{
	u8 from = message->from;

	message->from = message->to;
	message->to = from;
}

/* The registrar grants what it was asked for, or something else. */
static void respond(struct message *message)
{
	message->status = any_of(statuses);
	swap_ends(message);
	if (message->method != SIP_REGISTER || !below(4)) {
		set_body(message);
		set_contacts(message);
	}
	if (!message->to_tag)
		message->to_tag = (u8)below(TAGS);
}

/* What the one who has sent the INVITE sends next. */
static void go_on(struct message *message)
{
	static const u8 next[] = { SIP_ACK, SIP_ACK, SIP_BYE, SIP_CANCEL, SIP_PRACK, SIP_UPDATE,
				   SIP_INVITE, SIP_INVITE };

	if (message->status)
		swap_ends(message);
	message->status = 0;
	if (message->method == SIP_INVITE)
		message->method = any_of(next);
	if (message->method != SIP_ACK && message->method != SIP_CANCEL)
		message->cseq++;
	set_body(message);
}

/* A request of the one who has got the INVITE. */
static void turn_round(struct message *message)
{
	u8 tag = message->from_tag;

	if (!message->status)
		swap_ends(message);
	message->status = 0;
	message->from_tag = message->to_tag;
	message->to_tag = tag;
	message->method = any_method();
	message->cseq = 1 + below(6);
	set_body(message);
}

/* The same in the name of another, or to another. */
static void impersonate(struct message *message)
{
	u8 *end = below(2) ? &message->from : &message->to;

	do
		*end = (u8)below(PARTIES);
	while (message->from == message->to ||
	       (!is_inside(message->from) && !is_inside(message->to)));
}

static void spoil(struct message *message)
{
	switch (below(7)) {
	case 0:
		message->call_id = (u8)below(CALL_IDS);
		break;
	case 1:
		message->branch = (u8)below(4);
		break;
	case 2:
		message->from_tag = (u8)below(TAGS);
		break;
	case 3:
		message->to_tag = (u8)below(TAGS);
		break;
	case 4:
		message->cseq += below(3) - 1;
		break;
	case 5:
		message->method = any_method();
		break;
	default:
		set_contacts(message);
	}
}

void message_next(struct message *message)
{
	u32 way = below(16);

	if (n_history && way)
		*message = history[below(min(n_history, HISTORY))];
	else
		make_up(message);
	if (way > 9 && !message->status && message->method != SIP_ACK)
		respond(message);
	else if (way > 5)
		go_on(message);
	else if (way > 3)
		turn_round(message);
	else if (way > 1)
		impersonate(message);
	if (!below(6))
		spoil(message);
	history[n_history++ % HISTORY] = *message;
}

void message_forget(void)
{
	n_history = 0;
}

/* --- text -------------------------------------------------------------------- */

struct writer {
	char *text;
	u32 len;
};

__attribute__((__format__(__printf__, 2, 3)))
static void put(struct writer *writer, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(writer->text + writer->len, MESSAGE_MAX - writer->len, format, args);
	va_end(args);
	must(len >= 0 && writer->len + (u32)len < MESSAGE_MAX);
	writer->len += (u32)len;
}

/* A party names itself as it is, and another one as it sees it. */
static const char *name_by(u8 party, u8 writer)
{
	return party == writer ? addresses[party] : party_seen(party, writer);
}

static u16 port_by(u8 party, u8 writer)
{
	return party == writer ? 5060 : party_port(party, writer);
}

static void put_start(struct writer *out, const struct message *m)
{
	u8 asks = m->status ? m->to : m->from;

	if (m->status)
		put(out, "SIP/2.0 %u Reply\r\n", m->status);
	else
		put(out, "%s sip:user@%s:%u SIP/2.0\r\n", name_of(m->method),
		    name_by(m->to, m->from), port_by(m->to, m->from));
	put(out, "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK%u;rport\r\n", name_by(asks, m->from),
	    port_by(asks, m->from), m->branch);
	put(out, "From: <sip:a@example.com>");
	if (m->from_tag)
		put(out, ";tag=t%u", m->from_tag);
	put(out, "\r\nTo: <sip:b@example.com>");
	if (m->to_tag)
		put(out, ";tag=t%u", m->to_tag);
	put(out, "\r\nCall-ID: %s\r\nCSeq: %u %s\r\n", call_ids[m->call_id], m->cseq,
	    name_of(m->method));
}

static void put_contacts(struct writer *out, const struct message *m)
{
	/* A registrar names the contacts of the one that it answers. */
	u8 party = m->status && m->method == SIP_REGISTER ? m->to : m->contact_of;
	u32 i;

	for (i = 0; i < m->n_contacts; i++) {
		u16 port = m->contact_port[i];

		put(out, "Contact: <sip:user@%s:%u>", name_by(party, m->from),
		    port == 5060 ? port_by(party, m->from) : port);
		if (m->contact_expires >= 0)
			put(out, ";expires=%d", m->contact_expires);
		put(out, "\r\n");
	}
	if (m->expires >= 0)
		put(out, "Expires: %d\r\n", m->expires);
	if (m->session_expires >= 0)
		put(out, "Session-Expires: %d;refresher=uac\r\n", m->session_expires);
}

static u32 write_body(const struct message *m, char *text)
{
	struct writer out = { text };
	const char *address = name_by(m->media_of, m->from);
	u32 i;

	put(&out, "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n", address, address);
	for (i = 0; i < m->n_streams; i++) {
		if (m->tcp && i)
			put(&out, "m=message %u TCP/MSRP *\r\n", m->port[i]);
		else
			put(&out, "m=audio %u RTP/AVP 0\r\n", m->port[i]);
		if (m->rtcp)
			put(&out, "a=rtcp:%u\r\n", m->port[i] + 101);
	}
	return out.len;
}

u32 message_write(const struct message *m, char text[MESSAGE_MAX])
{
	struct writer out = { text };
	char body[MESSAGE_MAX];
	u32 len = m->n_streams ? write_body(m, body) : 0;

	put_start(&out, m);
	put_contacts(&out, m);
	if (len)
		put(&out, "Content-Type: application/sdp\r\n");
	put(&out, "Content-Length: %u\r\n\r\n", len);
	if (len)
		put(&out, "%.*s", (int)len, body);
	return out.len;
}

void message_describe(const struct message *m, char *line, size_t size)
{
	snprintf(line, size,
		 "%u -> %u: %s %u, call %u cseq %u tags %u %u, %u streams of %u at %u %u, %u contacts of %u at %u %u, expires %d %d %d",
		 m->from, m->to, name_of(m->method), m->status, m->call_id, m->cseq, m->from_tag,
		 m->to_tag, m->n_streams, m->media_of, m->port[0], m->port[1], m->n_contacts,
		 m->contact_of, m->contact_port[0], m->contact_port[1], m->contact_expires,
		 m->expires, m->session_expires);
}
