/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which outside ports inside ports get (RFC 4787, 4.2).
 */
#ifndef SIPALG_TABLE_PORT_H
#define SIPALG_TABLE_PORT_H

#include "table/binding.h"

/**
 * struct sipalg_port_request - neighbouring inside ports that need bindings
 * @spec: the binding of the first port; the port of its outside endpoint is the
 *	one to try first
 * @far: an outside endpoint that the first port will be used with; family 0 if
 *	unknown
 * @probe: the packet that asks the rules of the NAT; NULL before the first
 *	question
 * @media: place among the media of the session, from 1; 0 for none
 * @port_min: lowest outside port that will do
 * @port_max: the highest one
 * @exact: no other outside port will do than the one in @spec
 */
struct sipalg_port_request {
	struct sipalg_binding_spec spec;
	struct sipalg_endpoint far;
	struct sk_buff **probe;
	u16 port_min;
	u16 port_max;
	u8 media;
	bool exact;
};

enum sipalg_stat sipalg_port_get(struct sipalg_net *sn,
				 const struct sipalg_port_request *request,
				 unsigned int *n, struct sipalg_binding *got[]);
bool sipalg_port_find(struct sipalg_net *sn,
		      const struct sipalg_port_request *request, __be16 *port);

int sipalg_port_setup(void);

#endif /* SIPALG_TABLE_PORT_H */
