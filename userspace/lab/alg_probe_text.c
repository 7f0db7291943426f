// SPDX-License-Identifier: GPL-2.0

#include <string.h>

#include "lab/alg_probe_text.h"

const char *const probe_repeated[PROBE_REPEATED] = {
	"Via:", "From:", "To:", "Call-ID:", "CSeq:",
};

/**
 * line_len() - length of the first line, without its end
 * @text: the text
 */
size_t line_len(const char *text)
{
	return strcspn(text, "\r\n");
}

/**
 * line_next() - what follows the first line
 * @text: the text
 */
const char *line_next(const char *text)
{
	text += line_len(text);
	return text + strspn(text, "\r") + (text[strspn(text, "\r")] == '\n');
}

/**
 * line_may_change() - may an ALG change the line?
 * @line: a header or a line of SDP
 *
 * Other lines have no address at which somebody can be reached.
 */
bool line_may_change(const char *line)
{
	static const char *const names[] = {
		"Via:", "Contact:", "Content-Length:", "o=", "c=", "m=",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(line, names[i], strlen(names[i])))
			return true;
	return false;
}

/* The length of an address and port. */
static size_t address_len(const char *text)
{
	return strspn(text, "0123456789abcdefABCDEF.:[]");
}

/**
 * line_is_moved() - has nothing of a line changed but its address and port?
 * @sent: a header or a line of SDP, of those that line_may_change() names
 * @arrived: what has become of it
 * @host: the address that may change
 */
bool line_is_moved(const char *sent, const char *arrived, const char *host)
{
	const char *at = memmem(sent, line_len(sent), host, strlen(host));
	const char *port = strchr(sent, ' ');
	size_t before;

	if (!strncmp(sent, "Content-Length:", 15))
		return true;
	if (!strncmp(sent, "m=", 2) && port)
		at = port + 1;
	if (!at)
		return false;
	before = at - sent;
	if (line_len(arrived) < before || strncmp(sent, arrived, before) ||
	    !address_len(arrived + before))
		return false;
	/* Parameters may be added to a Via; its own are judged elsewhere. */
	if (!strncmp(sent, "Via:", 4))
		return true;
	arrived += before + address_len(arrived + before);
	return line_is_same(at + address_len(at), arrived);
}

/**
 * line_rfc() - the sentence of a standard that forbids to change a line
 * @line: a header or a line of a body
 *
 * Return: its section.
 */
const char *line_rfc(const char *line)
{
	static const struct {
		const char *name, *rfc;
	} sections[] = {
		{ "From:", "RFC 3261, 8.1.1.3" },
		{ "To:", "RFC 3261, 8.1.1.2" },
		{ "Call-ID:", "RFC 3261, 8.1.1.4" },
		{ "CSeq:", "RFC 3261, 8.1.1.5" },
		{ "Max-Forwards:", "RFC 3261, 8.1.1.6" },
		{ "Via:", "RFC 3261, 8.1.1.7" },
		{ "Contact:", "RFC 3261, 8.1.1.8" },
		{ "Content-Length:", "RFC 3261, 18.3" },
		{ "P-Asserted-Identity:", "RFC 3325, 9.1" },
		{ "Authorization:", "RFC 3261, 22.4" },
	};

	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		if (!strncmp(line, sections[i].name, strlen(sections[i].name)))
			return sections[i].rfc;
	/* Other headers are not removed, and a body is left alone. */
	return "RFC 3261, 16.6";
}

/**
 * line_is_same() - are the first lines of two texts the same?
 * @a: one
 * @b: the other
 */
bool line_is_same(const char *a, const char *b)
{
	return line_len(a) == line_len(b) && !strncmp(a, b, line_len(a));
}

/**
 * line_is_in() - has a text a line?
 * @text: the text
 * @line: the line, and more
 */
bool line_is_in(const char *text, const char *line)
{
	for (; *text; text = line_next(text))
		if (line_is_same(text, line))
			return true;
	return false;
}

/**
 * line_has_same_name() - are two lines headers, or lines of SDP, of one name?
 * @a: one
 * @b: the other
 */
bool line_has_same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, ":=\r");

	return strcspn(b, ":=\r") == len && !strncmp(a, b, len);
}

/**
 * header_find() - find a header of a message
 * @text: the message
 * @name: name of the header, with its colon
 *
 * Return: the header and what follows it; empty if there is none.
 */
const char *header_find(const char *text, const char *name)
{
	for (; *text && line_len(text); text = line_next(text))
		if (!strncmp(text, name, strlen(name)))
			return text;
	return "";
}
