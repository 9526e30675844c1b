# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A stock kernel of the distribution, the newest one that is installed.
# stock_flavour is what its releases end with: amd64, rt-amd64.

kernel_cpus=2
kernel_max_cpus=64
kernel_transport=9p
kernel_guest_modules=(virtio_pci 9pnet_virtio 9p)
kernel_root_modules=(overlay)

. "$vm_dir/qemu.sh"

kernel_find() {
	# only digits before the flavour: "-amd64" ends "-rt-amd64" too
	kernel_image=$(printf '%s\n' /boot/vmlinuz-6.1.*-"$stock_flavour" |
		sed -nE "/-[0-9]+-$stock_flavour\$/p" | sort -V | tail -n 1)
	[[ -r $kernel_image ]] ||
		die "$EXIT_VM" "no kernel 6.1 $stock_flavour in /boot: run tools/vm/setup $kernel_kind"
	kernel_release=${kernel_image#/boot/vmlinuz-}
	kernel_dir=/lib/modules/$kernel_release/build
}

kernel_build() {
	[[ -e $kernel_dir/Makefile ]] ||
		die "$EXIT_VM" "no headers for $kernel_release: run tools/vm/setup $kernel_kind"
}

kernel_command() {
	qemu_command 1G
}
