// SPDX-License-Identifier: GPL-2.0

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "lab/netns_lab.h"
#include "lab/sock.h"
#include "program.h"
#include "report.h"

#define TEXT_MAX 2048

/* The router makes the devices; then each host runs these commands of ip. */
static const char *const commands[LAB_HOSTS] = {
	[LAB_PHONE] =
		"link set lo up\n"
		"addr add 192.168.1.2/24 dev eth0\n"
		"addr add 2001:db8:1::2/64 dev eth0 nodad\n"
		"link set eth0 up\n"
		"route add default via 192.168.1.1\n"
		"route add default via 2001:db8:1::1\n",
	[LAB_PHONE2] =
		"link set lo up\n"
		"addr add 192.168.2.2/24 dev eth0\n"
		"addr add 2001:db8:2::2/64 dev eth0 nodad\n"
		"link set eth0 up\n"
		"route add default via 192.168.2.1\n"
		"route add default via 2001:db8:2::1\n",
	[LAB_ROUTER] =
		"link set lo up\n"
		"addr add 192.168.1.1/24 dev lan1\n"
		"addr add 2001:db8:1::1/64 dev lan1 nodad\n"
		"addr add 192.168.2.1/24 dev lan2\n"
		"addr add 2001:db8:2::1/64 dev lan2 nodad\n"
		"addr add 203.0.113.99/24 dev wan\n"
		"addr add 2001:db8:f::99/64 dev wan nodad\n"
		"link set lan1 up\n"
		"link set lan2 up\n"
		"link set wan up\n"
		"route add default via 203.0.113.10\n",
	[LAB_SERVER] =
		"link set lo up\n"
		"addr add 198.51.100.20/32 dev lo\n"
		"addr add 203.0.113.10/24 dev eth0\n"
		"addr add 2001:db8:f::10/64 dev eth0 nodad\n"
		"link set eth0 up\n"
		"route add 2001:db8::/32 via 2001:db8:f::99\n",
};

static const char rules[] =
	"table inet firewall {\n"
	"	chain forward {\n"
	"		type filter hook forward priority filter; policy drop;\n"
	"		ct state established,related accept\n"
	"		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
	"		iifname { lan1, lan2 } oifname wan accept\n"
	"	}\n"
	"}\n"
	"table ip nat {\n"
	"	chain postrouting {\n"
	"		type nat hook postrouting priority srcnat;\n"
	"		oifname wan masquerade\n"
	"	}\n"
	"}\n";

static const char helper_rules[] =
	"table inet helpers {\n"
	"	ct helper sip-udp { type \"sip\" protocol udp; }\n"
	"	ct helper sip-tcp { type \"sip\" protocol tcp; }\n"
	"	chain prerouting {\n"
	"		type filter hook prerouting priority filter;\n"
	"		udp dport 5060 ct helper set sip-udp\n"
	"		tcp dport 5060 ct helper set sip-tcp\n"
	"	}\n"
	"}\n";

static int netns_set(int netns)
{
	if (!setns(netns, CLONE_NEWNET))
		return 0;
	error("network namespace: %m");
	return -1;
}

/**
 * netns_lab_enter() - be on a host
 * @lab: the network
 * @host: the host
 *
 * Return: 0, or -1 after an error message.
 */
int netns_lab_enter(const struct netns_lab *lab, enum lab_host host)
{
	return netns_set(lab->hosts[host]);
}

/* Back to the namespace that the process came from. */
int netns_lab_leave(const struct netns_lab *lab)
{
	return netns_set(lab->home);
}

static int namespaces_make(struct netns_lab *lab)
{
	lab->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	for (int i = 0; lab->home >= 0 && i < LAB_HOSTS; i++) {
		if (unshare(CLONE_NEWNET))
			break;
		lab->hosts[i] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (lab->hosts[i] < 0)
			break;
	}
	if (lab->hosts[LAB_HOSTS - 1] >= 0)
		return 0;
	error("network namespaces cannot be made: %m");
	return -1;
}

