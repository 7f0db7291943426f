/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trust: an inside host, as a PBX, may ask for media of hosts beside it.
 */
#ifndef SIPALG_SESSION_TRUST_H
#define SIPALG_SESSION_TRUST_H

#include "table/binding.h"

bool sipalg_trust_allows(const struct nf_conn *ct,
			 const struct sipalg_trust *trust,
			 const struct sipalg_endpoint *host,
			 const struct sipalg_endpoint *named, int in, int out);

#endif /* SIPALG_SESSION_TRUST_H */
