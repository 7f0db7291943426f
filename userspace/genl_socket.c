// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "genl_socket.h"
#include "report.h"

/* As the kernel's MAX_ERRNO. */
#define ERRNO_MAX 4095

/* The kernel makes it twice as many bytes. A message counts for 2 KB to 4 KB. */
#define LISTEN_BUFFER (1 << 20)

/**
 * genl_socket_fail() - keep an error number's text as the reason
 * @sock: where the reason is kept
 * @err: a negative errno
 *
 * Return: @err.
 */
int genl_socket_fail(struct genl_socket *sock, int err)
{
	snprintf(sock->reason, sizeof(sock->reason), "%s", strerror(-err));
	return err;
}

/**
 * genl_socket_request() - begin a request
 * @sock: where it will be sent
 * @command: of the family, or of the controller while the family is not known
 * @version: of the family or controller
 *
 * Return: the message, to be completed with attributes.
 */
struct nlmsghdr *genl_socket_request(struct genl_socket *sock, uint8_t command,
				     uint8_t version)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(&sock->request);
	struct genlmsghdr *genl =
		mnl_nlmsg_put_extra_header(request, sizeof(*genl));

	request->nlmsg_type = sock->family ? sock->family : GENL_ID_CTRL;
	genl->cmd = command;
	genl->version = version;
	return request;
}

static int message_attr(const struct nlattr *attr, void *data)
{
	const char **text = data;

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
	    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
		*text = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

/*
 * The text of an extended acknowledgment: attributes behind the error number
 * and, unless capped, behind a copy of the request.
 */
static const char *extack_text(const struct nlmsghdr *message)
{
	size_t len = mnl_nlmsg_get_payload_len(message), offset = sizeof(int);
	const char *payload = mnl_nlmsg_get_payload(message);
	const char *text = NULL;

	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (message->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = (const void *)payload;

		offset = sizeof(*error);
		if (!(message->nlmsg_flags & NLM_F_CAPPED) &&
		    error->msg.nlmsg_len > NLMSG_HDRLEN)
			offset +=
				MNL_ALIGN(error->msg.nlmsg_len - NLMSG_HDRLEN);
	}
	if (offset < len)
		mnl_attr_parse_payload(payload + offset, len - offset,
				       message_attr, &text);
	return text;
}

/*
 * The message that ends an answer: NLMSG_ERROR also if it is an acknowledgment.
 */
static int answer_end(struct genl_socket *sock, const struct nlmsghdr *message)
{
	size_t len = mnl_nlmsg_get_payload_len(message);
	const char *text;
	int err = 0;

	if (len >= sizeof(err))
		memcpy(&err, mnl_nlmsg_get_payload(message), sizeof(err));
	if ((message->nlmsg_type == NLMSG_ERROR &&
	     len < sizeof(struct nlmsgerr)) ||
	    err < -ERRNO_MAX)
		return genl_socket_fail(sock, -EBADMSG);
	text = extack_text(message);
	if (err < 0) {
		genl_socket_fail(sock, err);
		if (text)
			snprintf(sock->reason, sizeof(sock->reason), "%s",
				 text);
		return err;
	}
	if (text)
		info("%s", text);
	return 0;
}

/* mnl_nlmsg_ok() takes a length beyond 2^31 for a negative one. */
static bool message_ok(const struct nlmsghdr *message, int len)
{
	return mnl_nlmsg_ok(message, len) &&
	       message->nlmsg_len <= (uint32_t)len;
}

static int request_send(struct genl_socket *sock, genl_socket_cb *cb,
			void *data, bool *dump_interrupted)
{
	struct nlmsghdr *request = &sock->request.header;
	const struct nlmsghdr *message;
	int err = 0, len, end;

	request->nlmsg_seq = ++sock->seq;
	if (mnl_socket_sendto(sock->socket, request, request->nlmsg_len) < 0)
		return genl_socket_fail(sock, -errno);
	for (;;) {
		len = mnl_socket_recvfrom(sock->socket, &sock->reply,
					  sizeof(sock->reply));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return genl_socket_fail(sock, -errno);
		for (message = &sock->reply.header; message_ok(message, len);
		     message = mnl_nlmsg_next(message, &len)) {
			if (message->nlmsg_seq != sock->seq ||
			    message->nlmsg_pid != sock->portid)
				continue;
			if (message->nlmsg_flags & NLM_F_DUMP_INTR)
				*dump_interrupted = true;
			if (message->nlmsg_type == NLMSG_ERROR ||
			    message->nlmsg_type == NLMSG_DONE) {
				end = answer_end(sock, message);
				return err ? genl_socket_fail(sock, err) : end;
			}
			/* Even after an error read on to the answer's end. */
			if (!err && message->nlmsg_type == request->nlmsg_type)
				err = cb(message, data);
		}
		if (len > 0)
			return genl_socket_fail(sock, -EBADMSG);
	}
}

static int no_answer(const struct nlmsghdr *message, void *data)
{
	(void)message;
	(void)data;
	return 0;
}

/**
 * genl_socket_do() - send the request and take its answer
 * @sock: with the request
 * @cb: takes the messages of the answer; NULL if there are none
 * @data: for @cb
 *
 * Return: 0, or a negative errno with the reason in sock->reason.
 */
int genl_socket_do(struct genl_socket *sock, genl_socket_cb *cb, void *data)
{
	bool dump_interrupted;

	sock->request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	return request_send(sock, cb ? cb : no_answer, data, &dump_interrupted);
}

/**
 * genl_socket_dump() - send the request and take the list that answers it
 * @sock: with the request
 * @cb: takes the messages of the answer
 * @data: for @cb
 * @dump_interrupted: set if the list changed while it was read
 *
 * Return: 0, or a negative errno with the reason in sock->reason.
 */
int genl_socket_dump(struct genl_socket *sock, genl_socket_cb *cb, void *data,
		     bool *dump_interrupted)
{
	sock->request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK |
					      NLM_F_DUMP;
	*dump_interrupted = false;
	return request_send(sock, cb, data, dump_interrupted);
}

/**
 * genl_attrs_each() - read the attributes of a message
 * @message: a message of a generic family
 * @cb: takes each attribute; returns MNL_CB_OK
 * @data: for @cb
 *
 * Return: 0, or -EBADMSG for a message that is cut.
 */
int genl_attrs_each(const struct nlmsghdr *message, mnl_attr_cb_t cb,
		    void *data)
{
	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct genlmsghdr))
		return -EBADMSG;
	mnl_attr_parse(message, sizeof(struct genlmsghdr), cb, data);
	return 0;
}

