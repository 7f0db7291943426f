// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "oracle.h"

void must_fail(const char *file, int line, const char *cond)
{
	fprintf(stderr, "%s:%d: this must hold: %s\n", file, line, cond);
	abort();
}

/* --- one message ------------------------------------------------------------ */

static void span_must_lie(struct sip_span span, u32 off, u32 end)
{
	must(off <= span.off && span.off <= end && span.len <= end - span.off);
}

/* For spans of which an empty one says that there is nothing. */
static void span_may_lie(struct sip_span span, u32 off, u32 end)
{
	if (span.len)
		span_must_lie(span, off, end);
}

static void number_must_be(const u8 *text, struct sip_span span, u32 value)
{
	u32 sum = 0, i;

	must(span.len);
	for (i = 0; i < span.len; i++) {
		must(text[span.off + i] >= '0' && text[span.off + i] <= '9');
		sum = sum * 10 + text[span.off + i] - '0';
		must(sum <= SIP_MSG_MAX);
	}
	must(sum == value);
}

/* Of the octets of an IPv4 address, which SDP may write with zeros in front. */
static void drop_zeros(char *text)
{
	char *out = text, *at;

	for (at = text; *at; at++) {
		bool first = at == text || at[-1] == '.' || at[-1] == ':';

		while (first && *at == '0' && at[1] >= '0' && at[1] <= '9')
			at++;
		*out++ = *at;
	}
	*out = '\0';
}

static void address_must_be(const u8 *text, struct sip_span span, const struct sip_endpoint *ep)
{
	char copy[SIP_ADDRESS_TEXT_MAX + 1];
	u8 addr[16] = { 0 };

	must(ep->family == 4 || ep->family == 6);
	must(span.len && span.len < sizeof(copy));
	memcpy(copy, text + span.off, span.len);
	copy[span.len] = '\0';
	drop_zeros(copy);
	must(inet_pton(ep->family == 6 ? AF_INET6 : AF_INET, copy, addr) == 1);
	must(!memcmp(addr, ep->addr, sizeof(addr)));
}

/* The port of a URI stands behind its host, and maddr behind that. Returns its end. */
static u32 maddr_must_hold(const struct sip_addr_ref *ref, const u8 *text)
{
	must(ref->field != SIP_VIA && ref->port.off + ref->port.len < ref->host.off);
	if (ref->port.len)
		number_must_be(text, ref->port, ref->ep.port);
	if (ref->overridden.len) {
		address_must_be(text, ref->overridden, &ref->ep);
		must(ref->overridden.off + ref->overridden.len <= ref->port.off);
	}
	return ref->host.off + ref->host.len;
}

/* Returns where the reference ends. */
static u32 ref_must_hold(const struct sip_addr_ref *ref, const u8 *text)
{
	u32 end = ref->host.off + ref->host.len;

	if (ref->field == SIP_VIA_RPORT) {
		must(!ref->host.len && !ref->ep.family);
		number_must_be(text, ref->port, ref->ep.port);
		return ref->port.off + ref->port.len;
	}
	address_must_be(text, ref->host, &ref->ep);
	if (ref->port.off < ref->host.off)
		return maddr_must_hold(ref, text);
	must(!ref->overridden.len);
	if (ref->field == SIP_VIA_MADDR || ref->field == SIP_VIA_RECEIVED) {
		must(!ref->port.len && !ref->ep.port);
		return end;
	}
	if (ref->ep.family == 6) {
		must(text[ref->host.off - 1] == '[' && text[end] == ']');
		end++;
	}
	if (!ref->port.len) {
		must(ref->port.off == end);
		must(ref->ep.port == SIP_PORT || ref->ep.port == SIPS_PORT);
		return end;
	}
	must(ref->ep.port);
	number_must_be(text, ref->port, ref->ep.port);
	must(memchr(text + end, ':', ref->port.off - end));
	return ref->port.off + ref->port.len;
}

