// SPDX-License-Identifier: GPL-2.0
/*
 * Lines that repeat the address of a media section: a=altc (RFC 6947) lists it
 * among those of both families, a=path (RFC 4975) is the URI of an MSRP end,
 * a=ccap (RFC 7006) offers it as one of several, a=source-filter (RFC 4570)
 * says who may send to it; and some senders write its c= line twice.
 */
#include "line.h"
#include "repeat.h"
#include "uri.h"

#define MSRP_PORT	2855
/* a=ccap and a=source-filter that are looked at, of a section */
#define REPEATS_MAX	8

/**
 * struct repeat - the address that is looked for
 * @writer: writes into the plan
 * @text: the message
 * @inside: the address
 * @outside: what it becomes
 * @left: how many more lines are looked at
 */
struct repeat {
	struct sip_writer *writer;
	const u8 *text;
	const struct sip_endpoint *inside;
	const struct sip_endpoint *outside;
	u32 left;
};

static bool is_section(const struct sip_addr_ref *ref,
		       const struct sip_endpoint *inside)
{
	return ref->ep.port == inside->port &&
	       sip_same_address(&ref->ep, inside);
}

/* "1 IP4 192.0.2.1 49170" */
static bool read_altc(const u8 *text, u32 at, u32 end,
		      struct sip_addr_ref *ref)
{
	struct sdp_line line = { text, at, end };
	u32 stop, port;

	sdp_next_word(&line);
	sdp_next_word(&line);
	ref->host = sdp_next_word(&line);
	ref->port = sdp_next_word(&line);
	stop = ref->port.off + ref->port.len;
	if (!ref->port.len ||
	    scan_number(text, ref->port.off, stop, &port) != stop ||
	    port > U16_MAX)
		return false;
	sip_read_endpoint(&ref->ep, text, &ref->host, port);
	return true;
}

/*
 * "msrp://192.0.2.1:2855/s111271232;tcp". Of several URIs the first is the one
 * that others connect to.
 */
static bool read_path(const u8 *text, u32 at, u32 end,
		      struct sip_addr_ref *ref)
{
	u64 scheme = scan_fold(scan_word(text, at, end));

	if (SCAN_BEGINS(scheme, 7, 'm', 's', 'r', 'p', ':', '/', '/'))
		at += 7;
	else if (SCAN_BEGINS(scheme, 8, 'm', 's', 'r', 'p', 's', ':', '/', '/'))
		at += 8;
	else
		return false;
	ref->implied = MSRP_PORT;
	at = sip_read_host_port(text, at, end, ref);
	return at && at < end && text[at] == '/';
}

/*
 * Does the far end open the connection, and to the URI in a=path? Without
 * a=setup it does if it made the offer (RFC 4975, 5.4; RFC 6135, 4.2): then
 * @used is set. An end that writes a=msrp-cema is for far ends that connect to
 * c= and m= (RFC 6714), and in its messages the URI is compared with what it
 * wrote.
 */
static bool is_path_used(const struct sdp_session *sdp, bool used, u32 media,
			 const u8 *text)
{
	const struct sdp_media *section = &sdp->media[media];
	struct sdp_walk walk;
	u32 start, end;

	if (section->proto != SDP_PROTO_TCP || section->connects)
		return false;
	sdp_walk_begin(&walk, sdp, media, text,
		       section->formats.off + section->formats.len);
	while (sdp_walk_next(&walk, &start, &end)) {
		u64 name;

		if (end - start < 3 || text[start] != 'a')
			continue;
		name = scan_word(text, start + 2, end);
		if (SCAN_BEGINS(name, 8, 'm', 's', 'r', 'p', '-', 'c', 'e',
				'm'))
			return false;
		/* passive or actpass; active is no case here */
		if (SCAN_BEGINS(name, 6, 's', 'e', 't', 'u', 'p', ':'))
			used = true;
	}
	return used;
}

/*
 * "incl IN IP4 192.0.2.1 198.51.100.1 198.51.100.2": who may send to an
 * address, which must be that of c=. One of the sources may be the sender of
 * the description itself.
 */
static enum sip_verdict write_filter(const struct repeat *r, u32 at, u32 end)
{
	struct sdp_line line = { r->text, at, end };
	enum sip_verdict verdict = SIP_OK;
	struct sip_endpoint ep;
	struct sip_span word;
	u32 i, left = 2;

	for (i = 0; i < 3; i++)
		sdp_next_word(&line);
	for (i = 0; left && !verdict; i++) {
		word = sdp_next_word(&line);
		if (!word.len)
			break;
		sip_read_endpoint(&ep, r->text, &word, 0);
		if (!sip_same_address(&ep, r->inside))
			continue;
		verdict = sip_write_address(r->writer, word, &ep, r->outside);
		left = i ? 0 : 1;
	}
	return verdict;
}

/* Another line with an address alone, as "c=IN IP4 192.0.2.1". */
static enum sip_verdict write_connection(const struct repeat *r,
					 struct sdp_line *line,
					 struct sip_span first)
{
	struct sdp_address copy;

