# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A stock kernel of a newer release of the distribution, in a root of its own:
# its headers and its compiler need the C library of that release, so modules
# are built in there too.  root_suite is the release, root_flavour what the names
# of its kernel packages end with.
#
# In the cache folder:
#   root-SUITE/          the root, with the kernels of all flavours
#   root-SUITE/.complete written last; a folder without it is made anew

kernel_root=$cache/root-$root_suite

. "$vm_dir/packaged.sh"

root_flavours=(amd64 rt-amd64)
# What no guest of ours has a use for
root_excluded=('/usr/share/doc/*' '/usr/share/man/*' '/usr/share/locale/*'
	'/lib/modules/*/kernel/drivers/gpu/*' '/usr/lib/modules/*/kernel/drivers/gpu/*'
	'/lib/modules/*/kernel/drivers/media/*' '/usr/lib/modules/*/kernel/drivers/media/*'
	'/lib/modules/*/kernel/sound/*' '/usr/lib/modules/*/kernel/sound/*')

kernel_find() {
	kernel_image=$(newest_image "$root_flavour" "$kernel_root"/boot/vmlinuz-*)
	kernel_release=${kernel_image##*/vmlinuz-}
	kernel_dir=/lib/modules/$kernel_release/build
	kernel_make=("$vm_dir/in-root" "$kernel_root" "$checkout" "$cache" -- make)
}

make_root() {
	local flavour packages=() options=() sources=() path release=${root_suite%-backports} uri
	[[ ! -e $kernel_root/.complete ]] || return 0
	((EUID == 0)) || die "$EXIT_VM" "the $kernel_kind kernel needs root: it is built in a root of its own"
	progress "fetching the kernels of $root_suite (once)"
	rm -rf "$kernel_root"
	uri=$(archive_uri)
	sources=("deb ${uri:?} $release main")
	if [[ $root_suite != "$release" ]]; then
		sources+=("deb $uri $root_suite main")
		options+=(--aptopt="APT::Default-Release \"$root_suite\"")
	fi
	for flavour in "${root_flavours[@]}"; do
		packages+=("linux-image-$flavour" "linux-headers-$flavour")
	done
	for path in "${root_excluded[@]}"; do
		options+=(--dpkgopt="path-exclude=$path")
	done
	mmdebstrap --quiet --variant=minbase "${options[@]}" \
		--include="$(IFS=, && printf '%s' "${packages[*]}"),gcc,make,perl" \
		"$release" "$kernel_root" "${sources[@]}" >&2 ||
		die "$EXIT_VM" "cannot make a root of $root_suite"
	touch "$kernel_root/.complete"
}

kernel_build() {
	[[ -e $kernel_root/.complete ]] || with_lock "root-$root_suite" make_root
	kernel_find
}
