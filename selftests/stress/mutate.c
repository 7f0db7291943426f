// SPDX-License-Identifier: GPL-2.0
#include "mutate.h"

static const char *const words[] = {
	"\r\n", "\n", "\r\n ", ",", ";", ":", "\"", "<", ">", "(", "@", "=",
	"/", "[", "]", "*", "0", "192.168.1.10", "203.0.113.5",
	"192.168.1.10:5060", "203.0.113.5:1024", "[2001:db8::1]",
	"255.255.255.255", "0.0.0.0", "65535", "65536", "4294967296", "-1",
	"5060", "1023", ";received=203.0.113.5", ";rport=1024",
	";maddr=192.168.1.10", ";expires=604800",
	"Contact: <sip:a@192.168.1.10:7000>\r\n",
	"Route: <sip:192.168.1.10;lr>\r\n", "Content-Length: 0\r\n",
	"l: 99999\r\n", "Via: SIP/2.0/TLS 192.168.1.10\r\n",
	"m=audio 49170 RTP/AVP 0\r\n", "m=video 51372/2 RTP/AVP 31\r\n",
	"m=image 6000 udptl t38\r\n", "m=message 2855 TCP/MSRP *\r\n",
	"c=IN IP4 192.168.1.10\r\n", "c=IN IP4 0.0.0.0\r\n", "a=rtcp:49171\r\n",
	"a=rtcp:60000 IN IP4 192.168.1.10\r\n", "a=rtcp-mux\r\n",
	"a=candidate:1 1 UDP 1 192.168.1.10 4000 typ host\r\n",
	"a=ice-ufrag:x\r\n", "INVITE", "REGISTER", "BYE", "CANCEL", "UPDATE",
	"SUBSCRIBE", "SIP/2.0 200 OK", "SIP/2.0 486 No",
};

u32 random_below(u64 *state, u32 limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (u32)((*state >> 32) * limit >> 32);
}

static u32 insert(u8 *text, u32 len, u32 room, u32 at, const void *what, u32 n)
{
	if (len + n > room)
		return len;
	memmove(text + at + n, text + at, len - at);
	memmove(text + at, what, n);
	return len + n;
}

static u32 cut(u8 *text, u32 len, u32 at, u32 n)
{
	if (n > len - at)
		n = len - at;
	memmove(text + at, text + at + n, len - at - n);
	return len - n;
}

/* Repeat a line, or a piece of one. */
static u32 repeat(u8 *text, u32 len, u32 room, u64 *state)
{
	u32 at = random_below(state, len), n = 1 + random_below(state, 80);
	u8 piece[80];

	if (n > len - at)
		n = len - at;
	memcpy(piece, text + at, n);
	return insert(text, len, room, random_below(state, len + 1), piece, n);
}

static u32 mutate_once(u8 *text, u32 len, u32 room, u64 *state)
{
	u32 at = random_below(state, len);
	const char *word;
	u32 i;

	switch (random_below(state, 8)) {
	case 0:
		text[at] ^= (u8)(1 << random_below(state, 8));
		return len;
	case 1:
		text[at] = (u8)random_below(state, 256);
		return len;
	case 2:
		return cut(text, len, at, 1 + random_below(state, 8));
	case 3:
		return repeat(text, len, room, state);
	case 4:
		/*
		 * Replace a digit by another, so that ports, lengths and
		 * addresses stay numbers.
		 */
		for (i = at; i < len && i < at + 64; i++)
			if ((u8)(text[i] - '0') <= 9) {
				text[i] = (u8)('0' + random_below(state, 10));
				break;
			}
		return len;
	case 5:
		return random_below(state, 8) ? len :
						1 + random_below(state, len);
	default:
		word = words[random_below(state,
					  sizeof(words) / sizeof(words[0]))];
		return insert(text, len, room, at, word, (u32)strlen(word));
	}
}

u32 mutate(u8 *text, u32 len, u32 room, u64 *state)
{
	u32 n = random_below(state, 6);

	while (n-- && len)
		len = mutate_once(text, len, room, state);
	return len;
}
