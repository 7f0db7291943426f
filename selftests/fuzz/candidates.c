// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#include "candidates.h"

#define WORDS_MAX 7	/* up to "typ" */

u16 default_rtcp(const struct sdp_media *media, const struct sip_endpoint *sender)
{
	if (media->proto != SDP_PROTO_RTP || media->mux_only)
		return 0;
	if (media->rtcp_address.text.len && !sip_same_address(&media->rtcp_address.ep, sender))
		return 0;
	return media->rtcp_text.len ? media->rtcp_port : (u16)(media->port + 1);
}

/* Somewhere in the m= line: one that cannot be read has no formats. */
static u32 begin_of(const struct sdp_media *section)
{
	return section->kind.off + section->kind.len;
}

/* Splits a line at blanks and control characters. A word that is longer than any of use is cut. */
static u32 split(const u8 *text, u32 at, u32 end, char words[WORDS_MAX][64])
{
	u32 n = 0, len;

	while (n < WORDS_MAX) {
		while (at < end && text[at] <= ' ')
			at++;
		if (at == end)
			break;
		for (len = 0; at < end && text[at] > ' '; at++)
			if (len < sizeof(words[n]) - 1)
				words[n][len++] = (char)text[at];
			else if (text[at] < '0' || text[at] > '9')
				words[n][0] = '\1';	/* no number, whatever is kept of it */
		words[n++][len] = '\0';
	}
	return n;
}

/* Digits alone, and so many of them that no number of use is longer. */
static bool is_number(const char *word)
{
	return *word && strspn(word, "0123456789") == strlen(word);
}

static u64 value_of(const char *word)
{
	u64 sum = 0;

	for (; *word; word++)
		sum = sum > U32_MAX ? sum : sum * 10 + (u64)(*word - '0');
	return sum;
}

static bool is_address(const char *word, const struct sip_endpoint *ep)
{
	u8 addr[16] = { 0 };

	return inet_pton(ep->family == 6 ? AF_INET6 : AF_INET, word, addr) == 1 &&
	       !memcmp(addr, ep->addr, sizeof(addr));
}

/* @room: candidates for UDP that may still be kept. */
static void read_line(struct candidates *found, const u8 *text, u32 at, u32 end,
		      const struct sip_endpoint *sender, const u16 *ports, u32 *room)
{
	char words[WORDS_MAX][64];
	u32 n = split(text, at, end, words), i;

	if (!*room || n < WORDS_MAX || !is_number(words[1]) || !is_number(words[3]) || !is_number(words[5]) ||
	    value_of(words[5]) > U16_MAX || strcasecmp(words[6], "typ")) {
		found->odd = true;
		return;
	}
	if (strcasecmp(words[2], "udp"))
		return;
	--*room;
	if (!is_address(words[4], sender))
		return;
	for (i = 0; i < 2; i++)
		if (value_of(words[1]) == i + 1 && ports[i] && value_of(words[5]) == ports[i])
			found->own[i] = true;
}

/* The lines of a section, up to the next section. */
struct walk {
	const struct sdp_session *sdp;
	const u8 *text;
	u32 next, end;	/* of the text that is left */
};

static struct walk walk_of(const struct sdp_session *sdp, u32 media, const u8 *text)
{
	return (struct walk) {
		.sdp = sdp,
		.text = text,
		.next = begin_of(&sdp->media[media]),
		.end = media + 1 < sdp->n_media ? sdp->media[media + 1].kind.off :
						  sdp->body.off + sdp->body.len,
	};
}

static u8 line_end_of(const struct walk *walk)
{
	return walk->sdp->cr ? '\r' : '\n';
}

static bool next_line(struct walk *walk, u32 *at, u32 *stop)
{
	const u8 *text = walk->text;
	u32 end = walk->end;

	while (walk->next < end) {
		*at = walk->next;
		for (*stop = *at; *stop < end && text[*stop] != line_end_of(walk);)
			++*stop;
		walk->next = *stop < end ? *stop + 1 : end;
		if (!walk->sdp->cr && *stop > *at && *stop < end && text[*stop - 1] == '\r')
			--*stop;
		if (*stop > *at && text[*at] == '\r') {
			walk->next = *at + 1;
			continue;
		}
		return *stop - *at < 2 || (text[*at] != 'm' && text[*at] != 'v') ||
		       text[*at + 1] != '=';
	}
	return false;
}

