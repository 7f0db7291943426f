/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Details of a call: what its messages tell that the bindings do not, some of
 * it for people alone.
 */
#ifndef SIPALG_DETAILS_H
#define SIPALG_DETAILS_H

#include <linux/netfilter.h>

#include "sip/sip.h"
#include "nf_sipalg.h"

struct sipalg_binding;
struct sipalg_dialog;
struct sipalg_end;

#define SIPALG_TAG_LEN		21	/* bytes kept of a tag, with its zero */
#define SIPALG_FAR_ENDS_MAX	2	/* streams whose far end is kept */

/**
 * struct sipalg_details - details of a call
 * @caller: start of the tag of who began it
 * @callee: start of the tag of who answered
 * @codecs: for each stream its media, a blank and its codecs, and a zero
 * @all_named: the latest SDP from the outside names all addresses that media
 *	can come from, and @far has them
 * @far: where that SDP wants the first streams
 * @far_port: network byte order; 0 where there is none
 */
struct sipalg_details {
	char caller[SIPALG_TAG_LEN];
	char callee[SIPALG_TAG_LEN];
	char codecs[SIPALG_TEXT_LEN];
	bool all_named;
	union nf_inet_addr far[SIPALG_FAR_ENDS_MAX];
	__be16 far_port[SIPALG_FAR_ENDS_MAX];
};

void sipalg_details_note(struct sipalg_dialog *dialog,
			 const struct sip_msg *msg, const u8 *text);
void sipalg_details_name_peers(struct sipalg_dialog *dialog,
			       const struct sip_msg *msg,
			       const union nf_inet_addr *receiver);
void sipalg_details_admit(const struct sipalg_dialog *dialog,
			  struct sipalg_binding *got[], unsigned int n);
bool sipalg_details_far_end(const struct sipalg_dialog *dialog,
			    unsigned int media, struct sipalg_end *far);
const char *sipalg_details_codecs(const struct sipalg_details *details,
				  unsigned int media);

#endif /* SIPALG_DETAILS_H */
