// SPDX-License-Identifier: GPL-2.0
/*
 * The core, compiled for userspace, finds the addresses and ports of a message.
 * All other bytes must arrive unchanged. An address changes to that of the
 * other side of the NAT, a port to another number, and Content-Length to the
 * new length of the body. Where one of them has changed, all that must change
 * have.
 *
 * Any port number is accepted: the router picks it by state that is not known
 * here.
 */
#include <stdlib.h>

#include "compare.h"

#define SLOTS_MAX \
	(3 * SIP_ADDR_REFS_MAX + SIP_LENGTHS_MAX + 2 * (3 + 4 * SDP_MEDIA_MAX))

enum slot_kind {
	SLOT_HOST,
	SLOT_PORT,	/* with its colon; may be added or dropped */
	SLOT_NUMBER,
	SLOT_LENGTH,
};

struct slot {
	u32 off;
	u32 len;
	enum slot_kind kind;
	bool may;	/* names the address that the NAT changes */
	bool must;	/* changes if anything changes */
};

struct slots {
	struct slot slot[SLOTS_MAX];
	unsigned int n;
};

static bool same_address(const struct sip_endpoint *a,
			 const struct sip_endpoint *b)
{
	return a->family == b->family &&
	       !memcmp(a->addr, b->addr, sizeof(a->addr));
}

static const struct sip_endpoint *from(const struct transit *p)
{
	return p->outbound ? &p->inside : &p->outside;
}

static const struct sip_endpoint *to(const struct transit *p)
{
	return p->outbound ? &p->outside : &p->inside;
}

static void add(struct slots *slots, enum slot_kind kind, u32 off, u32 len,
		bool may, bool must)
{
	slots->slot[slots->n++] =
		(struct slot){off, len, kind, may, may && must};
}

/* Fields that name the sender: all of them change, or none. */
static bool names_sender(const struct transit *p, const struct sip_msg *msg,
			 enum sip_field field)
{
	if (!p->outbound)
		return false;
	return (field == SIP_VIA && !msg->status) || field == SIP_CONTACT ||
	       field == SIP_PATH || field == SIP_RECORD_ROUTE;
}

/* Of a URI with maddr: where the port goes, or begins with its colon. */
static u32 maddr_port(const struct transit *p, const struct sip_addr_ref *ref)
{
	u32 off = ref->port.off;

	if (!ref->port.len)
		return off;
	while (p->sent[off] != ':')
		off--;
	while (p->sent[off - 1] == ' ' || p->sent[off - 1] == '\t')
		off--;
	return off;
}

static void add_site(struct slots *slots, const struct transit *p,
		     const struct sip_msg *msg, const struct sip_addr_ref *ref)
{
	bool may = same_address(&ref->ep, from(p));
	u32 off = ref->host.off + ref->host.len, end;

	if (ref->field == SIP_VIA_RPORT) {
		add(slots, SLOT_NUMBER, ref->port.off, ref->port.len,
		    !p->outbound, false);
		return;
	}
	add(slots, SLOT_HOST, ref->host.off, ref->host.len, may,
	    names_sender(p, msg, ref->field));
	if (ref->field == SIP_VIA_MADDR || ref->field == SIP_VIA_RECEIVED)
		return;
	if (ref->overridden.len)
		add(slots, SLOT_HOST, ref->overridden.off, ref->overridden.len,
		    may, false);
	if (ref->port.off < ref->host.off)
		off = maddr_port(p, ref);
	else if (off < p->sent_len && p->sent[off] == ']')
		off++;
	end = ref->port.len ? ref->port.off + ref->port.len : off;
	add(slots, SLOT_PORT, off, end - off, may, false);
}

static void add_address(struct slots *slots, const struct transit *p,
			const struct sdp_address *address, bool must)
{
	if (address->text.len)
		add(slots, SLOT_HOST, address->text.off, address->text.len,
		    p->outbound && same_address(&address->ep, from(p)), must);
}

static void add_number(struct slots *slots, const struct transit *p,
		       struct sip_span text)
{
	if (text.len)
		add(slots, SLOT_NUMBER, text.off, text.len, p->outbound, false);
}

