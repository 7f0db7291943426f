/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Audio and keep-alives, which are beside the messages of a probe.
 */
#ifndef ALG_PROBE_BESIDE_H
#define ALG_PROBE_BESIDE_H

#include "lab/alg_probe_judge.h"
#include "lab/alg_probe_link.h"

void audio_judge(struct findings *findings, int fd, int wait,
		 const union sock_addr *peer, const struct reply *reply,
		 bool changed);
void keepalive_judge(struct findings *findings, struct link *link, int wait,
		     const struct reply *reply);
size_t stun_answer(char *to, const char *request, size_t len,
		   const union sock_addr *from);

#endif /* ALG_PROBE_BESIDE_H */