static void refs_must_hold(const struct sip_msg *msg, const u8 *text)
{
	u32 at = 0, n_contacts = 0, i;
	s32 last = -1;

	must(msg->n_addr_refs <= SIP_ADDR_REFS_MAX);
	for (i = 0; i < msg->n_addr_refs; i++) {
		const struct sip_addr_ref *ref = &msg->addr_refs[i];

		must(ref->field <= SIP_REFER_TO);
		must(ref->host.off >= at);
		at = ref_must_hold(ref, text);
		must(at < msg->body.off);
		n_contacts += ref->field == SIP_CONTACT;
	}
	must(msg->n_contacts <= SIP_CONTACTS_MAX);
	for (i = 0; i < msg->n_contacts; i++) {
		const struct sip_contact *contact = &msg->contacts[i];

		must(contact->expires >= -1);
		if (contact->ref == -1)
			continue;
		must(contact->ref > last && (u32)contact->ref < msg->n_addr_refs);
		must(msg->addr_refs[contact->ref].field == SIP_CONTACT);
		last = contact->ref;
		n_contacts--;
	}
	/* Those for which there was no entry left are translated all the same. */
	must(!n_contacts || (msg->n_contacts == SIP_CONTACTS_MAX &&
			     msg->faults[SIP_TIER_FIELDS].verdict));
}

static void sdp_address_must_hold(const struct sdp_address *address, const u8 *text,
				  struct sip_span body)
{
	if (!address->text.len)
		return;
	span_must_lie(address->text, body.off, body.off + body.len);
	must(!address->ep.port);
	if (address->ep.family)
		address_must_be(text, address->text, &address->ep);
}

static void sdp_must_hold(const struct sip_msg *msg, const struct sdp_session *sdp, const u8 *text)
{
	u32 end = sdp->body.off + sdp->body.len, at, i;

	if (!sdp->body.len) {
		must(!sdp->n_media && !sdp->ice);
		return;
	}
	at = sdp->body.off;
	span_must_lie(sdp->body, msg->body.off, msg->len);
	must(text[at] == 'v' && text[at + 1] == '=');
	sdp_address_must_hold(&sdp->origin, text, sdp->body);
	sdp_address_must_hold(&sdp->connection, text, sdp->body);

	must(sdp->n_media <= SDP_MEDIA_MAX);
	for (i = 0; i < sdp->n_media; i++) {
		const struct sdp_media *media = &sdp->media[i];

		span_must_lie(media->kind, at, end);
		at = media->kind.off + media->kind.len;
		if (!media->port_text.len) {
			must(media->fault && !media->port);
		} else {
			span_must_lie(media->port_text, at, end);
			number_must_be(text, media->port_text, media->port);
			at = media->port_text.off + media->port_text.len;
			span_must_lie(media->formats, at, end);
		}
		must(media->count && media->proto <= SDP_PROTO_FOREIGN);
		must(!(media->layered && media->connection.text.len));
		sdp_address_must_hold(&media->connection, text, sdp->body);
		sdp_address_must_hold(&media->rtcp_address, text, sdp->body);
		if (media->rtcp_text.len) {
			span_must_lie(media->rtcp_text, at, end);
			number_must_be(text, media->rtcp_text, media->rtcp_port);
		} else {
			must(!media->rtcp_address.text.len);
		}
	}
}

static bool is_apart(struct sip_span a, struct sip_span b)
{
	return a.off + a.len < b.off || b.off + b.len < a.off;
}

static bool is_within(struct sip_span a, struct sip_span b)
{
	return a.off >= b.off && a.off + a.len <= b.off + b.len;
}

/* Each holds a description, and stands in front of those that hold it. */
static void parts_must_hold(const struct sip_msg *msg, const u8 *text)
{
	u32 i, k;

	if (!msg->sdp.body.len)
		return;
	must(msg->n_parts <= SIP_PARTS_MAX);
	for (i = 0; i < msg->n_parts; i++) {
		const struct sip_part *part = &msg->parts[i];

		must(is_within(part->content, msg->body));
		must(part->digits.off + part->digits.len < part->content.off);
		number_must_be(text, part->digits, part->content.len);
		for (k = 0; k < i; k++)
			must(is_apart(msg->parts[k].content, part->content) ||
			     is_within(msg->parts[k].content, part->content));
	}
}

void message_must_hold(const struct sip_msg *msg, const u8 *text, u32 len)
{
	u32 i;

	must(msg->len <= len && len <= SIP_MSG_MAX);
	must(msg->body.off < len || !msg->body.len);
	must(msg->body.off + msg->body.len == msg->len);
	must(text[msg->body.off - 1] == '\n' || (msg->status && msg->body.off == len));
	must(msg->n_lengths <= SIP_LENGTHS_MAX);
	must(msg->n_lengths || msg->len == len);
	for (i = 0; i < msg->n_lengths; i++) {
		span_must_lie(msg->lengths[i], 0, msg->body.off);
		number_must_be(text, msg->lengths[i], msg->body.len);
	}

	must(msg->method <= SIP_UPDATE);
	must(!msg->status == !!msg->request_uri.len);
	must(!msg->status || (msg->status >= 100 && msg->status <= 999));
	span_may_lie(msg->request_uri, 0, msg->body.off);
	must(msg->call_id.len);
	span_must_lie(msg->call_id, 0, msg->body.off);
	span_may_lie(msg->from_tag, 0, msg->body.off);
	span_may_lie(msg->to_tag, 0, msg->body.off);
	must(msg->expires >= -1 && msg->session_expires >= -1);
	must(msg->n_credentials <= SIP_CREDENTIALS_MAX);
	for (i = 0; i < msg->n_credentials; i++)
		span_may_lie(msg->credentials[i], 0, msg->body.off);
	refs_must_hold(msg, text);
	sdp_must_hold(msg, &msg->sdp, text);
	if (msg->other.body.len) {
		must(is_apart(msg->other.body, msg->sdp.body));
		sdp_must_hold(msg, &msg->other, text);
	}
	parts_must_hold(msg, text);
}

