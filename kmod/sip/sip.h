/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The room from outside: a SIP message is parsed once into offsets, translated
 * into a plan of edits, and the plan is rendered once.
 *
 * Nothing here keeps state, takes a lock or allocates memory. Every structure
 * belongs to the caller, who may use it in any context. No file of the room
 * includes this header.
 */
#ifndef SIPALG_SIP_SIP_H
#define SIPALG_SIP_SIP_H

#include "parse.h"
#include "start.h"
#include "translate.h"

#endif /* SIPALG_SIP_SIP_H */
