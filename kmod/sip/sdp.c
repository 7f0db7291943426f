// SPDX-License-Identifier: GPL-2.0
/*
 * The session description (RFC 8866): the lines that name an address or a port,
 * and those that tell whether these may change.
 *
 * Unknown lines are skipped. A line that cannot be read leaves its media
 * section as it is, and the others as they are understood.
 */
#include "line.h"
#include "sdp.h"

static u64 word_of(const struct sdp_line *line, struct sip_span word)
{
	return scan_fold(scan_word(line->text, word.off, word.off + word.len));
}

/*
 * Reads an address of the family with this digit, up to a blank, a slash or the
 * end of the line. Anything else is a name.
 */
static void read_address(struct sdp_address *address, const u8 *text, u32 at,
			 u32 end, u8 family)
{
	u32 stop;

	memset(&address->ep, 0, sizeof(address->ep));
	if (family == '4') {
		stop = sip_read_ipv4(text, at, end, address->ep.addr);
		if (stop && (stop == end || sdp_is_blank(text[stop]) ||
			     text[stop] == '/')) {
			address->ep.family = 4;
			address->text = (struct sip_span){ at, stop - at };
			return;
		}
		memset(address->ep.addr, 0, 4);
	}
	stop = at;
	while (stop < end && !sdp_is_blank(text[stop]) && text[stop] != '/')
		stop++;
	/* Some write IPv6 as in a URI. */
	if (stop - at > 2 && text[at] == '[' && text[stop - 1] == ']') {
		at++;
		stop--;
	}
	address->text = (struct sip_span){ at, stop - at };
	if (family == '6' &&
	    sip_read_ipv6(text, at, stop, address->ep.addr) == stop)
		address->ep.family = 6;
}

/**
 * sdp_read_address() - read "IN IP4 192.0.2.1"
 * @address: filled in
 * @line: where it begins; in c= there may be "/ttl/count" behind it
 *
 * Return: false if there is neither an address nor a name.
 */
bool sdp_read_address(struct sdp_address *address, struct sdp_line *line)
{
	u64 head = scan_fold(scan_word(line->text, line->at, line->end));
	u8 family = (u8)(head >> 40);

	if (head << 8 == SCAN_WORD(0, 'i', 'n', ' ', 'i', 'p', family, ' ')) {
		line->at += 7;
	} else {
		struct sip_span net = sdp_next_word(line);
		struct sip_span type = sdp_next_word(line);
		u64 word = word_of(line, type);

		family = (u8)(word >> 16);
		if (word_of(line, net) != SCAN_WORD('i', 'n') ||
		    word != SCAN_WORD('i', 'p', family))
			family = 0;
	}
	line->at = sdp_skip_blanks(line->text, line->at, line->end);
	read_address(address, line->text, line->at, line->end, family);
	return address->text.len;
}

/* The last word in front of @end. */
static struct sip_span last_word(const u8 *text, u32 at, u32 end)
{
	u32 start;

	while (end > at && sdp_is_blank(text[end - 1]))
		end--;
	for (start = end; start > at && !sdp_is_blank(text[start - 1]);)
		start--;
	return (struct sip_span){ start, end - start };
}

/* With tabs, or several blanks, in front of the address. */
static noinline void parse_odd_origin(struct sdp_address *address,
				      const struct sdp_line *line,
				      struct sip_span host)
{
	struct sip_span type = last_word(line->text, line->at, host.off);
	struct sip_span net = last_word(line->text, line->at, type.off);
	u64 word = word_of(line, type);
	u8 family = (u8)(word >> 16);

	if (word == SCAN_WORD('i', 'p', family) &&
	    word_of(line, net) == SCAN_WORD('i', 'n'))
		read_address(address, line->text, host.off,
			     host.off + host.len, family);
}

/*
 * "user 1 1 IN IP4 192.0.2.1", read from its end, as some senders write a user
 * name with blanks. An origin that is not understood stays as it is.
 */
static void parse_origin(struct sdp_address *address,
			 const struct sdp_line *line)
{
	const u8 *text = line->text;
	struct sip_span host = last_word(text, line->at, line->end);
	u32 at = host.off;

	if (at - line->at < 8)
		return;
	if (likely(scan_fold(scan_load(text + at - 8)) >> 8 ==
		   SCAN_WORD('i', 'n', ' ', 'i', 'p', text[at - 2], ' ')))
		read_address(address, text, at, at + host.len, text[at - 2]);
	else
		parse_odd_origin(address, line, host);
}

