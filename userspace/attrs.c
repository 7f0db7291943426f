// SPDX-License-Identifier: GPL-2.0

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "attrs.h"
#include "objects.h"

#define FIELD(type_, object, member) {				\
	.type = type_,						\
	.offset = offsetof(struct object, member),		\
	.size = sizeof(((struct object *)NULL)->member),	\
}

#define TABLE(fields_) {					\
	.fields = fields_,					\
	.count = sizeof(fields_) / sizeof(*(fields_)),		\
}

static const struct attr_field policy_fields[] = {
	[SIPALG_POLICY_MODE] = FIELD(FIELD_NUMBER, policy, mode),
	[SIPALG_POLICY_ZONE] = FIELD(FIELD_NUMBER, policy, scope.zone),
	[SIPALG_POLICY_DEV] = FIELD(FIELD_TEXT, policy, scope.dev),
	[SIPALG_POLICY_IFINDEX] = FIELD(FIELD_NUMBER, policy, ifindex),
	[SIPALG_POLICY_OUTSIDE_PORTS] =
		FIELD(FIELD_BYTES, policy, options.ports),
	[SIPALG_POLICY_OUTSIDE_ADDRESS] =
		FIELD(FIELD_ADDRESS, policy, options.address),
	[SIPALG_POLICY_TRUSTED] =
		FIELD(FIELD_NETWORKS, policy, options.trusted),
	[SIPALG_POLICY_TRUSTED_FOR] =
		FIELD(FIELD_NETWORKS, policy, options.trusted_for),
};

const struct attr_table policy_attrs = TABLE(policy_fields);

static const struct attr_field call_fields[] = {
	[SIPALG_CALL_ID] = FIELD(FIELD_NUMBER, call, id),
	[SIPALG_CALL_LABEL] = FIELD(FIELD_TEXT, call, label),
	[SIPALG_CALL_KIND] = FIELD(FIELD_NUMBER, call, kind),
	[SIPALG_CALL_STATE] = FIELD(FIELD_NUMBER, call, state),
	[SIPALG_CALL_ZONE] = FIELD(FIELD_NUMBER, call, zone),
	[SIPALG_CALL_FAMILY] = FIELD(FIELD_NUMBER, call, family),
	[SIPALG_CALL_INSIDE] = FIELD(FIELD_ADDRESS, call, inside),
	[SIPALG_CALL_PEER] = FIELD(FIELD_ADDRESS, call, peer),
	[SIPALG_CALL_AGE] = FIELD(FIELD_NUMBER, call, age),
	[SIPALG_CALL_EXPIRES] = FIELD(FIELD_NUMBER, call, expires),
	[SIPALG_CALL_BINDINGS] = FIELD(FIELD_NUMBER, call, bindings),
	[SIPALG_CALL_IN] = FIELD(FIELD_NUMBER, call, in),
	[SIPALG_CALL_OUT] = FIELD(FIELD_NUMBER, call, out),
	[SIPALG_CALL_CALLER_TAG] = FIELD(FIELD_TEXT, call, caller),
	[SIPALG_CALL_CALLEE_TAG] = FIELD(FIELD_TEXT, call, callee),
	[SIPALG_CALL_STREAM] = FIELD(FIELD_LIST, call, streams),
	[SIPALG_CALL_CAUSE] = FIELD(FIELD_NUMBER, call, cause),
	[SIPALG_CALL_STATUS] = FIELD(FIELD_NUMBER, call, status),
	[SIPALG_CALL_DURATION] = FIELD(FIELD_NUMBER, call, duration),
	[SIPALG_CALL_FROM] = FIELD(FIELD_TEXT, call, from),
	[SIPALG_CALL_TO] = FIELD(FIELD_TEXT, call, to),
	[SIPALG_CALL_CONTACT] = FIELD(FIELD_TEXT, call, contact),
};

const struct attr_table call_attrs = TABLE(call_fields);

