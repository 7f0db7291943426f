/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dialogs that a response grants for a time: registrations (RFC 3261, 10) and
 * subscriptions (RFC 6665).
 */
#ifndef SIPALG_SESSION_REGISTRATION_H
#define SIPALG_SESSION_REGISTRATION_H

#include "session/map.h"

/* Does a response to this method grant something for a time? */
static inline bool sipalg_registration_grants(enum sip_method method)
{
	return method == SIP_REGISTER || method == SIP_SUBSCRIBE;
}

bool sipalg_registration_grant(struct sipalg_message *m);
void sipalg_registration_commit(struct sipalg_message *m);

#endif /* SIPALG_SESSION_REGISTRATION_H */