static u8 proto_of(const struct sdp_line *line, struct sip_span proto)
{
	u32 at = proto.off, end = proto.off + proto.len;
	u64 head = scan_fold(scan_word(line->text, at, end));

	if ((head & SCAN_MASK(4)) == SCAN_WORD('r', 't', 'p', '/'))
		return SDP_PROTO_RTP;
	if ((head & SCAN_MASK(3)) == SCAN_WORD('t', 'c', 'p'))
		return SDP_PROTO_TCP;
	switch ((u32)head) {
	case SCAN_WORD('s', 'c', 't', 'p'):
	case SCAN_WORD('d', 'c', 'c', 'p'):
	/* "DTLS/SCTP" is DTLS over SCTP (RFC 8841, 4.3). */
	case SCAN_WORD('d', 't', 'l', 's'):
		return SDP_PROTO_FOREIGN;
	}
	while (at + 4 <= end) {
		if ((scan_fold(scan_word(line->text, at, end)) &
		     SCAN_MASK(4)) == SCAN_WORD('r', 't', 'p', '/'))
			return SDP_PROTO_RTP;
		at = scan_find(line->text, at, end, '/') + 1;
	}
	return SDP_PROTO_OTHER;
}

/*
 * "audio 49170/2 RTP/AVP 0 8". Of a section that is refused, with port 0, some
 * senders write no more than that.
 */
static bool parse_media(struct sdp_media *media, struct sdp_line line)
{
	const u8 *text = line.text;
	struct sip_span port;
	u32 end, at, value;
	bool fine = true;

	*media = (struct sdp_media){ .count = 1 };
	media->kind = sdp_next_word(&line);
	port = sdp_next_word(&line);
	end = port.off + port.len;
	at = scan_number(text, port.off, end, &value);
	if (at == port.off || value > U16_MAX)
		return false;
	media->port = (u16)value;
	media->port_text = (struct sip_span){ port.off, at - port.off };
	if (at < end) {
		if (text[at] == '/' && at + 1 < end &&
		    scan_number(text, at + 1, end, &value) == end &&
		    value && value <= U16_MAX)
			media->count = (u16)value;
		else
			fine = false;
	}
	port = sdp_next_word(&line);
	media->proto = proto_of(&line, port);
	at = line.at < line.end ? line.at + 1 : line.end;
	media->formats.off = at;
	media->formats.len = scan_trim(text, at, line.end) - at;
	return fine && (port.len || !media->port);
}

/*
 * "53020" or "53020 IN IP4 192.0.2.1". A line that cannot be read says nothing:
 * RTCP is on the port next to RTP then.
 */
static bool parse_rtcp(struct sdp_media *media, struct sdp_line *line)
{
	struct sip_span port = sdp_next_word(line);
	u32 value;

	if (media->rtcp_text.len || !port.len ||
	    scan_number(line->text, port.off, port.off + port.len, &value) !=
	    port.off + port.len || value > U16_MAX)
		return false;
	media->rtcp_port = (u16)value;
	media->rtcp_text = port;
	if (sdp_skip_blanks(line->text, line->at, line->end) == line->end)
		return true;
	return sdp_read_address(&media->rtcp_address, line);
}

/*
 * "active", "passive", "actpass" or "holdconn" (RFC 4145, 4). Some write a
 * blank in front.
 */
static bool connects(const struct sdp_line *line, u32 at)
{
	u64 role;

	at = sdp_skip_blanks(line->text, at, line->end);
	role = scan_fold(scan_word(line->text, at, line->end));
	return SCAN_BEGINS(role, 6, 'a', 'c', 't', 'i', 'v', 'e') ||
	       role == SCAN_WORD('h', 'o', 'l', 'd', 'c', 'o', 'n', 'n');
}

static noinline void add_candidate(struct sdp_session *sdp,
				   struct sdp_media *media,
				   struct sdp_line *line)
{
	u64 rest = scan_word(line->text, line->at + 8, line->end);
	struct sdp_candidate *candidate;
	u32 start = line->at - 2;

