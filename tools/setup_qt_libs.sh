#!/bin/sh
# Sees to it that the shared libraries Qt loads are there, on Debian and the systems made from it;
# elsewhere it does nothing. Without the libraries of the first list no part of Qt can be imported,
# so their lack is an error; those of the second are for a window under X11 only, and a Wayland
# session or a run without display does without them.
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/debian.sh

# library that Qt loads:package of Debian that holds it
NEEDED="
libEGL.so.1:libegl1
libGL.so.1:libgl1
libdbus-1.so.3:libdbus-1-3
libfontconfig.so.1:libfontconfig1
libglib-2.0.so.0:libglib2.0-0
libxkbcommon.so.0:libxkbcommon0"
FOR_X11="
libxcb-cursor.so.0:libxcb-cursor0
libxcb-icccm.so.4:libxcb-icccm4
libxcb-image.so.0:libxcb-image0
libxcb-keysyms.so.1:libxcb-keysyms1
libxcb-render-util.so.0:libxcb-render-util0
libxcb-shape.so.0:libxcb-shape0
libxkbcommon-x11.so.0:libxkbcommon-x11-0"

# missing PAIR...: the packages of the libraries the loader does not know.
missing() {
    for pair in "$@"; do
        case "$known" in
            *"${pair%%:*} "*) ;;
            *) echo "${pair#*:}" ;;
        esac
    done
}

on_debian || exit 0
# A user's PATH on Debian lacks /sbin, where ldconfig is.
known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p) || exit 0

# shellcheck disable=SC2046,SC2086  # lists of words
set -- $(missing $NEEDED $FOR_X11)
[ $# -eq 0 ] && exit 0
install_packages "libraries for Qt" "$@" && exit 0

# shellcheck disable=SC2086
[ -z "$(missing $NEEDED)" ]
