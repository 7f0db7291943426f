/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The values of the header fields that an ALG needs (RFC 3261, 20).
 */
#ifndef SIPALG_SIP_FIELD_H
#define SIPALG_SIP_FIELD_H

#include "msg.h"

/**
 * struct sip_fields - the fields of one message, as far as they are read
 * @msg: what is found goes there
 * @text: the message
 * @len: how much there is of it
 * @method: of a request, the first eight bytes of its method
 * @method_len: length of the method; 0 in a response
 * @rest: of the last list of URIs that was read as usual, the first value that
 *	is left
 * @list_refs: references that were known before that list
 * @list_contacts: contacts likewise
 * @n_odd: values behind which the next one was looked for
 * @n_values: values of lists of URIs
 * @via_max: references that there may be with those of the topmost Via
 * @seen: the headers that were there
 * @idle: headers that are of no use in this message, and are skipped
 * @length: value of Content-Length
 * @content_type: value of Content-Type
 */
struct sip_fields {
	struct sip_msg *msg;
	const u8 *text;
	u32 len;
	u64 method;
	u32 method_len;
	u32 rest;
	u32 list_refs;
	u32 list_contacts;
	u32 n_odd;
	u32 n_values;
	u32 via_max;
	u32 seen;
	u32 idle;
	u32 length;
	struct sip_span content_type;
};

/*
 * References that are left for the topmost Via, wherever in the message it is.
 */
#define SIP_VIA_REFS	4

s32 sip_refuse_ref(struct sip_fields *f);
void sip_refuse_contact(struct sip_fields *f, u32 off);
void sip_read_known_param(struct sip_fields *f, u32 name, u32 end, u64 word);

/* Is there no room for another value of a list? */
static __always_inline bool sip_is_list_full(const struct sip_fields *f)
{
	return f->n_values >= SIP_VALUES_MAX;
}

/* The array has an entry more than it may keep, to read the next one into. */
static __always_inline struct sip_addr_ref *sip_new_ref(struct sip_fields *f,
							enum sip_field field)
{
	struct sip_addr_ref *ref = &f->msg->addr_refs[f->msg->n_addr_refs];

	ref->field = field;
	ref->overridden.len = 0;
	return ref;
}

/*
 * Keeps the reference that was filled in, if there are less than @max. Returns
 * its index; -1 where it holds a name, or is not kept.
 */
static __always_inline s32 sip_keep_ref(struct sip_fields *f, u32 max)
{
	u32 n = f->msg->n_addr_refs;

	if (!f->msg->addr_refs[n].ep.family)
		return -1;
	if (unlikely(n >= max))
		return sip_refuse_ref(f);
	f->msg->n_addr_refs = n + 1;
	return (s32)n;
}

/* The topmost Via begins. Nobody repeats its parameters often. */
static __always_inline struct sip_addr_ref *sip_new_via(struct sip_fields *f)
{
	f->via_max = f->msg->n_addr_refs + 1 + SIP_VIA_PARAMS_MAX;
	if (unlikely(f->via_max > SIP_ADDR_REFS_MAX))
		f->via_max = SIP_ADDR_REFS_MAX;
	return sip_new_ref(f, SIP_VIA);
}

/*
 * Adds a value of Contact that stands at @off, with its address as
 * sip_keep_ref() returned it. Returns NULL if there are too many.
 */
static __always_inline struct sip_contact *
sip_add_contact(struct sip_fields *f, s32 ref, u32 off)
{
	struct sip_contact *contact;

	if (unlikely(f->msg->n_contacts == SIP_CONTACTS_MAX)) {
		sip_refuse_contact(f, off);
		return NULL;
	}
	contact = &f->msg->contacts[f->msg->n_contacts++];
	contact->ref = ref;
	contact->expires = -1;
	return contact;
}

/* A parameter of the topmost Via; hardly any other has these first letters. */
static __always_inline void sip_read_via_param(struct sip_fields *f, u32 name,
					       u32 end, u64 word)
{
	u8 first = (u8)word;

	if (first == 'b' || first == 'r' || first == 'm')
		sip_read_known_param(f, name, end, word);
}

enum sip_verdict sip_read_request_uri(struct sip_fields *f, u32 at, u32 end);
enum sip_verdict sip_read_via(struct sip_fields *f, u32 at, u32 end);
enum sip_verdict sip_read_cseq(struct sip_fields *f, u32 at, u32 end);
void sip_read_party(struct sip_fields *f, u32 at, u32 end,
		    struct sip_span *tag);
void sip_read_value(struct sip_fields *f, enum sip_field field, u32 at,
		    u32 end);
u32 sip_read_list_value(struct sip_fields *f, enum sip_field field, u32 at,
			u32 end);
s32 sip_read_seconds(const u8 *text, u32 at, u32 end);
s32 sip_read_session_expires(const u8 *text, u32 at, u32 end);

#endif /* SIPALG_SIP_FIELD_H */