	if (!SCAN_BEGINS(rest, 2, 'e', ':'))
		return;
	sdp->ice = true;
	if (!media)
		return;
	media->has_candidates = true;
	if (sdp->n_candidates == SDP_CANDIDATES_MAX) {
		media->odd_candidates = true;
		return;
	}
	candidate = &sdp->candidates[sdp->n_candidates];
	candidate->line = start;
	line->at += 10;
	switch (sdp_read_candidate(candidate, line)) {
	case SDP_CANDIDATE_UDP:
		if (!media->n_candidates++)
			media->first_candidate = sdp->n_candidates;
		sdp->n_candidates++;
		break;
	case SDP_CANDIDATE_OTHER:
		break;
	case SDP_CANDIDATE_ODD:
		media->odd_candidates = true;
		break;
	}
}

/* These are read where the address that they repeat is translated. */
static noinline void note_repeat(struct sdp_session *sdp,
				 struct sdp_media *media, u32 start)
{
	u32 *first = media ? &media->repeats : &sdp->repeats;

	if (!*first)
		*first = start;
}

/* a=rtcp, a=rtcp-mux, a=rtcp-mux-only and a=remote-candidates */
static bool parse_rtcp_attribute(struct sdp_media *media, u64 head,
				 struct sdp_line *line)
{
	if (head == SCAN_WORD('r', 't', 'c', 'p', '-', 'm', 'u', 'x')) {
		media->mux = true;
		media->mux_only |=
			scan_word(line->text, line->at + 8, line->end) ==
			SCAN_WORD('-', 'o', 'n', 'l', 'y');
	} else if ((head & SCAN_MASK(5)) ==
		   SCAN_WORD('r', 't', 'c', 'p', ':')) {
		line->at += 5;
		return parse_rtcp(media, line);
	} else if (head ==
		   SCAN_WORD('r', 'e', 'm', 'o', 't', 'e', '-', 'c')) {
		media->concluded = true;
	}
	return true;
}

/* The attributes that matter; @media is NULL at session level. */
static __always_inline bool parse_attribute(struct sdp_session *sdp,
					    struct sdp_media *media,
					    struct sdp_line *line)
{
	u64 head = scan_word(line->text, line->at, line->end);

	/* Four letters tell most others from these. */
	switch ((u32)head) {
	case SCAN_WORD('a', 'l', 't', 'c'):
	case SCAN_WORD('c', 'c', 'a', 'p'):
	case SCAN_WORD('p', 'a', 't', 'h'):
		if ((u8)(head >> 32) == ':')
			note_repeat(sdp, media, line->at - 2);
		break;
	case SCAN_WORD('s', 'o', 'u', 'r'):
		if (head == SCAN_WORD('s', 'o', 'u', 'r', 'c', 'e', '-', 'f'))
			note_repeat(sdp, media, line->at - 2);
		break;
	case SCAN_WORD('c', 'a', 'n', 'd'):
		if (head == SCAN_WORD('c', 'a', 'n', 'd', 'i', 'd', 'a', 't'))
			add_candidate(sdp, media, line);
		break;
	case SCAN_WORD('i', 'c', 'e', '-'):
		/*
		 * "ice-lite" alone does not mean that the sender uses ICE: that
		 * takes credentials (RFC 8839, 4.4.1).
		 */
		if (head == SCAN_WORD('i', 'c', 'e', '-', 'u', 'f', 'r', 'a') ||
		    head == SCAN_WORD('i', 'c', 'e', '-', 'p', 'w', 'd', ':'))
			sdp->ice = true;
		else if (head == SCAN_WORD('i', 'c', 'e', '-', 'l', 'i', 't',
					   'e'))
			sdp->lite = true;
		break;
	case SCAN_WORD('r', 't', 'c', 'p'):
	case SCAN_WORD('r', 'e', 'm', 'o'):
		if (media)
			return parse_rtcp_attribute(media, head, line);
		break;
	case SCAN_WORD('s', 'e', 't', 'u'):
		if ((head & SCAN_MASK(6)) !=
		    SCAN_WORD('s', 'e', 't', 'u', 'p', ':'))
			break;
		if (media)
			media->connects = connects(line, line->at + 6);
		else
			sdp->connects = connects(line, line->at + 6);
		break;
	}
	return true;
}

/* A further c= line that says the same as the first, and nothing else? */
static bool is_copy(const struct sdp_address *first, u8 copies,
		    struct sdp_line *line)
{
	struct sdp_address again;

