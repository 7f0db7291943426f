// SPDX-License-Identifier: GPL-2.0
/*
 * Messages made to be expensive: one thing repeated until the message has the length
 * that is wanted. Most of them are legal; all of them can be sent by anybody.
 */
#include <string.h>

#include "native.h"

#define START	"INVITE sip:b@example.com SIP/2.0\r\n"
#define VIA	"Via: SIP/2.0/UDP 192.168.1.10;branch=z9hG4bKa\r\n"
#define REST	"From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\n" \
		"Call-ID: a@b\r\nCSeq: 1 INVITE\r\n"
#define HEAD	START VIA REST
#define SDP	HEAD "Content-Type: application/sdp\r\n\r\n" \
		"v=0\r\no=- 1 1 IN IP4 192.168.1.10\r\ns=-\r\nc=IN IP4 192.168.1.10\r\nt=0 0\r\n"
#define AUDIO	"m=audio 4000 RTP/AVP 0\r\n"
#define MIME	HEAD "Content-Type: multipart/mixed;boundary=b\r\n\r\n"
#define END	"\r\n\r\n"

static const struct shape {
	const char *name, *before, *unit, *after;
} shapes[] = {
	/* Headers that are skipped. */
	{ "long unknown header", HEAD "X: ", "x", END },
	{ "long unknown header, not ASCII", HEAD "X: ", "\xd0\x96", END },
	{ "long unknown header, tabs", HEAD "X: ", "\t", END },
	{ "long unknown header, control characters", HEAD "X: ", "\x01", END },
	{ "long unknown header, CR alone", HEAD "X: ", "\r", END },
	{ "long unknown header, CR and a letter", HEAD "X: ", "\ra", END },
	{ "unknown header, folded", HEAD "Y: ", "\r\n ", "x" END },
	{ "unknown header, folded with LF", HEAD "Y: ", "\n ", "x" END },
	{ "Session-Expires, folded", HEAD "X: ", "\r\n ", "x" END },
	{ "Session-Expires, folded with LF", HEAD "X: ", "\n ", "x" END },
	{ "tiny headers", HEAD, "a:\r\n", "\r\n" },
	{ "tiny headers, LF", HEAD, "a:\n", "\r\n" },
	{ "lines without a colon", HEAD, "a\r\n", "\r\n" },
	{ "lines without a colon, LF", HEAD, "a\n", "\r\n" },
	{ "nearly known names", HEAD, "Content-Typo: a\r\n", "\r\n" },
	{ "blanks before the colon", HEAD "Path", " ", ": <sip:a>" END },
	{ "many Via lines", HEAD, "v:a\r\n", "\r\n" },
	/* Values. */
	{ "blanks before a value", HEAD "Contact:", " ", "<sip:a>" END },
	{ "folds before a value", HEAD "Contact:", "\r\n ", "<sip:a>" END },
	{ "blanks behind a value", HEAD "Contact: <sip:a>", " ", END },
	{ "blanks between a value and its parameter", HEAD "Contact: <sip:a>", " ", ";a" END },
	{ "blanks around the slashes of Via", START "Via: SIP", " ",
		"/ 2.0 / UDP a\r\n" REST "\r\n" },
	{ "blanks around the port of Via", START "Via: SIP/2.0/UDP 192.168.1.10 ", " ",
		": 5060\r\n" REST "\r\n" },
	{ "long transport of Via", START "Via: SIP/2.0/", "U", " a\r\n" REST "\r\n" },
	{ "long host of Via", START "Via: SIP/2.0/UDP ", "a", "\r\n" REST "\r\n" },
	{ "long host of Via, dots", START "Via: SIP/2.0/UDP ", "1.", "a\r\n" REST "\r\n" },
	{ "long port of Via", START "Via: SIP/2.0/UDP a:", "0", "5060\r\n" REST "\r\n" },
	{ "empty parameters of Via", START "Via: SIP/2.0/UDP a", ";", "\r\n" REST "\r\n" },
	{ "parameters of Via", START "Via: SIP/2.0/UDP a", ";a", "\r\n" REST "\r\n" },
	{ "received parameters of Via", START "Via: SIP/2.0/UDP a", ";received=1.2.3.4",
		"\r\n" REST "\r\n" },
	{ "maddr parameters of Via, IPv6", START "Via: SIP/2.0/UDP a", ";maddr=[1:2:3:4:5:6:7:8]",
		"\r\n" REST "\r\n" },
	{ "rport parameters of Via, empty", START "Via: SIP/2.0/UDP a", ";rport",
		"\r\n" REST "\r\n" },
	{ "branch parameters of Via", START "Via: SIP/2.0/UDP a", ";branch=", "\r\n" REST "\r\n" },
	{ "rport parameters of Via", START "Via: SIP/2.0/UDP a", ";rport=1", "\r\n" REST "\r\n" },
	{ "many values of Via", START "Via: SIP/2.0/UDP a", ",SIP/2.0/UDP a", "\r\n" REST "\r\n" },
	{ "quoted parameters", HEAD "Contact: <sip:a>", ";a=\"b\"", END },
	{ "quoted parameters, empty", HEAD "Contact: <sip:a>", ";a=\"\"", END },
	{ "quoted parameters, two strings", HEAD "Contact: <sip:a>", ";a=\"\"\"\"", END },
	{ "quoted parameters, comma behind", HEAD "m: ", "a:b;a=\"\",", "a:b" END },
	{ "comments in parameters", HEAD "Contact: <sip:a>", ";a=()", END },
	{ "quoted parameter, escapes", HEAD "Contact: <sip:a>;a=\"", "\\\"", "\"" END },
	{ "quoted display name", HEAD "Contact: \"", "a", "\" <sip:a>" END },
	{ "quoted display name, escapes", HEAD "Contact: \"", "\\\\", "\" <sip:a>" END },
	{ "quoted display name, not ASCII", HEAD "Contact: \"", "\xc3\xa4", "\" <sip:a>" END },
	{ "quoted display name, folded", HEAD "Contact: \"", "\r\n ", "\" <sip:a>" END },
	{ "quoted display name without an end", HEAD "Contact: \"", "\\\"", END },
	{ "display name of tokens", HEAD "Contact: ", "a ", "<sip:a>" END },
	{ "long scheme", HEAD "Contact: <", "a", ":b>" END },
	{ "long user", HEAD "Contact: <sip:", "a", "@192.168.1.10>" END },
	{ "long user, odd characters", HEAD "Contact: <sip:", ":;?&", "@192.168.1.10>" END },
	{ "parameters of a URI", HEAD "Contact: <sip:192.168.1.10", ";a=b", ">" END },
	{ "headers of a URI", HEAD "Contact: <sip:192.168.1.10?a=b", "&a=b", ">" END },
	{ "long IPv6 reference", HEAD "Contact: <sip:[", "0:", ":]>" END },
	{ "long Request-URI", "INVITE sip:", "a", "@b SIP/2.0\r\n" VIA REST "\r\n" },
	{ "tags of From", START VIA "From: <sip:a>", ";tag",
		"\r\nTo: <sip:b>\r\nCall-ID: a\r\nCSeq: 1 INVITE" END },
	{ "parameters of From", START VIA "From: <sip:a>", ";a",
		"\r\nTo: <sip:b>\r\nCall-ID: a\r\nCSeq: 1 INVITE" END },
	{ "Contacts", HEAD "m:", "<sip:192.168.1.10>,", "<sip:a>" END },
	{ "Contacts, two IPv4", HEAD "m:", "<sip:192.168.1.10>,<sip:192.168.1.11>,", "<sip:a>" END },
	{ "Contacts, ports", HEAD "m:", "<sip:192.168.1.10:5060>,<sip:192.168.1.10:5061>,",
		"<sip:a>" END },
	{ "Contacts, short", HEAD "m:", "a:b,", "a:b" END },
	{ "Contact lines", HEAD, "m:<sip:a>\r\n", "\r\n" },
	{ "Record-Routes", HEAD "Record-Route:", "<sip:192.168.1.10>,", "<sip:a>" END },
	{ "Record-Routes, names", HEAD "Record-Route:", "<sip:a>,", "<sip:a>" END },
	{ "Record-Routes, IPv6", HEAD "Record-Route:", "<sip:[1:2:3:4:5:6:7:8]>,", "<sip:a>" END },
	{ "Record-Routes, two IPv6", HEAD "Record-Route:",
		"<sip:[1:2:3:4:5:6:7:8]>,<sip:[8:7:6:5:4:3:2:1]>,", "<sip:a>" END },
	{ "Record-Routes, empty", HEAD "Record-Route:", ",", "<sip:a>" END },
	{ "Record-Route lines", HEAD, "Record-Route:<sip:192.168.1.10>\r\n", "\r\n" },
	{ "Routes", HEAD "Route: <sip:a>", ",<sip:a>", END },
	{ "Paths", HEAD "Path: <sip:a>", ",<sip:a>", END },
	{ "Refer-To lines", HEAD, "r:<sip:192.168.1.10>\r\n", "\r\n" },
	{ "credentials", HEAD "Authorization: Digest ", "a=b,", "c=d" END },
	{ "credentials, commas", HEAD "Authorization: Digest ", ",", "c=d" END },
	{ "credentials, quoted", HEAD "Authorization: Digest ", "a=\"\",", "c=d" END },
	{ "credentials, escapes", HEAD "Authorization: Digest a=\"", "\\\\", "\"" END },
	{ "Authorization lines", HEAD, "Authorization: Digest uri=a\r\n", "\r\n" },
	{ "long CSeq", START VIA "From: <sip:a>\r\nTo: <sip:b>\r\nCall-ID: a\r\nCSeq: ", "0",
		"1 INVITE" END },
	{ "long Call-ID", START VIA "From: <sip:a>\r\nTo: <sip:b>\r\nCSeq: 1 INVITE\r\ni:", "a",
		END },
	{ "long Content-Length", HEAD "Content-Length: ", "0", END },
	{ "Content-Length lines", HEAD, "l:0\r\n", "\r\n" },
	{ "Expires lines", HEAD, "Expires:1\r\n", "\r\n" },
	{ "long Expires", HEAD "Expires: ", "0", END },
	{ "encoding lines", HEAD, "e:identity\r\n", "\r\n" },
	{ "list of encodings", HEAD "e:identity", ",identity", END },
	{ "parameters of Content-Type", HEAD "Content-Type: multipart/mixed", ";a",
		";boundary=b\r\n\r\nx" },
	/* Bodies. */
	{ "text", HEAD "Content-Type: text/plain\r\n\r\n", "x", "" },
	{ "SDP: long line", SDP AUDIO "a=", "x", "\r\n" },
	{ "SDP: long line, not ASCII", SDP AUDIO "a=", "\xd0\x96", "\r\n" },
	{ "SDP: long line, tabs", SDP AUDIO "a=", "\t", "\r\n" },
	{ "SDP: long line, CR", SDP AUDIO "a=", "\r", "\r\n" },
	{ "SDP: long origin", SDP "o=", "a ", "\r\n" },
	{ "SDP: long port", SDP "m=audio ", "0", " RTP/AVP 0\r\n" },
	{ "SDP: blanks in m=", SDP "m=audio", " ", "4000 RTP/AVP 0\r\n" },
	{ "SDP: long protocol", SDP "m=audio 4000 ", "R", " 0\r\n" },
	{ "SDP: formats", SDP "m=audio 4000 RTP/AVP 0", " 0", "\r\n" },
	{ "SDP: formats, control characters", SDP "m=audio 4000 RTP/AVP 0", "\x01", "\r\n" },
	{ "SDP: candidates", SDP AUDIO, "a=candidate:1 1 UDP 1 192.168.1.10 9 typ host\r\n", "" },
	{ "SDP: setup attributes", SDP AUDIO, "a=setup:\r\n", "" },
	{ "SDP: tiny attributes", SDP AUDIO, "a=\r\n", "" },
	{ "SDP: tiny attributes, LF", SDP AUDIO, "a=\n", "" },
	{ "SDP: empty lines", SDP AUDIO, "\r\n", "" },
	{ "SDP: empty lines, LF", SDP AUDIO, "\n", "" },
	{ "SDP: rtcp attributes", SDP AUDIO, "a=rtcp:9\r\n", "" },
	{ "SDP: rtcp-mux attributes", SDP AUDIO, "a=rtcp-mux\r\n", "" },
	{ "SDP: nearly rtcp attributes", SDP AUDIO, "a=rtcq:9 IN IP4 1.2.3.4\r\n", "" },
	{ "SDP: connections", SDP AUDIO, "c=IN IP4 192.168.1.10\r\n", "" },
	{ "SDP: connections, IPv6", SDP AUDIO, "c=IN IP6 1:2:3:4:5:6:7:8\r\n", "" },
	{ "SDP: media", SDP, "m=audio 4000 RTP/AVP 0\r\n", "" },
	{ "SDP: media, short", SDP, "m=a 9 a 0\r\n", "" },
	{ "SDP: media with everything", SDP, "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.168.1.10\r\n"
		"a=rtcp:4005 IN IP4 192.168.1.10\r\n", "" },
	{ "MIME: preamble of empty lines", MIME, "\r\n", "--b--" },
	{ "MIME: preamble of dashes", MIME, "-", "--b--" },
	{ "MIME: lines of dashes", MIME, "--\r\n", "--b--" },
	{ "MIME: near boundaries", MIME, "--a\r\n", "--b--" },
	{ "MIME: LF", MIME, "\n", "--b--" },
	{ "MIME: empty parts", MIME, "--b\r\n\r\n", "--b--" },
	{ "MIME: nearer boundaries", MIME, "--bX\r\n", "--b--" },
	{ "MIME: boundaries", MIME, "--b\r\n", "--b--" },
	{ "MIME: headers of a part", MIME "--b\r\n", "a:\r\n", "\r\n--b--" },
	{ "MIME: typed parts", MIME, "--b\r\nContent-Type: a/b\r\n\r\n", "--b--" },
	{ "MIME: many parameters", HEAD "Content-Type: multipart/mixed;boundary=b", ";a=b",
		"\r\n\r\n--b--" },
	{ "MIME: nested", MIME, "--b\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n", "" },
	/* Others. */
	{ "long verdict phrase", "SIP/2.0 200 ", "O", "\r\n" VIA REST "\r\n" },
	{ "no line end", "INVITE ", "a", "" },
	{ "no line end, blanks", "INVITE ", " ", "" },
	{ "line ends alone", "", "\r\n", "" },
	{ "no header's end", HEAD, "a:\r\n", "" },
};

static char *append(char *to, const char *text)
{
	size_t len = strlen(text);

	memcpy(to, text, len);
	return to + len;
}

size_t shape_make(size_t shape, size_t len, char *text, const char **name)
{
	char *to = text;
	size_t unit, rest;

	if (shape == sizeof(shapes) / sizeof(shapes[0]))
		return 0;
	*name = shapes[shape].name;
	unit = strlen(shapes[shape].unit);
	rest = strlen(shapes[shape].after);
	to = append(to, shapes[shape].before);
	while ((size_t)(to - text) + unit + rest <= len)
		to = append(to, shapes[shape].unit);
	to = append(to, shapes[shape].after);
	*to = '\0';
	return (size_t)(to - text);
}