static int by_offset(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

/* Further c= lines that say the same as the first one. */
static void add_copies(struct slots *slots, const struct transit *p,
		       const struct sdp_session *sdp, u32 media, u32 at,
		       const struct sdp_address *first)
{
	struct sdp_walk walk;
	u32 start, end;

	sdp_walk_begin(&walk, sdp, media, p->sent, at);
	while (sdp_walk_next(&walk, &start, &end)) {
		struct sdp_line line = { p->sent, start + 2, end };
		struct sdp_address copy;

		if (end - start > 2 && !memcmp(p->sent + start, "c=", 2) &&
		    sdp_read_address(&copy, &line) &&
		    copy.text.off != first->text.off)
			add_address(slots, p, &copy, false);
	}
}

static void add_description(struct slots *slots, const struct transit *p,
			    const struct sdp_session *sdp)
{
	u32 i;

	if (!sdp->body.len)
		return;
	add_address(slots, p, &sdp->origin, false);
	add_address(slots, p, &sdp->connection, false);
	if (sdp->copies)
		add_copies(slots, p, sdp, SDP_WALK_SESSION, sdp->repeats,
			   &sdp->connection);
	for (i = 0; i < sdp->n_media; i++) {
		const struct sdp_media *media = &sdp->media[i];

		add_address(slots, p, &media->connection, false);
		if (media->copies)
			add_copies(slots, p, sdp, i, media->repeats,
				   &media->connection);
		add_address(slots, p, &media->rtcp_address, false);
		add_number(slots, p, media->port_text);
		add_number(slots, p, media->rtcp_text);
	}
}

static void find_slots(struct slots *slots, const struct transit *p,
		       const struct sip_msg *msg)
{
	u32 i;

	slots->n = 0;
	for (i = 0; i < msg->n_addr_refs; i++)
		add_site(slots, p, msg, &msg->addr_refs[i]);
	add_description(slots, p, &msg->other);
	add_description(slots, p, &msg->sdp);
	for (i = 0; msg->sdp.body.len && i < msg->n_parts; i++)
		add_number(slots, p, msg->parts[i].digits);
	for (i = 0; i < msg->n_lengths; i++)
		add(slots, SLOT_LENGTH, msg->lengths[i].off,
		    msg->lengths[i].len, true, false);
	qsort(slots->slot, slots->n, sizeof(slots->slot[0]), by_offset);
}

static bool begins(const struct transit *p, u32 at, const u8 *text, u32 len)
{
	return p->got_len - at >= len && !memcmp(p->got + at, text, len);
}

static bool is_digit(const struct transit *p, u32 at)
{
	return at < p->got_len && (u8)(p->got[at] - '0') <= 9;
}

/* Read a number without leading zero at @at into @value. Return: its length. */
static u32 read_number(const struct transit *p, u32 at, u32 *value)
{
	u32 start = at;

	for (*value = 0; is_digit(p, at) && *value <= SIP_MSG_MAX; at++)
		*value = *value * 10 + p->got[at] - '0';
	return at > start && p->got[start] != '0' && *value <= SIP_MSG_MAX ?
		       at - start :
		       0;
}

/*
 * Are the slot and the text after it unchanged? A number may have become
 * longer.
 */
static bool is_kept(const struct transit *p, const struct slot *slot, u32 at)
{
	u32 end = slot->off + slot->len;

	if (!begins(p, at, p->sent + slot->off, slot->len))
		return false;
	at += slot->len;
	if (at == p->got_len || end == p->sent_len)
		return at == p->got_len && end == p->sent_len;
	return p->got[at] == p->sent[end];
}

/* Return: the offset of the number at the end of a text. */
static u32 digits_at(const u8 *text, u32 len)
{
	while (len && (u8)(text[len - 1] - '0') <= 9)
		len--;
	return len;
}

/* Return: the new length of the slot, -1 if its content is not allowed. */
static long match(const struct transit *p, const struct slot *slot, u32 at,
		  u32 *value)
{
	const u8 *old = p->sent + slot->off;
	u8 address[SIP_ADDRESS_TEXT_MAX];
	u32 len;

	if (slot->kind == SLOT_HOST) {
		len = sip_endpoint_format(to(p), address);
		if (slot->may && begins(p, at, address, len))
			return len;
		return begins(p, at, old, slot->len) ? (long)slot->len : -1;
	}
	if (is_kept(p, slot, at))
		return slot->len;
	if (!slot->may)
		return -1;
	if (slot->kind == SLOT_PORT) {
		u32 colon = slot->len ? digits_at(old, slot->len) : 1;

		if (!begins(p, at, slot->len ? old : (const u8 *)":", colon))
			return 0;
		len = read_number(p, at + colon, value);
		return len ? (long)(len + colon) : -1;
	}
	len = read_number(p, at, value);
	return len ? (long)len : -1;
}

/* Compare all slots; set @changed if any of them has changed. */
static const char *match_all(const struct transit *p, const struct sip_msg *msg,
			     bool *changed)
{
	u32 at = 0, got = 0, i, length = 0;
	bool length_written = false, body_changed = false;
	const char *kept = NULL;
	struct slots slots;
	long growth = 0;

	*changed = false;
	find_slots(&slots, p, msg);
	for (i = 0; i < slots.n; i++) {
		const struct slot *slot = &slots.slot[i];
		u32 value = 0;
		bool same;
		long len;

		if (slot->off < at)
			return "two places overlap";
		if (!begins(p, got, p->sent + at, slot->off - at))
			return "text between the addresses has changed";
		got += slot->off - at;
		at = slot->off + slot->len;
		len = match(p, slot, got, &value);
		if (len < 0)
			return "an address or a port has become something else";
		same = len == (long)slot->len &&
		       begins(p, got, p->sent + slot->off, slot->len);
		got += (u32)len;
		if (slot->kind == SLOT_LENGTH) {
			length_written |= !same;
			length = value;
		} else if (slot->off >= msg->body.off) {
			growth += len - (long)slot->len;
			body_changed |= !same;
		}
		*changed |= !same;
		if (same && slot->must)
			kept = "an address of the sender was left";
	}
	if (!begins(p, got, p->sent + at, p->sent_len - at) ||
	    got + p->sent_len - at != p->got_len)
		return "text behind the addresses has changed";
	if (growth && msg->n_lengths && !length_written)
		return "Content-Length was left";
	if (length_written &&
	    (!body_changed || (long)length != (long)msg->body.len + growth))
		return "Content-Length is wrong";
	return *changed ? kept : NULL;
}

/*
 * The map of a router with all ports free and no binding for addresses only
 * named.
 */
static enum sip_map_verdict outward(struct sip_nat *nat, enum sip_field field,
				    const struct sip_endpoint *inside,
				    bool port_written,
				    struct sip_endpoint *outside)
{
	(void)port_written;
	if (inside->port != nat->source_inside.port && field != SIP_VIA &&
	    field != SIP_CONTACT && field != SIP_PATH &&
	    field != SIP_RECORD_ROUTE)
		return SIP_MAP_KEEP;
	*outside = nat->source_outside;
	if (inside->port != nat->source_inside.port)
		outside->port = inside->port;
	return SIP_MAP_CHANGE;
}

static enum sip_map_verdict inward(struct sip_nat *nat, enum sip_field field,
				   const struct sip_endpoint *outside,
				   struct sip_endpoint *inside,
				   bool *port_written)
{
	(void)field;
	(void)port_written;
	if (outside->port != nat->target_outside.port)
		return SIP_MAP_KEEP;
	*inside = nat->target_inside;
	return SIP_MAP_CHANGE;
}

static enum sip_map_verdict media(struct sip_nat *nat, struct sdp_ports *ports)
{
	ports->outside = nat->source_outside;
	ports->outside.port = ports->inside.port;
	ports->rtcp_outside = nat->source_outside;
	ports->rtcp_outside.port = ports->rtcp_inside.port;
	return SIP_MAP_CHANGE;
}

static const struct sip_nat_ops ops = {
	.outward = outward,
	.inward = inward,
	.media = media,
};

const char *compare(const struct transit *p, struct tally *tally)
{
	bool same = p->got_len == p->sent_len &&
		    !memcmp(p->got, p->sent, p->sent_len);
	/* The router of the test has the setting ice pass, too. */
	struct sip_nat nat = { .ops = &ops, .keeps_ice = true };
	static struct sip_plan plan;
	static struct sip_msg msg;
	enum sip_verdict verdict, fault;
	const char *wrong;
	bool changed;

	/* An empty datagram is not counted. */
	if (!p->sent_len)
		return same ? NULL : "nothing has become something";
	if (!sip_is_start(p->sent, p->sent_len)) {
		tally->not_sip++;
		return same ? NULL : "what is no SIP has changed";
	}
	verdict = p->head ? sip_parse_head(&msg, p->sent, p->sent_len) :
			   sip_parse(&msg, p->sent, p->sent_len);
	if (verdict) {
		tally->parsed[verdict]++;
		return same ? NULL :
			      "a message that is not understood has changed";
	}
	if (p->outbound) {
		nat.source_inside = p->inside;
		nat.source_outside = p->outside;
	} else {
		nat.target_outside = p->outside;
		nat.target_inside = p->inside;
	}
	verdict = sip_translate(&plan, &msg, p->sent, &nat);
	if (verdict) {
		tally->translated[verdict]++;
		return same ? NULL :
			      "a message that cannot be translated has changed";
	}
	wrong = match_all(p, &msg, &changed);
	if (wrong)
		return wrong;
	/* Where the module has no port for the other sections, it counts a fault first. */
	fault = plan.fault.verdict ? plan.fault.verdict : msg.faults[SIP_TIER_BODY].verdict;
	if (changed)
		tally->changed++;
	else if (plan.n_edits && fault)
		tally->translated[fault]++;
	else if (plan.n_edits)
		tally->stayed++;
	else
		tally->unchanged++;
	return NULL;
}
