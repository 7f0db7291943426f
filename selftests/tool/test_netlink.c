// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink wall against a kernel that is a script: mnl_socket_*() are replaced when
 * this is linked.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netlink.h"

#define FAMILY 0x1c
#define PORTID 4711
#define REPLIES 64

struct mnl_socket {
	int unused;
};

/* The kernel's answers, a datagram each; and the last request. */
static struct kernel {
	struct reply {
		int error;
		size_t len;
		char bytes[4096];
	} replies[REPLIES];
	unsigned int n_replies, next;
	char request[200000];
	unsigned int requests;
	bool no_socket, no_bind, no_send;
	bool closed;
	unsigned int options;
	bool joins;
	unsigned int joined;
	bool is_root;
	int buffer;
} kernel;

static struct netlink *nl;
static char *notes;
static size_t notes_len;
static FILE *stderr_before;

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags);
int __wrap_mnl_socket_bind(struct mnl_socket *socket, unsigned int groups, pid_t pid);
int __wrap_mnl_socket_close(struct mnl_socket *socket);
unsigned int __wrap_mnl_socket_get_portid(const struct mnl_socket *socket);
int __wrap_mnl_socket_get_fd(const struct mnl_socket *socket);
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len);
int __wrap_mnl_socket_setsockopt(const struct mnl_socket *socket, int type, void *value,
				 socklen_t len);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *socket, const void *request,
				 size_t len);
ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *socket, void *buffer, size_t size);

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags)
{
	static struct mnl_socket socket;

	(void)flags;
	if (bus != NETLINK_GENERIC || kernel.no_socket) {
		errno = EPROTONOSUPPORT;
		return NULL;
	}
	kernel.closed = false;
	return &socket;
}

int __wrap_mnl_socket_bind(struct mnl_socket *socket, unsigned int groups, pid_t pid)
{
	(void)socket;
	(void)groups;
	(void)pid;
	errno = ENOBUFS;
	return kernel.no_bind ? -1 : 0;
}

int __wrap_mnl_socket_close(struct mnl_socket *socket)
{
	(void)socket;
	kernel.closed = true;
	return 0;
}

unsigned int __wrap_mnl_socket_get_portid(const struct mnl_socket *socket)
{
	(void)socket;
	return PORTID;
}

int __wrap_mnl_socket_get_fd(const struct mnl_socket *socket)
{
	(void)socket;
	return -1;
}

/* Only root may have a larger buffer than the system's limit. */
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	(void)fd;
	(void)len;
	assert_int_equal(level, SOL_SOCKET);
	errno = EPERM;
	if (option == SO_RCVBUFFORCE && !kernel.is_root)
		return -1;
	kernel.buffer = *(const int *)value;
	return 0;
}

/* An old kernel knows none of them. */
int __wrap_mnl_socket_setsockopt(const struct mnl_socket *socket, int type, void *value,
				 socklen_t len)
{
	(void)socket;
	(void)len;
	if (type == NETLINK_ADD_MEMBERSHIP && kernel.joins) {
		kernel.joined |= 1U << *(int *)value;
		return 0;
	}
	if (*(int *)value)
		kernel.options |= 1U << type;
	errno = ENOPROTOOPT;
	return -1;
}

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *socket, const void *request, size_t len)
{
	(void)socket;
	if (kernel.no_send || len > sizeof(kernel.request)) {
		errno = EPERM;
		return -1;
	}
	memcpy(kernel.request, request, len);
	kernel.requests++;
	return len;
}

/* The numbers of a request are not known when its answer is written: they are put in here. */
ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *socket, void *buffer, size_t size)
{
	const struct nlmsghdr *request = (const void *)kernel.request;
	struct reply *reply;
	int len;

	(void)socket;
	if (kernel.next == kernel.n_replies) {
		errno = EAGAIN;
		return -1;
	}
	reply = &kernel.replies[kernel.next++];
	if (reply->error) {
		errno = reply->error;
		return -1;
	}
	len = reply->len;
	for (struct nlmsghdr *message = (void *)reply->bytes;
	     mnl_nlmsg_ok(message, len) && message->nlmsg_len <= (uint32_t)len;
	     message = mnl_nlmsg_next(message, &len)) {
		message->nlmsg_seq += request->nlmsg_seq;
		message->nlmsg_pid += PORTID;
	}
	assert_true(reply->len <= size);
	memcpy(buffer, reply->bytes, reply->len);
	return reply->len;
}

/* Writing the script. */

static struct reply *say(void)
{
	assert_in_range(kernel.n_replies, 0, REPLIES - 1);
	return &kernel.replies[kernel.n_replies++];
}

static void say_error(int error)
{
	say()->error = error;
}

/* Begins a message; said() completes it. */
static struct nlmsghdr *answer(uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(say()->bytes);

	message->nlmsg_type = type;
	message->nlmsg_flags = flags;
	if (type >= NLMSG_MIN_TYPE)
		mnl_nlmsg_put_extra_header(message, sizeof(struct genlmsghdr));
	return message;
}

static void said(const struct nlmsghdr *message)
{
	kernel.replies[kernel.n_replies - 1].len = message->nlmsg_len;
}

static struct nlmsghdr *say_ack(int error, uint16_t flags)
{
	struct nlmsghdr *message = answer(NLMSG_ERROR, flags);
	struct nlmsgerr *body = mnl_nlmsg_put_extra_header(message, sizeof(*body));

	body->error = error;
	body->msg.nlmsg_len = NLMSG_HDRLEN;
	said(message);
	return message;
}

static void say_reason(int error, const char *text)
{
	struct nlmsghdr *message = say_ack(error, NLM_F_CAPPED | NLM_F_ACK_TLVS);

	mnl_attr_put_u32(message, NLMSGERR_ATTR_OFFS, 20);
	mnl_attr_put_strz(message, NLMSGERR_ATTR_MSG, text);
	said(message);
}

static struct nlmsghdr *say_done(int error, uint16_t flags)
{
	struct nlmsghdr *message = answer(NLMSG_DONE, NLM_F_MULTI | flags);

	*(int *)mnl_nlmsg_put_extra_header(message, sizeof(int)) = error;
	said(message);
	return message;
}

static void say_family(void)
{
	struct nlmsghdr *message = answer(GENL_ID_CTRL, 0);

	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, "sipalg");
	mnl_attr_put_u16(message, CTRL_ATTR_FAMILY_ID, FAMILY);
	said(message);
	say_ack(0, 0);
}

static void say_call(uint64_t id, uint16_t flags)
{
	struct nlmsghdr *message = answer(FAMILY, NLM_F_MULTI | flags);

	mnl_attr_put_u64(message, SIPALG_CALL_ID, id);
	said(message);
}

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	stderr_before = stderr;
	stderr = open_memstream(&notes, &notes_len);
	say_family();
	return netlink_open(&nl);
}

static int teardown(void **state)
{
	(void)state;
	netlink_close(nl);
	nl = NULL;
	fclose(stderr);
	stderr = stderr_before;
	free(notes);
	return 0;
}

static const char *noted(void)
{
	fflush(stderr);
	return notes;
}

