// SPDX-License-Identifier: GPL-2.0

#include "oracle.h"
#include "state/quota.h"
#include "table/binding.h"
#include "table/dialog.h"
#include "table/key.h"
#include "table/peer.h"
#include "world.h"

#define USES (SIPALG_USE_SUBSCRIPTION + 1)

/* What a dialog has to do with, as the messages tell that have gone by. */
struct acquaintance {
	u64 id;			/* of the dialog; 0: there is none */
	u32 asked;		/* bits: parties that its host has sent requests to */
	u32 tags;		/* bits: tags that the host, or one of these, has written */
};

static struct acquaintance known[PARTIES][CALL_IDS][USES];
static u64 digest[PARTIES];	/* of what belongs to each party */
static bool is_fresh;

/* Calls @see for each entry of a table. */
static void walk(struct rhashtable *table, void (*see)(void *entry))
{
	struct rhash_head *node;
	unsigned int i;

	for (i = 0; i < RHASHTABLE_BUCKETS; i++)
		for (node = table->bucket[i]; node; node = node->next)
			see((char *)node - table->params.head_offset);
}

/* Return: the party; PARTIES where the address is none's. */
static u8 party_of(const union nf_inet_addr *addr)
{
	static union nf_inet_addr addresses[PARTIES];
	u8 i;

	for (i = 0; !addresses[PARTIES - 1].ip && i < PARTIES; i++)
		addresses[i] = world_address(i);
	for (i = 0; i < PARTIES && !nf_inet_addr_cmp(addr, &addresses[i]); i++)
		;
	return i;
}

/* --- what belongs to whom ---------------------------------------------------- */

static u64 hash(const void *data, size_t len, u64 seed)
{
	const siphash_aligned_key_t key = { { seed } };

	return siphash(data, len, &key);
}

#define hash_of(seed, ...) ({					\
	const u64 values_[] = { __VA_ARGS__ };			\
	hash(values_, sizeof(values_), seed);			\
})

static u64 hash_lease(const struct sipalg_lease *lease)
{
	return hash_of((u64)(uintptr_t)lease->binding, lease->until, lease->exchange, lease->agents,
		       lease->media, lease->tentative, lease->draining, lease->proposed,
		       lease->accepted, lease->refused, lease->admitted, lease->closed,
		       lease->registered, lease->repeated);
}

static u64 hash_exchange(const struct sipalg_exchange *exchange, u64 sum)
{
	return hash_of(sum, exchange->from, exchange->cseq, exchange->number, exchange->open,
		       exchange->late, exchange->awaits_ack, exchange->invite);
}

static u64 hash_dialog(struct sipalg_dialog *dialog)
{
	u64 sum = hash_of(dialog->id, dialog->kind, dialog->state,
			  dialog->deadline, dialog->suspended, dialog->timer.expires,
			  dialog->session_end, dialog->legs_ending, dialog->legs_over, dialog->n_legs,
			  dialog->n_invites, dialog->unproven,
			  dialog->leases.latest, dialog->leases.n, !!dialog->names,
			  dialog->record.answered, dialog->record.ended, dialog->record.status,
			  dialog->record.cause);
	const struct sipalg_invite *invites = sipalg_dialog_invites(dialog);
	const struct sipalg_agent *agents = sipalg_lease_agents(&dialog->leases);
	unsigned int i;

	for (i = 0; i < dialog->n_invites; i++)
		sum = hash_of(sum, invites[i].from, invites[i].cseq, invites[i].own,
			      invites[i].accepted,
			      invites[i].refused | invites[i].cancelled << 8 |
				      invites[i].n_branches << 16);
	for (i = 0; i < dialog->leases.agents_size; i++)
		sum = hash_exchange(&agents[i].own, hash_exchange(&agents[i].far, sum));
	for (i = 0; i < dialog->leases.n; i++)
		sum ^= hash_lease(sipalg_lease_at(&dialog->leases, i));
	sum = hash(dialog->legs, sizeof(dialog->legs), sum);
	sum = hash(dialog->asked, sizeof(dialog->asked), sum);
	sum = hash(&dialog->leases.peer, sizeof(dialog->leases.peer), sum);
	if (dialog->key.use != SIPALG_USE_CALL) {
		sum = hash(dialog->leases.peers, sizeof(dialog->leases.peers), sum);
		sum = hash(dialog->registrars, sizeof(dialog->registrars), sum);
	}
	sum = hash(dialog->caller, sizeof(dialog->caller), sum);
	if (!dialog->summary)
		return sum;
	sum = hash(dialog->summary->callee, sizeof(dialog->summary->callee), sum);
	sum = hash(dialog->summary->codecs, sizeof(dialog->summary->codecs), sum);
	return hash(&dialog->summary->far, offsetof(struct sipalg_far_ends, all_named), sum);
}

