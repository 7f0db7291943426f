// SPDX-License-Identifier: GPL-2.0
#include "wire.h"
void run_streams(const struct options *options) { (void)options; }
