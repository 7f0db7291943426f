// SPDX-License-Identifier: GPL-2.0

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "route.h"

/* The kernel puts no more into one answer than there is room for. */
union buffer {
	struct nlmsghdr header;
	char bytes[8192];
};

static int attr_read(const struct nlattr *attr, void *data)
{
	uint32_t *out = data;

	if (mnl_attr_get_type(attr) == RTA_OIF &&
	    !mnl_attr_validate(attr, MNL_TYPE_U32))
		*out = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int route_read(const struct nlmsghdr *message, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);

	/* What the machine takes itself, or sends to all, is not forwarded. */
	if (route->rtm_type == RTN_UNICAST)
		mnl_attr_parse(message, sizeof(*route), attr_read, data);
	return MNL_CB_OK;
}

/* Return: a socket; NULL if it cannot be had. */
static struct mnl_socket *route_open(void)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE,
						     SOCK_CLOEXEC);

	if (socket && mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(socket);
		socket = NULL;
	}
	return socket;
}

/* Begins a question about IPv4 routes. */
static struct rtmsg *request_begin(union buffer *buffer, uint16_t flags)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *route;

	request->nlmsg_type = RTM_GETROUTE;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	route = mnl_nlmsg_put_extra_header(request, sizeof(*route));
	route->rtm_family = AF_INET;
	return route;
}

/* Return: index of the device that the packet leaves by; 0 if it does not. */
static uint32_t route_ask(struct mnl_socket *socket, const struct in_addr *from,
			  const struct in_addr *to, unsigned int in)
{
	union buffer buffer;
	struct nlmsghdr *request = &buffer.header;
	struct rtmsg *route = request_begin(&buffer, 0);
	uint32_t out = 0;
	ssize_t len;

	route->rtm_src_len = 32;
	route->rtm_dst_len = 32;
	mnl_attr_put(request, RTA_SRC, sizeof(*from), from);
	mnl_attr_put(request, RTA_DST, sizeof(*to), to);
	mnl_attr_put_u32(request, RTA_IIF, in);
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return 0;
	len = mnl_socket_recvfrom(socket, &buffer, sizeof(buffer));
	if (len > 0)
		mnl_cb_run(&buffer, len, 0, 0, route_read, &out);
	return out;
}

/**
 * route_forward() - where does the kernel forward a packet to?
 * @from: its source
 * @to: its destination
 * @in: index of the device that it comes by
 * @out: set to the name of the device that it leaves by; empty if that is not
 *	known, or it does not leave
 */
void route_forward(const struct in_addr *from, const struct in_addr *to,
		   unsigned int in, char out[IFNAMSIZ])
{
	struct mnl_socket *socket = route_open();
	uint32_t index = 0;

	if (socket) {
		index = route_ask(socket, from, to, in);
		mnl_socket_close(socket);
	}
	if (!index || !if_indextoname(index, out))
		*out = '\0';
}

static int beyond_read(const struct nlmsghdr *message, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	bool *found = data;

	/* The kernel's own are for addresses of the device itself. */
	*found |= route->rtm_type == RTN_UNICAST &&
		  route->rtm_protocol != RTPROT_KERNEL;
	return MNL_CB_OK;
}

static bool beyond_ask(struct mnl_socket *socket, unsigned int dev)
{
	union buffer buffer;
	struct nlmsghdr *request = &buffer.header;
	bool found = false;
	ssize_t len;

	request_begin(&buffer, NLM_F_DUMP);
	mnl_attr_put_u32(request, RTA_OIF, dev);
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return false;
	do
		len = mnl_socket_recvfrom(socket, &buffer, sizeof(buffer));
	while (len > 0 && mnl_cb_run(&buffer, len, 0, 0, beyond_read,
				     &found) > MNL_CB_STOP);
	return found;
}

/**
 * route_leads_by() - does an IPv4 route lead beyond the networks of a device?
 * @dev: index of the device
 *
 * Return: whether one does, in any table.
 */
bool route_leads_by(unsigned int dev)
{
	struct mnl_socket *socket = route_open();
	int strict = 1;
	bool found;

	if (!socket)
		return false;
	/* Strictly asked, the kernel sends the routes of the device alone. */
	found = !mnl_socket_setsockopt(socket, NETLINK_GET_STRICT_CHK, &strict,
				       sizeof(strict)) &&
		beyond_ask(socket, dev);
	mnl_socket_close(socket);
	return found;
}