static void add_dialog(void *entry)
{
	struct sipalg_dialog *dialog = entry;
	u8 party = party_of(&dialog->key.host);

	if (party < PARTIES)
		digest[party] += hash_dialog(dialog);
}

static void add_binding(void *entry)
{
	struct sipalg_binding *binding = entry;
	u8 party = party_of(&binding->inside.addr);
	unsigned int i;
	u64 sum;

	if (party == PARTIES)
		return;
	sum = hash_of((u64)(uintptr_t)binding, binding->outside_port, refcount_read(&binding->users),
		      atomic_read(&binding->open), binding->first_flow, binding->port_omitted,
		      binding->writes_public_addr, binding->media,
		      atomic_read(&binding->registered));
	for (i = 0; i < binding->n_slots; i++)
		sum = hash_of(sum, (u64)(uintptr_t)sipalg_binding_flows(binding)[i]);
	for (i = 0; binding->peers && i < binding->peers->n; i++)
		sum = hash_of(sum, binding->peers->peer[i].addr.ip, binding->peers->peer[i].dialogs,
			      binding->peers->peer[i].lasting);
	digest[party] += sum;
}

static void add_host(void *entry)
{
	const struct sipalg_host *host = entry;
	u8 party = party_of(&host->key.addr);

	if (party < PARTIES)
		digest[party] += hash(host->shares, sizeof(host->shares),
				      (u64)refcount_read(&host->users));
}

/* A media flow belongs to its inside host; without NAT, to both ends. */
static void add_flow(const struct nf_conn *ct, void *data)
{
	u8 begins = party_of(&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3);
	u8 answers = party_of(&ct->tuplehash[IP_CT_DIR_REPLY].tuple.src.u3);

	if (!ct->help && !is_routed(begins) && !is_routed(answers))
		digest[is_inside(begins) ? begins : answers] +=
			hash_of((u64)(uintptr_t)ct, ct->status);
}

static void look(void)
{
	memset(digest, 0, sizeof(digest));
	walk(&world.dialogs.table, add_dialog);
	walk(&world.bindings.outside, add_binding);
	walk(&world.quota.hosts, add_host);
	conntrack_walk(add_flow, NULL);
	is_fresh = true;
}

/* --- who may change it ------------------------------------------------------- */

static struct sipalg_dialog *find_dialog(u8 party, const struct message *message)
{
	const char *id = message_call_id(message->call_id);
	struct sipalg_dialog_key key = {
		.host = world_address(party),
		.family = NFPROTO_IPV4,
	};

	sipalg_key_call_id(&key, (const u8 *)id, (u32)strlen(id), message->method);
	return rhashtable_find(&world.dialogs.table, &key);
}

static struct acquaintance *acquaintance_of(u8 party, const struct message *message)
{
	struct sipalg_dialog *dialog = find_dialog(party, message);
	u8 use = message->method == SIP_REGISTER ? SIPALG_USE_REGISTRATION :
		 message->method == SIP_SUBSCRIBE || message->method == SIP_NOTIFY ?
		 SIPALG_USE_SUBSCRIPTION : SIPALG_USE_CALL;
	struct acquaintance *of = &known[party][message->call_id][use];
	u64 id = dialog ? dialog->id : 0;

	if (of->id != id)
		*of = (struct acquaintance) { .id = id };
	return of;
}

static u32 tags_of(const struct message *message)
{
	return BIT(message->from_tag) | BIT(message->to_tag);
}

/* A response of one who was not asked, or a request with tags that nobody has made. */
static bool is_strange(const struct message *message)
{
	const struct acquaintance *of = acquaintance_of(message->to, message);
	const struct sipalg_dialog *dialog = find_dialog(message->to, message);

	if (!dialog)
		return false;
	if (message->status)
		return !(of->asked & BIT(message->from));
	return dialog->n_invites && !(of->tags & tags_of(message));
}

/* How far a call is. */
struct progress {
	u64 id;		/* of the dialog; 0: there is none */
	u8 state, n_legs;
	unsigned long deadline;
};

static struct progress progress_of(u8 party, const struct message *message)
{
	const struct sipalg_dialog *dialog = find_dialog(party, message);

