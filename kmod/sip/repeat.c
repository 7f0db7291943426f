// SPDX-License-Identifier: GPL-2.0
/*
 * Lines that repeat the address of a media section: a=altc (RFC 6947) lists it
 * among those of both families, a=path (RFC 4975) is the URI of an MSRP end,
 * a=source-filter (RFC 4570) says who may send to it; and some senders write
 * its c= line twice.
 */
#include "line.h"
#include "repeat.h"
#include "uri.h"

#define MSRP_PORT	2855

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
static enum sip_verdict write_filter(struct sip_writer *writer, const u8 *text,
				     u32 at, u32 end,
				     const struct sip_endpoint *inside,
				     const struct sip_endpoint *outside)
{
	struct sdp_line line = { text, at, end };
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
		sip_read_endpoint(&ep, text, &word, 0);
		if (!sip_same_address(&ep, inside))
			continue;
		verdict = sip_write_address(writer, word, &ep, outside);
		left = i ? 0 : 1;
	}
	return verdict;
}

/* Return: where its list begins; 0 if the line is no a=source-filter. */
static u32 find_filter(const u8 *text, u32 start, u32 end)
{
	return end - start > 16 &&
			       !memcmp(text + start, "a=source-filter:", 16) ?
		       start + 16 :
		       0;
}

/**
 * sip_write_filter() - change the a=source-filter above all media
 * @writer: writes into the plan
 * @sdp: as sip_parse() filled it in; it has such a line
 * @text: the message
 * @inside: the address of the media
 * @outside: what it becomes
 *
 * Return: SIP_OK, or SIP_TOO_MANY if the plan is full.
 */
enum sip_verdict sip_write_filter(struct sip_writer *writer,
				  const struct sdp_session *sdp,
				  const u8 *text,
				  const struct sip_endpoint *inside,
				  const struct sip_endpoint *outside)
{
	u32 end, at;

	sdp_next_line(text, sdp->filter, sdp->body.off + sdp->body.len, &end,
		      sdp->cr);
	at = find_filter(text, sdp->filter, end);
	return at ? write_filter(writer, text, at, end, inside, outside) :
		    SIP_OK;
}

/* A c= line that says the same as that of the section. */
static enum sip_verdict write_copy(struct sip_writer *writer,
				   const struct sdp_media *section,
				   const u8 *text, u32 start, u32 end,
				   const struct sip_endpoint *outside)
{
	struct sdp_line line = { text, start + 2, end };
	struct sdp_address copy;

	if (text[start + 1] != '=' || !sdp_read_address(&copy, &line) ||
	    copy.text.off == section->connection.text.off)
		return SIP_OK;
	return sip_write_address(writer, copy.text, &copy.ep, outside);
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
 * The first line of each kind that names them changes: a section has one
 * address of a family, and one path.
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
	const struct sdp_media *section = &sdp->media[media];
	enum sip_verdict verdict = SIP_OK;
	u32 start, end, filter = 0;
	struct sdp_walk walk;

	sdp_walk_begin(&walk, sdp, media, text, section->repeats);
	while (!verdict && sdp_walk_next(&walk, &start, &end)) {
		struct sip_addr_ref ref = {};
		u64 name;

		if (end - start < 7)
			continue;
		if (text[start] == 'c' && section->copied)
			verdict = write_copy(writer, section, text, start, end,
					     outside);
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
		} else if (!filter) {
			filter = find_filter(text, start, end);
			if (filter)
				verdict = write_filter(writer, text, filter,
						       end, inside, outside);
		}
	}
	return verdict;
}
