/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test network: two phones, a router with NAT and firewall, and a server
 * outside. Its network namespaces have no names, so the kernel removes them
 * when the process ends.
 *
 *    phone   192.168.1.2 ---- lan1  router  wan ---- 203.0.113.10   server
 *    phone 2 192.168.2.2 ---- lan2  203.0.113.99     198.51.100.20  its media
 *
 * The same hosts have IPv6 addresses in 2001:db8:1::/64 and 2001:db8:2::/64
 * (inside) and 2001:db8:f::/64 (outside). IPv6 is not translated.
 */
#ifndef NETNS_LAB_H
#define NETNS_LAB_H

enum lab_host { LAB_PHONE, LAB_PHONE2, LAB_ROUTER, LAB_SERVER, LAB_HOSTS };

/**
 * struct netns_lab - the network
 * @home: the namespace that the process came from; -1 while there is none
 * @hosts: the namespaces
 */
struct netns_lab {
	int home;
	int hosts[LAB_HOSTS];
};

int netns_lab_open(struct netns_lab *lab);
void netns_lab_close(struct netns_lab *lab);
int netns_lab_enter(const struct netns_lab *lab, enum lab_host host);
int netns_lab_leave(const struct netns_lab *lab);
int netns_lab_assign_helper(const struct netns_lab *lab);
int netns_lab_socket(const struct netns_lab *lab, enum lab_host host, int type,
		     const char *address, unsigned int port);

#endif /* NETNS_LAB_H */
