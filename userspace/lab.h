/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network to try things in: two phones, a router with NAT and firewall, and a
 * server outside. It consists of network namespaces without names, so that
 * nothing is left of it when the process ends, however it ends.
 *
 * phone 192.168.1.2 ---- lan1 router wan ---- 203.0.113.10 server phone 2
 * 192.168.2.2 ---- lan2        203.0.113.99    198.51.100.20 (its media)
 *
 * and the same with 2001:db8:1::, 2001:db8:2:: (inside), 2001:db8:f::
 * (outside), where nothing is translated.
 */
#ifndef LAB_H
#define LAB_H

enum lab_host { LAB_PHONE, LAB_PHONE2, LAB_ROUTER, LAB_SERVER, LAB_HOSTS };

/**
 * struct lab - the network
 * @home: the namespace that the process came from; -1 while there is none
 * @hosts: the namespaces
 */
struct lab {
	int home;
	int hosts[LAB_HOSTS];
};

int lab_open(struct lab *lab);
void lab_close(struct lab *lab);
int lab_enter(const struct lab *lab, enum lab_host host);
int lab_leave(const struct lab *lab);
int lab_assign_helper(const struct lab *lab);
int lab_socket(const struct lab *lab, enum lab_host host, int type,
	       const char *address, unsigned int port);

int run_program(const char *input, const char *const *words);

#endif /* LAB_H */