static const struct attr_field binding_fields[] = {
	[SIPALG_BINDING_KIND] = FIELD(FIELD_NUMBER, binding, kind),
	[SIPALG_BINDING_PROTO] = FIELD(FIELD_NUMBER, binding, proto),
	[SIPALG_BINDING_FAMILY] = FIELD(FIELD_NUMBER, binding, family),
	[SIPALG_BINDING_ZONE] = FIELD(FIELD_NUMBER, binding, zone),
	[SIPALG_BINDING_INSIDE] = FIELD(FIELD_ADDRESS, binding, inside.address),
	[SIPALG_BINDING_INSIDE_PORT] =
		FIELD(FIELD_NUMBER, binding, inside.port),
	[SIPALG_BINDING_OUTSIDE] =
		FIELD(FIELD_ADDRESS, binding, outside.address),
	[SIPALG_BINDING_OUTSIDE_PORT] =
		FIELD(FIELD_NUMBER, binding, outside.port),
	[SIPALG_BINDING_USERS] = FIELD(FIELD_NUMBER, binding, users),
	[SIPALG_BINDING_FLOWS] = FIELD(FIELD_NUMBER, binding, flows),
	[SIPALG_BINDING_DEV] = FIELD(FIELD_NUMBER, binding, dev),
	[SIPALG_BINDING_OUT_PACKETS] =
		FIELD(FIELD_NUMBER, binding, out_packets),
	[SIPALG_BINDING_OUT_BYTES] = FIELD(FIELD_NUMBER, binding, out_bytes),
	[SIPALG_BINDING_IN_PACKETS] = FIELD(FIELD_NUMBER, binding, in_packets),
	[SIPALG_BINDING_IN_BYTES] = FIELD(FIELD_NUMBER, binding, in_bytes),
	[SIPALG_BINDING_STREAM] = FIELD(FIELD_TEXT, binding, stream),
	[SIPALG_BINDING_CODECS] = FIELD(FIELD_TEXT, binding, codecs),
	[SIPALG_BINDING_HEARD] = FIELD(FIELD_NUMBER, binding, heard),
	[SIPALG_BINDING_FIRST] = FIELD(FIELD_NUMBER, binding, first),
	[SIPALG_BINDING_LAST] = FIELD(FIELD_NUMBER, binding, last),
};

const struct attr_table binding_attrs = TABLE(binding_fields);

static const struct attr_field message_fields[] = {
	[SIPALG_MESSAGE_RESULT] = FIELD(FIELD_NUMBER, sip_message, result),
	[SIPALG_MESSAGE_PROTO] = FIELD(FIELD_NUMBER, sip_message, proto),
	[SIPALG_MESSAGE_FAMILY] = FIELD(FIELD_NUMBER, sip_message, family),
	[SIPALG_MESSAGE_ZONE] = FIELD(FIELD_NUMBER, sip_message, zone),
	[SIPALG_MESSAGE_SOURCE] =
		FIELD(FIELD_ADDRESS, sip_message, source.address),
	[SIPALG_MESSAGE_SOURCE_PORT] =
		FIELD(FIELD_NUMBER, sip_message, source.port),
	[SIPALG_MESSAGE_TARGET] =
		FIELD(FIELD_ADDRESS, sip_message, target.address),
	[SIPALG_MESSAGE_TARGET_PORT] =
		FIELD(FIELD_NUMBER, sip_message, target.port),
	[SIPALG_MESSAGE_IN] = FIELD(FIELD_NUMBER, sip_message, in),
	[SIPALG_MESSAGE_OUT] = FIELD(FIELD_NUMBER, sip_message, out),
	[SIPALG_MESSAGE_CALL] = FIELD(FIELD_NUMBER, sip_message, call),
	[SIPALG_MESSAGE_MISSED] = FIELD(FIELD_NUMBER, sip_message, missed),
	[SIPALG_MESSAGE_SOURCE_AFTER] =
		FIELD(FIELD_ADDRESS, sip_message, source_after.address),
	[SIPALG_MESSAGE_SOURCE_PORT_AFTER] =
		FIELD(FIELD_NUMBER, sip_message, source_after.port),
	[SIPALG_MESSAGE_TARGET_AFTER] =
		FIELD(FIELD_ADDRESS, sip_message, target_after.address),
	[SIPALG_MESSAGE_TARGET_PORT_AFTER] =
		FIELD(FIELD_NUMBER, sip_message, target_after.port),
	[SIPALG_MESSAGE_TIME] = FIELD(FIELD_NUMBER, sip_message, time),
	[SIPALG_MESSAGE_SKIPPED_FIELD] =
		FIELD(FIELD_NUMBER, sip_message, skipped_field),
	[SIPALG_MESSAGE_SKIPPED_MEDIA] =
		FIELD(FIELD_NUMBER, sip_message, skipped_media),
};

