// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

#define ROOM (1 << 20)

const char *const verdict_names[] = {
	[SIP_OK] = "ok",
	[SIP_NOT_SIP] = "not-sip",
	[SIP_BAD_START] = "bad-start",
	[SIP_BAD_HEADER] = "bad-header",
	[SIP_BAD_VALUE] = "bad-value",
	[SIP_BAD_LENGTH] = "bad-length",
	[SIP_BAD_SDP] = "bad-sdp",
	[SIP_INCOMPLETE] = "incomplete",
	[SIP_TOO_MANY] = "too-many",
	[SIP_TOO_LONG] = "too-long",
	[SIP_REFUSED] = "refused",
};

static const char *const method_names[] = {
	[SIP_METHOD_OTHER] = "other",
	[SIP_ACK] = "ACK",
	[SIP_BYE] = "BYE",
	[SIP_CANCEL] = "CANCEL",
	[SIP_INFO] = "INFO",
	[SIP_INVITE] = "INVITE",
	[SIP_MESSAGE] = "MESSAGE",
	[SIP_NOTIFY] = "NOTIFY",
	[SIP_OPTIONS] = "OPTIONS",
	[SIP_PRACK] = "PRACK",
	[SIP_PUBLISH] = "PUBLISH",
	[SIP_REFER] = "REFER",
	[SIP_REGISTER] = "REGISTER",
	[SIP_SUBSCRIBE] = "SUBSCRIBE",
	[SIP_UPDATE] = "UPDATE",
};

static const char *const proto_names[] = {
	[SDP_PROTO_OTHER] = "other",
	[SDP_PROTO_RTP] = "RTP",
	[SDP_PROTO_TCP] = "TCP",
	[SDP_PROTO_FOREIGN] = "foreign",
};

/* Of an address, as SDP calls it. */
static const char *family_name(u8 family)
{
	return family == 4 ? "IP4" : family == 6 ? "IP6" : "name";
}

static const char *const field_names[] = {
	[SIP_REQUEST_URI] = "request-uri",
	[SIP_VIA] = "via",
	[SIP_VIA_MADDR] = "via-maddr",
	[SIP_VIA_RECEIVED] = "via-received",
	[SIP_VIA_RPORT] = "via-rport",
	[SIP_ROUTE] = "route",
	[SIP_RECORD_ROUTE] = "record-route",
	[SIP_PATH] = "path",
	[SIP_SERVICE_ROUTE] = "service-route",
	[SIP_CONTACT] = "contact",
	[SIP_REFER_TO] = "refer-to",
};

struct text guard(const void *data, size_t len)
{
	static u8 *room;

	if (!room) {
		room = mmap(NULL, ROOM + getpagesize(), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(room, MAP_FAILED);
		assert_return_code(mprotect(room + ROOM, getpagesize(), PROT_NONE), 0);
	}
	assert_true(len <= ROOM);
	memmove(room + ROOM - len, data, len);
	return (struct text){ room + ROOM - len, (u32)len };
}

struct text read_text(const char *path)
{
	FILE *file = fopen(path, "rb");
	u8 *data = malloc(ROOM);
	size_t len;

	if (!file)
		fail_msg("%s: cannot be opened", path);
	len = fread(data, 1, ROOM, file);
	fclose(file);
	return (struct text){ data, (u32)len };
}

static u8 *with_crlf(const char *lines, size_t *len)
{
	u8 *data = malloc(2 * strlen(lines) + 1), *out = data;

	for (; *lines; lines++) {
		if (*lines == '\n')
			*out++ = '\r';
		*out++ = (u8)*lines;
	}
	*len = (size_t)(out - data);
	return data;
}

struct text message(const char *lines)
{
	struct text text;
	size_t len;
	u8 *data = with_crlf(lines, &len);

	text = guard(data, len);
	free(data);
	return text;
}

struct sip_endpoint endpoint(const char *addr, u16 port)
{
	struct sip_endpoint ep = { .port = port };

	ep.family = strchr(addr, ':') ? 6 : 4;
	assert_int_equal(inet_pton(ep.family == 6 ? AF_INET6 : AF_INET, addr, ep.addr), 1);
	return ep;
}

static struct world *world_of(struct sip_nat *nat)
{
	return (struct world *)nat;
}

static u16 outside_port(u16 port)
{
	return port == 5060 ? 1024 : (u16)(port + 10000);
}

static enum sip_map_verdict outward(struct sip_nat *nat, enum sip_field field,
				    const struct sip_endpoint *inside, bool port_written,
				    struct sip_endpoint *outside)
{
	struct world *w = world_of(nat);