	if (!dialog)
		return (struct progress) { };
	return (struct progress) {
		.id = dialog->id,
		.state = dialog->state,
		.n_legs = dialog->n_legs,
		.deadline = dialog->deadline,
	};
}

/* A response to an INVITE, of which there is a later one with its From tag. */
static bool is_late(const struct message *message)
{
	struct sipalg_dialog *dialog = find_dialog(message->to, message);
	char text[4] = { 't', (char)('0' + message->from_tag) };
	const struct sip_msg tags = { .from_tag.len = message->from_tag ? 2 : 0 };
	struct sipalg_dialog_msg name = { .msg = &tags };
	unsigned int i;

	if (!dialog || message->method != SIP_INVITE || message->status < 300)
		return false;
	sipalg_key_tags(&name, (const u8 *)text);
	for (i = 0; i < dialog->n_invites; i++)
		if (sipalg_dialog_invites(dialog)[i].from == name.from)
			return sipalg_dialog_invites(dialog)[i].cseq != message->cseq;
	return false;
}

static u64 before[PARTIES];
static struct progress progress;
static bool strange, late;

void oracle_before(const struct message *message)
{
	if (!is_fresh)
		look();
	memcpy(before, digest, sizeof(before));
	/* A scope that covers the dialog again has it go on. */
	strange = is_strange(message) && !find_dialog(message->to, message)->suspended;
	late = is_late(message);
	progress = progress_of(message->to, message);
}

/* Of the receiver: no response makes a leg, and a late one does nothing. */
static void check_progress(const struct message *message)
{
	const struct progress now = progress_of(message->to, message);

	if (!message->status || !progress.id || now.id != progress.id)
		return;
	must(now.n_legs <= progress.n_legs);
	if (late)
		must(now.state == progress.state && now.deadline == progress.deadline);
}

/* A message that begins a dialog counts as well. */
static void get_to_know(const struct message *message)
{
	struct acquaintance *sender = acquaintance_of(message->from, message);
	struct acquaintance *receiver = acquaintance_of(message->to, message);

	if (sender->id) {
		sender->tags |= tags_of(message);
		if (!message->status)
			sender->asked |= BIT(message->to);
	}
	if (receiver->id && receiver->asked & BIT(message->from))
		receiver->tags |= tags_of(message);
}

void oracle_after(const struct message *message)
{
	u8 i;

	look();
	for (i = 0; i < PARTIES; i++)
		if (i != message->from && i != message->to)
			must(digest[i] == before[i]);
	if (strange)
		must(digest[message->to] == before[message->to]);
	check_progress(message);
	get_to_know(message);
}

void oracle_forget(void)
{
	is_fresh = false;
}

void oracle_begin(void)
{
	memset(known, 0, sizeof(known));
	is_fresh = false;
}

/* --- do the tables agree? ---------------------------------------------------- */

/* What the entries add up to. */
static struct {
	unsigned int dialogs, calls, bindings, leases, closed, users, open, hosts, admitted, peers;
	unsigned int registered, granted;
	unsigned int shares[__SIPALG_SHARE_MAX], charged[__SIPALG_SHARE_MAX];
	s64 bytes;
} sum;

static void check_lease(const struct sipalg_dialog *dialog, const struct sipalg_lease *lease)
{
	bool ends = lease->draining || (dialog->kind == SIPALG_CALL_REGISTRATION &&
					dialog->state == SIPALG_CALL_CONFIRMED);

	must(!lease->tentative);
	must(!lease->binding->dead);
	must(nf_inet_addr_cmp(&lease->binding->inside.addr, &dialog->key.host));
	if (ends)
		must((s32)(lease->until - (u32)dialog->timer.expires) >= 0);
	sum.leases++;
	sum.closed += lease->closed;
	sum.admitted += hweight8(lease->admitted);
	sum.registered += lease->registered;
}

