# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# User-Mode Linux, of the newest source that the distribution has for a stable
# release.

source_suite=trixie-backports
kernel_config=("$vm_dir/uml.config" "$vm_dir/latest.config")

. "$vm_dir/uml.sh"
