# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The same with PREEMPT_RT.

root_suite=trixie
root_flavour=rt-amd64

. "$vm_dir/root.sh"
