# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The newest stock kernel that the distribution has for a stable release.

root_suite=trixie-backports
root_flavour=amd64

. "$vm_dir/root.sh"
