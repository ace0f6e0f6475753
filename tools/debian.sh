# shellcheck shell=sh
# Sourced by the set-up scripts: packages of Debian and the systems made from it.

# True where packages come from apt.
on_debian() {
    [ "$(uname -s)" = Linux ] && command -v apt-get >/dev/null 2>&1 \
        && command -v dpkg-query >/dev/null 2>&1
}

# The words before a command that installs packages: none for root, "sudo -n" where that asks for no
# password. False where neither is allowed.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        return 0
    fi
    command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1 && echo "sudo -n"
}

# install_packages WHAT PACKAGE...: installs them where allowed. Otherwise, and where apt fails, says
# in one line what to type, and returns false.
install_packages() {
    what=$1
    shift
    log=$(mktemp)
    if prefix=$(as_root); then
        echo "Installing $what: $*"
        for step in "update" "install -y --no-install-recommends $*"; do
            # shellcheck disable=SC2086  # both are lists of words
            $prefix env DEBIAN_FRONTEND=noninteractive \
                apt-get -q -o DPkg::Lock::Timeout=120 $step >>"$log" 2>&1
            status=$?
        done
        if [ "$status" -eq 0 ]; then
            rm -f "$log"
            return 0
        fi
        grep '^E:' "$log" | tail -n 1 >&2
    fi
    rm -f "$log"
    echo "Missing $what; type: sudo apt install $*" >&2
    return 1
}
