// SPDX-License-Identifier: GPL-2.0

#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "print.h"
#include "report.h"
#include "tool.h"

#define INDENT 4

static void put_spaces(struct print *out, int count)
{
	while (count-- > 0)
		putc_unlocked(' ', out->file);
}

/*
 * Strangers choose names in messages: keep control characters back. Lists have
 * millions of words, so formats and locks of stdio are kept away from them.
 */
static void put_text(struct print *out, const char *text)
{
	bool in_color = out->in_color && out->color;
	int pad = abs(out->width) - (int)strlen(text);

	put_spaces(out, out->in_line ? 1 : (int)out->indent * INDENT);
	if (in_color)
		fprintf(out->file, "\033[%dm", out->color);
	if (out->width > 0)
		put_spaces(out, pad);
	for (; *text; text++)
		putc_unlocked((unsigned char)*text < ' ' || *text == 0x7f ?
			      '?' : *text, out->file);
	if (out->width < 0)
		put_spaces(out, pad);
	if (in_color)
		fputs("\033[m", out->file);
	out->width = 0;
	out->color = PRINT_PLAIN;
	out->in_line = true;
}

/* JSON has to be UTF-8; a device's name can be any bytes. */
static json_t *json_text(const char *text)
{
	json_t *value = json_string(text);
	char *copy;

	if (value)
		return value;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	value = json_string(copy);
	free(copy);
	return value;
}

/* Takes over the reference to @value. NULL: there was no memory for it. */
static bool put_json(struct print *out, const char *key, json_t *value)
{
	json_t *top = out->stack[out->depth - 1];

	if (json_is_array(top) ? !json_array_append_new(top, value) :
				 !json_object_set_new(top, key, value))
		return true;
	out->failed = true;
	return false;
}

static void container_enter(struct print *out, const char *key,
			    json_t *container)
{
	if (out->depth && !put_json(out, key, container))
		container = NULL;
	out->stack[out->depth++] = container;
}

/**
 * print_begin() - begin the output
 * @out: filled in
 * @tool: this run, for its options
 * @form: form of the JSON
 */
void print_begin(struct print *out, const struct tool *tool,
		 enum print_form form)
{
	*out = (struct print){
		.file = stdout,
		.to = tool->json ? PRINT_JSON : PRINT_TEXT,
		.form = form,
		.in_color = tool->color,
	};
	if (tool->json && form == PRINT_LIST)
		putc('[', out->file);
}

/**
 * print_end() - end the output
 * @out: the output
 *
 * Return: STATUS_DONE, or STATUS_REFUSED after an error message.
 */
int print_end(struct print *out)
{
	if (out->to == PRINT_JSON && out->form != PRINT_LINES)
		fputs(out->form == PRINT_LIST ? "]\n" : "\n", out->file);
	if (!out->failed)
		return STATUS_DONE;
	error("not enough memory");
	return STATUS_REFUSED;
}

/**
 * print_item() - begin a line, or an object
 * @out: the output
 */
void print_item(struct print *out)
{
	if (out->to == PRINT_JSON)
		container_enter(out, NULL, json_object());
}

/**
 * print_item_end() - end it
 * @out: the output
 *
 * Each outermost object is written here, so that a long list is never in memory
 * whole.
 */
void print_item_end(struct print *out)
{
	if (out->to == PRINT_TEXT) {
		print_newline(out);
	} else {
		if (--out->depth)
			return;
		if (out->items++ && out->form != PRINT_LINES)
			fputs(",\n", out->file);
		if (json_dumpf(out->stack[0], out->file, JSON_COMPACT))
			out->failed = true;
		json_decref(out->stack[0]);
	}
	if (out->form == PRINT_LINES) {
		if (out->to == PRINT_JSON)
			putc('\n', out->file);
		fflush(out->file);
	}
}

/**
 * print_list() - begin a list in an item: an array, or lines that are indented
 * @out: the output
 * @key: of the array
 */
void print_list(struct print *out, const char *key)
{
	print_newline(out);
	out->indent++;
	if (out->to == PRINT_JSON)
		container_enter(out, key, json_array());
}

void print_list_end(struct print *out)
{
	out->indent--;
	if (out->to == PRINT_JSON)
		out->depth--;
}

/**
 * print_array() - begin an array of values in an item; text has them in its
 * line
 * @out: the output
 * @key: of the array
 */
