// SPDX-License-Identifier: GPL-2.0

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* A header's name as it is usually written; some have a compact form. */
static const char *header_name(const char *line, size_t *len)
{
	static const struct {
		char compact;
		const char *name;
	} names[] = {
		{ 'v', "Via" }, { 'f', "From" }, { 't', "To" },
		{ 'i', "Call-ID" }, { 'm', "Contact" }, { 's', "Subject" },
		{ 'c', "Content-Type" }, { 'l', "Content-Length" },
		{ 0, "CSeq" }, { 0, "Max-Forwards" }, { 0, "Record-Route" },
	};

	*len = strcspn(line, ": \t\r\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t full = strlen(names[i].name);

		if ((*len == 1 &&
		     tolower((unsigned char)*line) == names[i].compact) ||
		    (*len == full && !strncasecmp(line, names[i].name, full))) {
			*len = full;
			return names[i].name;
		}
	}
	return line;
}

static bool header_is(const char *line, const char *other)
{
	size_t len, other_len;
	const char *name = header_name(line, &len);
	const char *other_name = header_name(other, &other_len);

	return len && len == other_len && !strncasecmp(name, other_name, len);
}

/* The header of that name that comes as number @n in a text; or NULL. */
static const char *header_nth(const char *text, const char *name, size_t n)
{
	for (text = line_next(text); line_len(text); text = line_next(text))
		if (header_is(text, name) && !n--)
			return text;
	return NULL;
}

/**
 * header_value() - value of a header, however its name is written
 * @text: the message
 * @name: name of the header
 *
 * Return: what begins with it; NULL if there is no such header.
 */
const char *header_value(const char *text, const char *name)
{
	const char *line = header_nth(text, name, 0);

	if (!line)
		return NULL;
	line += strcspn(line, ":\r\n");
	line += *line == ':';
	return line + strspn(line, " \t");
}

/* Number of headers of that name before a line of a text. */
static size_t header_number(const char *text, const char *line)
{
	size_t n = 0;

	for (text = line_next(text); text < line; text = line_next(text))
		n += header_is(text, line);
	return n;
}

/* Appends a header with the name that another line has. */
static size_t header_put(char *to, size_t size, const char *line,
			 const char *named)
{
	size_t len, end = line_len(line), begin = strcspn(line, ":");
	const char *name = header_name(named, &len);

	begin = begin < end ? begin + 1 : end;
	while (begin < end && (line[begin] == ' ' || line[begin] == '\t'))
		begin++;
	while (end > begin && (line[end - 1] == ' ' || line[end - 1] == '\t'))
		end--;
	return snprintf(to, size, "%.*s: %.*s\r\n", (int)len, name,
			(int)(end - begin), line + begin);
}

/**
 * headers_align() - write headers as another message has them
 * @to: filled in
 * @size: room for it
 * @text: the message, without zeros
 * @like: the other message; @text itself to just write out compact names
 *
 * Order, case and compact forms of names, and space around values, mean
 * nothing: RFC 3261, 7.3.1 and 7.3.3. Headers that @like lacks come last. What
 * does not fit is cut off.
 */
void headers_align(char *to, size_t size, const char *text, const char *like)
{
	const char *line, *body = strstr(text, "\r\n\r\n");
	size_t len;

	if (!body || strlen(text) + HEADERS_GROW > size) {
		snprintf(to, size, "%s", text);
		return;
	}
	len = snprintf(to, size, "%.*s\r\n", (int)line_len(text), text);
	for (line = line_next(like); line_len(line); line = line_next(line)) {
		const char *found = header_nth(text, line,
					       header_number(like, line));

		if (found && len < size)
			len += header_put(to + len, size - len, found, line);
	}
	for (line = line_next(text); line_len(line); line = line_next(line))
		if (len < size &&
		    !header_nth(like, line, header_number(text, line)))
			len += header_put(to + len, size - len, line, line);
	if (len < size)
		snprintf(to + len, size - len, "%s", body + 2);
}

/**
 * line_is_hop() - has a proxy counted itself in Max-Forwards?
 * @sent: the line as it was sent
 * @arrived: what has become of it
 */
bool line_is_hop(const char *sent, const char *arrived)
{
	static const char name[] = "Max-Forwards: ";
	size_t len = strlen(name);

	return !strncmp(sent, name, len) && !strncmp(arrived, name, len) &&
	       isdigit((unsigned char)arrived[len]) &&
	       strtoul(arrived + len, NULL, 10) <
	       strtoul(sent + len, NULL, 10);
}
