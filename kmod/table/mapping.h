/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mappings that the rules of the NAT have made for an inside endpoint, before
 * it had a binding.
 */
#ifndef SIPALG_TABLE_MAPPING_H
#define SIPALG_TABLE_MAPPING_H

#include "table/binding.h"

bool sipalg_mapping_find(struct net *net, const struct sipalg_endpoint *inside,
			 const struct sipalg_endpoint *far,
			 struct sipalg_endpoint *outside);
bool sipalg_mapping_is_others(struct net *net,
			      const struct sipalg_endpoint *inside,
			      const struct sipalg_endpoint *outside,
			      const struct sipalg_endpoint *far);
void sipalg_mapping_replace(struct sipalg_net *sn,
			    struct sipalg_binding *binding,
			    const struct sipalg_endpoint *far);

#endif /* SIPALG_TABLE_MAPPING_H */
