/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family "sipalg" (uapi/nf_sipalg.h, uapi/nf_sipalg.yaml).
 */
#ifndef SIPALG_NETLINK_H
#define SIPALG_NETLINK_H

int __init sipalg_netlink_init(void);
void sipalg_netlink_exit(void);

#endif /* SIPALG_NETLINK_H */
