/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be said of a SIP message that the module has told.
 */
#ifndef SIP_MESSAGE_H
#define SIP_MESSAGE_H

#include "objects.h"

struct print;

/* Of a name, with its zero. */
#define MESSAGE_NAME_LEN 32

/* Takes the name of a header field or of a line of SDP. */
typedef void message_name_cb(const char *name, void *data);

bool message_is_inward(const struct sip_message *message);
void message_start_line(const struct sip_message *message, char *line,
			size_t size);
void message_changes(const struct sip_message *message, message_name_cb *cb,
		     void *data);
void message_changes_print(const struct sip_message *message,
			   struct print *out);
void message_skipped_print(const struct sip_message *message, struct print *out,
			   const char *words);

#endif /* SIP_MESSAGE_H */