	return copies < SDP_COPIES_MAX &&
	       !memcmp(line->text + line->at - 2, "c=", 2) &&
	       sdp_read_address(&again, line) &&
	       sip_same_address(&again.ep, &first->ep);
}

/* Further c= lines of the session are of use only if they say the same. */
static noinline bool parse_connection_copy(struct sdp_session *sdp,
					   struct sdp_line *line)
{
	u32 start = line->at - 2;

	if (is_copy(&sdp->connection, sdp->copies, line)) {
		note_repeat(sdp, NULL, start);
		sdp->copies++;
	} else {
		sdp->connection = (struct sdp_address){
			.text = { sdp->connection.text.off, 0 }
		};
	}
	return false;
}

/*
 * Several that differ are those of layers, which multicast alone has (RFC 8866,
 * 5.7).
 */
static noinline void parse_media_copy(struct sdp_session *sdp,
				      struct sdp_media *media,
				      struct sdp_line *line)
{
	u32 start = line->at - 2;

	if (!media->layered &&
	    is_copy(&media->connection, media->copies, line)) {
		note_repeat(sdp, media, start);
		media->copies++;
		return;
	}
	media->layered = true;
	media->connection.text.len = 0;
}

/*
 * Most senders write the address of o= once more in c=: the end of that line,
 * "IN IP4 192.0.2.1", is then read no second time. parse_origin() has taken the
 * address only with these two words in front of it; with one blank behind each,
 * the second of seven bytes is an N.
 */
static bool read_connection(const struct sdp_session *sdp,
			    struct sdp_address *address, struct sdp_line *line)
{
	const struct sdp_address *origin = &sdp->origin;
	u32 len = origin->text.len + 7, n = line->end - line->at;
	const u8 *a = line->text + origin->text.off - 7;
	const u8 *b = line->text + line->at;

	if (origin->ep.family != 4 || n != len || len < 16 ||
	    scan_load(a) != scan_load(b) ||
	    scan_load(a + 8) != scan_load(b + 8) ||
	    scan_load(a + len - 8) != scan_load(b + len - 8) ||
	    (a[1] | 0x20) != 'n')
		return sdp_read_address(address, line);
	address->ep = origin->ep;
	address->text.off = line->at + 7;
	address->text.len = origin->text.len;
	return true;
}

static bool parse_connection(struct sdp_session *sdp, struct sdp_media *media,
			     struct sdp_line *line)
{
	if (!media) {
		if (sdp->connection.ep.family || sdp->connection.text.off)
			return parse_connection_copy(sdp, line);
		return read_connection(sdp, &sdp->connection, line);
	}
	if (media->layered || media->connection.text.len) {
		parse_media_copy(sdp, media, line);
		return true;
	}
	if (read_connection(sdp, &media->connection, line))
		return true;
	media->fault = SIP_BAD_SDP;
	return false;
}

/*
 * Where the description begins: some senders write blank lines or a byte order
 * mark in front of it. @end if it does not begin as one.
 */
static u32 find_start(const u8 *text, u32 at, u32 end)
{
	if (unlikely(end - at > 3 && text[at] != 'v')) {
		if (text[at] == 0xef && text[at + 1] == 0xbb &&
		    text[at + 2] == 0xbf)
			at += 3;
		at = scan_blanks(text, at, end);
	}
	return end - at > 2 && text[at] == 'v' && text[at + 1] == '=' ? at :
									end;
}

/*
 * A line whose second character is no equals sign. A lenient reader may take
 * "m =" for a media line; other readers skip it.
 *
 * Return: whether it is such a line, with @line behind the equals sign.
 */
static bool is_spaced(u8 type, struct sdp_line *line)
{
	u32 at = line->at - 1;

	if ((type != 'm' && type != 'c') || at >= line->end)
		return false;
	at = sdp_skip_blanks(line->text, at, line->end);
	line->at = at + 1;
	return at < line->end && line->text[at] == '=';
}

/* As a line of its own, each of them would be looked at. */
static __always_inline u32 skip_line_ends(const u8 *text, u32 at, u32 end,
					  bool cr)
{
	while (at < end && (text[at] == '\r' || (text[at] == '\n' && !cr)))
		at++;
	return at;
}

