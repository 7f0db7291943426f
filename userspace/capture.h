/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file of the packets that SIP messages came in, and of those that they left
 * in: for Wireshark and sngrep.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "objects.h"

struct capture;

struct capture *capture_open(const char *path);
bool capture_message(struct capture *capture,
		     const struct sip_message *message);
bool capture_close(struct capture *capture);

#endif /* CAPTURE_H */