/* Adds a page to all calls; the streams of no more than one page are kept. */
static int page_add(const struct calls *page, void *data)
{
	struct calls *calls = data;
	size_t n_streams = 0;

	assert_true(page->count && page->count <= 512);
	calls->list = reallocarray(calls->list, calls->count + page->count, sizeof(*calls->list));
	memcpy(calls->list + calls->count, page->list, page->count * sizeof(*calls->list));
	calls->count += page->count;
	for (size_t i = 0; i < page->count; i++)
		n_streams += page->list[i].streams;
	if (n_streams) {
		assert_null(calls->streams);
		calls->streams = malloc(n_streams * sizeof(*calls->streams));
		memcpy(calls->streams, page->streams, n_streams * sizeof(*calls->streams));
	}
	return 0;
}

/* For tests that have calls without streams. */
static int dump_calls(struct call **list, size_t *count)
{
	const struct filter any = {};
	struct calls calls = {};
	int err = netlink_call_dump(nl, &any, page_add, &calls);

	assert_null(calls.streams);
	*list = calls.list;
	*count = calls.count;
	return err;
}

/* The last request. */

static const struct nlmsghdr *asked(uint8_t command, uint16_t flags)
{
	const struct nlmsghdr *request = (const void *)kernel.request;
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(request);

	assert_int_equal(request->nlmsg_type, FAMILY);
	assert_int_equal(request->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | flags);
	assert_int_equal(genl->cmd, command);
	assert_int_equal(genl->version, SIPALG_GENL_VERSION);
	return request;
}