	w->n_outward++;
	w->port_unwritten[field] = !port_written;
	if (w->refuse_outward)
		return SIP_MAP_REFUSE;
	*outside = nat->source_outside;
	outside->port = outside_port(inside->port);
	return SIP_MAP_CHANGE;
}

static enum sip_map_verdict inward(struct sip_nat *nat, enum sip_field field,
				   const struct sip_endpoint *outside,
				   struct sip_endpoint *inside, bool *port_written)
{
	struct world *w = world_of(nat);

	w->n_inward++;
	if (outside->port == 2048) {
		*inside = endpoint("192.168.1.11", 5060);
		return SIP_MAP_CHANGE;
	}
	if (outside->port != 1024 && outside->port < 10001)
		return SIP_MAP_KEEP;
	*inside = nat->target_inside;
	inside->port = outside->port == 1024 ? 5060 : (u16)(outside->port - 10000);
	*port_written = !w->port_unwritten[field];
	return SIP_MAP_CHANGE;
}

static enum sip_map_verdict media(struct sip_nat *nat, struct sdp_ports *ports)
{
	struct world *w = world_of(nat);

	assert_int_equal(ports->inside.family, nat->source_inside.family);
	w->asked[w->n_asked++] = *ports;
	if (w->media_answer[ports->media] != SIP_MAP_CHANGE)
		return w->media_answer[ports->media];
	ports->outside = nat->source_outside;
	ports->outside.port = (u16)(ports->inside.port + 10000);
	ports->rtcp_outside = nat->source_outside;
	ports->rtcp_outside.port = (u16)(ports->rtcp_inside.port + 10000);
	return SIP_MAP_CHANGE;
}

static bool forbids(struct sip_nat *nat, const struct sdp_ports *ports)
{
	u16 port = world_of(nat)->forbidden;

	return port && (ports->inside.port == port || ports->rtcp_inside.port == port);
}

static bool speaks_for(struct sip_nat *nat, const struct sip_endpoint *host)
{
	return sip_same_address(&world_of(nat)->beside, host);
}

static const struct sip_nat_ops ops = {
	.outward = outward,
	.inward = inward,
	.media = media,
	.forbids = forbids,
	.speaks_for = speaks_for,
};

static void world_reset(struct world *w)
{
	u32 i;

	memset(w, 0, sizeof(*w));
	w->nat.ops = &ops;
	for (i = 0; i < SDP_MEDIA_MAX; i++)
		w->media_answer[i] = SIP_MAP_CHANGE;
}

void world_outbound(struct world *w, u8 family)
{
	world_reset(w);
	w->nat.source_inside = endpoint(family == 6 ? "2001:db8:1::10" : "192.168.1.10", 5060);
	w->nat.source_outside = endpoint(family == 6 ? "2001:db8:2::5" : "203.0.113.5", 1024);
}

void world_inbound(struct world *w, u8 family)
{
	world_reset(w);
	w->nat.target_inside = endpoint(family == 6 ? "2001:db8:1::10" : "192.168.1.10", 5060);
	w->nat.target_outside = endpoint(family == 6 ? "2001:db8:2::5" : "203.0.113.5", 1024);
}

void world_hairpin(struct world *w)
{
	world_outbound(w, 4);
	w->nat.target_outside = endpoint("203.0.113.5", 2048);
	w->nat.target_inside = endpoint("192.168.1.11", 5060);
}

/* Of one program: some make thousands that are much alike. */
#define KEPT_MAX 400

/* Where the environment names a directory, it gets the messages, as seeds for a fuzzer. */
static void keep(struct text text)
{
	const char *dir = getenv("SIPALG_KEEP");
	static unsigned int n;
	char path[4096];
	FILE *file;

	if (!dir || n == KEPT_MAX)
		return;
	snprintf(path, sizeof(path), "%s/%s-%u", dir, program_invocation_short_name, n++);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
}

enum sip_verdict parse(struct sip_msg *msg, struct text text)
{
	enum sip_verdict verdict;

	keep(text);
	/* Nobody may look at members that the parser does not set. */
	memset(msg, 0xa5, sizeof(*msg));
	verdict = sip_parse(msg, text.data, text.len);
	if (!verdict)
		message_must_hold(msg, text.data, text.len);
	return verdict;
}

enum sip_verdict find_fault(struct sip_msg *msg, struct text text)
{
	enum sip_verdict verdict = parse(msg, text);
	u32 tier;

	for (tier = 0; tier < SIP_TIERS && !verdict; tier++)
		verdict = msg->faults[tier].verdict;
	return verdict;
}

enum sip_verdict translate(struct sip_plan *plan, struct sip_msg *msg, struct text text,
			   struct world *w)
{
	enum sip_verdict verdict;