const struct attr_table message_attrs = TABLE(message_fields);

static_assert(!offsetof(struct policy, has) && !offsetof(struct call, has) &&
	      !offsetof(struct binding, has) &&
	      !offsetof(struct sip_message, has), "has comes first");
static_assert(SIPALG_POLICY_MAX < 32 && SIPALG_CALL_MAX < 32 &&
	      SIPALG_BINDING_MAX < 32 && SIPALG_MESSAGE_MAX < 32,
	      "has is wide enough");

/**
 * attr_number() - read a number of any width
 * @attr: the attribute
 * @value: set to it
 *
 * Return: false if no number has the attribute's length.
 */
bool attr_number(const struct nlattr *attr, uint64_t *value)
{
	switch (mnl_attr_get_payload_len(attr)) {
	case sizeof(uint8_t):
		*value = mnl_attr_get_u8(attr);
		return true;
	case sizeof(uint16_t):
		*value = mnl_attr_get_u16(attr);
		return true;
	case sizeof(uint32_t):
		*value = mnl_attr_get_u32(attr);
		return true;
	case sizeof(uint64_t):
		*value = mnl_attr_get_u64(attr);
		return true;
	default:
		return false;
	}
}

static bool networks_set(struct networks *networks, const void *payload,
			 size_t len)
{
	if (len > sizeof(networks->network) || len % sizeof(*networks->network))
		return false;
	memcpy(networks->network, payload, len);
	networks->n = len / sizeof(*networks->network);
	return true;
}

static bool field_get(const struct nlattr *attr, const struct attr_field *field,
		      char *member)
{
	const void *payload = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	uint64_t number;

	switch (field->type) {
	case FIELD_NUMBER:
		if (len > field->size || !attr_number(attr, &number))
			return false;
		switch (field->size) {
		case sizeof(uint8_t):
			*(uint8_t *)member = number;
			break;
		case sizeof(uint16_t):
			*(uint16_t *)member = number;
			break;
		case sizeof(uint32_t):
			*(uint32_t *)member = number;
			break;
		default:
			*(uint64_t *)member = number;
		}
		return true;
	case FIELD_TEXT:
		len = strnlen(payload, len);
		if (len >= field->size)
			return false;
		memcpy(member, payload, len);
		member[len] = '\0';
		return true;
	case FIELD_ADDRESS:
		return address_set((struct address *)member, payload, len);
	case FIELD_NETWORKS:
		return networks_set((struct networks *)member, payload, len);
	case FIELD_BYTES:
		if (len != field->size)
			return false;
		memcpy(member, payload, len);
		return true;
	default:
		return false;
	}
}

/**
 * attr_store() - put an attribute's value into its member of an object
 * @object: the object; its has bit is set, too
 * @attr: the attribute
 * @table: the object's members
 *
 * A newer module may send attributes of an unknown number or length. They
 * count as missing.
 */
void attr_store(void *object, const struct nlattr *attr,
		const struct attr_table *table)
{
	unsigned int type = mnl_attr_get_type(attr);
	const struct attr_field *field;

	if (type >= table->count)
		return;
	field = &table->fields[type];
	if (field_get(attr, field, (char *)object + field->offset))
		*(uint32_t *)object |= 1U << type;
}
