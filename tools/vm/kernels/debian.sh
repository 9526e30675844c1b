# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The distribution's stock kernel, the newest one that is installed.

kernel_cpus=2
kernel_max_cpus=64
kernel_transport=9p
kernel_guest_modules=(virtio_pci 9pnet_virtio 9p)

. "$vm_dir/qemu.sh"

kernel_find() {
	kernel_image=$(printf '%s\n' /boot/vmlinuz-6.1.*-amd64 |
		grep -vE -- '-(rt|cloud)-' | sort -V | tail -n 1)
	[[ -r $kernel_image ]] ||
		die "$EXIT_VM" "no stock kernel in /boot: run tools/vm/setup debian"
	kernel_release=${kernel_image#/boot/vmlinuz-}
	kernel_dir=/lib/modules/$kernel_release/build
}

kernel_build() {
	[[ -e $kernel_dir/Makefile ]] ||
		die "$EXIT_VM" "no headers for $kernel_release: run tools/vm/setup debian"
}

kernel_command() {
	qemu_command 1G
}
