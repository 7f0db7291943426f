/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The address map: answers to the questions that sip/ asks while it translates
 * a message, and the bindings that these answers need.
 */
#ifndef SIPALG_SESSION_MAP_H
#define SIPALG_SESSION_MAP_H

#include "session/flow.h"
#include "sip/sip.h"
#include "table/dialog.h"
#include "table/port.h"

/**
 * struct sipalg_message - a message on its way through the NAT
 * @nat: the part of it that sip/ sees
 * @sn: the namespace
 * @skb: its packet
 * @ct: its flow
 * @flow: the flow's helper extension, or NULL
 * @msg: the parsed message
 * @probe: the packet that asks the rules of the NAT; NULL before the first
 *	question
 * @text: its text, until the packet is changed
 * @len: length of the text in bytes
 * @there: bytes of it that are at @text; the rest ends the packet
 * @dialog: its dialog, locked, or NULL
 * @key: key of the dialog
 * @dmsg: the message, as the dialog sees it
 * @shown: the outside endpoint in @nat whose address is not the one that the
 *	NAT gives, but the one that messages name for it (outside-address); NULL
 *	if there is none
 * @given: the address that the NAT gives for @shown
 * @dir: direction of the packet
 * @mode: mode of the flow
 * @refused: counter of the reason why a binding or dialog could not be had
 * @skipped_media: the first part of the sender's description that stays as it
 *	is because it cannot be read, if its verdict says so
 * @has_low_port: a media section names a port that nobody gets, which has been
 *	counted
 * @observe: no binding may be taken, and nothing kept
 * @is_asked_for: its receiver is an inside host, too, and has a dialog in which
 *	it asked the sender
 */
struct sipalg_message {
	struct sip_nat nat;
	struct sipalg_net *sn;
	struct sk_buff *skb;
	struct nf_conn *ct;
	struct sipalg_flow *flow;
	const struct sip_msg *msg;
	struct sk_buff **probe;
	const u8 *text;
	u32 len;
	u32 there;
	struct sipalg_dialog *dialog;
	struct sipalg_dialog_key key;
	struct sipalg_dialog_msg dmsg;
	const struct sip_endpoint *shown;
	union nf_inet_addr given;
	enum ip_conntrack_dir dir;
	enum sipalg_mode mode;
	enum sipalg_stat refused;
	struct sip_fault skipped_media;
	bool has_low_port;
	bool observe;
	bool is_asked_for;
};

extern const struct sip_nat_ops sipalg_map_ops;

/* An address of sip/, which has the layout of nf_inet_addr. */
static inline const union nf_inet_addr *
sipalg_map_addr(const struct sip_endpoint *ep)
{
	BUILD_BUG_ON(sizeof(ep->addr) != sizeof(union nf_inet_addr));
	return (const union nf_inet_addr *)ep->addr;
}

/**
 * sipalg_map_outside_device() - the device towards the outside
 * @m: the message, with its endpoints
 *
 * Context: any.
 * Return: the device that the packet leaves by, or comes in by from there.
 */
static inline int
sipalg_map_outside_device(const struct sipalg_message *m)
{
	return m->nat.source_inside.family ? m->skb->dev->ifindex :
					     sipalg_in_device(m->skb);
}

void sipalg_map_set_endpoints(struct sipalg_message *m);
void sipalg_map_learn(struct sipalg_message *m);
void sipalg_map_find_dialog(struct sipalg_message *m, bool outbound);
bool sipalg_map_make_dialog(struct sipalg_message *m);
bool sipalg_map_find_inside(const struct sipalg_message *m,
			    const struct sip_endpoint *outside,
			    struct sip_endpoint *inside, u16 *port_omitted);
void sipalg_map_key(struct sipalg_endpoint *key, const struct sipalg_message *m,
		    const struct sip_endpoint *ep, enum ip_conntrack_dir dir);
bool sipalg_map_is_well_known(struct sipalg_message *m, u16 port);
unsigned int sipalg_map_take(struct sipalg_message *m,
			     struct sipalg_port_request *request,
			     unsigned int n, struct sipalg_binding *got[]);
struct sipalg_binding *
sipalg_map_take_signalling(struct sipalg_message *m,
			   struct sipalg_port_request *request,
			   const union nf_inet_addr *peer);
struct sipalg_binding *
sipalg_map_find_binding(const struct sipalg_message *m,
			const struct sip_endpoint *inside);
void sipalg_map_init_request(struct sipalg_port_request *request,
			     struct sipalg_message *m,
			     const struct sip_endpoint *inside, u8 proto);
bool sipalg_map_makes_binding(enum sip_field field);

#endif /* SIPALG_SESSION_MAP_H */
