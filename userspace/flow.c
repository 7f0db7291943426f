// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <string.h>

#include "flow.h"

/* The library's names for the tuple of one direction. */
struct tuple_attrs {
	enum nf_conntrack_attr src4, dst4, src6, dst6, src_port, dst_port, zone;
};

static const struct tuple_attrs original_attrs = {
	ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_SRC,
	ATTR_ORIG_IPV6_DST, ATTR_ORIG_PORT_SRC, ATTR_ORIG_PORT_DST,
	ATTR_ORIG_ZONE,
};

static const struct tuple_attrs reply_attrs = {
	ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_SRC,
	ATTR_REPL_IPV6_DST, ATTR_REPL_PORT_SRC, ATTR_REPL_PORT_DST,
	ATTR_REPL_ZONE,
};

static void get_endpoint(struct endpoint *endpoint,
			 const struct nf_conntrack *ct,
			 enum nf_conntrack_attr v4, enum nf_conntrack_attr v6,
			 enum nf_conntrack_attr port)
{
	if (nfct_attr_is_set(ct, v4) > 0)
		address_set(&endpoint->address, nfct_get_attr(ct, v4),
			    sizeof(struct in_addr));
	else if (nfct_attr_is_set(ct, v6) > 0)
		address_set(&endpoint->address, nfct_get_attr(ct, v6),
			    sizeof(struct in6_addr));
	endpoint->port = ntohs(nfct_get_attr_u16(ct, port));
}

static void get_tuple(struct endpoint *src, struct endpoint *dst,
		      uint16_t *zone, const struct nf_conntrack *ct,
		      const struct tuple_attrs *attrs)
{
	get_endpoint(src, ct, attrs->src4, attrs->src6, attrs->src_port);
	get_endpoint(dst, ct, attrs->dst4, attrs->dst6, attrs->dst_port);
	/* A zone may be of one direction alone. */
	if (nfct_attr_is_set(ct, attrs->zone) > 0)
		*zone = nfct_get_attr_u16(ct, attrs->zone);
}

struct query {
	flow_cb *cb;
	void *data;
	int err;
};

static int query_each(enum nf_conntrack_msg_type type, struct nf_conntrack *ct,
		      void *data)
{
	struct query *query = data;
	struct flow flow = {};
	const char *helper;

	(void)type;
	flow.proto = nfct_get_attr_u8(ct, ATTR_ORIG_L4PROTO);
	flow.zone = nfct_get_attr_u16(ct, ATTR_ZONE);
	get_tuple(&flow.original.src, &flow.original.dst, &flow.zone, ct,
		  &original_attrs);
	get_tuple(&flow.reply.src, &flow.reply.dst, &flow.zone, ct,
		  &reply_attrs);
	helper = nfct_get_attr(ct, ATTR_HELPER_NAME);
	if (helper)
		strncpy(flow.helper, helper, sizeof(flow.helper) - 1);
	flow.offloaded = nfct_get_attr_u32(ct, ATTR_STATUS) & IPS_OFFLOAD;
	flow.counted = nfct_attr_is_set(ct, ATTR_ORIG_COUNTER_PACKETS) > 0;
	flow.packets.original =
		nfct_get_attr_u64(ct, ATTR_ORIG_COUNTER_PACKETS);
	flow.packets.reply = nfct_get_attr_u64(ct, ATTR_REPL_COUNTER_PACKETS);
	flow.bytes.original = nfct_get_attr_u64(ct, ATTR_ORIG_COUNTER_BYTES);
	flow.bytes.reply = nfct_get_attr_u64(ct, ATTR_REPL_COUNTER_BYTES);
	flow.expires = nfct_get_attr_u32(ct, ATTR_TIMEOUT);
	query->err = query->cb(&flow, query->data);
	return query->err ? NFCT_CB_FAILURE : NFCT_CB_CONTINUE;
}

/**
 * flow_dump() - read the connection tracking table
 * @cb: takes one flow; returns 0 or a negative errno
 * @data: for @cb
 *
 * Return: 0, or a negative errno.
 */
int flow_dump(flow_cb *cb, void *data)
{
	struct query query = { .cb = cb, .data = data };
	const uint32_t any_family = AF_UNSPEC;
	struct nfct_handle *handle;
	int err = 0;

	handle = nfct_open(CONNTRACK, 0);
	if (!handle)
		return -errno;
	if (nfct_callback_register(handle, NFCT_T_ALL, query_each, &query) ||
	    nfct_query(handle, NFCT_Q_DUMP, &any_family) < 0)
		err = query.err ? query.err : -errno;
	nfct_close(handle);
	return err;
}
