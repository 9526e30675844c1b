# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# What the kernels that come in packages have in common: their drivers are modules,
# and /boot can have several of a kind.

kernel_cpus=2
kernel_max_cpus=64
kernel_transport=9p
kernel_guest_modules=(virtio_pci 9pnet_virtio 9p)
kernel_root_modules=(overlay)

. "$vm_dir/qemu.sh"

# newest_image FLAVOUR FILE...: of images with a name that ends so after a digit, for
# "-amd64" ends "-rt-amd64" too
newest_image() {
	local flavour=$1
	shift
	printf '%s\n' "$@" | sed -nE "/[0-9]-$flavour\$/p" | sort -V | tail -n 1
}

kernel_command() {
	qemu_command 1G
}
