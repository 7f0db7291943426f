/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output, text and JSON from the same calls: an item is a line of words in the
 * one and an object in the other.
 */
#ifndef PRINT_H
#define PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "address.h"

struct tool;

/* Deepest: an item, a list in it, an item of the list, a group in the item. */
#define PRINT_DEPTH 6

enum print_form {
	PRINT_ITEM,		/* JSON: one object */
	PRINT_LIST,		/* JSON: an array of objects */
	/* JSON: an object a line; each item is written when it ends */
	PRINT_LINES,
};

/* The outputs that print a value. */
enum print_to {
	PRINT_TEXT = 1,
	PRINT_JSON = 2,
	PRINT_ANY = PRINT_TEXT | PRINT_JSON,
};

/* Numbers of ECMA-48, select graphic rendition. */
enum print_color {
	PRINT_PLAIN = 0,
	PRINT_BOLD = 1,
	PRINT_RED = 31,
	PRINT_GREEN = 32,
	PRINT_YELLOW = 33,
};

/**
 * struct print - an output under way
 * @file: where it goes
 * @to: PRINT_TEXT or PRINT_JSON
 * @form: what JSON is around the items
 * @items: number of items so far
 * @indent: text: number of lists that are open
 * @width: text: least width of the next word; negative: at the left
 * @in_color: text: colours are wanted
 * @color: text: colour of the next word
 * @in_line: text: there are words on this line already
 * @stack: JSON: the containers that are open; holds a reference to the first
 * @depth: JSON: number of them
 * @failed: JSON: there was not enough memory
 */
struct print {
	FILE *file;
	enum print_to to;
	enum print_form form;
	size_t items;
	unsigned int indent;
	int width;
	bool in_color;
	enum print_color color;
	bool in_line;
	json_t *stack[PRINT_DEPTH];
	unsigned int depth;
	bool failed;
};

void print_begin(struct print *out, const struct tool *tool,
		 enum print_form form);
int print_end(struct print *out);

void print_item(struct print *out);
void print_item_end(struct print *out);
void print_list(struct print *out, const char *key);
void print_list_end(struct print *out);
void print_array(struct print *out, const char *key);
void print_array_end(struct print *out);
void print_group(struct print *out, const char *key);
void print_group_end(struct print *out);

void print_word(struct print *out, const char *word);
void print_newline(struct print *out);
void print_color(struct print *out, enum print_color color);
void print_width(struct print *out, int width);

void print_string(struct print *out, enum print_to to, const char *key,
		  const char *value);
void print_number(struct print *out, enum print_to to, const char *key,
		  uint64_t value);
void print_bool(struct print *out, const char *key, bool value);
void print_seconds(struct print *out, const char *key, uint64_t value);
void print_name(struct print *out, enum print_to to, const char *key,
		const char *name, uint64_t value);
void print_address(struct print *out, const char *key,
		   const struct address *address);
void print_endpoint(struct print *out, const char *key,
		    const struct endpoint *endpoint);

#endif /* PRINT_H */
