// SPDX-License-Identifier: GPL-2.0

#include "fields.h"

static uint64_t number_load(const void *member, size_t size)
{
	switch (size) {
	case sizeof(uint8_t):
		return *(const uint8_t *)member;
	case sizeof(uint16_t):
		return *(const uint16_t *)member;
	case sizeof(uint32_t):
		return *(const uint32_t *)member;
	default:
		return *(const uint64_t *)member;
	}
}

static void field_show(struct print *out, const struct show_field *field,
		       const void *object)
{
	const void *member = (const char *)object + field->offset;
	uint64_t number;

	if (field->word)
		print_word(out, field->word);
	switch (field->form) {
	case SHOW_NUMBER:
		number = number_load(member, field->size);
		print_number(out, field->to, field->key, number);
		break;
	case SHOW_SECONDS:
		print_seconds(out, field->key,
			      number_load(member, field->size));
		break;
	case SHOW_NAME:
		number = number_load(member, field->size);
		print_name(out, field->to, field->key, field->name(number),
			   number);
		break;
	case SHOW_TEXT:
		print_string(out, field->to, field->key, member);
		break;
	case SHOW_ADDRESS:
		print_address(out, field->key, member);
		break;
	case SHOW_ENDPOINT:
		print_endpoint(out, field->key, member);
		break;
	case SHOW_BY_FUNCTION:
		field->print(out, object);
		break;
	}
}

/**
 * show_fields() - print what an object has
 * @out: the output, within an item
 * @object: begins with its has
 * @fields: its members, in the order in which they are printed
 * @count: how many
 */
void show_fields(struct print *out, const void *object,
		 const struct show_field *fields, size_t count)
{
	uint32_t has = *(const uint32_t *)object;

	for (size_t i = 0; i < count; i++)
		if (has >> fields[i].attr & 1)
			field_show(out, &fields[i], object);
}
