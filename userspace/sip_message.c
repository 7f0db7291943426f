// SPDX-License-Identifier: GPL-2.0

#include <string.h>

#include "print.h"
#include "sip_message.h"

/**
 * message_is_inward() - does a message come from the outside?
 * @message: the message, with its ends before and after the NAT
 *
 * Without NAT, private addresses tell.
 */
bool message_is_inward(const struct sip_message *message)
{
	if (endpoint_compare(&message->source, &message->source_after))
		return false;
	if (endpoint_compare(&message->target, &message->target_after))
		return true;
	return !address_is_private(&message->source.address) &&
	       address_is_private(&message->target.address);
}

/* Copies text that strangers sent: control characters stay back. */
static void copy_text(char *to, size_t size, const char *text, size_t len)
{
	if (len >= size)
		len = size - 1;
	for (size_t i = 0; i < len; i++)
		to[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ?
				'?' : text[i];
	to[len] = '\0';
}

static size_t line_len(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && text[i] != '\r' && text[i] != '\n')
		i++;
	return i;
}

/**
 * message_start_line() - copy the first line of a message
 * @message: the message
 * @line: room for it
 * @size: of the room in bytes; what does not fit is left out
 */
void message_start_line(const struct sip_message *message, char *line,
			size_t size)
{
	copy_text(line, size, message->text,
		  line_len(message->text, message->len));
}

/* Begins the line at which an offset is. */
static size_t line_begin(const char *text, size_t offset)
{
	while (offset && text[offset - 1] != '\r' && text[offset - 1] != '\n')
		offset--;
	return offset;
}

/*
 * The name of the line at an offset: of a header field; of SDP the type, and
 * for an attribute its name; "start-line".
 */
static void name_at(const struct sip_message *message, size_t offset,
		    char name[MESSAGE_NAME_LEN])
{
	const char *text = message->text;
	size_t begin = line_begin(text, offset);
	size_t len = line_len(text + begin, message->len - begin), end = 0;

	if (!begin) {
		strcpy(name, "start-line");
		return;
	}
	text += begin;
	if (len > 1 && text[1] == '=' && *text != 'a')
		end = 2;
	else
		while (end < len && !strchr(": \t", text[end]))
			end++;
	copy_text(name, MESSAGE_NAME_LEN, text, end);
}

/**
 * message_changes() - name what is changed in a message
 * @message: the message
 * @cb: takes each name; successive edits of one name are told once
 * @data: for @cb
 */
void message_changes(const struct sip_message *message, message_name_cb *cb,
		     void *data)
{
	char name[MESSAGE_NAME_LEN], last[MESSAGE_NAME_LEN] = "";

	for (size_t i = 0; i < message->n_edits; i++) {
		name_at(message, message->edits[i].offset, name);
		if (strcmp(name, last))
			cb(name, data);
		strcpy(last, name);
	}
}

/* Does a part stay as it is because it cannot be read? */
static bool has_skipped(const struct sip_message *message)
{
	return message->len && (HAS(message, SIPALG_MESSAGE_SKIPPED_FIELD) ||
				HAS(message, SIPALG_MESSAGE_SKIPPED_MEDIA));
}

static void name_print(const char *name, void *data)
{
	print_string(data, PRINT_ANY, NULL, name);
}

/**
 * message_changes_print() - print the names of what is changed in a message
 * @message: the message
 * @out: the output
 */
void message_changes_print(const struct sip_message *message, struct print *out)
{
	message_changes(message, name_print, out);
}

static void skipped_name_print(const struct sip_message *message, size_t offset,
			       struct print *out)
{
	char name[MESSAGE_NAME_LEN];

	if (offset >= message->len)
		return;
	name_at(message, offset, name);
	print_string(out, PRINT_ANY, NULL, name);
}

/**
 * message_skipped_print() - print the names of the parts that stay as they are
 *	because they cannot be read
 * @message: the message
 * @out: the output: the first such header field, and the first such line of
 *	SDP; nothing if there is none
 * @words: text: what stands before the names
 */
void message_skipped_print(const struct sip_message *message, struct print *out,
			   const char *words)
{
	if (!has_skipped(message))
		return;
	print_word(out, words);
	print_array(out, "skipped");
	if (HAS(message, SIPALG_MESSAGE_SKIPPED_FIELD))
		skipped_name_print(message, message->skipped_field, out);
	if (HAS(message, SIPALG_MESSAGE_SKIPPED_MEDIA))
		skipped_name_print(message, message->skipped_media, out);
	print_array_end(out);
}
