# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A hardened kernel, built with clang: x86_64, SMP, PREEMPT_LAZY, kCFI, IBT,
# lockdown, only signed modules, KUnit, lockdep; of the newest source that the
# distribution has for a stable release.

kernel_cpus=2
kernel_max_cpus=8
kernel_make_args=(ARCH=x86_64 CC=clang-19 LD=ld.lld-19)
kernel_compiler=(clang-19 ld.lld-19)
kernel_transport=9p
kernel_power_off=reboot	# without ACPI; QEMU then exits
source_suite=trixie-backports
kernel_config=("$vm_dir/clang.config" "$vm_dir/latest.config")

. "$vm_dir/build.sh"
. "$vm_dir/qemu.sh"

kernel_find() {
	find_built_kernel
	kernel_image=$kernel_dir/arch/x86/boot/bzImage
	# it is the kernel's own key, made when the kernel was built
	kernel_sign=("$kernel_dir/scripts/sign-file" sha256
		"$kernel_dir/certs/signing_key.pem" "$kernel_dir/certs/signing_key.x509")
}

kernel_build() {
	build_kernel bzImage modules
}

kernel_command() {
	# the early console, as for the debug kernel
	qemu_command 1G "earlyprintk=ttyS0,115200,keep console=null"
}