/* With @cr, lines end in a bare CR. */
static __always_inline void parse_lines(struct sdp_session *sdp,
					const u8 *text, u32 at, u32 end,
					struct sip_fault *fault, bool cr)
{
	struct sdp_media *media = NULL;
	struct sdp_line line = { .text = text };
	bool fine;
	u32 next;

	for (; at < end; at = next) {
		u64 word = scan_word(text, at, end);
		u8 type = (u8)word;

		line.at = at + 2;
		next = sdp_next_line(text, at, end, word, &line.end, cr);
		if (unlikely(line.end < line.at || (u8)(word >> 8) != '=')) {
			/* A bare CR in front of a line is no part of it. */
			if (type == '\r' || (type == '\n' && !cr))
				next = skip_line_ends(text, at, end, cr);
			if (type != 'c' && type != 'm' && type != 'v')
				continue;
			sip_note_fault(fault, SIP_BAD_SDP, at);
			if (!is_spaced(type, &line))
				continue;
		}
		fine = true;
		if (likely(type == 'a')) {
			fine = parse_attribute(sdp, media, &line);
		} else if (type == 'c') {
			fine = parse_connection(sdp, media, &line);
		} else if (type == 'm') {
			if (unlikely(sdp->n_media == SDP_MEDIA_MAX)) {
				sdp->cut = true;
				sip_note_fault(fault, SIP_TOO_MANY, at);
				return;
			}
			media = &sdp->media[sdp->n_media++];
			fine = parse_media(media, line);
			if (unlikely(!fine))
				media->fault = SIP_BAD_SDP;
			media->connects = sdp->connects;
		} else if (type == 'o') {
			parse_origin(&sdp->origin, &line);
		} else if (type == '\r') {
			next = at + 1;
		} else if (type == 'v' && sdp->n_media) {
			/*
			 * Another description: some readers stop here. Above
			 * all media it is the same one.
			 */
			sdp->cut = true;
			sip_note_fault(fault, SIP_BAD_SDP, at);
			return;
		}
		if (unlikely(!fine))
			sip_note_fault(fault, SIP_BAD_SDP, at);
	}
}

/* A bare CR ends a line, unless an LF follows at last. */
static noinline bool is_bare_cr(const u8 *text, u32 at, u32 end)
{
	while (at < end && text[at] == '\r')
		at++;
	return at < end && text[at] != '\n';
}

/* Apart from the usual, and so out of its way. */
static noinline void parse_cr_lines(struct sdp_session *sdp, const u8 *text,
				    u32 at, u32 end, struct sip_fault *fault)
{
	parse_lines(sdp, text, at, end, fault, true);
}

/**
 * sdp_parse() - parse a session description
 * @sdp: filled in
 * @text: the message
 * @at: start of the description
 * @end: its end
 * @fault: of the body
 */
void sdp_parse(struct sdp_session *sdp, const u8 *text, u32 at, u32 end,
	       struct sip_fault *fault)
{
	u32 start = find_start(text, at, end), stop;

	if (start == end) {
		sip_note_fault(fault, SIP_BAD_SDP, at);
		return;
	}
	sdp->body = (struct sip_span){ start, end - start };
	memset(&sdp->origin, 0, sizeof(sdp->origin));
	memset(&sdp->connection, 0, sizeof(sdp->connection));
	sdp->repeats = 0;
	sdp->copies = 0;
	sdp->connects = false;
	sdp->cut = false;
	sdp->lite = false;
	sdp->cr = false;
	sdp->n_candidates = 0;

	/* A sender whose first line ends in a bare CR ends all lines so. */
	if (unlikely(end - start > 4 && text[start + 3] == '\r' &&
		     text[start + 4] != '\n' &&
		     is_bare_cr(text, start + 3, end))) {
		sdp->cr = true;
		parse_cr_lines(sdp, text, start + 4, end, fault);
	} else {
		parse_lines(sdp, text, scan_line(text, start, end, &stop), end,
			    fault, false);
	}
}

/**
 * sdp_walk_begin() - begin to go through lines of a media section
 * @walk: filled in
 * @sdp: the session description
 * @media: index of the section, or SDP_WALK_SESSION
 * @text: the message
 * @at: start of a line of the section
 */
