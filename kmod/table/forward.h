/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports that the rules of the NAT lead to somebody (port forwards).
 */
#ifndef SIPALG_TABLE_FORWARD_H
#define SIPALG_TABLE_FORWARD_H

#include "table/binding.h"

bool sipalg_forward_takes(struct net *net, struct sk_buff **probe,
			  const struct sipalg_binding_spec *spec,
			  const struct sipalg_endpoint *far);
void sipalg_forward_end(struct sk_buff *probe);

#endif /* SIPALG_TABLE_FORWARD_H */
