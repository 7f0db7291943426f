#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Prometheus reads the metrics: what test_show has written into the file METRICS, and the
# dashboard asks for no others.

# shellcheck source=selftests/tool/tap.sh
. "$(dirname "$0")/tap.sh"

dashboard=$(dirname "$0")/../../userspace/examples/grafana-dashboard.json

if command -v promtool >/dev/null; then
	promtool check metrics <"$METRICS"
	result $? "promtool finds nothing to complain of"
else
	skip "promtool" "not installed: scripts/setup metrics"
fi

grep -o 'sipalg_[a-z0-9_]*' "$dashboard" | sort -u | grep -v '_$' >"$METRICS.asked"
! grep -vxF -f <(sed -n 's/^\(sipalg_[a-z0-9_]*\) .*/\1/p' "$METRICS") "$METRICS.asked"
result $? "the dashboard asks for metrics that exist"

echo "1..$n"
exit $failed
