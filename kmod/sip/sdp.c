// SPDX-License-Identifier: GPL-2.0
/*
 * The session description (RFC 8866): the lines that name an address or a port,
 * and those that tell whether these may change.
 *
 * Unknown lines are skipped. A known line must be well-formed, as the far end
 * might read a malformed one in another way.
 */
#include "sdp.h"

/* One line, without its line end. */
struct line {
	const u8 *text;
	u32 at;
	u32 end;
};

/* Takes the next word of a line; empty at its end. */
static __always_inline struct sip_span next_word(struct line *line)
{
	const u8 *p = line->text + line->at, *stop = line->text + line->end,
		 *word;

	while (p < stop && *p == ' ')
		p++;
	for (word = p; p < stop && *p != ' ';)
		p++;
	line->at = (u32)(p - line->text);
	return (struct sip_span){ (u32)(word - line->text), (u32)(p - word) };
}

static u64 word_of(const struct line *line, struct sip_span word)
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
	u32 stop = at;

	memset(&address->ep, 0, sizeof(address->ep));
	if (family == '4') {
		stop = sip_read_ipv4(text, at, end, address->ep.addr);
		if (stop &&
		    (stop == end || text[stop] == ' ' || text[stop] == '/')) {
			address->ep.family = 4;
			address->text = (struct sip_span){ at, stop - at };
			return;
		}
		memset(address->ep.addr, 0, 4);
	}
	for (stop = at; stop < end && text[stop] != ' ' && text[stop] != '/';)
		stop++;
	address->text = (struct sip_span){ at, stop - at };
	if (family == '6' && sip_read_ipv6(text, at, stop, address->ep.addr))
		address->ep.family = 6;
}

/* "IN IP4 192.0.2.1", in c= with "/ttl/count" behind it. */
static bool parse_address(struct sdp_address *address, struct line *line)
{
	u64 head = scan_fold(scan_word(line->text, line->at, line->end));
	u8 family = (u8)(head >> 40);

	if (head << 8 == SCAN_WORD(0, 'i', 'n', ' ', 'i', 'p', family, ' ')) {
		line->at += 7;
	} else {
		struct sip_span net = next_word(line);
		struct sip_span type = next_word(line);
		u64 word = word_of(line, type);

		family = (u8)(word >> 16);
		if (word_of(line, net) != SCAN_WORD('i', 'n') ||
		    word != SCAN_WORD('i', 'p', family))
			family = 0;
	}
	while (line->at < line->end && line->text[line->at] == ' ')
		line->at++;
	read_address(address, line->text, line->at, line->end, family);
	return address->text.len;
}

/*
 * "user 1 1 IN IP4 192.0.2.1", read from its end, as some senders write a user
 * name with blanks. An origin that is not understood stays as it is.
 */
static void parse_origin(struct sdp_address *address, const struct line *line)
{
	const u8 *text = line->text;
	u32 end = line->end, at;

	while (end > line->at && text[end - 1] == ' ')
		end--;
	for (at = end; at > line->at && text[at - 1] != ' ';)
		at--;
	if (at - line->at < 8)
		return;
	if (scan_fold(scan_load(text + at - 8)) >> 8 ==
	    SCAN_WORD('i', 'n', ' ', 'i', 'p', text[at - 2], ' '))
		read_address(address, text, at, end, text[at - 2]);
}

static u8 proto_of(const struct line *line, struct sip_span proto)
{
	u32 at = proto.off, end = proto.off + proto.len;
	u64 head = scan_fold(scan_word(line->text, at, end));

	if ((head & SCAN_MASK(3)) == SCAN_WORD('t', 'c', 'p'))
		return SDP_PROTO_TCP;
	while (at < end) {
		if ((scan_fold(scan_word(line->text, at, end)) &
		     SCAN_MASK(4)) == SCAN_WORD('r', 't', 'p', '/'))
			return SDP_PROTO_RTP;
		at = scan_find(line->text, at, end, '/') + 1;
	}
	return SDP_PROTO_OTHER;
}

/* "audio 49170/2 RTP/AVP 0 8" */
static bool parse_media(struct sdp_media *media, struct line *line)
{
	u32 end, at, value;
	struct sip_span port;

	*media = (struct sdp_media){ .count = 1 };
	media->kind = next_word(line);
	port = next_word(line);
	end = port.off + port.len;
	at = scan_number(line->text, port.off, end, &value);
	if (at == port.off || value > U16_MAX)
		return false;
	media->port = (u16)value;
	media->port_text = (struct sip_span){ port.off, at - port.off };
	if (at < end) {
		if (line->text[at] != '/' || at + 1 == end ||
		    scan_number(line->text, at + 1, end, &value) != end ||
		    !value || value > U16_MAX)
			return false;
		media->count = (u16)value;
	}
	port = next_word(line);
	if (!port.len)
		return false;
	media->proto = proto_of(line, port);
	media->formats.off = line->at < line->end ? line->at + 1 : line->end;
	media->formats.len =
		scan_trim(line->text, media->formats.off, line->end) -
		media->formats.off;
	return true;
}

