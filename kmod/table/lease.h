/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leases: which bindings a dialog uses, and for how long. All functions are
 * called with the lock of the dialog.
 */
#ifndef SIPALG_TABLE_LEASE_H
#define SIPALG_TABLE_LEASE_H

#include "table/record.h"

/* Bindings of one dialog. */
#define SIPALG_LEASES_MAX	16
/* Those of two streams and of signalling; more are kept elsewhere. */
#define SIPALG_LEASES_FEW	5
/* User agents of one dialog that are told apart. */
#define SIPALG_AGENTS_MAX	2
/* Registrars of one registration. */
#define SIPALG_LEASE_PEERS_MAX	2

/**
 * struct sipalg_lease - the use of a binding by a dialog
 * @binding: one of its users is the dialog
 * @until: low half of the jiffies at which the lease of a registration, or one
 *	that is @draining, ends
 * @exchange: the offer/answer exchange that named it last
 * @agents: bits: the user agents that have named it
 * @media: place among the media of the session, from 1; 0 for none, or several
 * @tentative: taken for the message at hand, which may still go out unchanged
 * @draining: a later exchange has put another binding in its place
 * @proposed: no exchange has succeeded with it
 * @repeated: where it is proposed: an exchange before @exchange that may still
 *	be accepted has named it, too
 * @accepted: an answer to the exchange takes its media
 * @refused: an answer to the exchange refuses its media
 * @closed: it lets no new flow in
 * @registered: a registrar has granted it
 * @admitted: bits: the peers that may send to it because of this lease
 */
struct sipalg_lease {
	struct sipalg_binding *binding;
	u32 until;
	u8 exchange;
	u8 media;
	bool tentative : 1;
	bool draining : 1;
	bool proposed : 1;
	bool repeated : 1;
	bool accepted : 1;
	bool refused : 1;
	bool closed : 1;
	bool registered : 1;
	u8 admitted : SIPALG_LEASE_PEERS_MAX;
	u8 agents : SIPALG_AGENTS_MAX;
};

/**
 * struct sipalg_exchange - the latest offer/answer exchange that one end opened
 * @from: keyed hash of the From tag of the request that opened it
 * @cseq: CSeq number of that request
 * @number: names it among the leases; 0 where there is none
 * @invite: while an INVITE of the end is under way, and it or the other end has
 *	made an offer since: number of the exchange that the INVITE's final
 *	response is about; else 0
 * @open: it may still be accepted
 * @late: the request holds no offer; its response does (RFC 3264, 4)
 * @awaits_ack: that response has come, and the answer is to come with the ACK
 */
struct sipalg_exchange {
	u32 from;
	u32 cseq;
	u8 number;
	u8 invite;
	bool open : 1;
	bool late : 1;
	bool awaits_ack : 1;
};

/**
 * struct sipalg_agent - a user agent of the inside host
 * @own: the exchange that it has opened; @from there is always its tag
 * @far: the exchange that its far end has opened
 */
struct sipalg_agent {
	struct sipalg_exchange own;
	struct sipalg_exchange far;
};

/**
 * struct sipalg_leases - all leases of a dialog
 * @peers: of a registration or subscription, the addresses of its registrars;
 *	else the address of the signalling peer alone
 * @peer: room for that one
 * @first_agent: of a call, the only user agent that there is room for; of more
 *	@agents
 * @agents: the user agents that the media is for
 * @traffic: what the streams have carried whose leases have ended, or NULL
 * @latest: number of the latest exchange, 0 before the first
 * @exchange: number of the exchange of the message at hand, 0 for none
 * @agent: bit of the user agent that the message at hand is of or for, or 0
 * @agents_size: number of user agents that there is memory for; 0 where there
 *	are @peers
 * @n: number of leases
 * @size: number of leases that there is memory for
 * @few: the leases of most dialogs
 * @many: the leases, where they are more
 */
struct sipalg_leases {
	union {
		union nf_inet_addr peers[SIPALG_LEASE_PEERS_MAX];
		struct {
			union nf_inet_addr peer;
			union {
				struct sipalg_agent first_agent;
				struct sipalg_agent *agents;
			};
		};
	};
	struct sipalg_traffic *traffic;
	u8 latest;
	u8 exchange;
	u8 agent;
	u8 agents_size;
	u8 n;
	u8 size;
	union {
		struct sipalg_lease few[SIPALG_LEASES_FEW];
		struct sipalg_lease *many;
	};
};

static inline struct sipalg_lease *
sipalg_lease_at(const struct sipalg_leases *leases, unsigned int i)
{
	const struct sipalg_lease *all = leases->size > SIPALG_LEASES_FEW ?
						 leases->many : leases->few;

	return (struct sipalg_lease *)&all[i];
}

/* None may end in the loop: another one would come to its place. */
#define sipalg_lease_for_each(lease, leases)				\
	for (const struct sipalg_lease *end_ =				\
		     ((lease) = sipalg_lease_at(leases, 0)) + (leases)->n; \
	     (lease) < end_; (lease)++)

static inline bool sipalg_lease_is_media(const struct sipalg_lease *lease)
{
	return lease->binding->kind != SIPALG_BINDING_SIGNALLING;
}

/* The user agents of a call, as many as there is memory for. */
static inline struct sipalg_agent *
sipalg_lease_agents(struct sipalg_leases *leases)
{
	return leases->agents_size > 1 ? leases->agents : &leases->first_agent;
}

void sipalg_lease_init(struct sipalg_leases *leases, bool is_call);
bool sipalg_lease_reserve_agent(struct sipalg_net *sn,
				struct sipalg_leases *leases);
bool sipalg_lease_get(const struct sipalg_leases *leases,
		      const struct sipalg_binding_spec *spec, unsigned int n,
		      struct sipalg_binding *got[]);
enum sipalg_stat sipalg_lease_take(struct sipalg_net *sn,
				   struct sipalg_leases *leases,
				   struct sipalg_binding *got[], unsigned int n,
				   u8 media);
void sipalg_lease_release(struct sipalg_net *sn, struct sipalg_leases *leases,
			  unsigned int i);
void sipalg_lease_release_all(struct sipalg_net *sn,
			      struct sipalg_leases *leases);
unsigned long sipalg_lease_drain(struct sipalg_net *sn,
				 struct sipalg_lease *lease);
unsigned long sipalg_lease_expire(struct sipalg_net *sn,
				  struct sipalg_leases *leases, bool is_granted,
				  unsigned long next);
void sipalg_lease_set_open(struct sipalg_leases *leases, bool open);
void sipalg_lease_suspend(struct sipalg_leases *leases);
void sipalg_lease_resume(struct sipalg_leases *leases);
bool sipalg_lease_carries_media(const struct sipalg_leases *leases, u32 *sent);
void sipalg_lease_admit(struct sipalg_leases *leases,
			const struct sipalg_binding *binding,
			const union nf_inet_addr *peer);
void sipalg_lease_admit_registrar(struct sipalg_leases *leases,
				  const struct sipalg_binding *binding,
				  unsigned int i);
void sipalg_lease_register(struct sipalg_lease *lease);
void sipalg_lease_dismiss(struct sipalg_leases *leases, unsigned int i);

#endif /* SIPALG_TABLE_LEASE_H */
