// SPDX-License-Identifier: GPL-2.0
/*
 * Flows are in a list. The NAT of the router takes no port: what asks for one gets
 * an answer that the number of the port decides.
 */

#include "kernel.h"
#include "state/route.h"
#include "table/forward.h"

const struct nf_conntrack_zone nf_ct_zone_dflt;

static struct nf_conn *flows;

struct nf_conn *conntrack_alloc(struct net *net, const struct nf_conntrack_tuple *original,
				const struct nf_conntrack_tuple *reply)
{
	struct nf_conn *ct = kernel_alloc(sizeof(*ct), true);

	ct->net = net;
	ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple = *original;
	ct->tuplehash[IP_CT_DIR_REPLY].tuple = *reply;
	ct->tuplehash[IP_CT_DIR_REPLY].tuple.dst.dir = IP_CT_DIR_REPLY;
	refcount_set(&ct->ct_general.use, 1);
	return ct;
}

struct nf_conn *nf_ct_tmpl_alloc(struct net *net, const struct nf_conntrack_zone *zone,
				 int gfp)
{
	static const struct nf_conntrack_tuple none;
	struct nf_conn *ct = conntrack_alloc(net, &none, &none);

	ct->status |= BIT(IPS_TEMPLATE_BIT);
	return ct;
}

void conntrack_confirm(struct nf_conn *ct)
{
	ct->status |= BIT(IPS_CONFIRMED_BIT);
	ct->timeout += (u32)jiffies;
	ct->next = flows;
	flows = ct;
}

struct nf_conntrack_tuple_hash *conntrack_find(const struct nf_conntrack_tuple *tuple)
{
	struct nf_conn *ct;
	unsigned int dir;

	for (ct = flows; ct; ct = ct->next)
		for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
			if (!nf_ct_is_expired(ct) &&
			    nf_ct_tuple_equal(&ct->tuplehash[dir].tuple, tuple))
				return &ct->tuplehash[dir];
	return NULL;
}

struct nf_conntrack_tuple_hash *
nf_conntrack_find_get(struct net *net, const struct nf_conntrack_zone *zone,
		      const struct nf_conntrack_tuple *tuple)
{
	struct nf_conntrack_tuple_hash *found = conntrack_find(tuple);

	if (found)
		nf_conntrack_get(&nf_ct_tuplehash_to_ctrack(found)->ct_general);
	return found;
}

void nf_ct_put(struct nf_conn *ct)
{
	if (!refcount_dec_and_test(&ct->ct_general.use))
		return;
	if (ct->master)
		nf_ct_put(ct->master);
	kfree(ct->help);
	kfree(ct->acct);
	kfree(ct);
}

bool nf_ct_kill(struct nf_conn *ct)
{
	struct nf_conn **place = &flows;

	must(nf_ct_is_confirmed(ct));
	if (nf_ct_is_dying(ct))
		return false;
	while (*place != ct)
		place = &(*place)->next;
	*place = ct->next;
	ct->status |= BIT(IPS_DYING_BIT);
	nf_ct_put(ct);
	return true;
}

void nf_ct_refresh(struct nf_conn *ct, u32 time)
{
	ct->timeout = nf_ct_is_confirmed(ct) ? (u32)jiffies + time : time;
}

void conntrack_expire(void)
{
	struct nf_conn *ct = flows, *next;

	for (; ct; ct = next) {
		next = ct->next;
		if (nf_ct_is_expired(ct))
			nf_ct_kill(ct);
	}
}

void conntrack_flush(void)
{
	while (flows)
		nf_ct_kill(flows);
}

void conntrack_walk(void (*see)(const struct nf_conn *ct, void *data), void *data)
{
	const struct nf_conn *ct;

	for (ct = flows; ct; ct = ct->next)
		see(ct, data);
}

/* A program of the router listens on some ports. */
struct sock *kernel_listener(struct net *net, __be32 addr, __be16 port)
{
	static struct sock listener;

	return ntohs(port) % 16 == 6 ? &listener : NULL;
}

/* No scope trusts anybody here. */
bool sipalg_route_is_to_host(const struct nf_conn *ct, const union nf_inet_addr *beside,
			     const union nf_inet_addr *addr, int in, int but)
{
	return false;
}

/* There is one way out, and no route changes. */
int sipalg_route_masquerade(const struct nf_conn *ct)
{
	return 0;
}

int sipalg_route_to_source(const struct nf_conn *ct, enum ip_conntrack_dir dir)
{
	return 0;
}

u32 sipalg_route_generation(const struct net *net)
{
	return 0;
}

/* The rules publish some others. */
bool sipalg_forward_takes(struct net *net, struct sk_buff **probe,
			  const struct sipalg_binding_spec *spec,
			  const struct sipalg_endpoint *far)
{
	return ntohs(spec->outside.port) % 16 == 9;
}

void sipalg_forward_end(struct sk_buff *probe)
{
}