/* --- one plan --------------------------------------------------------------- */

u32 plan_splice(const struct sip_plan *plan, const u8 *text, u32 len, u8 *out)
{
	u32 at = 0, n = 0, i;

	for (i = 0; i < plan->n_edits; i++) {
		const struct sip_edit *edit = &plan->edits[i];

		memcpy(out + n, text + at, edit->off - at);
		n += edit->off - at;
		memcpy(out + n, plan->text + edit->text, edit->text_len);
		n += edit->text_len;
		at = edit->off + edit->len;
	}
	memcpy(out + n, text + at, len - at);
	return n + len - at;
}

void plan_must_hold(const struct sip_plan *plan, const u8 *text, u32 len)
{
	static u8 spliced[2 * SIP_MSG_MAX], rendered[sizeof(spliced)], applied[sizeof(spliced)];
	struct sip_span span;
	u32 at = 0, new_len, room, i;
	s32 delta = 0;

	must(plan->n_edits <= SIP_EDITS_MAX && plan->text_len <= SIP_EDIT_TEXT_MAX);
	for (i = 0; i < plan->n_edits; i++) {
		const struct sip_edit *edit = &plan->edits[i];

		must(edit->off >= at && edit->off <= len && edit->len <= len - edit->off);
		/* Two insertions in one place would have no order. */
		must(edit->len || !i || edit->off > plan->edits[i - 1].off);
		must(edit->text <= plan->text_len &&
		     edit->text_len <= plan->text_len - edit->text);
		/* An edit that changes nothing has no place in a plan. */
		must(edit->len != edit->text_len ||
		     memcmp(text + edit->off, plan->text + edit->text, edit->len));
		at = edit->off + edit->len;
		delta += (s32)edit->text_len - (s32)edit->len;
	}
	must(delta == plan->delta);
	if (!plan->n_edits)
		return;

	must((s32)len + delta < (s32)sizeof(spliced));
	new_len = plan_splice(plan, text, len, spliced);
	must(new_len == (u32)((s32)len + delta));
	span = sip_plan_span(plan);
	must(span.off == plan->edits[0].off && span.off + span.len == at);
	rendered[span.len + (u32)delta] = 0xe5;
	must(sip_plan_render(plan, text, rendered) == span.len + (u32)delta);
	must(rendered[span.len + (u32)delta] == 0xe5);
	must(!memcmp(rendered, spliced + span.off, span.len + (u32)delta));

	room = len > new_len ? len : new_len;
	memcpy(applied, text, len);
	applied[room] = 0xe5;
	sip_plan_apply(plan, applied, len);
	must(applied[room] == 0xe5);
	must(!memcmp(applied, spliced, new_len));
}

/* --- two messages ----------------------------------------------------------- */

/*
 * Where a piece of the message is after the plan. What is inserted belongs to
 * what stands before it, but for a port, which is not part of its host.
 */
static struct sip_span moved(const struct sip_plan *plan, struct sip_span span, bool host)
{
	u32 off = span.off, end = span.off + span.len, i;

	for (i = 0; plan && i < plan->n_edits; i++) {
		const struct sip_edit *edit = &plan->edits[i];
		u32 delta = edit->text_len - edit->len;

		if (edit->off + edit->len <= span.off)
			off += delta;
		if (edit->off < span.off + span.len ||
		    (edit->off == span.off + span.len && !edit->len && !host))
			end += delta;
	}
	return (struct sip_span){ off, end - off };
}

static bool same_span(struct sip_span a, struct sip_span b)
{
	return a.len == b.len && (!a.len || a.off == b.off);
}

