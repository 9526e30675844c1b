# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The distribution's stock kernel.

stock_flavour=amd64

. "$vm_dir/stock.sh"