static void check_dialog(void *entry)
{
	struct sipalg_dialog *dialog = entry;
	unsigned int i;

	must(!dialog->dead);
	must(dialog->timer.pending);
	must(!time_after(dialog->timer.expires, sipalg_dialog_deadline(dialog)));
	/* So it is never long past, and its low half tells it. */
	must(dialog->deadline == sipalg_dialog_in_session(dialog, dialog->deadline));
	must(dialog->n_legs <= SIPALG_DIALOG_LEGS_MAX);
	must(!((dialog->legs_over | dialog->legs_ending) >> dialog->n_legs));
	must(dialog->kind == SIPALG_CALL_DIALOG || !dialog->n_legs);
	for (i = 0; i < dialog->leases.n; i++)
		check_lease(dialog, sipalg_lease_at(&dialog->leases, i));
	sum.dialogs++;
	sum.calls += dialog->kind == SIPALG_CALL_DIALOG;
	sum.shares[dialog->kind == SIPALG_CALL_REGISTRATION ? SIPALG_SHARE_REGISTRATIONS :
							       SIPALG_SHARE_CALLS]++;
	sum.shares[SIPALG_SHARE_UNPROVEN] += dialog->unproven;
	sum.bytes += sizeof(*dialog);
	sum.bytes += dialog->names ? sizeof(*dialog->names) : 0;
	sum.bytes += dialog->summary ? sizeof(*dialog->summary) : 0;
	sum.bytes += dialog->leases.traffic ? sizeof(*dialog->leases.traffic) : 0;
	if (dialog->invites_size > 1)
		sum.bytes += dialog->invites_size * sizeof(*dialog->invites);
	if (dialog->leases.agents_size > 1)
		sum.bytes += dialog->leases.agents_size * sizeof(*dialog->leases.agents);
	if (dialog->leases.size > SIPALG_LEASES_FEW)
		sum.bytes += dialog->leases.size * sizeof(*dialog->leases.many);
}

static void check_binding(void *entry)
{
	const struct sipalg_binding *binding = entry;
	unsigned int i;

	must(!binding->dead && refcount_read(&binding->users));
	must(atomic_read(&binding->open) <= refcount_read(&binding->users));
	for (i = 0; binding->peers && i < binding->peers->n; i++)
		sum.peers += binding->peers->peer[i].dialogs;
	sum.bindings++;
	sum.users += refcount_read(&binding->users);
	sum.open += atomic_read(&binding->open);
	sum.granted += atomic_read(&binding->registered);
	sum.shares[SIPALG_SHARE_BINDINGS]++;
	sum.bytes += sizeof(*binding) + binding->extra;
}

/* Each binding has two ports. */
static bool is_counted(const atomic_t *counters, unsigned int n)
{
	int all = 0;

	while (n--)
		all += atomic_read(&counters[n]);
	return all == 2 * atomic_read(&world.bindings.count);
}

static void check_host(void *entry)
{
	const struct sipalg_host *host = entry;
	int shares = 0;
	unsigned int i;

	for (i = 0; i < __SIPALG_SHARE_MAX; i++) {
		sum.charged[i] += atomic_read(&host->shares[i]);
		shares += atomic_read(&host->shares[i]);
	}
	must(refcount_read(&host->users) == shares);
	sum.bytes += sizeof(*host);
}

static void check_left(const struct sipalg_left *left)
{
	const struct sipalg_newcomer *newcomer;
	unsigned int n = 0;

	list_for_each_entry(newcomer, &left->list, list)
		n++;
	must(n == left->n && n <= SIPALG_LEFT_MAX);
	sum.bytes += n * sizeof(*newcomer);
}

void oracle_check(void)
{
	unsigned int i;

	memset(&sum, 0, sizeof(sum));
	walk(&world.dialogs.table, check_dialog);
	walk(&world.bindings.outside, check_binding);
	walk(&world.quota.hosts, check_host);
	for (i = 0; i < SIPALG_LEFT_LISTS; i++)
		check_left(&world.bindings.left[i]);
	must(sum.dialogs == atomic_read(&world.dialogs.count));
	must(sum.calls == atomic_read(&world.dialogs.calls));
	must(sum.bindings == atomic_read(&world.bindings.count));
	must(sum.bindings == atomic_read(&world.bindings.inside.ht.nelems));
	must(is_counted(world.bindings.ports, SIPALG_PORT_COUNTERS));
	must(is_counted(world.bindings.ranges, SIPALG_PORT_RANGES));
	must(sum.users == sum.leases);
	must(sum.open == sum.leases - sum.closed);
	must(sum.peers <= sum.admitted);
	must(sum.granted == sum.registered);
	for (i = 0; i < __SIPALG_SHARE_MAX; i++) {
		must(sum.shares[i] == sum.charged[i]);
		must(sum.shares[i] == atomic_read(&world.quota.total[i]));
	}
	must(sum.bytes == (s64)sipalg_quota_bytes(&world));
}

void oracle_empty(void)
{
	oracle_check();
	must(!sum.dialogs && !sum.bindings && !sum.bytes);
	must(!atomic_read(&world.outsides.nelems));
}
