# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A stock kernel of the distribution, the newest one that is installed.
# stock_flavour is what its releases end with: amd64, rt-amd64.

. "$vm_dir/packaged.sh"

kernel_find() {
	kernel_image=$(newest_image "$stock_flavour" /boot/vmlinuz-6.1.*-[0-9]*-"$stock_flavour")
	[[ -r $kernel_image ]] ||
		die "$EXIT_VM" "no kernel 6.1 $stock_flavour in /boot: run tools/vm/setup $kernel_kind"
	kernel_release=${kernel_image#/boot/vmlinuz-}
	kernel_dir=/lib/modules/$kernel_release/build
}

kernel_build() {
	[[ -e $kernel_dir/Makefile ]] ||
		die "$EXIT_VM" "no headers for $kernel_release: run tools/vm/setup $kernel_kind"
}
