/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The version of module and tool; dkms.conf and what packages are made of say
 * it, too.
 */
#ifndef SIPALG_UAPI_VERSION_H
#define SIPALG_UAPI_VERSION_H

#define SIPALG_VERSION "0.1"

#endif /* SIPALG_UAPI_VERSION_H */
