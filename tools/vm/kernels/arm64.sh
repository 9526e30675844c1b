# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The distribution's stock kernel for arm64, on an emulated machine of that
# architecture. Module and tools are compiled by a cross compiler; all other
# programs that the guest runs are those of the distribution, in a root of its own.
#
# In the cache folder:
#   root-arm64/          packages, unpacked but not configured, for that would need
#                        the machine
#   root-arm64/.complete written last; a folder without it is made anew

. "$vm_dir/packaged.sh"

kernel_max_cpus=8
kernel_root=$cache/root-arm64
kernel_userland=$kernel_root
kernel_make_args=(ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-)
# The checkout as the guest has it: with tools of its architecture
kernel_checkout=$checkout/build/arm64-checkout

# The kernel, what tools are linked with, and what tests call
arm64_packages=(linux-image-arm64 linux-headers-arm64 libbpf-dev libjansson-dev
	libelf-dev zlib1g-dev libc6-dev bash busybox-static coreutils dash diffutils
	findutils grep iproute2 kmod mawk mount procps python3 python3-jsonschema sed
	util-linux zsh)

kernel_find() {
	kernel_image=$(newest_image arm64 "$kernel_root"/boot/vmlinuz-*)
	kernel_release=${kernel_image##*/vmlinuz-}
	kernel_dir=$kernel_root/usr/src/linux-headers-$kernel_release
}

# use_host_programs: the headers of the kernel come with programs of arm64, and
# with the places that they have once installed
use_host_programs() {
	local version
	version=$(basename "$kernel_root"/usr/lib/linux-kbuild-*)
	[[ -e /usr/lib/$version ]] ||
		die "$EXIT_VM" "the package $version is missing: run tools/vm/setup arm64"
	rm -r "$kernel_root/usr/lib/$version"
	ln -s "/usr/lib/$version" "$kernel_root/usr/lib/$version"
	sed -i "s|/usr/src/|$kernel_root&|" "$kernel_dir"*/Makefile
	depmod -b "$kernel_root" "$kernel_release"
}

make_arm64_root() {
	local uri
	[[ ! -e $kernel_root/.complete ]] || return 0
	progress "fetching a system of arm64 (once)"
	rm -rf "$kernel_root"
	uri=$(archive_uri)
	mmdebstrap --quiet --variant=extract --architectures=arm64 --skip=check/qemu \
		--include="$(IFS=, && printf '%s' "${arm64_packages[*]}")" \
		bookworm "$kernel_root" "deb ${uri:?} bookworm main" >&2 ||
		die "$EXIT_VM" "cannot make a root of arm64"
	kernel_find
	use_host_programs
	touch "$kernel_root/.complete"
}

kernel_build() {
	((EUID == 0)) || die "$EXIT_VM" "the arm64 kernel needs root, for the packages that it is made of"
	[[ -e $kernel_root/.complete ]] || with_lock root-arm64 make_arm64_root
	kernel_find
}

# build_arm64_tools: in a copy of the checkout. What clang has compiled runs on
# any machine, so that is copied.
build_arm64_tools() {
	local part
	mkdir -p "$kernel_checkout/build"
	(cd "$checkout" && tar -cf - --exclude=tools/bin --exclude=__pycache__ \
		Makefile README.md include interp sched_core tools) |
		tar -xf - -C "$kernel_checkout"
	for part in examples tests objects variants bench; do
		[[ ! -e $checkout/build/$part ]] ||
			cp -au "$checkout/build/$part" "$kernel_checkout/build/"
	done
	make -s -C "$kernel_checkout/tools" -j"$(nproc)" LD=aarch64-linux-gnu-ld \
		CC="aarch64-linux-gnu-gcc --sysroot=$kernel_root" \
		OBJCOPY=aarch64-linux-gnu-objcopy lib bpfsched tests examples >&2
}

kernel_prepare() {
	progress "building the tools for arm64"
	with_lock "tools-$(sha256sum <<<"$kernel_checkout" | cut -c1-12)" build_arm64_tools ||
		die "$EXIT_VM" "the tools do not build for arm64"
	# the folder of --out is mounted there
	[[ ${out:-} != "$checkout"/* ]] || mkdir -p "$kernel_checkout${out#"$checkout"}"
}

kernel_command() {
	vm_command=(qemu-system-aarch64 -nodefaults -no-user-config -no-reboot
		-machine virt -cpu cortex-a76 -display none -nic none -accel "$qemu_accel"
		-smp "$cpus" -m 1G -serial "file:${console//,/,,}"
		-kernel "$kernel_image" -initrd "$work/initramfs"
		-append "console=ttyAMA0 ${guest_args[*]}")
	qemu_shares
}
