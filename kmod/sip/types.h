/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few types and functions that the core takes from its surroundings: from
 * the kernel in the module, from libc everywhere else. Nothing in kmod/sip/
 * includes anything but this.
 */
#ifndef SIPALG_SIP_TYPES_H
#define SIPALG_SIP_TYPES_H

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#define sip_le64_to_cpu(x)	le64_to_cpu((__force __le64)(x))
#define sip_first_bit(x)	((u32)__ffs64(x))
#define sip_must_hold(cond)	WARN_ON_ONCE(!(cond))
#else
#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;

#define BIT(n)			(1UL << (n))
#define U16_MAX			UINT16_MAX
#define U32_MAX			UINT32_MAX
#define S32_MAX			INT32_MAX

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define sip_le64_to_cpu(x)	(x)
#else
#define sip_le64_to_cpu(x)	__builtin_bswap64(x)
#endif
#define sip_first_bit(x)	((u32)__builtin_ctzll(x))
#define sip_must_hold(cond)	assert(cond)

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#ifndef noinline
#define noinline		__attribute__((__noinline__))
#endif
#ifndef __aligned
#define __aligned(x)		__attribute__((__aligned__(x)))
#endif
#ifndef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#endif
#endif

/* Must hold for any message; checked in debug builds alone. */
#ifdef SIP_DEBUG
#define SIP_ASSERT(cond)	((void)sip_must_hold(cond))
#else
#define SIP_ASSERT(cond)	((void)0)
#endif

#endif /* SIPALG_SIP_TYPES_H */