	if (!sdp_read_address(&copy, line) || copy.text.off == first.off ||
	    !sip_same_address(&copy.ep, r->inside))
		return SIP_OK;
	return sip_write_address(r->writer, copy.text, &copy.ep, r->outside);
}

/* "a=ccap:1 IN IP4 192.0.2.1": the port is that of m= (RFC 7006, 3.1.3). */
static enum sip_verdict write_ccap(const struct repeat *r, u32 at, u32 end)
{
	struct sdp_line line = { r->text, at, end };

	sdp_next_word(&line);
	return write_connection(r, &line, (struct sip_span){});
}

static bool is_filter(const u8 *text, u32 start, u32 end)
{
	return end - start > 16 &&
	       !memcmp(text + start, "a=source-filter:", 16);
}

/*
 * What a section, or the session, may repeat any number of times. The first of
 * these lines change, more than anybody needs.
 */
static enum sip_verdict write_line(struct repeat *r, u32 start, u32 end)
{
	if (!r->left)
		return SIP_OK;
	if (is_filter(r->text, start, end)) {
		r->left--;
		return write_filter(r, start + 16, end);
	}
	if (end - start > 7 && !memcmp(r->text + start, "a=ccap:", 7)) {
		r->left--;
		return write_ccap(r, start + 7, end);
	}
	return SIP_OK;
}

static enum sip_verdict write_copy(const struct repeat *r, u32 start, u32 end,
				   struct sip_span first)
{
	struct sdp_line line = { r->text, start + 2, end };

	return r->text[start + 1] == '=' ? write_connection(r, &line, first) :
					   SIP_OK;
}

/**
 * sip_write_session_repeats() - change lines above all media that repeat what
 * is translated
 * @writer: writes into the plan
 * @sdp: as sip_parse() filled it in; it has such lines
 * @text: the message
 * @inside: the address of the media
 * @outside: what it becomes
 * @connection: the c= line of the session changes, too
 *
 * Return: SIP_OK, or SIP_TOO_MANY if the plan is full.
 */
enum sip_verdict sip_write_session_repeats(struct sip_writer *writer,
					   const struct sdp_session *sdp,
					   const u8 *text,
					   const struct sip_endpoint *inside,
					   const struct sip_endpoint *outside,
					   bool connection)
{
	struct repeat r = { writer, text, inside, outside, REPEATS_MAX };
	enum sip_verdict verdict = SIP_OK;
	struct sdp_walk walk;
	u32 start, end;

	sdp_walk_begin(&walk, sdp, SDP_WALK_SESSION, text, sdp->repeats);
	while (!verdict && sdp_walk_next(&walk, &start, &end)) {
		if (end - start < 7)
			continue;
		if (text[start] == 'a')
			verdict = write_line(&r, start, end);
		else if (text[start] == 'c' && connection && sdp->copies)
			verdict = write_copy(&r, start, end,
					     sdp->connection.text);
	}
	return verdict;
}

/**
 * sip_write_repeats() - change lines that repeat what is translated
 * @writer: writes into the plan
 * @sdp: as sip_parse() filled it in
 * @is_response: its message is one
 * @media: index of the section, which has such lines
 * @text: the message
 * @inside: address and port of the section
 * @outside: what they become
 *
 * Of a=altc and a=path, the first line that names them changes: a section has
 * one address of a family, and one path.
 *
 * Return: SIP_OK, or SIP_TOO_MANY if the plan is full.
 */
enum sip_verdict sip_write_repeats(struct sip_writer *writer,
				   const struct sdp_session *sdp,
				   bool is_response, u32 media, const u8 *text,
				   const struct sip_endpoint *inside,
				   const struct sip_endpoint *outside)
{
	bool altc = true, path = is_path_used(sdp, is_response, media, text);
	struct repeat r = { writer, text, inside, outside, REPEATS_MAX };
	const struct sdp_media *section = &sdp->media[media];
	enum sip_verdict verdict = SIP_OK;
	struct sdp_walk walk;
	u32 start, end;

	sdp_walk_begin(&walk, sdp, media, text, section->repeats);
	while (!verdict && sdp_walk_next(&walk, &start, &end)) {
		struct sip_addr_ref ref = {};
		u64 name;

		if (end - start < 7)
			continue;
		if (text[start] == 'c' && section->copies)
			verdict = write_copy(&r, start, end,
					     section->connection.text);
		if (text[start] != 'a')
			continue;
		name = scan_word(text, start + 2, end);
		if (altc && SCAN_BEGINS(name, 5, 'a', 'l', 't', 'c', ':') &&
		    read_altc(text, start + 7, end, &ref) &&
		    is_section(&ref, inside)) {
			verdict = sip_write_endpoint(writer, ref.host, ref.port,
						     &ref.ep, outside);
			altc = false;
		} else if (path &&
			   SCAN_BEGINS(name, 5, 'p', 'a', 't', 'h', ':') &&
			   read_path(text, start + 7, end, &ref) &&
			   is_section(&ref, inside)) {
			verdict = sip_write_endpoint(writer, ref.host, ref.port,
						     &ref.ep, outside);
			path = false;
		} else {
			verdict = write_line(&r, start, end);
		}
	}
	return verdict;
}
