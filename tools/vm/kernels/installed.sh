# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A kernel that is installed in the root that tools/vm/run was given: guest_root,
# and guest_release if there are several.  The module is that of the root, too.

kernel_root=${guest_root:-}

. "$vm_dir/packaged.sh"

kernel_find() {
	local releases=() image
	[[ -n $kernel_root ]] ||
		die "$EXIT_USAGE" "kernel installed is one of a root: name that with tools/vm/run --root DIR"
	for image in "$kernel_root"/boot/vmlinuz-*; do
		[[ ! -e $image ]] || releases+=("${image##*/vmlinuz-}")
	done
	((${#releases[@]})) || die "$EXIT_USAGE" "there is no kernel in $kernel_root/boot"
	kernel_release=${guest_release:-${releases[0]}}
	[[ -n $guest_release ]] || ((${#releases[@]} == 1)) ||
		die "$EXIT_USAGE" "there are several kernels in $kernel_root, choose with --release: ${releases[*]}"
	kernel_image=$kernel_root/boot/vmlinuz-$kernel_release
	[[ -e $kernel_image ]] ||
		die "$EXIT_USAGE" "there is no kernel $kernel_release in $kernel_root (there are: ${releases[*]})"
	kernel_dir=$kernel_root/lib/modules/$kernel_release/build
}

kernel_build() {
	:
}

kernel_command() {
	qemu_command 2G
}