static bool same_endpoint(const struct sip_endpoint *a, const struct sip_endpoint *b)
{
	return a->family == b->family && a->port == b->port &&
	       !memcmp(a->addr, b->addr, sizeof(a->addr));
}

static void refs_must_match(const struct sip_addr_ref *want, const struct sip_plan *plan,
			     const struct sip_addr_ref *got)
{
	must(want->field == got->field);
	must(same_endpoint(&want->ep, &got->ep));
	must(same_span(moved(plan, want->host, true), got->host));
	/* A port may have come, or gone. */
	if (!want->port.len == !got->port.len)
		must(same_span(moved(plan, want->port, false), got->port));
	else
		must(plan);
}

static void sdp_addresses_must_match(const struct sdp_address *want, const struct sip_plan *plan,
				     const struct sdp_address *got)
{
	must(same_span(moved(plan, want->text, false), got->text));
	must(!want->text.len || same_endpoint(&want->ep, &got->ep));
}

static void sdp_must_match(const struct sdp_session *want, const struct sip_plan *plan,
			   const struct sdp_session *got)
{
	u32 i;

	must(same_span(moved(plan, want->body, false), got->body));
	if (!want->body.len)
		return;
	must(want->ice == got->ice);
	sdp_addresses_must_match(&want->origin, plan, &got->origin);
	sdp_addresses_must_match(&want->connection, plan, &got->connection);
	must(want->n_media == got->n_media);
	for (i = 0; i < want->n_media; i++) {
		const struct sdp_media *a = &want->media[i], *b = &got->media[i];

		must(a->port == b->port && a->rtcp_port == b->rtcp_port);
		must(a->count == b->count && a->proto == b->proto);
		must(a->mux == b->mux && a->layered == b->layered);
		must(same_span(moved(plan, a->kind, false), b->kind));
		must(same_span(moved(plan, a->formats, false), b->formats));
		must(same_span(moved(plan, a->port_text, false), b->port_text));
		must(same_span(moved(plan, a->rtcp_text, false), b->rtcp_text));
		sdp_addresses_must_match(&a->connection, plan, &b->connection);
		sdp_addresses_must_match(&a->rtcp_address, plan, &b->rtcp_address);
	}
}

/* A length is read only if it is right. A wrong one may become right by chance. */
static void parts_must_match(const struct sip_msg *want, const struct sip_plan *plan,
			     const struct sip_msg *got)
{
	u32 i, k;

	for (i = 0; want->sdp.body.len && i < want->n_parts; i++) {
		struct sip_span digits = moved(plan, want->parts[i].digits, false);

		for (k = 0; k < got->n_parts && !same_span(digits, got->parts[k].digits); k++)
			;
		must(k < got->n_parts);
	}
}

void messages_must_match(const struct sip_msg *want, const struct sip_plan *plan,
			 const struct sip_msg *got)
{
	u32 i;

	must(moved(plan, (struct sip_span){ 0, want->len }, false).len == got->len);
	must(same_span(moved(plan, want->body, false), got->body));
	must(same_span(moved(plan, want->call_id, false), got->call_id));
	must(same_span(moved(plan, want->from_tag, false), got->from_tag));
	must(same_span(moved(plan, want->to_tag, false), got->to_tag));
	must(same_span(moved(plan, want->branch, false), got->branch));
	must(same_span(moved(plan, want->request_uri, false), got->request_uri));
	must(want->n_lengths == got->n_lengths);
	for (i = 0; i < want->n_lengths; i++)
		must(same_span(moved(plan, want->lengths[i], false), got->lengths[i]));
	must(want->cseq == got->cseq && want->expires == got->expires);
	must(want->session_expires == got->session_expires);
	must(want->status == got->status && want->method == got->method);
	must(want->star == got->star);

	must(want->n_credentials == got->n_credentials);
	for (i = 0; i < want->n_credentials; i++)
		must(same_span(moved(plan, want->credentials[i], false), got->credentials[i]));
	must(want->n_addr_refs == got->n_addr_refs);
	for (i = 0; i < want->n_addr_refs; i++)
		refs_must_match(&want->addr_refs[i], plan, &got->addr_refs[i]);
	must(want->n_contacts == got->n_contacts);
	for (i = 0; i < want->n_contacts; i++) {
		must(want->contacts[i].ref == got->contacts[i].ref);
		must(want->contacts[i].expires == got->contacts[i].expires);
	}
	sdp_must_match(&want->sdp, plan, &got->sdp);
	sdp_must_match(&want->other, plan, &got->other);
	must(!want->sdp.body.len || want->sdp.early == got->sdp.early);
	parts_must_match(want, plan, got);
}
