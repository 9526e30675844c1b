# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Building a kernel from the distribution's source, once for a machine.  The
# source is that of linux-source-6.1, which is installed; or, if source_suite
# names another suite of the distribution, the newest that this suite has.
# kernel_config is a list of files: the configuration, on top of allnoconfig.
# kernel_compiler is a list of programs: what the kernel is compiled with.
#
# In the cache folder:
#   source-SUITE/             the package of a suite that is not this machine's
#   linux-source-VERSION-KEY/ the source, unpacked, without most drivers,
#                             and patched
#   kernel-KIND-VERSION-KEY/  a build tree, good for building modules
# The source's KEY stands for the patches, the kernel's KEY for the patches,
# the configuration and the compiler.  A folder is only used when it has a file
# .complete, which is written last.  Without it the folder is what a killed
# build left, and is made anew.

source_suite=${source_suite-}
kernel_compiler=("${kernel_compiler[@]-gcc}")

source_package=linux-source-6.1
source_archive=/usr/src/linux-source-6.1.tar.xz
source_folder=$cache/source-$source_suite

# Folders whose sources no kernel of ours compiles; their Kconfig files stay.
unused_sources=(drivers/gpu drivers/media drivers/net/ethernet
	drivers/net/wireless drivers/scsi drivers/staging sound)

# source_version: of another suite it is only known once the package is there
source_version() {
	if [[ -n $source_suite ]]; then
		cat "$source_folder/version" 2>/dev/null || echo none
		return
	fi
	dpkg-query -W -f='${Version}' $source_package 2>/dev/null ||
		die "$EXIT_VM" "the package $source_package is missing: run tools/vm/setup $kernel_kind"
}

# suite_apt TOOL ARGUMENT...: apt with the lists of $source_suite alone, which
# are in $source_folder; those of this machine stay as they are
suite_apt() {
	local tool=$1
	shift
	"$tool" -q -o Dir::State="$source_folder/apt" \
		-o Dir::State::status="$source_folder/apt/status" \
		-o Dir::Cache="$source_folder/apt" \
		-o Dir::Etc::SourceList="$source_folder/apt/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null \
		-o APT::Sandbox::User= -o APT::Default-Release= \
		-o Acquire::Check-Valid-Until=false "$@"
}

# fetch_source: the package that linux-source of the suite stands for.  What is
# fetched stays; who wants a newer one removes the folder.
fetch_source() {
	local uri line name version
	[[ ! -e $source_folder/.complete ]] || return 0
	progress "fetching the newest kernel source of $source_suite (once)"
	rm -rf "$source_folder"
	mkdir -p "$source_folder/apt/lists/partial" "$source_folder/apt/archives/partial"
	: >"$source_folder/apt/status"
	uri=$(archive_uri)
	printf 'deb [signed-by=%s] %s %s main\n' \
		/usr/share/keyrings/debian-archive-keyring.gpg \
		"${uri:?}" "$source_suite" >"$source_folder/apt/sources.list"
	suite_apt apt-get update >"$source_folder/log" 2>&1 ||
		die "$EXIT_VM" "cannot read the lists of $source_suite: $(tail -n 2 "$source_folder/log")"
	# "linux-source-7.3 (= 7.3.4-1)", of the newest version
	line=$(suite_apt apt-cache show --no-all-versions linux-source |
		sed -n 's/^Depends: //p')
	[[ $line =~ ^(linux-source-[0-9.]+)\ \(=\ ([^\)]+)\)$ ]] ||
		die "$EXIT_VM" "$source_suite has no source of a kernel: linux-source depends on '$line'"
	name=${BASH_REMATCH[1]}
	version=${BASH_REMATCH[2]}
	(cd "$source_folder" && suite_apt apt-get download "$name=$version") >>"$source_folder/log" 2>&1 ||
		die "$EXIT_VM" "cannot fetch $name: $(tail -n 2 "$source_folder/log")"
	mv "$source_folder/$name"_*.deb "$source_folder/linux-source.deb"
	rm -r "$source_folder/apt"
	printf '%s\n' "$version" >"$source_folder/version"
	touch "$source_folder/.complete"
}

