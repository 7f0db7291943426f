// SPDX-License-Identifier: GPL-2.0
/*
 * Puts addresses and numbers into a plan. A message has the same address many
 * times: its text is made once.
 */
#include "writer.h"

#define NUMBER_MAX	5	/* digits: ports, and the lengths of messages */

/**
 * sip_writer_room() - room for new text
 * @writer: the writer
 * @len: bytes that may be written there
 *
 * Return: the place behind all text of the plan, NULL if there is no room. The
 * caller adds to the plan's text_len what it has written.
 */
u8 *sip_writer_room(struct sip_writer *writer, u32 len)
{
	struct sip_plan *plan = writer->plan;

	if (SIP_EDIT_TEXT_MAX - plan->text_len < len)
		return NULL;
	return plan->text + plan->text_len;
}

/**
 * sip_write_address() - write an address in the place of another
 * @writer: the writer
 * @where: text of the other
 * @from: the other; if it is the same, nothing is written
 * @to: the address
 *
 * Return: SIP_OK, or SIP_TOO_MANY if the plan is full.
 */
enum sip_verdict sip_write_address(struct sip_writer *writer,
				   struct sip_span where,
				   const struct sip_endpoint *from,
				   const struct sip_endpoint *to)
{
	struct sip_plan *plan = writer->plan;
	u8 *out;

	if (sip_same_address(from, to))
		return SIP_OK;
	if (!writer->address_len || !sip_same_address(&writer->address, to)) {
		out = sip_writer_room(writer, SIP_ADDRESS_TEXT_MAX);
		if (!out)
			return SIP_TOO_MANY;
		writer->address = *to;
		writer->address_at = plan->text_len;
		writer->address_len = sip_endpoint_format(to, out);
		plan->text_len += writer->address_len;
	}
	if (!sip_plan_add(plan, where, writer->address_at,
			  writer->address_len))
		return SIP_TOO_MANY;
	return SIP_OK;
}

/**
 * sip_write_number() - write a number
 * @writer: the writer
 * @where: the text in its place
 * @value: the number, of up to five digits
 * @colon: put a colon in front: it is a port where none was
 *
 * Return: SIP_OK, or SIP_TOO_MANY if the plan is full.
 */
enum sip_verdict sip_write_number(struct sip_writer *writer,
				  struct sip_span where, u32 value, bool colon)
{
	struct sip_plan *plan = writer->plan;
	u32 skip = !colon;
	u8 *out;

	if (!writer->number_len || writer->number != value) {
		out = sip_writer_room(writer, NUMBER_MAX + 1);
		if (!out)
			return SIP_TOO_MANY;
		*out = ':';
		writer->number = value;
		writer->number_at = plan->text_len;
		writer->number_len = 1 + sip_format_number(value, out + 1);
		plan->text_len += writer->number_len;
	}
	if (!sip_plan_add(plan, where, writer->number_at + skip,
			  writer->number_len - skip))
		return SIP_TOO_MANY;
	return SIP_OK;
}
