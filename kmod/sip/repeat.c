// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes that repeat the address of a media section: a=altc (RFC 6947)
 * lists it among those of both families, a=path (RFC 4975) is the URI of an
 * MSRP end.
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

/**
 * sip_write_repeats() - change attributes that repeat what is translated
 * @writer: writes into the plan
 * @sdp: as sip_parse() filled it in
 * @is_response: its message is one
 * @media: index of the section, which has such attributes
 * @text: the message
 * @inside: address and port of the section
 * @outside: what they become
 *
 * The first a=altc and the first a=path that name them change: a section has
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
	enum sip_verdict verdict = SIP_OK;
	struct sdp_walk walk;
	u32 start, end;

	sdp_walk_begin(&walk, sdp, media, text, sdp->media[media].repeats);
	while (!verdict && sdp_walk_next(&walk, &start, &end)) {
		struct sip_addr_ref ref = {};
		u64 name;

		if (end - start < 7 || text[start] != 'a')
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
		}
	}
	return verdict;
}