	w->n_asked = 0;
	memset(plan, 0x5a, sizeof(*plan));
	verdict = sip_translate(plan, msg, text.data, &w->nat);
	if (verdict) {
		assert_int_equal(plan->n_edits, 0);
		assert_int_equal(plan->delta, 0);
	}
	plan_must_hold(plan, text.data, msg->len);
	return verdict;
}

struct text apply(const struct sip_plan *plan, struct text text)
{
	u32 len = text.len + (u32)plan->delta, written;
	u8 *out = malloc(len + 1);
	struct sip_span span;

	if (!plan->n_edits) {
		memcpy(out, text.data, text.len);
		return (struct text){ out, text.len };
	}
	span = sip_plan_span(plan);
	memcpy(out, text.data, span.off);
	written = sip_plan_render(plan, text.data, out + span.off);
	assert_int_equal(written, span.len + (u32)plan->delta);
	memcpy(out + span.off + written, text.data + span.off + span.len,
	       text.len - span.off - span.len);
	return (struct text){ out, len };
}

struct text translated(const char *lines, struct world *w)
{
	struct text text = message(lines);
	struct sip_plan plan;
	struct sip_msg msg;

	assert_string_equal(verdict_names[parse(&msg, text)], "ok");
	assert_string_equal(verdict_names[translate(&plan, &msg, text, w)], "ok");
	return apply(&plan, text);
}

void assert_text(struct text got, const char *lines)
{
	size_t len;
	u8 *want = with_crlf(lines, &len);

	if (got.len != len || memcmp(got.data, want, len))
		fail_msg("got:\n%.*s\nwant:\n%s", (int)got.len, got.data, lines);
	free(want);
}

void assert_sent(const struct sent *sent, const char *type)
{
	static const char head[] =
		"INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: <sip:a@h>;tag=1\nTo: <sip:b@h>\n"
		"Call-ID: c\nCSeq: 4294967295 INVITE\n";
	char in[2048], out[2048];
	struct text text, got;
	struct sip_plan plan;
	struct sip_msg msg;
	struct world w;

	snprintf(in, sizeof(in), "%s%s%s%s", head, type, sent->in, *type ? "" : "\n");
	snprintf(out, sizeof(out), "%s%s%s%s", head, type, sent->out, *type ? "" : "\n");
	text = message(in);
	world_outbound(&w, 4);
	if (parse(&msg, text) || translate(&plan, &msg, text, &w))
		fail_msg("%s: not understood", sent->source);
	got = apply(&plan, text);
	assert_text(got, out);
	free((void *)got.data);
}

void assert_all_sent(const struct sent *sent, size_t n, const char *type)
{
	while (n--)
		assert_sent(sent++, type);
}

void assert_span(struct text text, struct sip_span span, const char *want)
{
	assert_true(span.len <= text.len && span.off <= text.len - span.len);
	if (span.len != strlen(want) || memcmp(text.data + span.off, want, span.len))
		fail_msg("got \"%.*s\", want \"%s\"", (int)span.len, text.data + span.off, want);
}

static void print_text(FILE *out, const u8 *text, u32 len)
{
	u32 i;

	putc('"', out);
	for (i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] > '~' || text[i] == '"')
			fprintf(out, "\\x%02x", text[i]);
		else
			putc(text[i], out);
	}
	putc('"', out);
}

static void print_span(FILE *out, const char *name, struct text text, struct sip_span span)
{
	if (!span.len)
		return;
	fprintf(out, "  %s %u ", name, span.off);
	print_text(out, text.data + span.off, span.len);
	putc('\n', out);
}

static void print_endpoint(FILE *out, const struct sip_endpoint *ep)
{
	u8 addr[SIP_ADDRESS_TEXT_MAX];

	if (ep->family)
		fprintf(out, "%.*s", (int)sip_endpoint_format(ep, addr), addr);
	else
		fputc('-', out);
	if (ep->port)
		fprintf(out, " %u", ep->port);
}

static void print_fault(FILE *out, const char *tier, const struct sip_fault *fault)
{
	if (fault->verdict)
		fprintf(out, "  %s: %s at %u\n", tier, verdict_names[fault->verdict], fault->off);
}