static struct candidates read_section(const struct sdp_session *sdp, u32 media, const u8 *text,
				      const struct sip_endpoint *sender, u32 *room)
{
	static const char name[] = "a=candidate:", remote[] = "a=remote-c";
	const struct sdp_media *section = &sdp->media[media];
	struct walk walk = walk_of(sdp, media, text);
	u32 at, stop;
	u16 ports[2] = { section->port, default_rtcp(section, sender) };
	struct candidates found = { 0 };

	/* What is left of the m= line. */
	while (walk.next < walk.end && text[walk.next - 1] != line_end_of(&walk))
		walk.next++;
	while (next_line(&walk, &at, &stop)) {
		if (stop - at >= sizeof(remote) - 1 && !memcmp(text + at, remote, sizeof(remote) - 1))
			found.concluded = true;
		if (stop - at < sizeof(name) - 1 || memcmp(text + at, name, sizeof(name) - 1))
			continue;
		found.any = true;
		read_line(&found, text, at + sizeof(name) - 1, stop, sender, ports, room);
	}
	return found;
}

struct candidates read_candidates(const struct sdp_session *sdp, u32 media, const u8 *text,
				  const struct sip_endpoint *sender)
{
	u32 room = SDP_CANDIDATES_MAX, i;

	for (i = 0; i < media; i++)
		read_section(sdp, i, text, sender, &room);
	return read_section(sdp, media, text, sender, &room);
}

u32 count_lines(const struct sdp_session *sdp, u32 media, const u8 *text, const char *name,
		const struct sip_endpoint *ep)
{
	struct walk walk = walk_of(sdp, media, text);
	char words[WORDS_MAX][64];
	u32 at, stop, n = 0;

	while (next_line(&walk, &at, &stop)) {
		if (stop - at < strlen(name) || memcmp(text + at, name, strlen(name)))
			continue;
		if (split(text, at + (u32)strlen(name), stop, words) > 3 &&
		    is_address(words[2], ep) && is_number(words[3]) && value_of(words[3]) == ep->port)
			n++;
	}
	return n;
}

static void word_must_be(char **at, const char *word)
{
	must(!strncmp(*at, word, strlen(word)) && (*at)[strlen(word)] == ' ');
	*at += strlen(word) + 1;
}

static void address_must_be(char **at, const struct sip_endpoint *ep)
{
	char *end = strchr(*at, ' ');

	must(end);
	*end = '\0';
	must(is_address(*at, ep));
	*at = end + 1;
}

void candidate_must_be(const u8 *line, u32 len, const struct sip_endpoint *inside,
		       const struct sip_endpoint *outside)
{
	char copy[256], number[8], *at = copy;
	u64 priority;

	must(len > 13 && len < sizeof(copy) - 1);
	memcpy(copy, line, len);
	while (len && (copy[len - 1] == '\r' || copy[len - 1] == '\n'))
		len--;
	copy[len++] = ' ';
	copy[len] = '\0';
	must(!strncmp(at, "a=candidate:n", 13));
	must(strspn(at + 13, "0123456789abcdef") == 8 && at[21] == ' ');
	at += 22;
	must((*at == '1' || *at == '2') && at[1] == ' ');
	at += 2;
	word_must_be(&at, "UDP");
	priority = strtoull(at, &at, 10);
	must(priority && priority < 1U << 31 && *at++ == ' ');
	address_must_be(&at, outside);
	snprintf(number, sizeof(number), "%u", outside->port);
	word_must_be(&at, number);
	word_must_be(&at, "typ");
	word_must_be(&at, "srflx");
	word_must_be(&at, "raddr");
	address_must_be(&at, inside);
	word_must_be(&at, "rport");
	snprintf(number, sizeof(number), "%u", inside->port);
	word_must_be(&at, number);
	must(!*at);
}
