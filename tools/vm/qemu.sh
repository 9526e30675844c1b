# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Booting an x86_64 kernel with QEMU.

# Emulated, even where /dev/kvm exists: nested or half-disabled hardware
# virtualization hangs ordinary guests.  BPFSCHED_ACCEL=kvm is for those who
# know that theirs works.
qemu_accel=${BPFSCHED_ACCEL:-tcg,thread=multi}

# qemu_share TAG FOLDER [OPTION]: a folder of the host for the guest (9p).
# A comma inside of a value is doubled, QEMU's way of quoting.
qemu_share() {
	local id=$1 path=${2//,/,,}
	vm_command+=(-fsdev "local,id=$id,path=$path,security_model=none,multidevs=remap${3:+,$3}"
		-device "virtio-9p-pci,fsdev=$id,mount_tag=$id")
}

# qemu_shares: all that the guest sees of the host
qemu_shares() {
	qemu_share root / readonly=on
	qemu_share share "$work/share"
	[[ -z $out ]] || qemu_share out "$out"
	vm_stdout=$work/qemu.log
}

# qemu_clock: the part of the command line that tells a kernel how fast its
# clock is
qemu_clock() {
	local khz
	printf 'tsc=reliable'
	gcc -O2 -o "$work/tsc-khz" "$vm_dir/tsc-khz.c" 2>/dev/null || return 0
	khz=$("$work/tsc-khz") && printf ' tsc_early_khz=%s' "$khz"
}

# qemu_command MEMORY [CONSOLE]: CONSOLE is the part of the kernel's command
# line that says where it prints to
qemu_command() {
	# one socket for each CPU: the BIOS tells a kernel without ACPI of one
	# CPU a socket only
	vm_command=(qemu-system-x86_64 -nodefaults -no-user-config -no-reboot
		-display none -vga none -nic none -accel "$qemu_accel" -cpu max
		-smp "$cpus,sockets=$cpus" -m "$1" -serial "file:${console//,/,,}"
		-kernel "$kernel_image" -initrd "$work/initramfs"
		-append "${2:-console=ttyS0} $(qemu_clock) no5lvl no_timer_check ${guest_args[*]}")
	qemu_shares
}