static void print_msg(FILE *out, const struct sip_msg *msg, struct text text)
{
	u32 i;

	fprintf(out, "  %s, method %s, status %u, cseq %u, expires %d%s\n",
		msg->status ? "response" : "request", method_names[msg->method], msg->status, msg->cseq,
		msg->expires, msg->star ? ", star" : "");
	fprintf(out, "  length %u of %u, body %u + %u\n", msg->len, text.len, msg->body.off,
		msg->body.len);
	print_span(out, "request-uri", text, msg->request_uri);
	print_span(out, "call-id", text, msg->call_id);
	print_span(out, "from-tag", text, msg->from_tag);
	print_span(out, "to-tag", text, msg->to_tag);
	for (i = 0; i < msg->n_lengths; i++)
		print_span(out, "content-length", text, msg->lengths[i]);
	for (i = 0; i < msg->n_credentials; i++)
		print_span(out, "credentials", text, msg->credentials[i]);
	for (i = 0; i < msg->n_addr_refs; i++) {
		const struct sip_addr_ref *ref = &msg->addr_refs[i];

		fprintf(out, "  ref %u %s %u+%u %u+%u ", i, field_names[ref->field],
			ref->host.off, ref->host.len, ref->port.off, ref->port.len);
		print_endpoint(out, &ref->ep);
		fputc('\n', out);
	}
	for (i = 0; i < msg->n_contacts; i++)
		fprintf(out, "  contact ref %d expires %d\n", msg->contacts[i].ref,
			msg->contacts[i].expires);
}

static void print_address(FILE *out, const char *name, struct text text,
			  const struct sdp_address *address)
{
	if (!address->text.len)
		return;
	fprintf(out, " %s ", name);
	print_text(out, text.data + address->text.off, address->text.len);
	fprintf(out, " %s", family_name(address->ep.family));
}

static void print_sdp(FILE *out, const struct sdp_session *sdp, struct text text)
{
	u32 i;

	if (!sdp->body.len)
		return;
	fprintf(out, "  sdp %u+%u", sdp->body.off, sdp->body.len);
	print_address(out, "origin", text, &sdp->origin);
	print_address(out, "connection", text, &sdp->connection);
	fprintf(out, "%s\n", sdp->ice ? " ice" : "");
	for (i = 0; i < sdp->n_media; i++) {
		const struct sdp_media *m = &sdp->media[i];

		fprintf(out, "  media %.*s %u/%u proto %s", (int)m->kind.len,
			text.data + m->kind.off, m->port, m->count, proto_names[m->proto]);
		print_address(out, "connection", text, &m->connection);
		if (m->rtcp_text.len)
			fprintf(out, " rtcp %u", m->rtcp_port);
		print_address(out, "rtcp-address", text, &m->rtcp_address);
		fprintf(out, "%s%s%s%s%s formats ", m->mux ? " mux" : "",
			m->mux_only ? " mux-only" : "", m->connects ? " connects" : "",
			m->layered ? " layered" : "", m->fault ? " fault" : "");
		print_text(out, text.data + m->formats.off, m->formats.len);
		fputc('\n', out);
	}
}

static void print_plan(FILE *out, const char *name, struct sip_msg *msg, struct text text,
		       struct world *w)
{
	enum sip_verdict verdict;
	struct sip_plan plan;
	u32 i;

	verdict = translate(&plan, msg, text, w);
	if (!verdict && !plan.n_edits && !plan.fault.verdict)
		return;
	fprintf(out, "%s: %s\n", name, verdict_names[verdict]);
	print_fault(out, "left in body", &plan.fault);
	for (i = 0; i < plan.n_edits; i++) {
		fprintf(out, "  %u ", plan.edits[i].off);
		print_text(out, text.data + plan.edits[i].off, plan.edits[i].len);
		fprintf(out, " -> ");
		print_text(out, plan.text + plan.edits[i].text, plan.edits[i].text_len);
		fputc('\n', out);
	}
}

char *describe(struct text text)
{
	enum sip_verdict verdict;
	struct sip_msg msg;
	struct world w;
	size_t len;
	char *all;
	FILE *out = open_memstream(&all, &len);

	verdict = parse(&msg, text);
	fprintf(out, "parse: %s\n", verdict_names[verdict]);
	if (!verdict) {
		print_msg(out, &msg, text);
		print_sdp(out, &msg.other, text);
		print_sdp(out, &msg.sdp, text);
		print_fault(out, "skipped field", &msg.faults[SIP_TIER_FIELDS]);
		print_fault(out, "skipped in body", &msg.faults[SIP_TIER_BODY]);
		world_outbound(&w, 4);
		print_plan(out, "outbound", &msg, text, &w);
		world_inbound(&w, 4);
		print_plan(out, "inbound", &msg, text, &w);
		world_outbound(&w, 6);
		print_plan(out, "outbound IPv6", &msg, text, &w);
		world_inbound(&w, 6);
		print_plan(out, "inbound IPv6", &msg, text, &w);
	}
	fclose(out);
	return all;
}