# source_tar: the archive of the source, on standard output
source_tar() {
	if [[ -z $source_suite ]]; then
		xz -dc $source_archive
		return
	fi
	dpkg-deb --fsys-tarfile "$source_folder/linux-source.deb" |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' | xz -dc
}

# patch_source: change the unpacked source in $kernel_source.  The text of this
# function is part of the KEY of the source and of each kernel.
#
# User-Mode Linux 6.1, unlike newer ones, keeps the host's floating-point state in an array of a
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

# compiler_versions: all that tells one compiler from another
compiler_versions() {
	local tool
	for tool in "${kernel_compiler[@]}"; do
		"$tool" --version
	done
}

# find_built_kernel: set kernel_dir, kernel_source and kernel_release, built or
# not
find_built_kernel() {
	local version key
	version=$(source_version)
	key=$({ cat "${kernel_config[@]}" && compiler_versions && declare -f patch_source; } | short_hash)
	find_source
	kernel_dir=$cache/kernel-$kernel_kind-$version-$key
	kernel_release="${version%%-*} $kernel_kind"
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
	source_tar | tar -x -C "$kernel_source" --strip-components=1 "${exclude[@]}" ||
		die "$EXIT_VM" "cannot unpack the kernel source"
	! grep -q HOST_FP_SIZE "$kernel_source/arch/x86/um/user-offsets.c" || patch_source
	touch "$kernel_source/.complete"
}

# configure_kernel: the configuration on top of allnoconfig.  Kconfig drops what
# it does not know or cannot have, silently; a check that is not there would
# look like a check that passes, so that is an error here.
configure_kernel() {
	local config=$kernel_dir/wanted.config line
	cat "${kernel_config[@]}" >"$config"
	make -s -C "$kernel_source" O="$kernel_dir" "${kernel_make_args[@]}" \
		KCONFIG_ALLCONFIG="$config" allnoconfig >"$kernel_dir/build.log" 2>&1 ||
		die "$EXIT_VM" "cannot configure the $kernel_kind kernel: $(tail -n 3 "$kernel_dir/build.log")"
	while read -r line; do
		grep -qxF -- "$line" "$kernel_dir/.config" ||
			die "$EXIT_VM" "${kernel_config[*]}: not taken by this kernel: $line"
	done < <(grep '^CONFIG_' "$config")
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

# make_kernel TARGET...
make_kernel() {
	local start=$SECONDS
	[[ ! -e $kernel_dir/.complete ]] || return 0
	progress "building the $kernel_kind kernel (some minutes, once)"
	rm -rf "$kernel_dir"
	mkdir -p "$kernel_dir"
	configure_kernel
	nice -n 5 make -C "$kernel_source" O="$kernel_dir" "${kernel_make_args[@]}" \
		-j"$(nproc)" "$@" 2>&1 | tee "$kernel_dir/build.log" | show_steps || {
		grep -E -B2 -A5 'error|Error|\*\*\*' "$kernel_dir/build.log" | head -n 40 >&2
		die "$EXIT_VM" "the $kernel_kind kernel does not build"
	}
	strip_tree
	touch "$kernel_dir/.complete"
	progress "the $kernel_kind kernel is built ($((SECONDS - start)) s)"
}

# build_kernel TARGET...: after kernel_find
build_kernel() {
	if [[ -n $source_suite && ! -e $source_folder/.complete ]]; then
		with_lock "source-$source_suite" fetch_source
		kernel_find
	fi
	[[ ! -e $kernel_dir/.complete ]] || return 0
	with_lock kernel-source unpack_source
	with_lock "kernel-$kernel_kind" make_kernel "$@"
}