static int sysctl_write(const char *file, char value)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, &value, 1) == 1;

	if (fd >= 0)
		close(fd);
	return done ? 0 : -1;
}

static int namespaces_configure(const struct netns_lab *lab)
{
	static const char *const ip[] = { "ip", "-batch", "-", NULL };
	static const char *const nft[] = { "nft", "-f", "-", NULL };
	static const char dad[] = "/proc/sys/net/ipv6/conf/default/accept_dad";
	char links[TEXT_MAX];
	int pid = getpid();

	/* An address under test is not used for a second: RFC 4862, 5.4. */
	for (int i = 0; i < LAB_HOSTS; i++)
		if (netns_lab_enter(lab, i) ||
		    sysctl_write(dad, '0'))
			return -1;
	snprintf(links, sizeof(links),
		 "link add lan1 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "link add lan2 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "link add wan type veth peer name eth0 netns /proc/%d/fd/%d\n",
		 pid, lab->hosts[LAB_PHONE], pid, lab->hosts[LAB_PHONE2],
		 pid, lab->hosts[LAB_SERVER]);
	if (netns_lab_enter(lab, LAB_ROUTER) || run_program(links, ip) ||
	    run_program(rules, nft) ||
	    sysctl_write("/proc/sys/net/ipv4/ip_forward", '1') ||
	    sysctl_write("/proc/sys/net/ipv6/conf/all/forwarding", '1'))
		return -1;
	for (int i = 0; i < LAB_HOSTS; i++)
		if (netns_lab_enter(lab, i) || run_program(commands[i], ip))
			return -1;
	return 0;
}

/**
 * netns_lab_open() - make the network
 * @lab: filled in
 *
 * Return: 0, or -1 after an error message.
 */
int netns_lab_open(struct netns_lab *lab)
{
	int failed;

	lab->home = -1;
	for (int i = 0; i < LAB_HOSTS; i++)
		lab->hosts[i] = -1;
	failed = namespaces_make(lab) || namespaces_configure(lab);
	if (lab->home >= 0)
		netns_lab_leave(lab);
	if (failed)
		netns_lab_close(lab);
	return failed ? -1 : 0;
}

void netns_lab_close(struct netns_lab *lab)
{
	for (int i = 0; i < LAB_HOSTS; i++)
		if (lab->hosts[i] >= 0)
			close(lab->hosts[i]);
	if (lab->home >= 0)
		close(lab->home);
}

/**
 * netns_lab_assign_helper() - assign the kernel's own ALG to SIP flows
 * @lab: the network
 *
 * Return: 0, or -1 after an error message.
 */
int netns_lab_assign_helper(const struct netns_lab *lab)
{
	static const char *const nft[] = { "nft", "-f", "-", NULL };
	int failed = netns_lab_enter(lab, LAB_ROUTER) ||
		     run_program(helper_rules, nft);

	return netns_lab_leave(lab) || failed ? -1 : 0;
}

/**
 * netns_lab_socket() - open a socket on a host
 * @lab: the network
 * @host: the host
 * @type: SOCK_DGRAM or SOCK_STREAM
 * @address: of the host, IPv4 or IPv6
 * @port: to be bound to
 *
 * Return: the socket; or -1 after an error message.
 */
int netns_lab_socket(const struct netns_lab *lab, enum lab_host host, int type,
		     const char *address, unsigned int port)
{
	union sock_addr addr;
	int fd, failed;

	if (!sock_addr_set(&addr, address, port) || netns_lab_enter(lab, host))
		return -1;
	fd = socket(addr.any.sa_family, type | SOCK_CLOEXEC, 0);
	failed = fd < 0 ||
		 setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 },
			    sizeof(int)) ||
		 bind(fd, &addr.any, sock_addr_len(&addr));
	if (failed) {
		error("socket of %s, port %u: %m", address, port);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	return netns_lab_leave(lab) ? -1 : fd;
}
