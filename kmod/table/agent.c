// SPDX-License-Identifier: GPL-2.0

#include "table/agent.h"

/* The tag of the end that is inside: RFC 3261, 12. */
static u32 local_tag(const struct sipalg_dialog_msg *dmsg)
{
	return sipalg_dialog_msg_is_own(dmsg) ? dmsg->from : dmsg->to;
}

static bool is_used(const struct sipalg_agent *agent)
{
	return agent->own.number || agent->far.number;
}

/**
 * sipalg_agent_find() - find the user agent that a message comes from or is for
 * @dialog: locked by the caller
 * @dmsg: the message
 *
 * Context: any.
 * Return: the user agent, or NULL.
 */
struct sipalg_agent *sipalg_agent_find(struct sipalg_dialog *dialog,
				       const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_agent *agents = sipalg_lease_agents(&dialog->leases);
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < dialog->leases.agents_size; i++)
		if (is_used(&agents[i]) &&
		    agents[i].own.from == local_tag(dmsg))
			return &agents[i];
	return NULL;
}

/**
 * sipalg_agent_bit() - name a user agent
 * @dialog: locked by the caller
 * @agent: one of its user agents, or NULL
 *
 * Context: any.
 * Return: its bit; 0 for none.
 */
u8 sipalg_agent_bit(struct sipalg_dialog *dialog,
		    const struct sipalg_agent *agent)
{
	return agent ? BIT(agent - sipalg_lease_agents(&dialog->leases)) : 0;
}

/* Is there a leg, not over, that is of a user agent, or else of another one? */
static bool has_leg(const struct sipalg_dialog *dialog, u8 bit, bool own)
{
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < dialog->n_legs; i++) {
		bool is_own = dialog->leg_agents[i] == bit;

		if (is_own == own && !(dialog->legs_over & BIT(i)))
			return true;
	}
	return false;
}

/**
 * sipalg_agent_is_up() - has a user agent a leg that is not over?
 * @dialog: locked by the caller
 * @agent: one of its user agents
 *
 * Context: any.
 */
bool sipalg_agent_is_up(struct sipalg_dialog *dialog,
			const struct sipalg_agent *agent)
{
	return has_leg(dialog, sipalg_agent_bit(dialog, agent), true);
}

/**
 * sipalg_agent_has_other() - is another user agent in a call that is up?
 * @dialog: locked by the caller
 * @dmsg: a message
 *
 * Context: any.
 * Return: whether there is a leg, not over, that is not of the user agent which
 * the message comes from or is for.
 */
bool sipalg_agent_has_other(struct sipalg_dialog *dialog,
			    const struct sipalg_dialog_msg *dmsg)
{
	u8 bit = sipalg_agent_bit(dialog, sipalg_agent_find(dialog, dmsg));

	return has_leg(dialog, bit, false);
}

/* For how many exchanges it has been silent. */
static u8 age_of(const struct sipalg_leases *leases,
		 const struct sipalg_agent *agent)
{
	u8 own = leases->latest - agent->own.number;
	u8 far = leases->latest - agent->far.number;

	return !agent->own.number ? far : !agent->far.number ? own :
	       min(own, far);
}

/*
 * Where there is no room for more, the one is forgotten that has been silent
 * for longest. One in a call that is up stays: its media must not go to another
 * one.
 */
static struct sipalg_agent *make_room(struct sipalg_dialog *dialog)
{
	struct sipalg_leases *leases = &dialog->leases;
	struct sipalg_agent *agents = sipalg_lease_agents(leases);
	unsigned int i, n = leases->agents_size;
	struct sipalg_agent *oldest = NULL;

	for (i = 0; i < n; i++) {
		if (!is_used(&agents[i]))
			return &agents[i];
		if (!sipalg_agent_is_up(dialog, &agents[i]) &&
		    (!oldest ||
		     age_of(leases, &agents[i]) > age_of(leases, oldest)))
			oldest = &agents[i];
	}
	if (sipalg_lease_reserve_agent(dialog->sn, leases))
		return &sipalg_lease_agents(leases)[n];
	return oldest;
}

/**
 * sipalg_agent_get() - have an entry for the user agent that sends a message
 * @dialog: locked by the caller
 * @dmsg: the message, of the dialog's host; it opens an exchange
 *
 * Context: any.
 * Return: the user agent; NULL where there is no room to tell it apart.
 */
struct sipalg_agent *sipalg_agent_get(struct sipalg_dialog *dialog,
				      const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_agent *agent = sipalg_agent_find(dialog, dmsg);

	if (agent)
		return agent;
	agent = make_room(dialog);
	if (agent)
		*agent = (struct sipalg_agent) {
			.own.from = local_tag(dmsg),
		};
	return agent;
}

/**
 * sipalg_agent_exchange() - the latest exchange that one end has opened
 * @agent: a user agent, in a dialog that the caller has locked
 * @dmsg: a message; the end that sends its request is meant
 *
 * Context: any.
 */
struct sipalg_exchange *
sipalg_agent_exchange(struct sipalg_agent *agent,
		      const struct sipalg_dialog_msg *dmsg)
{
	return sipalg_dialog_msg_is_own(dmsg) ? &agent->own : &agent->far;
}