static int family_attr(const struct nlattr *attr, void *data)
{
	uint16_t *family = data;

	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
	    !mnl_attr_validate(attr, MNL_TYPE_U16))
		*family = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int family_each(const struct nlmsghdr *message, void *data)
{
	return genl_attrs_each(message, family_attr, data);
}

/**
 * genl_socket_open() - open a socket and find the family
 * @sock: filled in; to be closed also after an error
 * @family: name of the family
 *
 * Return: 0, or a negative errno; -ENOENT if there is no such family.
 */
int genl_socket_open(struct genl_socket *sock, const char *family)
{
	static const int options[] = {
		NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK,
	};
	uint16_t id = 0;
	int err;

	sock->family = 0;
	sock->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!sock->socket ||
	    mnl_socket_bind(sock->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	sock->portid = mnl_socket_get_portid(sock->socket);
	/* These improve the answers; an older kernel may lack them. */
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		mnl_socket_setsockopt(sock->socket, options[i], &(int){1},
				      sizeof(int));

	mnl_attr_put_strz(genl_socket_request(sock, CTRL_CMD_GETFAMILY, 1),
			  CTRL_ATTR_FAMILY_NAME, family);
	err = genl_socket_do(sock, family_each, &id);
	if (!err && !id)
		err = -EBADMSG;
	sock->family = id;
	return err;
}

struct group {
	const char *name;
	uint32_t id;
};

static int group_attr(const struct nlattr *attr, void *data)
{
	const struct nlattr **attrs = data;

	if (mnl_attr_get_type(attr) <= CTRL_ATTR_MCAST_GRP_MAX)
		attrs[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static int groups_attr(const struct nlattr *attr, void *data)
{
	const struct nlattr *nested;
	struct group *group = data;

	if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
		return MNL_CB_OK;
	mnl_attr_for_each_nested(nested, attr) {
		const struct nlattr *attrs[CTRL_ATTR_MCAST_GRP_MAX + 1] = {};
		const struct nlattr *name, *id;

		mnl_attr_parse_nested(nested, group_attr, attrs);
		name = attrs[CTRL_ATTR_MCAST_GRP_NAME];
		id = attrs[CTRL_ATTR_MCAST_GRP_ID];
		if (name && id &&
		    !mnl_attr_validate(name, MNL_TYPE_NUL_STRING) &&
		    !mnl_attr_validate(id, MNL_TYPE_U32) &&
		    !strcmp(mnl_attr_get_str(name), group->name))
			group->id = mnl_attr_get_u32(id);
	}
	return MNL_CB_OK;
}

static int groups_each(const struct nlmsghdr *message, void *data)
{
	return genl_attrs_each(message, groups_attr, data);
}

/*
 * Room for what comes while the tool writes: the module sends up to 1000
 * messages a second. Who may not have that much gets what all may have.
 */
static void grow_buffer(const struct genl_socket *sock)
{
	int fd = mnl_socket_get_fd(sock->socket), size = LISTEN_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/**
 * genl_socket_join() - listen to a group of the family
 * @sock: an open socket, which is then for genl_socket_receive() alone
 * @family: name of the family
 * @group: name of the group
 *
 * Return: 0, or a negative errno with the reason in sock->reason.
 */
int genl_socket_join(struct genl_socket *sock, const char *family,
		     const char *group)
{
	struct group found = { .name = group };
	int id = sock->family, err;

	sock->family = 0;
	mnl_attr_put_strz(genl_socket_request(sock, CTRL_CMD_GETFAMILY, 1),
			  CTRL_ATTR_FAMILY_NAME, family);
	err = genl_socket_do(sock, groups_each, &found);
	sock->family = id;
	if (err)
		return err;
	if (!found.id)
		return genl_socket_fail(sock, -EOPNOTSUPP);
	if (mnl_socket_setsockopt(sock->socket, NETLINK_ADD_MEMBERSHIP,
				  &found.id, sizeof(found.id)) < 0)
		return genl_socket_fail(sock, -errno);
	grow_buffer(sock);
	return 0;
}

static bool is_gone(const struct nlmsghdr *message, uint16_t family)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(message);
	uint16_t id = 0;

	if (message->nlmsg_type != GENL_ID_CTRL ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*genl) ||
	    genl->cmd != CTRL_CMD_DELFAMILY)
		return false;
	mnl_attr_parse(message, sizeof(*genl), family_attr, &id);
	return id == family;
}

/**
 * genl_socket_wait() - wait until there is something to receive
 * @sock: a socket that has joined
 * @ms: for so many milliseconds at most
 *
 * Return: 1 if there is, 0 if the time is up, or a negative errno with the
 * reason in sock->reason.
 */
int genl_socket_wait(struct genl_socket *sock, int ms)
{
	struct pollfd fd = {
		.fd = mnl_socket_get_fd(sock->socket),
		.events = POLLIN,
	};
	int ready = poll(&fd, 1, ms);

	return ready < 0 ? genl_socket_fail(sock, -errno) : ready;
}

/**
 * genl_socket_receive() - wait for what comes next
 * @sock: a socket that has joined
 * @cb: takes the messages
 * @data: for @cb
 *
 * A socket that has joined the controller's group "notify", too, is told when
 * the family goes.
 *
 * Return: 0; -ENOBUFS if something was lost; -ENOENT if the family is gone; or
 * another negative errno. The reason is in sock->reason.
 */
int genl_socket_receive(struct genl_socket *sock, genl_socket_cb *cb,
			void *data)
{
	const struct nlmsghdr *message;
	int len, err = 0;

	do {
		len = mnl_socket_recvfrom(sock->socket, &sock->reply,
					  sizeof(sock->reply));
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return genl_socket_fail(sock, -errno);
	for (message = &sock->reply.header; !err && message_ok(message, len);
	     message = mnl_nlmsg_next(message, &len))
		if (message->nlmsg_type == sock->family)
			err = cb(message, data);
		else if (is_gone(message, sock->family))
			err = genl_socket_fail(sock, -ENOENT);
	return err;
}

void genl_socket_close(struct genl_socket *sock)
{
	if (sock->socket)
		mnl_socket_close(sock->socket);
	sock->socket = NULL;
}
