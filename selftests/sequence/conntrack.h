/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of conntrack and of the network stack as the tables look at.
 */
#ifndef SIPALG_SEQUENCE_CONNTRACK_H
#define SIPALG_SEQUENCE_CONNTRACK_H

enum { NFPROTO_UNSPEC = 0, NFPROTO_IPV4 = 2, NFPROTO_IPV6 = 10 };
enum ip_conntrack_dir { IP_CT_DIR_ORIGINAL, IP_CT_DIR_REPLY, IP_CT_DIR_MAX };
enum ip_conntrack_info { IP_CT_ESTABLISHED = 0, IP_CT_ESTABLISHED_REPLY = 3 };
enum udp_conntrack { UDP_CT_UNREPLIED, UDP_CT_REPLIED, UDP_CT_MAX };

#define IPS_EXPECTED_BIT	0
#define IPS_SEEN_REPLY_BIT	1
#define IPS_ASSURED_BIT		2
#define IPS_CONFIRMED_BIT	3
#define IPS_SRC_NAT_BIT		4
#define IPS_DST_NAT_BIT		5
#define IPS_DYING_BIT		9
#define IPS_TEMPLATE_BIT	11
#define IPS_OFFLOAD_BIT		14
#define IPS_NAT_MASK		(BIT(IPS_SRC_NAT_BIT) | BIT(IPS_DST_NAT_BIT))
#define NF_CT_DEFAULT_ZONE_DIR	3
#define NF_CT_EXT_ACCT		1
#define CTINFO2DIR(ctinfo)	((ctinfo) >= IP_CT_ESTABLISHED_REPLY)

union nf_inet_addr {
	u32 all[4];
	__be32 ip;
	struct in_addr in;
	struct in6_addr in6;
};

struct nf_conntrack_tuple {
	struct {
		union nf_inet_addr u3;
		struct { __be16 all; } u;
		u16 l3num;
	} src;
	struct {
		union nf_inet_addr u3;
		struct { __be16 all; } u;
		u8 protonum;
		u8 dir;
	} dst;
};

struct nf_conntrack_tuple_hash {
	struct nf_conntrack_tuple tuple;
};

struct nf_conntrack_zone {
	u16 id;
};

struct nf_udp_net {
	unsigned int timeouts[UDP_CT_MAX];
};

struct net {
	struct user_namespace *user_ns;
	struct sipalg_net *sipalg;
	struct nf_udp_net udp;
	struct { bool sysctl_checksum; } ct;
};

struct nf_conntrack_helper {
	void *me;
	char name[8];
};

struct nf_conn_help {
	struct nf_conntrack_helper *helper;
	u64 data[8];
};

struct nf_conn_acct {
	struct {
		atomic64_t packets, bytes;
	} counter[IP_CT_DIR_MAX];
};

struct nf_conn {
	struct { refcount_t use; } ct_general;
	struct nf_conntrack_tuple_hash tuplehash[IP_CT_DIR_MAX];
	unsigned long status;
	u32 timeout;
	struct nf_conn *master;
	struct net *net;
	struct nf_conntrack_zone zone;
	struct nf_conn_help *help;
	struct nf_conn_acct *acct;
	struct nf_conn *next;		/* of those that can be found */
};

struct net_device { int ifindex; };

struct sk_buff {
	struct net_device *dev;
	int skb_iif;
	u16 protocol;
};

struct sock { int unused; };

/* No packet is damaged. */
#define nf_checksum(skb, hook, protoff, protocol, family) ((void)(protoff), 0)
#define THIS_MODULE		((void *)&init_user_ns)
#define ETH_P_IPV6		0x86dd
#define inet_sdif(skb)		((void)(skb), 0)
#define inet6_sdif(skb)		((void)(skb), 0)
#define kfree_skb(skb)		((void)(skb))

