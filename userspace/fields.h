/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of the module as rows of a table: which member is printed how.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "print.h"

/* Form of a value. */
enum show_form {
	SHOW_NUMBER,
	SHOW_SECONDS,
	SHOW_NAME,
	SHOW_TEXT,
	SHOW_ADDRESS,
	SHOW_ENDPOINT,
	SHOW_BY_FUNCTION,
};

/**
 * struct show_field - how one member of an object is printed
 * @attr: number of its attribute; the member is printed if the object has it
 * @key: its key in JSON
 * @word: printed before it in text; NULL for none
 * @to: which of the two outputs it is for
 * @form: form of its value
 * @offset: of the member
 * @size: of the member
 * @name: for SHOW_NAME: name of a value, NULL if it has none
 * @print: for SHOW_BY_FUNCTION: prints it
 */
struct show_field {
	unsigned int attr;
	const char *key;
	const char *word;
	enum print_to to;
	enum show_form form;
	size_t offset, size;
	const char *(*name)(uint64_t value);
	void (*print)(struct print *out, const void *object);
};

/* Place of a member in a struct. */
#define SHOW_AT(object, member)					\
	.offset = offsetof(struct object, member),		\
	.size = sizeof(((struct object *)NULL)->member)

void show_fields(struct print *out, const void *object,
		 const struct show_field *fields, size_t count);

#endif /* FIELDS_H */
