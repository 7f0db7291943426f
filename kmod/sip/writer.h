/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts addresses and numbers into a plan.
 */
#ifndef SIPALG_SIP_WRITER_H
#define SIPALG_SIP_WRITER_H

#include "address.h"
#include "plan.h"

/**
 * struct sip_writer - writes the new text of a plan
 * @plan: the plan
 * @address: the address that was written last
 * @address_at: offset of its text in the plan, as it is likely the next
 * @address_len: length of that text; 0 if there is none
 * @number: likewise the number that was written last
 * @number_at: offset of its text, a colon and the digits
 * @number_len: length of that text; 0 if there is none
 */
struct sip_writer {
	struct sip_plan *plan;
	struct sip_endpoint address;
	u32 address_at;
	u32 address_len;
	u32 number;
	u32 number_at;
	u32 number_len;
};

enum sip_verdict sip_write_address(struct sip_writer *writer,
				   struct sip_span where,
				   const struct sip_endpoint *from,
				   const struct sip_endpoint *to);
enum sip_verdict sip_write_number(struct sip_writer *writer,
				  struct sip_span where, u32 value,
				  bool colon);
/**
 * sip_write_endpoint() - write an endpoint in the place of another
 * @writer: the writer
 * @host: text of the other's address
 * @port: text of its port; empty behind the address if it is not written
 * @from: the other; what is the same is not written
 * @to: the endpoint
 *
 * Return: SIP_OK, or SIP_TOO_MANY if the plan is full.
 */
static __always_inline enum sip_verdict
sip_write_endpoint(struct sip_writer *writer, struct sip_span host,
		   struct sip_span port, const struct sip_endpoint *from,
		   const struct sip_endpoint *to)
{
	enum sip_verdict verdict = sip_write_address(writer, host, from, to);

	if (verdict || from->port == to->port)
		return verdict;
	return sip_write_number(writer, port, to->port, !port.len);
}

u8 *sip_writer_room(struct sip_writer *writer, u32 len);

#endif /* SIPALG_SIP_WRITER_H */
