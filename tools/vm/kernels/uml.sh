# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# User-Mode Linux, as old as the distribution's stock kernel.

kernel_config=("$vm_dir/uml.config")

. "$vm_dir/uml.sh"