/* "53020" or "53020 IN IP4 192.0.2.1" */
static bool parse_rtcp(struct sdp_media *media, struct line *line)
{
	struct sip_span port = next_word(line);
	u32 value;

	if (media->rtcp_text.len || !port.len ||
	    scan_number(line->text, port.off, port.off + port.len, &value) !=
	    port.off + port.len || value > U16_MAX)
		return false;
	media->rtcp_port = (u16)value;
	media->rtcp_text = port;
	if (scan_trim(line->text, line->at, line->end) == line->at)
		return true;
	return parse_address(&media->rtcp_address, line);
}

/* The attributes that matter; @media is NULL at session level. */
static bool parse_attribute(struct sdp_session *sdp, struct sdp_media *media,
			    struct line *line)
{
	u64 head = scan_word(line->text, line->at, line->end);

	switch ((u8)head) {
	case 'c':
		if (head == SCAN_WORD('c', 'a', 'n', 'd', 'i', 'd', 'a', 't'))
			sdp->ice = true;
		break;
	case 'i':
		/*
		 * "ice-lite" alone does not mean that the sender uses ICE: that
		 * takes credentials (RFC 8839, 4.4.1).
		 */
		if (head == SCAN_WORD('i', 'c', 'e', '-', 'u', 'f', 'r', 'a') ||
		    head == SCAN_WORD('i', 'c', 'e', '-', 'p', 'w', 'd', ':'))
			sdp->ice = true;
		break;
	case 'r':
		if (!media)
			break;
		if (head == SCAN_WORD('r', 't', 'c', 'p', '-', 'm', 'u', 'x')) {
			media->mux = true;
		} else if ((head & SCAN_MASK(5)) ==
			   SCAN_WORD('r', 't', 'c', 'p', ':')) {
			line->at += 5;
			return parse_rtcp(media, line);
		}
		break;
	}
	return true;
}

static bool parse_connection(struct sdp_session *sdp, struct sdp_media *media,
			     struct line *line)
{
	if (media) {
		if (media->layered || media->connection.text.len) {
			media->layered = true;
			media->connection.text.len = 0;
			return true;
		}
		return parse_address(&media->connection, line);
	}
	return !sdp->connection.text.len &&
	       parse_address(&sdp->connection, line);
}

/**
 * sdp_parse() - parse a session description
 * @sdp: filled in
 * @text: the message
 * @at: start of the description
 * @end: its end
 */
enum sip_verdict sdp_parse(struct sdp_session *sdp, const u8 *text, u32 at,
			   u32 end)
{
	struct sdp_media *media = NULL;
	struct line line = { .text = text };
	bool fine;

	sdp->body = (struct sip_span){ at, end - at };
	memset(&sdp->origin, 0, sizeof(sdp->origin));
	memset(&sdp->connection, 0, sizeof(sdp->connection));

	fine = end - at > 2 && text[at] == 'v' && text[at + 1] == '=';
	at = scan_line(text, at, end, &line.end);
	while (at < end && fine) {
		u32 start = at;
		u8 type = text[at];

		line.at = at + 2;
		at = scan_line(text, at, end, &line.end);
		if (line.end < line.at || text[line.at - 1] != '=') {
			/* A bare CR in front of a line is no part of it. */
			if (type == '\r')
				at = start + 1;
			/* A lenient reader may take "m =" for a media line. */
			fine = type != 'c' && type != 'm' && type != 'v';
			continue;
		}
		switch (type) {
		case '\r':
			at = start + 1;
			break;
		case 'a':
			fine = parse_attribute(sdp, media, &line);
			break;
		case 'c':
			fine = parse_connection(sdp, media, &line);
			break;
		case 'm':
			if (sdp->n_media == SDP_MEDIA_MAX)
				return SIP_TOO_MANY;
			media = &sdp->media[sdp->n_media++];
			fine = parse_media(media, &line);
			break;
		case 'o':
			parse_origin(&sdp->origin, &line);
			break;
		case 'v':
			fine = false;
			break;
		}
	}
	return fine ? SIP_OK : SIP_BAD_SDP;
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
	struct line line = { .text = text };

	while (at < end) {
		line.at = at;
		at = scan_line(text, at, end, &line.end);
		if (line.end - line.at < 9 || text[line.at + 8] != ':' ||
		    scan_word(text, line.at, line.end) !=
		    SCAN_WORD('a', '=', 'r', 't', 'p', 'm', 'a', 'p'))
			continue;
		line.at += 9;
		if (is_same_word(text, next_word(&line), format)) {
			struct sip_span codec = next_word(&line);

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
	struct line line = { text, this->formats.off, begin };
	u32 len = put_codec(out, 0, room, text, this->kind), more = len;

	if (end > begin + CODECS_SPAN_MAX)
		end = begin + CODECS_SPAN_MAX;
	while (more) {
		struct sip_span format = next_word(&line);

		if (!format.len)
			break;
		len = more;
		more = put_codec(out, len, room, text,
				 find_codec(text, begin, end, format));
	}
	return more ?: len;
}
