# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The debug kernel: x86_64, SMP, preemptible, KUnit, KASAN, lockdep,
# kmemleak, debug objects, fault injection.

kernel_cpus=2
kernel_max_cpus=8
kernel_make_args=(ARCH=x86_64)
kernel_transport=9p
kernel_power_off=reboot	# without ACPI; QEMU then exits
kernel_config=("$vm_dir/debug.config")

. "$vm_dir/build.sh"
. "$vm_dir/qemu.sh"

kernel_find() {
	find_built_kernel
	kernel_image=$kernel_dir/arch/x86/boot/bzImage
}

kernel_build() {
	build_kernel bzImage modules
}

kernel_command() {
	# The serial console takes a lock that may sleep under PREEMPT_RT.
	# When something is printed in a hard interrupt ("hrtimer: interrupt
	# took", on a busy host) lockdep would tell of that, and then be off.
	# The early console takes no lock.
	qemu_command 1G "earlyprintk=ttyS0,115200,keep console=null"
}