#define net_generic(net, id)	((void)(id), (net)->sipalg)
#define nf_ct_net(ct)		((ct)->net)
#define nf_udp_pernet(net)	(&(net)->udp)
#define nf_ct_l3num(ct)		((ct)->tuplehash[0].tuple.src.l3num)
#define nf_ct_protonum(ct)	((ct)->tuplehash[0].tuple.dst.protonum)
#define nf_ct_zone(ct)		(&(ct)->zone)
#define nf_ct_zone_id(zone, dir) ((void)(dir), (zone)->id)
#define nf_ct_zone_init(zone, number, dir, flags) ((void)((zone)->id = (number)))
#define NF_CT_DIRECTION(hash)	((enum ip_conntrack_dir)(hash)->tuple.dst.dir)
#define nf_ct_is_confirmed(ct)	test_bit(IPS_CONFIRMED_BIT, &(ct)->status)
#define nf_ct_is_template(ct)	test_bit(IPS_TEMPLATE_BIT, &(ct)->status)
#define nf_ct_is_dying(ct)	test_bit(IPS_DYING_BIT, &(ct)->status)
#define nfct_help(ct)		((ct)->help)
#define nfct_help_data(ct)	((void *)(ct)->help->data)
#define nf_conn_acct_find(ct)	((ct)->acct)
#define nf_ct_ext_exist(ct, id)	((ct)->acct)
#define nf_ct_ext_add(ct, id, gfp) ((ct)->acct = kzalloc(sizeof(*(ct)->acct), gfp))
#define nf_conntrack_get(general) must(refcount_inc_not_zero(&(general)->use))
#define udp4_lib_lookup(net, saddr, sport, daddr, dport, ifindex) \
	kernel_listener(net, daddr, dport)
#define sock_put(sk)		((void)(sk))

static inline bool nf_inet_addr_cmp(const union nf_inet_addr *a, const union nf_inet_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline bool nf_ct_tuple_equal(const struct nf_conntrack_tuple *a,
				     const struct nf_conntrack_tuple *b)
{
	return a->src.u.all == b->src.u.all && a->dst.u.all == b->dst.u.all &&
	       nf_inet_addr_cmp(&a->src.u3, &b->src.u3) &&
	       nf_inet_addr_cmp(&a->dst.u3, &b->dst.u3) &&
	       a->dst.protonum == b->dst.protonum;
}

#define nfct_time_stamp ((u32)jiffies)

static inline s32 nf_ct_expires(const struct nf_conn *ct)
{
	s32 left = (s32)(ct->timeout - nfct_time_stamp);

	return max(left, 0);
}

static inline bool nf_ct_is_expired(const struct nf_conn *ct)
{
	return (s32)(ct->timeout - (u32)jiffies) <= 0;
}

static inline struct nf_conn *nf_ct_tuplehash_to_ctrack(struct nf_conntrack_tuple_hash *hash)
{
	return container_of(hash - NF_CT_DIRECTION(hash), struct nf_conn, tuplehash[0]);
}

extern const struct nf_conntrack_zone nf_ct_zone_dflt;

/* A flow that cannot be found yet; its caller has the reference of its packet. */
struct nf_conn *conntrack_alloc(struct net *net, const struct nf_conntrack_tuple *original,
				const struct nf_conntrack_tuple *reply);
/* The first packet of the flow has passed. The reference is conntrack's now. */
void conntrack_confirm(struct nf_conn *ct);
struct nf_conntrack_tuple_hash *conntrack_find(const struct nf_conntrack_tuple *tuple);
/* Flows that no packet has kept go. */
void conntrack_expire(void);
void conntrack_flush(void);
/* Calls @see for each flow that can be found. */
void conntrack_walk(void (*see)(const struct nf_conn *ct, void *data), void *data);

struct nf_conntrack_tuple_hash *
nf_conntrack_find_get(struct net *net, const struct nf_conntrack_zone *zone,
		      const struct nf_conntrack_tuple *tuple);
struct nf_conn *nf_ct_tmpl_alloc(struct net *net, const struct nf_conntrack_zone *zone,
				 int gfp);
bool nf_ct_kill(struct nf_conn *ct);
void nf_ct_put(struct nf_conn *ct);
void nf_ct_refresh(struct nf_conn *ct, u32 time);
struct sock *kernel_listener(struct net *net, __be32 addr, __be16 port);

#endif /* SIPALG_SEQUENCE_CONNTRACK_H */
