# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# User-Mode Linux: the kernel as a program of the host.  Has KUnit, boots in
# a second, runs at native speed; one CPU, no preemption.

kernel_cpus=1
kernel_max_cpus=1
kernel_make_args=(ARCH=um)
kernel_transport=hostfs

. "$vm_dir/build.sh"

kernel_find() {
	find_built_kernel
	kernel_image=$kernel_dir/linux
}

kernel_build() {
	build_kernel linux modules
}

# uml_memory_dir: where the guest's memory is kept, as a file that is mapped
# executable: /dev/shm where possible, for a file on a disk is slow
uml_memory_dir() {
	local dir options
	for dir in /dev/shm "$work"; do
		options=$(findmnt -nfo OPTIONS -T "$dir") || continue
		[[ -w $dir && ,$options, != *,noexec,* ]] || continue
		(($(df --output=avail -k "$dir" | tail -n 1) > 1200000)) || continue
		printf '%s\n' "$dir"
		return
	done
	die "$EXIT_VM" "no room for a guest's memory: need 1.2 GB in /dev/shm or ${TMPDIR:-/tmp}, not mounted noexec"
}

kernel_command() {
	local memory jail=()
	memory=$(uml_memory_dir)
	# the guest's root file system is mounted read-only, but root may remount
	if unshare --mount true 2>/dev/null; then
		jail=(unshare --mount --propagation private "$vm_dir/read-only"
			"$work" "$memory" ${out:+"$out"} --)
	fi
	# random numbers are the host's: without them programs that ask for some,
	# as for the name of a temporary file, wait for minutes
	vm_command=("${jail[@]}" env "TMPDIR=$memory" "$kernel_image" mem=1G
		"initrd=$work/initramfs" "uml_dir=$work/uml" umid=guest
		random.trust_cpu=on con=null "con0=null,fd:1" "${guest_args[@]}")
	# the kernel's console is what this program prints
	vm_stdout=$console
}
