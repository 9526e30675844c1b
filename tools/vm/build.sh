# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Building a kernel from the distribution's source, once for a machine.
#
# In the cache folder:
#   linux-source-VERSION-KEY/ the source, unpacked, without most drivers,
#                             and patched
#   kernel-KIND-VERSION-KEY/  a build tree, good for building modules
# The source's KEY stands for the patches, the kernel's KEY for the patches,
# the configuration and the compiler.  A folder is only used when it has a file
# .complete, which is written last.  Without it the folder is what a killed
# build left, and is made anew.

source_package=linux-source-6.1
source_archive=/usr/src/linux-source-6.1.tar.xz

# Folders whose sources no kernel of ours compiles; their Kconfig files stay.
unused_sources=(drivers/gpu drivers/media drivers/net/ethernet
	drivers/net/wireless drivers/scsi drivers/staging sound)

source_version() {
	dpkg-query -W -f='${Version}' $source_package 2>/dev/null ||
		die "$EXIT_VM" "the package $source_package is missing: run tools/vm/setup $kernel_kind"
}

# patch_source: change the unpacked source in $kernel_source.  The text of this
# function is part of the KEY of the source and of each kernel.
#
# User-Mode Linux 6.1 keeps the host's floating-point state in an array of a
# fixed size.  On processors with AMX, PTRACE_SETREGSET wants 11,008 bytes,
# and the first process of the guest dies with "ptrace set fp regs failed".
# The state lies on kernel stacks too, so uml.config makes them larger.
patch_source() {
	local file=$kernel_source/arch/x86/um/user-offsets.c
	sed -i 's/\(HOST_FP_SIZE, \)2696)/\112288)/' "$file"
	grep -q 'HOST_FP_SIZE, 12288)' "$file" ||
		die "$EXIT_VM" "cannot patch $file: no HOST_FP_SIZE of 2696 there"
}

# short_hash: 12 digits for what comes on standard input
short_hash() {
	sha256sum | cut -c1-12
}

# find_source: set kernel_source, unpacked or not
find_source() {
	local version
	version=$(source_version)
	kernel_source=$cache/linux-source-$version-$(declare -f patch_source | short_hash)
}

# find_built_kernel CONFIG: set kernel_dir and kernel_source, built or not
find_built_kernel() {
	local version key
	version=$(source_version)
	key=$({ cat "$1" && gcc --version && declare -f patch_source; } | short_hash)
	find_source
	kernel_dir=$cache/kernel-$kernel_kind-$version-$key
}

unpack_source() {
	local folder exclude=()
	[[ ! -e $kernel_source/.complete ]] || return 0
	progress "unpacking the kernel source (once)"
	for folder in "${unused_sources[@]}"; do
		exclude+=(--exclude="*/$folder/*.[ch]")
	done
	rm -rf "$kernel_source"
	mkdir -p "$kernel_source"
	tar -xJf $source_archive -C "$kernel_source" --strip-components=1 \
		"${exclude[@]}" || die "$EXIT_VM" "cannot unpack $source_archive"
	patch_source
	touch "$kernel_source/.complete"
}

# configure_kernel CONFIG: CONFIG on top of allnoconfig.  Kconfig drops what
# it does not know or cannot have, silently; a check that is not there would
# look like a check that passes, so that is an error here.
configure_kernel() {
	local line
	make -s -C "$kernel_source" O="$kernel_dir" "${kernel_make_args[@]}" \
		KCONFIG_ALLCONFIG="$1" allnoconfig >"$kernel_dir/build.log" 2>&1 ||
		die "$EXIT_VM" "cannot configure the $kernel_kind kernel: $(tail -n 3 "$kernel_dir/build.log")"
	while read -r line; do
		grep -qxF -- "$line" "$kernel_dir/.config" ||
			die "$EXIT_VM" "$1: not taken by this kernel: $line"
	done < <(grep '^CONFIG_' "$1")
}

# show_steps: make's output in, now and then a line of progress out
show_steps() {
	local line steps=0 start=$SECONDS shown=$SECONDS
	while IFS= read -r line; do
		[[ $line =~ ^\ \ (CC|AS|HOSTCC|LD|AR)\  ]] || continue
		steps=$((steps + 1))
		((SECONDS - shown >= 15)) || continue
		shown=$SECONDS
		progress "building the $kernel_kind kernel: $steps steps, $((SECONDS - start)) s"
	done
}

# strip_tree: building modules needs headers, scripts, host tools and
# Module.symvers, but none of the kernel's own objects
strip_tree() {
	find "$kernel_dir" -type d \( -path "$kernel_dir/scripts" -o \
		-path "$kernel_dir/tools" \) -prune -o \
		-type f \( -name '*.o' -o -name '*.a' -o -name '*.cmd' \) \
		-exec rm -f {} +
	rm -f "$kernel_dir"/.tmp_* "$kernel_dir"/vmlinux.o "$kernel_dir"/arch/x86/boot/compressed/vmlinux*
}

# make_kernel CONFIG TARGET...
make_kernel() {
	local config=$1 start=$SECONDS
	shift
	[[ ! -e $kernel_dir/.complete ]] || return 0
	progress "building the $kernel_kind kernel (some minutes, once)"
	rm -rf "$kernel_dir"
	mkdir -p "$kernel_dir"
	configure_kernel "$config"
	nice -n 5 make -C "$kernel_source" O="$kernel_dir" "${kernel_make_args[@]}" \
		-j"$(nproc)" "$@" 2>&1 | tee "$kernel_dir/build.log" | show_steps || {
		grep -E -B2 -A5 'error|Error|\*\*\*' "$kernel_dir/build.log" | head -n 40 >&2
		die "$EXIT_VM" "the $kernel_kind kernel does not build"
	}
	strip_tree
	touch "$kernel_dir/.complete"
	progress "the $kernel_kind kernel is built ($((SECONDS - start)) s)"
}

# build_kernel CONFIG TARGET...: after find_built_kernel
build_kernel() {
	[[ ! -e $kernel_dir/.complete ]] || return 0
	with_lock kernel-source unpack_source
	with_lock "kernel-$kernel_kind" make_kernel "$@"
}
