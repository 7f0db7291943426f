// SPDX-License-Identifier: GPL-2.0
/*
 * However odd the rest of a response is: if its topmost Via and its Call-ID can be
 * read, the phone gets the Via that it wrote. It drops the response otherwise
 * (RFC 3261, 18.1.2).
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "fuzz.h"

#define ROOM (32 << 10)

const size_t control_len;

/* Responses that say whose they are, of all that were tried. */
static u64 n_read, n_tried;

/* The end of the line at @at, without its line end; sets @next. */
static u32 line_end(const u8 *text, u32 at, u32 len, u32 *next)
{
	const u8 *feed = memchr(text + at, '\n', len - at);
	u32 end = feed ? (u32)(feed - text) : len;

	*next = feed ? end + 1 : len;
	return feed && end > at && text[end - 1] == '\r' ? end - 1 : end;
}

/* Does the line have this name? Returns where its value begins, 0 if it does not. */
static u32 value_of(const u8 *text, u32 at, u32 end, const char *name, char compact)
{
	u32 n = (u32)strlen(name);

	if (end - at > n && !strncasecmp((const char *)text + at, name, n))
		at += n;
	else if (end - at > 1 && (text[at] | 0x20) == compact)
		at++;
	else
		return 0;
	while (at < end && (text[at] == ' ' || text[at] == '\t'))
		at++;
	return at < end && text[at] == ':' ? at + 1 : 0;
}

/* Does it begin as a response does, whatever its status code? */
static bool is_plain_response(const u8 *text, u32 len)
{
	static const char version[] = "SIP/2.0 ";
	const u8 *code = text + sizeof(version) - 1;

	return len > sizeof(version) + 3 && !memcmp(text, version, sizeof(version) - 1) &&
	       code[0] >= '1' && code[0] <= '9' && code[1] >= '0' && code[1] <= '9' &&
	       code[2] >= '0' && code[2] <= '9' && code[3] == ' ';
}

/* Reads " SIP/2.0/UDP ADDRESS:PORT;", as everybody writes it. */
static bool read_sent_by(const u8 *text, u32 at, u32 end, struct sip_endpoint *sent_by)
{
	static const char way[] = " SIP/2.0/UDP ";
	const u8 *value = text + at + sizeof(way) - 1, *stop, *colon, *digit;
	char address[INET6_ADDRSTRLEN];
	u32 port = 0, n;

	if (end - at < sizeof(way) || memcmp(text + at, way, sizeof(way) - 1))
		return false;
	stop = memchr(value, ';', end - at - (sizeof(way) - 1));
	colon = stop ? memrchr(value, ':', stop - value) : NULL;
	if (!colon || colon + 1 == stop || stop - colon > 6 || colon[1] == '0')
		return false;
	for (digit = colon + 1; digit < stop && *digit >= '0' && *digit <= '9'; digit++)
		port = port * 10 + *digit - '0';
	if (digit < stop || port > U16_MAX)
		return false;

	sent_by->family = *value == '[' ? 6 : 4;
	if (sent_by->family == 6) {
		if (colon - value < 2 || colon[-1] != ']')
			return false;
		value++;
		colon--;
	}
	n = (u32)(colon - value);
	if (n >= sizeof(address))
		return false;
	memcpy(address, value, n);
	address[n] = '\0';
	if (strlen(address) < n)
		return false;
	sent_by->port = (u16)port;
	return inet_pton(sent_by->family == 6 ? AF_INET6 : AF_INET, address, sent_by->addr) == 1;
}

/*
 * The plainest reader that there is: finds the first Via and the first Call-ID of
 * a response, each in a line of its own. Returns false where one of them is not
 * there, or not written as everybody does.
 */
static bool read_plain(const u8 *text, u32 len, struct sip_endpoint *sent_by)
{
	bool via = false, call_id = false;
	u32 at, next, end, value;

	line_end(text, 0, len, &at);
	for (; at < len && !(via && call_id); at = next) {
		end = line_end(text, at, len, &next);
		/* A line that is cut off, or folded, is not plain. */
		if (end == at || text[at] <= ' ' || text[next - 1] != '\n' ||
		    (next < len && (text[next] == ' ' || text[next] == '\t')))
			break;
		value = value_of(text, at, end, "Via", 'v');
		if (value && !via) {
			if (!read_sent_by(text, value, end, sent_by))
				return false;
			via = true;
		}
		value = value_of(text, at, end, "Call-ID", 'i');
		if (value && !call_id) {
			while (value < end && text[value] == ' ')
				value++;
			if (value == end || text[value] <= ' ')
				return false;
			call_id = true;
		}
	}
	return via && call_id;
}

static enum sip_map_verdict inward(struct sip_nat *nat, enum sip_field field,
				   const struct sip_endpoint *outside,
				   struct sip_endpoint *inside, bool *port_written)
{
	(void)field;
	(void)port_written;
	if (outside->port != nat->target_outside.port)
		return SIP_MAP_KEEP;
	*inside = nat->target_inside;
	return SIP_MAP_CHANGE;
}

static struct sip_endpoint phone_behind(const struct sip_endpoint *shown)
{
	static const struct sip_endpoint phones[] = {
		{ .family = 4, .port = 5060, .addr = { 192, 168, 1, 10 } },
		{ .family = 4, .port = 5060, .addr = { 192, 168, 1, 11 } },
		{ .family = 6, .port = 5060, .addr = { 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 0x10 } },
		{ .family = 6, .port = 5060, .addr = { 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 0x11 } },
	};
	const struct sip_endpoint *phone = &phones[shown->family == 6 ? 2 : 0];

	return sip_same_address(phone, shown) ? phone[1] : phone[0];
}

static void try_to_come_home(const u8 *text, u32 len)
{
	static const struct sip_nat_ops ops = { .inward = inward };
	struct sip_nat nat = { .ops = &ops };
	static struct sip_plan plan;
	static struct sip_msg msg;
	static u8 out[2 * ROOM];
	struct sip_endpoint got = { 0 };

	n_tried++;
	if (!read_plain(text, len, &nat.target_outside))
		return;
	n_read++;
	nat.target_inside = phone_behind(&nat.target_outside);
	must(sip_parse(&msg, text, len) == SIP_OK);
	must(sip_translate(&plan, &msg, text, &nat) == SIP_OK);
	len = plan_splice(&plan, text, len, out);
	must(read_plain(out, len, &got));
	must(sip_same_address(&got, &nat.target_inside) && got.port == nat.target_inside.port);
}

/* The same for another status code: all inputs together have each of them. */
static void set_status(u8 *text, u32 code)
{
	text[8] = (u8)('0' + code / 100);
	text[9] = (u8)('0' + code / 10 % 10);
	text[10] = (u8)('0' + code % 10);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 other[ROOM];
	const u8 *text;

	if (size > ROOM || !is_plain_response(data, (u32)size))
		return 0;
	text = place(data, (u32)size);
	try_to_come_home(text, (u32)size);
	unplace(text);

	memcpy(other, data, size);
	set_status(other, 100 + (u32)size % 900);
	text = place(other, (u32)size);
	try_to_come_home(text, (u32)size);
	unplace(text);
	return 0;
}

__attribute__((destructor)) static void say_how_many(void)
{
	fprintf(stderr, "stat::responses_read: %llu of %llu\n", (unsigned long long)n_read,
		(unsigned long long)n_tried);
	/* Who reads none says nothing. */
	if (n_tried && !n_read)
		_exit(1);
}