void sdp_walk_begin(struct sdp_walk *walk, const struct sdp_session *sdp,
		    u32 media, const u8 *text, u32 at)
{
	walk->text = text;
	walk->at = at;
	walk->end = media + 1 < sdp->n_media ?
			    sdp->media[media + 1].kind.off :
			    sdp->body.off + sdp->body.len;
	walk->cr = sdp->cr;
	walk->in_media = media != SDP_WALK_SESSION;
}

/**
 * sdp_walk_next() - next line of a media section
 * @walk: as sdp_walk_begin() or the last call left it
 * @start: set to the start of the line
 * @end: set to its end, without the line end
 *
 * Return: false where the section ends.
 */
bool sdp_walk_next(struct sdp_walk *walk, u32 *start, u32 *end)
{
	const u8 *text = walk->text;

	/* A bare CR in front of a line is no part of it. */
	while (walk->at < walk->end && text[walk->at] == '\r')
		walk->at++;
	if (walk->at == walk->end)
		return false;
	*start = walk->at;
	/* Here another section, or description, begins. */
	if ((text[*start] == 'm' || (text[*start] == 'v' && walk->in_media)) &&
	    walk->end - *start > 1 && text[*start + 1] == '=')
		return false;
	walk->at = sdp_next_line(text, *start, walk->end,
				 scan_word(text, *start, walk->end), end,
				 walk->cr);
	return true;
}

/*
 * Look for a=rtpmap lines only so far behind their m= line: the search begins
 * anew for each format.
 */
#define CODECS_SPAN_MAX	2048	/* bytes */

/* Appends a blank, unless it comes first, and a word; all or nothing. */
static u32 put_codec(u8 *out, u32 len, u32 room, const u8 *text,
		     struct sip_span word)
{
	u32 i;

	if (room - len < word.len + !!len)
		return 0;
	if (len)
		out[len++] = ' ';
	for (i = 0; i < word.len; i++) {
		u8 c = text[word.off + i];

		out[len++] = c > ' ' && c < 0x7f ? c : '?';
	}
	return len;
}

static bool is_same_word(const u8 *text, struct sip_span a, struct sip_span b)
{
	return a.len == b.len && !memcmp(text + a.off, text + b.off, a.len);
}

/*
 * "a=rtpmap:97 iLBC/8000" for format 97; the format itself where there is no
 * such line.
 */
static struct sip_span find_codec(const u8 *text, u32 at, u32 end,
				  struct sip_span format)
{
	struct sdp_line line = { .text = text };

	while (at < end) {
		line.at = at;
		at = scan_line(text, at, end, &line.end);
		if (line.end - line.at < 9 || text[line.at + 8] != ':' ||
		    scan_word(text, line.at, line.end) !=
		    SCAN_WORD('a', '=', 'r', 't', 'p', 'm', 'a', 'p'))
			continue;
		line.at += 9;
		if (is_same_word(text, sdp_next_word(&line), format)) {
			struct sip_span codec = sdp_next_word(&line);

			return codec.len ? codec : format;
		}
	}
	return format;
}

/**
 * sdp_codecs() - tell in few words what a media description is about
 * @sdp: as sip_parse() filled it in
 * @media: index of the media description
 * @text: the message
 * @out: filled in: the media name, and behind a blank each format of the m=
 *	line under the name that a=rtpmap (RFC 8866, 6.6) gives it, else as it
 *	is; a non-printing character becomes '?'
 * @room: bytes that may be written; the first format that does not fit ends the
 *	list
 *
 * Return: bytes written, without a terminating zero.
 */
u32 sdp_codecs(const struct sdp_session *sdp, u32 media, const u8 *text,
	       u8 *out, u32 room)
{
	const struct sdp_media *this = &sdp->media[media];
	u32 begin = this->formats.off + this->formats.len;
	u32 end = media + 1 < sdp->n_media ? sdp->media[media + 1].kind.off :
					     sdp->body.off + sdp->body.len;
	struct sdp_line line = { text, this->formats.off, begin };
	u32 len = put_codec(out, 0, room, text, this->kind), more = len;

	if (end > begin + CODECS_SPAN_MAX)
		end = begin + CODECS_SPAN_MAX;
	while (more) {
		struct sip_span format = sdp_next_word(&line);

		if (!format.len)
			break;
		len = more;
		more = put_codec(out, len, room, text,
				 find_codec(text, begin, end, format));
	}
	return more ?: len;
}
