// SPDX-License-Identifier: GPL-2.0
/*
 * Candidates of ICE (RFC 8839, 5.1).
 */
#include "candidate.h"

static bool read_number(const u8 *text, struct sip_span word, u32 *value)
{
	u32 end = word.off + word.len;

	return word.len && scan_number(text, word.off, end, value) == end;
}

/**
 * sdp_read_candidate() - read "1 1 UDP 2130706431 192.0.2.1 4000 typ host"
 * @candidate: filled in, but for @line, if it is for UDP
 * @line: the line, behind the name of the attribute
 *
 * What follows the type is of no concern.
 *
 * Return: what it is.
 */
enum sdp_candidate_kind sdp_read_candidate(struct sdp_candidate *candidate,
					   struct sdp_line *line)
{
	struct sip_span foundation = sdp_next_word(line);
	struct sip_span component = sdp_next_word(line);
	struct sip_span transport = sdp_next_word(line);
	struct sip_span priority = sdp_next_word(line);
	const u8 *text = line->text;
	u32 port;

	candidate->address = sdp_next_word(line);
	candidate->port = sdp_next_word(line);
	if (!foundation.len ||
	    !read_number(text, component, &candidate->component) ||
	    !read_number(text, priority, &candidate->priority) ||
	    !read_number(text, candidate->port, &port) || port > U16_MAX ||
	    !scan_is_word(text, sdp_next_word(line),
			  SCAN_WORD('t', 'y', 'p')))
		return SDP_CANDIDATE_ODD;
	if (!scan_is_word(text, transport, SCAN_WORD('u', 'd', 'p')))
		return SDP_CANDIDATE_OTHER;
	sip_read_endpoint(&candidate->ep, text, &candidate->address, port);
	return SDP_CANDIDATE_UDP;
}
