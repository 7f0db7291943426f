/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink attributes, and the members of objects that hold their values.
 */
#ifndef ATTRS_H
#define ATTRS_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct attr_field - the member that holds an attribute's value
 * @type: form of the value. FIELD_LIST: the attribute is one more item of
 *	another list, and the member counts these items.
 * @offset: of the member
 * @size: of the member
 */
struct attr_field {
	enum {
		FIELD_NONE,
		FIELD_NUMBER,
		FIELD_TEXT,
		FIELD_ADDRESS,
		FIELD_NETWORKS,	/* struct networks */
		FIELD_BYTES,	/* just as many as the member has */
		FIELD_LIST
	} type;
	size_t offset, size;
};

/**
 * struct attr_table - the members of a kind of object
 * @fields: by attribute number
 * @count: how many
 */
struct attr_table {
	const struct attr_field *fields;
	size_t count;
};

extern const struct attr_table policy_attrs, call_attrs, binding_attrs,
	message_attrs;

bool attr_number(const struct nlattr *attr, uint64_t *value);
void attr_store(void *object, const struct nlattr *attr,
		const struct attr_table *table);

#endif /* ATTRS_H */
