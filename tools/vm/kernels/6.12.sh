# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The stock kernel of the release after this one.

root_suite=trixie
root_flavour=amd64

. "$vm_dir/root.sh"