void print_array(struct print *out, const char *key)
{
	if (out->to == PRINT_JSON)
		container_enter(out, key, json_array());
}

void print_array_end(struct print *out)
{
	if (out->to == PRINT_JSON)
		out->depth--;
}

/**
 * print_group() - begin an object in an object; text does not show it
 * @out: the output
 * @key: of the object
 */
void print_group(struct print *out, const char *key)
{
	if (out->to == PRINT_JSON)
		container_enter(out, key, json_object());
}

void print_group_end(struct print *out)
{
	if (out->to == PRINT_JSON)
		out->depth--;
}

/**
 * print_word() - a word of the text that JSON does not need
 * @out: the output
 * @word: the word
 */
void print_word(struct print *out, const char *word)
{
	if (out->to == PRINT_TEXT)
		put_text(out, word);
}

/**
 * print_newline() - end the line, if something is on it
 * @out: the output
 */
void print_newline(struct print *out)
{
	if (out->in_line)
		putc('\n', out->file);
	out->in_line = false;
}

/**
 * print_width() - put the next word of the text into a column
 * @out: the output
 * @width: of the column, negative to begin at its left
 */
void print_width(struct print *out, int width)
{
	out->width = width;
}

/**
 * print_color() - print the next word of the text in a colour
 * @out: the output
 * @color: the colour
 */
void print_color(struct print *out, enum print_color color)
{
	out->color = color;
}

/**
 * print_string() - a text
 * @out: the output
 * @to: which outputs it is for
 * @key: of the value
 * @value: the text
 */
void print_string(struct print *out, enum print_to to, const char *key,
		  const char *value)
{
	if (!(out->to & to))
		return;
	if (out->to == PRINT_JSON)
		put_json(out, key, json_text(value));
	else
		put_text(out, value);
}

/**
 * print_number() - a number
 * @out: the output
 * @to: which outputs it is for
 * @key: of the value
 * @value: the number; beyond 2^63 - 1, which JSON libraries cannot take, a
 *	string
 */
void print_number(struct print *out, enum print_to to, const char *key,
		  uint64_t value)
{
	char text[DECIMAL_LEN];

	decimal_put(text, value);
	if (out->to & to & PRINT_JSON && value <= INT64_MAX)
		put_json(out, key, json_integer(value));
	else
		print_string(out, to, key, text);
}

/**
 * print_bool() - whether something is so; text has a word for it instead
 * @out: the output
 * @key: of the value
 * @value: whether it is so
 */
void print_bool(struct print *out, const char *key, bool value)
{
	if (out->to == PRINT_JSON)
		put_json(out, key, json_boolean(value));
}

/**
 * print_seconds() - a duration: a number, in text with its unit
 * @out: the output
 * @key: of the value
 * @value: the duration in seconds
 */
void print_seconds(struct print *out, const char *key, uint64_t value)
{
	char text[DECIMAL_LEN + 1];

	strcpy(decimal_put(text, value), "s");
	print_string(out, PRINT_TEXT, key, text);
	print_number(out, PRINT_JSON, key, value);
}

/**
 * print_name() - one of several kinds of something
 * @out: the output
 * @to: which outputs it is for
 * @key: of the value
 * @name: name of that kind; NULL if it has none here, then
 * @value: its number is shown
 */
void print_name(struct print *out, enum print_to to, const char *key,
		const char *name, uint64_t value)
{
	if (name)
		print_string(out, to, key, name);
	else
		print_number(out, to, key, value);
}

/**
 * print_address() - an address: text, or an object with it
 * @out: the output
 * @key: of the object
 * @address: the address
 */
void print_address(struct print *out, const char *key,
		   const struct address *address)
{
	char text[INET6_ADDRSTRLEN];

	print_group(out, key);
	print_string(out, PRINT_ANY, "address", address_text(address, text));
	print_group_end(out);
}

/**
 * print_endpoint() - an address and a port: ADDRESS:PORT, or an object with
 * both
 * @out: the output
 * @key: of the object
 * @endpoint: the endpoint
 */
void print_endpoint(struct print *out, const char *key,
		    const struct endpoint *endpoint)
{
	char text[ENDPOINT_TEXT_LEN];

	print_group(out, key);
	print_string(out, PRINT_JSON, "address",
		     address_text(&endpoint->address, text));
	print_number(out, PRINT_JSON, "port", endpoint->port);
	print_group_end(out);
	print_string(out, PRINT_TEXT, key, endpoint_text(endpoint, text));
}