static const struct nlattr *asked_attr(const struct nlmsghdr *request, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, request, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

static void assert_u32(const struct nlmsghdr *request, uint16_t type, uint32_t value)
{
	const struct nlattr *attr = asked_attr(request, type);

	assert_non_null(attr);
	assert_int_equal(mnl_attr_get_payload_len(attr), sizeof(value));
	assert_int_equal(mnl_attr_get_u32(attr), value);
}

static void test_open(void **state)
{
	const char *name;

	(void)state;
	name = mnl_attr_get_str(asked_attr((const void *)kernel.request, CTRL_ATTR_FAMILY_NAME));
	assert_string_equal(name, "sipalg");
	assert_int_equal(kernel.options, 1U << NETLINK_EXT_ACK | 1U << NETLINK_CAP_ACK |
			 1U << NETLINK_GET_STRICT_CHK);
	netlink_close(nl);
	nl = NULL;
	assert_true(kernel.closed);
}

static void assert_open_fails(int err)
{
	netlink_close(nl);
	assert_int_equal(netlink_open(&nl), err);
	assert_null(nl);
}

static void test_open_not_loaded(void **state)
{
	(void)state;
	say_ack(-ENOENT, NLM_F_CAPPED);
	assert_open_fails(-ENOENT);
	assert_true(kernel.closed);
}

static void test_open_fails(void **state)
{
	(void)state;
	kernel.no_send = true;
	assert_open_fails(-EPERM);
	kernel.no_bind = true;
	assert_open_fails(-ENOBUFS);
	assert_true(kernel.closed);
	kernel.no_socket = true;
	assert_open_fails(-EPROTONOSUPPORT);
}

static void test_open_no_id(void **state)
{
	(void)state;
	said(answer(GENL_ID_CTRL, 0));
	say_ack(0, 0);
	assert_open_fails(-EBADMSG);
}

static void test_set(void **state)
{
	const struct policy policy = {
		.scope = { .has_zone = true, .zone = 7, .dev = "wan" }, .mode = SIPALG_MODE_ON,
	};
	const struct nlmsghdr *request;
	const struct nlattr *attr;

	(void)state;
	say_ack(0, 0);
	assert_int_equal(netlink_policy_set(nl, &policy, false), 0);
	request = asked(SIPALG_CMD_POLICY_SET, 0);
	assert_u32(request, SIPALG_POLICY_MODE, SIPALG_MODE_ON);
	attr = asked_attr(request, SIPALG_POLICY_ZONE);
	assert_int_equal(mnl_attr_get_payload_len(attr), 2);
	assert_int_equal(mnl_attr_get_u16(attr), 7);
	assert_string_equal(mnl_attr_get_str(asked_attr(request, SIPALG_POLICY_DEV)), "wan");
	assert_null(asked_attr(request, SIPALG_POLICY_NOW));
	assert_null(asked_attr(request, SIPALG_POLICY_OUTSIDE_PORTS));
	assert_null(asked_attr(request, SIPALG_POLICY_OUTSIDE_ADDRESS));
}

/* Options that are there without a value are taken away. */
static void test_set_options(void **state)
{
	struct policy policy = {
		.has = 1U << SIPALG_POLICY_OUTSIDE_PORTS | 1U << SIPALG_POLICY_OUTSIDE_ADDRESS,
		.options = { .ports = { 20000, 20255 }, .address = { 4, { 192, 0, 2, 7 } } },
	};
	const struct nlmsghdr *request;
	const struct nlattr *attr;

	(void)state;
	say_ack(0, 0);
	assert_int_equal(netlink_policy_set(nl, &policy, false), 0);
	request = asked(SIPALG_CMD_POLICY_SET, 0);
	attr = asked_attr(request, SIPALG_POLICY_OUTSIDE_PORTS);
	assert_int_equal(mnl_attr_get_payload_len(attr), sizeof(policy.options.ports));
	assert_memory_equal(mnl_attr_get_payload(attr), policy.options.ports,
			    sizeof(policy.options.ports));
	attr = asked_attr(request, SIPALG_POLICY_OUTSIDE_ADDRESS);
	assert_int_equal(mnl_attr_get_payload_len(attr), 4);
	assert_memory_equal(mnl_attr_get_payload(attr), policy.options.address.bytes, 4);

	policy.options = (struct options){};
	say_ack(0, 0);
	assert_int_equal(netlink_policy_set(nl, &policy, false), 0);
	request = asked(SIPALG_CMD_POLICY_SET, 0);
	attr = asked_attr(request, SIPALG_POLICY_OUTSIDE_PORTS);
	assert_int_equal(mnl_attr_get_payload_len(attr), 0);
	attr = asked_attr(request, SIPALG_POLICY_OUTSIDE_ADDRESS);
	assert_int_equal(mnl_attr_get_payload_len(attr), 0);
}

static void test_set_default(void **state)
{
	const struct policy policy = { .mode = SIPALG_MODE_OFF };
	const struct nlmsghdr *request;

	(void)state;
	say_ack(0, 0);
	assert_int_equal(netlink_policy_set(nl, &policy, true), 0);
	request = asked(SIPALG_CMD_POLICY_SET, 0);
	assert_u32(request, SIPALG_POLICY_MODE, SIPALG_MODE_OFF);
	assert_null(asked_attr(request, SIPALG_POLICY_ZONE));
	assert_null(asked_attr(request, SIPALG_POLICY_DEV));
	assert_non_null(asked_attr(request, SIPALG_POLICY_NOW));
}

/* Zone 0 is a zone like any other. */
static void test_set_zone_0(void **state)
{
	const struct policy policy = { .scope.has_zone = true, .mode = SIPALG_MODE_ON };
	const struct nlattr *attr;

	(void)state;
	say_ack(0, 0);
	assert_int_equal(netlink_policy_set(nl, &policy, false), 0);
	attr = asked_attr(asked(SIPALG_CMD_POLICY_SET, 0), SIPALG_POLICY_ZONE);
	assert_non_null(attr);
	assert_int_equal(mnl_attr_get_u16(attr), 0);
}

static void test_del(void **state)
{
	const struct scope scope = { .dev = "wan" };
	const struct nlmsghdr *request;

	(void)state;
	say_ack(0, 0);
	assert_int_equal(netlink_policy_del(nl, &scope, true), 0);
	request = asked(SIPALG_CMD_POLICY_DEL, 0);
	assert_null(asked_attr(request, SIPALG_POLICY_MODE));
	assert_non_null(asked_attr(request, SIPALG_POLICY_DEV));
	assert_non_null(asked_attr(request, SIPALG_POLICY_NOW));
}

static void test_flush(void **state)
{
	const struct nlmsghdr *request;

	(void)state;
	say_ack(0, 0);
	assert_int_equal(netlink_policy_flush(nl, SIPALG_MODE_RULE, false), 0);
	request = asked(SIPALG_CMD_POLICY_FLUSH, 0);
	assert_u32(request, SIPALG_POLICY_MODE, SIPALG_MODE_RULE);
	assert_null(asked_attr(request, SIPALG_POLICY_NOW));
}

/* The scopes are attributes beside each other, as one around them would be too long. */
static void test_restore(void **state)
{
	const struct policy list[] = {
		{ .mode = SIPALG_MODE_OFF },
		{ .scope = { .has_zone = true, .zone = 7, .dev = "wan" }, .mode = SIPALG_MODE_ON },
	};
	const struct nlmsghdr *request;
	const struct nlattr *attr, *inner;
	size_t scopes = 0, inside = 0;

	(void)state;
	say_ack(0, 0);
	assert_int_equal(netlink_policy_restore(nl, list, 2, false), 0);
	request = asked(SIPALG_CMD_POLICY_RESTORE, 0);
	mnl_attr_for_each(attr, request, sizeof(struct genlmsghdr)) {
		assert_int_equal(attr->nla_type, SIPALG_POLICY_SCOPE | NLA_F_NESTED);
		scopes++;
		mnl_attr_for_each_nested(inner, attr) {
			inside++;
			if (mnl_attr_get_type(inner) == SIPALG_POLICY_MODE)
				assert_int_equal(mnl_attr_get_u32(inner), list[scopes - 1].mode);
			if (mnl_attr_get_type(inner) == SIPALG_POLICY_ZONE)
				assert_int_equal(mnl_attr_get_u16(inner), 7);
			if (mnl_attr_get_type(inner) == SIPALG_POLICY_DEV)
				assert_string_equal(mnl_attr_get_str(inner), "wan");
		}
	}
	assert_int_equal(scopes, 2);
	assert_int_equal(inside, 4);
	say_ack(0, 0);
	assert_int_equal(netlink_policy_restore(nl, NULL, 0, true), 0);
	assert_non_null(asked_attr(asked(SIPALG_CMD_POLICY_RESTORE, 0), SIPALG_POLICY_NOW));
}

/* 4096 is what the kernel takes; more than a message holds is not sent. */
static void test_restore_many(void **state)
{
	struct policy *list = calloc(8192, sizeof(*list));

	(void)state;
	for (unsigned int i = 0; i < 8192; i++) {
		list[i].scope = (struct scope){ .has_zone = true, .zone = i };
		strcpy(list[i].scope.dev, "fifteen-letters");
	}
	say_ack(0, 0);
	assert_int_equal(netlink_policy_restore(nl, list, 4096, true), 0);
	kernel.requests = 0;
	assert_int_equal(netlink_policy_restore(nl, list, 8192, false), -ENOSPC);
	assert_string_equal(netlink_reason(nl), "too many scopes");
	assert_int_equal(kernel.requests, 0);
	free(list);
}

static int set_default(void)
{
	const struct policy policy = { .mode = SIPALG_MODE_ON };

	return netlink_policy_set(nl, &policy, false);
}

static void test_refused(void **state)
{
	(void)state;
	say_ack(-EPERM, NLM_F_CAPPED);
	assert_int_equal(set_default(), -EPERM);
	assert_string_equal(netlink_reason(nl), "Operation not permitted");
	say_reason(-EINVAL, "mode rule is for the default scope alone");
	assert_int_equal(set_default(), -EINVAL);
	assert_string_equal(netlink_reason(nl), "mode rule is for the default scope alone");
}

/* A kernel that does not cap puts the request between the error and its words. */
static void test_refused_uncapped(void **state)
{
	struct nlmsghdr *message;
	struct nlmsgerr *body;

	(void)state;
	message = say_ack(-EINVAL, NLM_F_ACK_TLVS);
	body = mnl_nlmsg_get_payload(message);
	body->msg.nlmsg_len = NLMSG_HDRLEN + 21;
	memset(mnl_nlmsg_put_extra_header(message, 21), 1, 21);
	mnl_attr_put_strz(message, NLMSGERR_ATTR_MSG, "no such thing");
	said(message);
	assert_int_equal(set_default(), -EINVAL);
	assert_string_equal(netlink_reason(nl), "no such thing");
}

static void test_refused_badly(void **state)
{
	struct nlmsghdr *message;

	(void)state;
	message = say_ack(-EINVAL, NLM_F_CAPPED | NLM_F_ACK_TLVS);
	mnl_attr_put(message, NLMSGERR_ATTR_MSG, 4, "abcd");
	said(message);
	assert_int_equal(set_default(), -EINVAL);
	assert_string_equal(netlink_reason(nl), "Invalid argument");

	message = say_ack(-EINVAL, NLM_F_ACK_TLVS);
	((struct nlmsgerr *)mnl_nlmsg_get_payload(message))->msg.nlmsg_len = 0xfffffff0;
	said(message);
	assert_int_equal(set_default(), -EINVAL);
	assert_string_equal(netlink_reason(nl), "Invalid argument");

	message = answer(NLMSG_ERROR, 0);
	*(int *)mnl_nlmsg_put_extra_header(message, sizeof(int)) = -EINVAL;
	said(message);
	assert_int_equal(set_default(), -EBADMSG);
}

static void test_warned(void **state)
{
	(void)state;
	say_reason(0, "no such device yet");
	assert_int_equal(set_default(), 0);
	assert_string_equal(noted(), "sipalg: note: no such device yet\n");
}

static void test_policy_dump(void **state)
{
	struct nlmsghdr *message;
	struct policy *list;
	size_t count;

	(void)state;
	message = answer(FAMILY, NLM_F_MULTI);
	mnl_attr_put_u32(message, SIPALG_POLICY_MODE, SIPALG_MODE_RULE);
	said(message);
	message = answer(FAMILY, NLM_F_MULTI);
	mnl_attr_put_u16(message, SIPALG_POLICY_ZONE, 0);
	mnl_attr_put_strz(message, SIPALG_POLICY_DEV, "abcdefghijklmno");
	mnl_attr_put_u32(message, SIPALG_POLICY_IFINDEX, 3);
	mnl_attr_put_u32(message, SIPALG_POLICY_MODE, SIPALG_MODE_ON);
	said(message);
	say_done(0, 0);
	assert_int_equal(netlink_policy_dump(nl, &list, &count), 0);
	asked(SIPALG_CMD_POLICY_GET, NLM_F_DUMP);
	assert_int_equal(count, 2);
	assert_true(scope_is_default(&list[0].scope));
	assert_int_equal(list[0].mode, SIPALG_MODE_RULE);
	assert_false(HAS(&list[0], SIPALG_POLICY_IFINDEX));
	assert_true(list[1].scope.has_zone);
	assert_string_equal(list[1].scope.dev, "abcdefghijklmno");
	assert_true(HAS(&list[1], SIPALG_POLICY_IFINDEX));
	assert_int_equal(list[1].ifindex, 3);
	assert_int_equal(list[1].mode, SIPALG_MODE_ON);
	free(list);
}

static void test_call_dump(void **state)
{
	const struct filter filter = {};
	struct nlmsghdr *message;
	struct nlattr *nest;
	struct calls calls = {};
	struct call *list;

	(void)state;
	message = answer(FAMILY, NLM_F_MULTI);
	nest = mnl_attr_nest_start(message, SIPALG_CALL_STREAM);
	mnl_attr_put_u16(message, SIPALG_BINDING_INSIDE_PORT, 4001);
	mnl_attr_nest_end(message, nest);
	nest = mnl_attr_nest_start(message, SIPALG_CALL_STREAM);
	mnl_attr_put_strz(message, SIPALG_BINDING_STREAM, "audio");
	mnl_attr_put_strz(message, SIPALG_BINDING_CODECS, "0 iLBC/8000");
	mnl_attr_put_u64(message, SIPALG_BINDING_IN_BYTES, 1ULL << 40);
	mnl_attr_nest_end(message, nest);
	mnl_attr_put_strz(message, SIPALG_CALL_CALLER_TAG, "1928301774");
	mnl_attr_put_strz(message, SIPALG_CALL_CALLEE_TAG, "a6c85cf");
	mnl_attr_put_u32(message, SIPALG_CALL_IN, 2);
	mnl_attr_put_u32(message, SIPALG_CALL_OUT, 3);
	mnl_attr_put_u64(message, SIPALG_CALL_ID, 1ULL << 40);
	mnl_attr_put_strz(message, SIPALG_CALL_LABEL, "a84b4c76e66710");
	mnl_attr_put_u32(message, SIPALG_CALL_KIND, SIPALG_CALL_REGISTRATION);
	mnl_attr_put_u32(message, SIPALG_CALL_STATE, SIPALG_CALL_ENDING);
	mnl_attr_put_u16(message, SIPALG_CALL_ZONE, 7);
	mnl_attr_put_u8(message, SIPALG_CALL_FAMILY, AF_INET);
	mnl_attr_put(message, SIPALG_CALL_INSIDE, 4, "\xc0\xa8\x01\x02");
	mnl_attr_put(message, SIPALG_CALL_PEER, 4, "\xcb\x00\x71\x01");
	mnl_attr_put_u32(message, SIPALG_CALL_AGE, 12);
	mnl_attr_put_u32(message, SIPALG_CALL_EXPIRES, 3600);
	mnl_attr_put_u32(message, SIPALG_CALL_BINDINGS, 4);
	said(message);
	message = answer(FAMILY, NLM_F_MULTI);
	nest = mnl_attr_nest_start(message, SIPALG_CALL_STREAM);
	mnl_attr_put_u16(message, SIPALG_BINDING_INSIDE_PORT, 4003);
	mnl_attr_nest_end(message, nest);
	said(message);
	say_done(0, 0);
	assert_int_equal(netlink_call_dump(nl, &filter, page_add, &calls), 0);
	asked(SIPALG_CMD_CALL_GET, NLM_F_DUMP);
	assert_int_equal(calls.count, 2);
	assert_int_equal(calls.list[0].streams, 2);
	assert_int_equal(calls.list[1].streams, 1);
	assert_int_equal(calls.streams[0].inside.port, 4001);
	assert_string_equal(calls.streams[1].stream, "audio");
	assert_string_equal(calls.streams[1].codecs, "0 iLBC/8000");
	assert_true(calls.streams[1].in_bytes == 1ULL << 40);
	assert_int_equal(calls.streams[2].inside.port, 4003);
	list = calls.list;
	assert_string_equal(list->caller, "1928301774");
	assert_string_equal(list->callee, "a6c85cf");
	assert_int_equal(list->in, 2);
	assert_int_equal(list->out, 3);
	assert_true(list->id == 1ULL << 40);
	assert_string_equal(list->label, "a84b4c76e66710");
	assert_int_equal(list->kind, SIPALG_CALL_REGISTRATION);
	assert_int_equal(list->state, SIPALG_CALL_ENDING);
	assert_int_equal(list->zone, 7);
	assert_int_equal(list->family, AF_INET);
	assert_int_equal(list->inside.len, 4);
	assert_memory_equal(list->inside.bytes, "\xc0\xa8\x01\x02", 4);
	assert_memory_equal(list->peer.bytes, "\xcb\x00\x71\x01", 4);
	assert_int_equal(list->age, 12);
	assert_int_equal(list->expires, 3600);
	assert_int_equal(list->bindings, 4);
	free(calls.list);
	free(calls.streams);
}

static void test_filter(void **state)
{
	const struct filter filter = {
		.has_id = true, .id = 1ULL << 40, .label = "a84b", .has_zone = true, .zone = 7,
		.ifindex = 3, .address = { 4, "\xc0\xa8\x01\x02" },
	};
	const struct nlmsghdr *request;
	struct nlmsghdr *message;
	struct binding *list;
	uint32_t ended;
	size_t count;

	(void)state;
	message = answer(FAMILY, 0);
	mnl_attr_put_u32(message, SIPALG_CALL_ENDED, 12);
	said(message);
	say_ack(0, 0);
	assert_int_equal(netlink_call_del(nl, &filter, &ended), 0);
	assert_int_equal(ended, 12);
	request = asked(SIPALG_CMD_CALL_DEL, 0);
	assert_true(mnl_attr_get_u64(asked_attr(request, SIPALG_CALL_ID)) == 1ULL << 40);
	assert_string_equal(mnl_attr_get_str(asked_attr(request, SIPALG_CALL_LABEL)), "a84b");
	assert_int_equal(mnl_attr_get_u16(asked_attr(request, SIPALG_CALL_ZONE)), 7);
	assert_int_equal(mnl_attr_get_u32(asked_attr(request, SIPALG_CALL_DEV)), 3);
	assert_int_equal(mnl_attr_get_payload_len(asked_attr(request, SIPALG_CALL_ADDRESS)), 4);
	say_done(0, 0);
	assert_int_equal(netlink_binding_dump(nl, &(struct filter){ .has_zone = true }, &list,
					      &count), 0);
	request = asked(SIPALG_CMD_BINDING_GET, NLM_F_DUMP);
	assert_int_equal(mnl_attr_get_u16(asked_attr(request, SIPALG_BINDING_ZONE)), 0);
	assert_null(asked_attr(request, SIPALG_BINDING_DEV));
	assert_null(asked_attr(request, SIPALG_BINDING_ADDRESS));
	free(list);
}

static void test_settings(void **state)
{
	const uint16_t ports[] = { 5060, 5080 };
	struct settings settings = {};
	const struct nlmsghdr *request;
	struct nlmsghdr *message;

	(void)state;
	settings.has[SIPALG_SETTING_LIMIT_BYTES] = true;
	settings.value[SIPALG_SETTING_LIMIT_BYTES] = UINT32_MAX;
	settings.has[SIPALG_SETTING_SIP_PORTS] = true;
	settings.ports[0] = 5080;
	settings.n_ports = 1;
	say_ack(0, 0);
	assert_int_equal(netlink_settings_set(nl, &settings), 0);
	request = asked(SIPALG_CMD_SETTING_SET, 0);
	assert_null(asked_attr(request, SIPALG_SETTING_LIMIT_CALLS));
	assert_int_equal(mnl_attr_get_u32(asked_attr(request, SIPALG_SETTING_LIMIT_BYTES)), UINT32_MAX);
	assert_int_equal(mnl_attr_get_payload_len(asked_attr(request, SIPALG_SETTING_SIP_PORTS)), 2);
	assert_int_equal(mnl_attr_get_u16(asked_attr(request, SIPALG_SETTING_SIP_PORTS)), 5080);

	message = answer(FAMILY, 0);
	mnl_attr_put(message, SIPALG_SETTING_SIP_PORTS, sizeof(ports), ports);
	mnl_attr_put_u32(message, SIPALG_SETTING_TIMEOUT_EARLY, 60);
	mnl_attr_put_u16(message, SIPALG_SETTING_TIMEOUT_CALL, 60);
	mnl_attr_put_u32(message, SIPALG_SETTING_MAX + 1, 60);
	said(message);
	say_ack(0, 0);
	assert_int_equal(netlink_settings_get(nl, &settings), 0);
	assert_int_equal(settings.n_ports, 2);
	assert_int_equal(settings.ports[1], 5080);
	assert_true(settings.has[SIPALG_SETTING_TIMEOUT_EARLY]);
	assert_int_equal(settings.value[SIPALG_SETTING_TIMEOUT_EARLY], 60);
	assert_false(settings.has[SIPALG_SETTING_TIMEOUT_CALL]);
	assert_false(settings.has[SIPALG_SETTING_LIMIT_BYTES]);
}

static void test_binding_dump(void **state)
{
	const struct filter filter = {};
	struct nlmsghdr *message;
	struct binding *list;
	size_t count;

	(void)state;
	message = answer(FAMILY, NLM_F_MULTI);
	mnl_attr_put_u32(message, SIPALG_BINDING_KIND, SIPALG_BINDING_RTCP);
	mnl_attr_put_u8(message, SIPALG_BINDING_PROTO, IPPROTO_UDP);
	mnl_attr_put_u8(message, SIPALG_BINDING_FAMILY, AF_INET6);
	mnl_attr_put_u16(message, SIPALG_BINDING_ZONE, 65535);
	mnl_attr_put(message, SIPALG_BINDING_INSIDE, 16, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2");
	mnl_attr_put_u16(message, SIPALG_BINDING_INSIDE_PORT, 4001);
	mnl_attr_put(message, SIPALG_BINDING_OUTSIDE, 16,
		     "\x20\x01\x0d\xb8\0\1\0\0\0\0\0\0\0\0\0\1");
	mnl_attr_put_u16(message, SIPALG_BINDING_OUTSIDE_PORT, 65535);
	mnl_attr_put_u32(message, SIPALG_BINDING_USERS, 1);
	mnl_attr_put_u32(message, SIPALG_BINDING_FLOWS, 2);
	said(message);
	say_done(0, 0);
	assert_int_equal(netlink_binding_dump(nl, &filter, &list, &count), 0);
	asked(SIPALG_CMD_BINDING_GET, NLM_F_DUMP);
	assert_int_equal(count, 1);
	assert_int_equal(list->kind, SIPALG_BINDING_RTCP);
	assert_int_equal(list->proto, IPPROTO_UDP);
	assert_int_equal(list->family, AF_INET6);
	assert_int_equal(list->zone, 65535);
	assert_int_equal(list->inside.address.len, 16);
	assert_int_equal(list->inside.address.bytes[15], 2);
	assert_int_equal(list->inside.port, 4001);
	assert_int_equal(list->outside.address.bytes[5], 1);
	assert_int_equal(list->outside.port, 65535);
	assert_int_equal(list->users, 1);
	assert_int_equal(list->flows, 2);
	free(list);
}

static void test_stats(void **state)
{
	struct nlmsghdr *message;
	struct stats stats;

	(void)state;
	message = answer(FAMILY, 0);
	mnl_attr_put_u64(message, SIPALG_STATS_MESSAGES, 1ULL << 40);
	mnl_attr_put_u32(message, SIPALG_STATS_CALLS_NOW, 3);
	mnl_attr_put_u64(message, SIPALG_STATS_MAX + 9, 1);
	mnl_attr_put(message, SIPALG_STATS_CHANGED, 3, "abc");
	said(message);
	say_ack(0, 0);
	assert_int_equal(netlink_stats_get(nl, &stats), 0);
	asked(SIPALG_CMD_STATS_GET, 0);
	assert_true(stats.value[SIPALG_STATS_MESSAGES] == 1ULL << 40);
	assert_int_equal(stats.value[SIPALG_STATS_CALLS_NOW], 3);
	assert_false(stats.has[SIPALG_STATS_CHANGED]);
	assert_false(stats.has[SIPALG_STATS_BINDINGS_NOW]);
	assert_false(stats.has[STATS_CALLS_MUTE]);
}

static void say_calls_up(uint32_t up)
{
	struct nlmsghdr *message = answer(FAMILY, 0);

	mnl_attr_put_u32(message, SIPALG_STATS_CALLS_UP, up);
	said(message);
	say_ack(0, 0);
}

/* The module is asked for mute calls while any are up. */
static void test_stats_mute(void **state)
{
	struct stats stats;

	(void)state;
	say_calls_up(0);
	assert_int_equal(netlink_stats_get(nl, &stats), 0);
	asked(SIPALG_CMD_STATS_GET, 0);
	assert_true(stats.has[STATS_CALLS_MUTE]);
	assert_int_equal(stats.value[STATS_CALLS_MUTE], 0);
	say_calls_up(2);
	said(answer(FAMILY, NLM_F_MULTI));
	say_done(0, 0);
	assert_int_equal(netlink_stats_get(nl, &stats), 0);
	assert_non_null(asked_attr(asked(SIPALG_CMD_CALL_GET, NLM_F_DUMP), SIPALG_CALL_MUTE));
	assert_int_equal(stats.value[STATS_CALLS_MUTE], 1);
	say_calls_up(2);
	say_done(-EPERM, 0);
	assert_int_equal(netlink_stats_get(nl, &stats), -EPERM);
}

/* Unknown attributes, odd lengths, numbers that do not fit: taken as not being there. */
static void test_odd_attributes(void **state)
{
	struct nlmsghdr *message;
	struct policy *policies;
	struct call *list;
	size_t count;

	(void)state;
	message = answer(FAMILY, NLM_F_MULTI);
	mnl_attr_put(message, SIPALG_CALL_ID, 3, "abc");
	mnl_attr_put_strz(message, SIPALG_CALL_LABEL, "longer than any label may be, by far");
	mnl_attr_put_u64(message, SIPALG_CALL_KIND, 1);
	mnl_attr_put_u32(message, SIPALG_CALL_ZONE, 70000);
	mnl_attr_put(message, SIPALG_CALL_INSIDE, 5, "12345");
	mnl_attr_put(message, SIPALG_CALL_PEER, 0, NULL);
	mnl_attr_put_u16(message, SIPALG_CALL_AGE, 9);
	mnl_attr_put_u32(message, SIPALG_CALL_MAX + 1, 9);
	mnl_attr_put_u32(message, 0x3fff, 9);
	mnl_attr_put_u32(message, 0, 9);
	said(message);
	said(answer(FAMILY, NLM_F_MULTI));
	say_done(0, 0);
	assert_int_equal(dump_calls(&list, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(list[0].has, 1U << SIPALG_CALL_AGE);
	assert_int_equal(list[0].age, 9);
	assert_int_equal(list[1].has, 0);
	free(list);

	message = answer(FAMILY, NLM_F_MULTI);
	mnl_attr_put_str(message, SIPALG_POLICY_DEV, "wan");
	mnl_attr_put(message, SIPALG_POLICY_ZONE, 0, NULL);
	said(message);
	say_done(0, 0);
	assert_int_equal(netlink_policy_dump(nl, &policies, &count), 0);
	assert_string_equal(policies->scope.dev, "wan");
	assert_false(policies->scope.has_zone);
	free(policies);
}

/* More than a page of them. */
static void test_dump_many(void **state)
{
	struct nlmsghdr *message;
	struct reply *reply;
	struct call *list;
	size_t count;

	(void)state;
	for (int i = 0; i < 30; i++) {
		reply = say();
		for (int j = 0; j < 20; j++) {
			message = mnl_nlmsg_put_header(reply->bytes + reply->len);
			message->nlmsg_type = FAMILY;
			message->nlmsg_flags = NLM_F_MULTI;
			mnl_nlmsg_put_extra_header(message, sizeof(struct genlmsghdr));
			mnl_attr_put_u64(message, SIPALG_CALL_ID, i * 20 + j);
			reply->len += message->nlmsg_len;
		}
	}
	say_done(0, 0);
	assert_int_equal(dump_calls(&list, &count), 0);
	assert_int_equal(count, 600);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(list[i].id, i);
	free(list);
}

static void test_dump_refused(void **state)
{
	struct nlmsghdr *message;
	struct call *list;
	size_t count;

	(void)state;
	say_reason(-EPERM, "not for you");
	assert_int_equal(dump_calls(&list, &count), -EPERM);
	assert_string_equal(netlink_reason(nl), "not for you");
	assert_null(list);
	assert_int_equal(count, 0);

	say_call(1, 0);
	message = say_done(-ENOMEM, NLM_F_ACK_TLVS);
	mnl_attr_put_strz(message, NLMSGERR_ATTR_MSG, "out of luck");
	said(message);
	assert_int_equal(dump_calls(&list, &count), -ENOMEM);
	assert_string_equal(netlink_reason(nl), "out of luck");
	assert_null(list);
}

static void test_dump_torn(void **state)
{
	struct call *list;
	size_t count;

	(void)state;
	say_call(1, 0);
	say_call(2, NLM_F_DUMP_INTR);
	say_call(3, 0);
	say_done(0, 0);
	say_call(1, 0);
	say_done(0, NLM_F_DUMP_INTR);
	say_call(4, 0);
	say_done(0, 0);
	kernel.requests = 0;
	assert_int_equal(dump_calls(&list, &count), 0);
	assert_int_equal(kernel.requests, 3);
	assert_int_equal(count, 4);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(list[i].id, i + 1);
	assert_string_equal(noted(), "");
	free(list);
}

static void test_dump_always_torn(void **state)
{
	struct call *list;
	size_t count;

	(void)state;
	for (int i = 0; i < 10; i++) {
		say_call(i / 2, NLM_F_DUMP_INTR);
		say_done(0, 0);
	}
	assert_int_equal(dump_calls(&list, &count), 0);
	assert_int_equal(count, 3);
	assert_non_null(strstr(noted(), "sipalg: note: the list kept changing"));
	free(list);
}

static void say_groups(void)
{
	struct nlmsghdr *message = answer(GENL_ID_CTRL, 0);
	struct nlattr *groups = mnl_attr_nest_start(message, CTRL_ATTR_MCAST_GROUPS), *group;

	group = mnl_attr_nest_start(message, 1);
	mnl_attr_put_u32(message, CTRL_ATTR_MCAST_GRP_ID, 11);
	mnl_attr_put_strz(message, CTRL_ATTR_MCAST_GRP_NAME, SIPALG_GROUP_EVENTS);
	mnl_attr_nest_end(message, group);
	group = mnl_attr_nest_start(message, 2);
	mnl_attr_put_u32(message, CTRL_ATTR_MCAST_GRP_ID, 12);
	mnl_attr_put_strz(message, CTRL_ATTR_MCAST_GRP_NAME, SIPALG_GROUP_MESSAGES);
	mnl_attr_nest_end(message, group);
	mnl_attr_nest_end(message, groups);
	said(message);
	say_ack(0, 0);
}

/* The group of the controller. */
static void say_notify(void)
{
	struct nlmsghdr *message = answer(GENL_ID_CTRL, 0);
	struct nlattr *groups = mnl_attr_nest_start(message, CTRL_ATTR_MCAST_GROUPS), *group;

	group = mnl_attr_nest_start(message, 1);
	mnl_attr_put_u32(message, CTRL_ATTR_MCAST_GRP_ID, 16);
	mnl_attr_put_strz(message, CTRL_ATTR_MCAST_GRP_NAME, "notify");
	mnl_attr_nest_end(message, group);
	mnl_attr_nest_end(message, groups);
	said(message);
	say_ack(0, 0);
}

static void test_listen(void **state)
{
	(void)state;
	kernel.joins = true;
	say_notify();
	say_groups();
	assert_int_equal(netlink_listen(nl, false), 0);
	assert_int_equal(kernel.joined, 1U << 11 | 1U << 16);
	assert_true(kernel.buffer >= 1 << 20);
	kernel.is_root = true;
	kernel.buffer = 0;
	say_notify();
	say_groups();
	say_groups();
	assert_int_equal(netlink_listen(nl, true), 0);
	assert_int_equal(kernel.joined, 1U << 11 | 1U << 12 | 1U << 16);
	assert_true(kernel.buffer >= 1 << 20);
}

static void test_listen_fails(void **state)
{
	(void)state;
	say_notify();
	assert_int_equal(netlink_listen(nl, false), -ENOPROTOOPT);
	kernel.joins = true;
	/* A module that knows no events has no groups. */
	say_notify();
	said(answer(GENL_ID_CTRL, 0));
	say_ack(0, 0);
	assert_int_equal(netlink_listen(nl, false), -EOPNOTSUPP);
	assert_string_equal(netlink_reason(nl), "Operation not supported");
	say_notify();
	say_ack(-ENOENT, NLM_F_CAPPED);
	assert_int_equal(netlink_listen(nl, false), -ENOENT);
}

static struct nlmsghdr *happens(uint8_t command)
{
	struct nlmsghdr *message = answer(FAMILY, 0);
	struct genlmsghdr *genl = mnl_nlmsg_get_payload(message);

	genl->cmd = command;
	return message;
}

static void put_edit(struct nlmsghdr *message, uint32_t offset, uint32_t length, const char *text)
{
	struct nlattr *edit = mnl_attr_nest_start(message, SIPALG_MESSAGE_EDIT);

	mnl_attr_put_u32(message, SIPALG_EDIT_OFFSET, offset);
	mnl_attr_put_u32(message, SIPALG_EDIT_LENGTH, length);
	mnl_attr_put(message, SIPALG_EDIT_TEXT, strlen(text), text);
	mnl_attr_nest_end(message, edit);
}

static int see_message(const struct event *event, void *data)
{
	const struct sip_message *message = &event->message;

	++*(int *)data;
	assert_int_equal(event->what, SIPALG_CMD_MESSAGE);
	assert_int_equal(message->result, SIPALG_STAT_CHANGED);
	assert_int_equal(message->source.port, 5060);
	assert_true(HAS(message, SIPALG_MESSAGE_TEXT));
	assert_int_equal(message->len, 10);
	assert_memory_equal(message->text, "0123456789", 10);
	assert_int_equal(message->n_edits, 40);
	for (size_t i = 0; i < 40; i++) {
		assert_int_equal(message->edits[i].offset, i / 4);
		assert_int_equal(message->edits[i].text_len, 2);
		assert_memory_equal(message->edits[i].text, "xy", 2);
	}
	return 0;
}

static void test_receive_message(void **state)
{
	struct nlmsghdr *message = happens(SIPALG_CMD_MESSAGE);
	int seen = 0;

	(void)state;
	mnl_attr_put_u32(message, SIPALG_MESSAGE_RESULT, SIPALG_STAT_CHANGED);
	mnl_attr_put_u16(message, SIPALG_MESSAGE_SOURCE_PORT, 5060);
	mnl_attr_put(message, SIPALG_MESSAGE_TEXT, 10, "0123456789");
	for (uint32_t i = 0; i < 40; i++)
		put_edit(message, i / 4, 0, "xy");
	said(message);
	assert_int_equal(netlink_receive(nl, see_message, &seen), 0);
	assert_int_equal(seen, 1);
}

static int count_message(const struct event *event, void *data)
{
	assert_int_equal(event->message.call, 7);
	assert_int_equal(event->message.time, 1234567890123456789);
	++*(int *)data;
	return 0;
}

static void test_message_dump(void **state)
{
	struct nlmsghdr *message;
	int seen = 0;

	(void)state;
	for (int i = 0; i < 2; i++) {
		message = answer(FAMILY, NLM_F_MULTI);
		((struct genlmsghdr *)mnl_nlmsg_get_payload(message))->cmd = SIPALG_CMD_MESSAGE_GET;
		mnl_attr_put_u64(message, SIPALG_MESSAGE_CALL, 7);
		mnl_attr_put_u64(message, SIPALG_MESSAGE_TIME, 1234567890123456789);
		mnl_attr_put(message, SIPALG_MESSAGE_TEXT, 10, "0123456789");
		put_edit(message, 9, 1, "");
		said(message);
	}
	say_done(0, 0);
	assert_int_equal(netlink_message_dump(nl, 7, count_message, &seen), 0);
	asked(SIPALG_CMD_MESSAGE_GET, NLM_F_DUMP);
	assert_int_equal(seen, 2);
}

static int see_other(const struct event *event, void *data)
{
	++*(int *)data;
	assert_in_range(event->what, SIPALG_CMD_CALL_NEW, SIPALG_CMD_POLICY_FLUSHED);
	assert_int_equal(event->call.id, event->what == SIPALG_CMD_CALL_GONE ? 7 : 0);
	assert_int_equal(event->binding.users, event->what == SIPALG_CMD_BINDING_NEW ? 7 : 0);
	assert_int_equal(event->policy.scope.has_zone, event->what == SIPALG_CMD_POLICY_NEW);
	return event->what == SIPALG_CMD_POLICY_GONE ? -EPIPE : 0;
}

/* Messages that are unknown, or of another family, are passed over. */
static void test_receive_others(void **state)
{
	struct nlmsghdr *message;
	int seen = 0;

	(void)state;
	message = happens(SIPALG_CMD_CALL_GONE);
	mnl_attr_put_u64(message, SIPALG_CALL_ID, 7);
	said(message);
	message = happens(SIPALG_CMD_BINDING_NEW);
	mnl_attr_put_u32(message, SIPALG_BINDING_USERS, 7);
	said(message);
	message = happens(SIPALG_CMD_POLICY_NEW);
	mnl_attr_put_u16(message, SIPALG_POLICY_ZONE, 0);
	said(message);
	said(happens(SIPALG_CMD_MAX + 1));
	said(answer(GENL_ID_CTRL, 0));
	said(happens(SIPALG_CMD_POLICY_GONE));
	for (int i = 0; i < 5; i++)
		assert_int_equal(netlink_receive(nl, see_other, &seen), 0);
	assert_int_equal(seen, 3);
	assert_int_equal(netlink_receive(nl, see_other, &seen), -EPIPE);
}

static void test_receive_fails(void **state)
{
	struct nlmsghdr *message;
	int seen = 0;

	(void)state;
	say_error(EINTR);
	say_error(ENOBUFS);
	assert_int_equal(netlink_receive(nl, see_other, &seen), -ENOBUFS);
	/* An edit outside of the text. */
	message = happens(SIPALG_CMD_MESSAGE);
	mnl_attr_put(message, SIPALG_MESSAGE_TEXT, 10, "0123456789");
	put_edit(message, 9, 2, "");
	said(message);
	assert_int_equal(netlink_receive(nl, see_message, &seen), -EBADMSG);
	assert_int_equal(seen, 0);
}

static int see_lost(const struct event *event, void *data)
{
	*(uint32_t *)data = event->lost;
	return 0;
}

static uint32_t lost_before(enum sipalg_cmd what, uint16_t attr, uint32_t seq)
{
	struct nlmsghdr *message = happens(what);
	uint32_t lost = -1;

	mnl_attr_put_u32(message, attr, seq);
	if (what == SIPALG_CMD_MESSAGE)
		mnl_attr_put(message, SIPALG_MESSAGE_TEXT, 1, "0");
	said(message);
	assert_int_equal(netlink_receive(nl, see_lost, &lost), 0);
	return lost;
}

/* Each group has numbers of its own; an event of an older module has none. */
static void test_receive_lost(void **state)
{
	struct nlmsghdr *message;
	uint32_t lost = -1;

	(void)state;
	assert_int_equal(lost_before(SIPALG_CMD_CALL_NEW, SIPALG_CALL_SEQ, 0xfffffffe), 0);
	assert_int_equal(lost_before(SIPALG_CMD_MESSAGE, SIPALG_MESSAGE_SEQ, 7), 0);
	assert_int_equal(lost_before(SIPALG_CMD_BINDING_NEW, SIPALG_BINDING_SEQ, 0xffffffff), 0);
	assert_int_equal(lost_before(SIPALG_CMD_MESSAGE, SIPALG_MESSAGE_SEQ, 11), 3);
	assert_int_equal(lost_before(SIPALG_CMD_POLICY_NEW, SIPALG_POLICY_SEQ, 2), 2);
	said(happens(SIPALG_CMD_CALL_NEW));
	assert_int_equal(netlink_receive(nl, see_lost, &lost), 0);
	assert_int_equal(lost, 0);
	/* A refusal without its text is of the group of calls. */
	message = happens(SIPALG_CMD_MESSAGE);
	mnl_attr_put_u32(message, SIPALG_MESSAGE_SEQ, 4);
	said(message);
	assert_int_equal(netlink_receive(nl, see_lost, &lost), 0);
	assert_int_equal(lost, 1);
}

static void say_of_family(uint8_t command, uint16_t id)
{
	struct nlmsghdr *message = answer(GENL_ID_CTRL, 0);
	struct genlmsghdr *genl = mnl_nlmsg_get_payload(message);

	genl->cmd = command;
	mnl_attr_put_u16(message, CTRL_ATTR_FAMILY_ID, id);
	said(message);
}

static void test_receive_gone(void **state)
{
	int seen = 0;

	(void)state;
	say_of_family(CTRL_CMD_DELFAMILY, FAMILY + 1);
	say_of_family(CTRL_CMD_NEWFAMILY, FAMILY);
	say_of_family(CTRL_CMD_DELFAMILY, FAMILY);
	assert_int_equal(netlink_receive(nl, see_other, &seen), 0);
	assert_int_equal(netlink_receive(nl, see_other, &seen), 0);
	assert_int_equal(netlink_receive(nl, see_other, &seen), -ENOENT);
	assert_string_equal(netlink_reason(nl), "the module nf_sipalg is not loaded");
	assert_int_equal(seen, 0);
}

/* The rest of an older answer, or of another's, is none of this one. */
static void test_strangers(void **state)
{
	struct nlmsghdr *message;
	struct call *list;
	size_t count;

	(void)state;
	message = answer(FAMILY, NLM_F_MULTI);
	message->nlmsg_seq = -1;
	said(message);
	message = say_ack(-EPERM, 0);
	message->nlmsg_pid = 1;
	message = answer(FAMILY + 1, NLM_F_MULTI);
	said(message);
	message = answer(NLMSG_NOOP, 0);
	said(message);
	say_call(4, 0);
	say_done(0, 0);
	assert_int_equal(dump_calls(&list, &count), 0);
	assert_int_equal(count, 1);
	free(list);
}

static void test_interrupted(void **state)
{
	(void)state;
	say_error(EINTR);
	say_ack(0, 0);
	assert_int_equal(set_default(), 0);
}

static void test_socket_fails(void **state)
{
	(void)state;
	say_error(ENOBUFS);
	assert_int_equal(set_default(), -ENOBUFS);
	assert_string_equal(netlink_reason(nl), "No buffer space available");
	kernel.no_send = true;
	assert_int_equal(set_default(), -EPERM);
	assert_string_equal(netlink_reason(nl), "Operation not permitted");
}

static void test_truncated(void **state)
{
	struct call *list;
	size_t count;

	(void)state;
	say_call(1, 0);
	kernel.replies[kernel.n_replies - 1].len -= 4;
	assert_int_equal(dump_calls(&list, &count), -EBADMSG);
	assert_string_equal(netlink_reason(nl), "Bad message");
	assert_null(list);

	/* Too short to be of a generic family; the rest of the dump is still read. */
	say_call(1, 0);
	((struct nlmsghdr *)kernel.replies[kernel.n_replies - 1].bytes)->nlmsg_len = NLMSG_HDRLEN;
	kernel.replies[kernel.n_replies - 1].len = NLMSG_HDRLEN;
	say_call(2, 0);
	say_done(0, 0);
	assert_int_equal(dump_calls(&list, &count), -EBADMSG);
	assert_null(list);
	say_ack(0, 0);
	assert_int_equal(set_default(), 0);
}

/* No bytes lead to a crash or an endless loop. The sanitizers look on. */
static void test_noise(void **state)
{
	struct binding *list;
	unsigned int seed = 1;
	size_t count;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		kernel.n_replies = kernel.next = 0;
		say_call(rand_r(&seed), 0);
		if (rand_r(&seed) % 2)
			say_reason(-EINVAL, "some words");
		say_done(0, NLM_F_ACK_TLVS);
		for (unsigned int j = 0; j < kernel.n_replies; j++) {
			struct reply *reply = &kernel.replies[j];

			for (int k = rand_r(&seed) % 4; k; k--)
				reply->bytes[rand_r(&seed) % reply->len] = rand_r(&seed);
		}
		netlink_binding_dump(nl, &(struct filter){}, &list, &count);
		free(list);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_open), TEST(test_open_not_loaded), TEST(test_open_fails),
		TEST(test_open_no_id), TEST(test_set), TEST(test_set_options), TEST(test_set_default),
		TEST(test_set_zone_0), TEST(test_del), TEST(test_flush), TEST(test_restore),
		TEST(test_restore_many), TEST(test_refused),
		TEST(test_refused_uncapped), TEST(test_refused_badly), TEST(test_warned),
		TEST(test_policy_dump), TEST(test_call_dump), TEST(test_binding_dump),
		TEST(test_filter), TEST(test_settings),
		TEST(test_stats), TEST(test_stats_mute), TEST(test_odd_attributes), TEST(test_dump_many),
		TEST(test_dump_refused), TEST(test_dump_torn), TEST(test_dump_always_torn),
		TEST(test_listen), TEST(test_listen_fails),
		TEST(test_receive_message), TEST(test_message_dump), TEST(test_receive_others),
		TEST(test_receive_fails), TEST(test_receive_lost),
		TEST(test_receive_gone),
		TEST(test_strangers), TEST(test_interrupted), TEST(test_socket_fails),
		TEST(test_truncated), TEST(test_noise),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("netlink", tests, NULL, NULL);
}
