# Sourced by ./sluice and ./check: finds a JDK that is new enough.
# Sets JDK (its home) and JDK_VERSION (as in 25.0.1), or leaves JDK empty.

SLUICE_JDK_MIN=25

# jdk_version HOME: prints the version of the JDK at HOME, from its release file, without starting it.
jdk_version() {
    [ -x "$1/bin/javac" ] && [ -f "$1/release" ] || return 1
    sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9][0-9._]*\).*/\1/p' "$1/release" | head -n 1
}

# try_jdk HOME: takes the JDK at HOME when it is new enough.
try_jdk() {
    local home=$1 version
    version=$(jdk_version "$home") || return 1
    [ -n "$version" ] && [ "${version%%.*}" -ge "$SLUICE_JDK_MIN" ] || return 1
    JDK=$home
    JDK_VERSION=$version
}

# Prints the home of the java on the PATH. A shim (jenv, asdf) is no link into its JDK, so it is asked.
jdk_on_path() {
    local java home
    java=$(command -v java) || return 1
    home=$(readlink -f "$java" 2>/dev/null) && home=${home%/bin/java}
    if [ ! -f "$home/release" ]; then
        home=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p' | head -n 1)
    fi
    [ -n "$home" ] && printf '%s\n' "$home"
}

find_jdk() {
    local home
    JDK=
    JDK_VERSION=
    if [ -n "${JAVA_HOME:-}" ] && try_jdk "$JAVA_HOME"; then return 0; fi
    if home=$(jdk_on_path) && try_jdk "$home"; then return 0; fi
    for home in /usr/lib/jvm/* /opt/java* /opt/jdk* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        if try_jdk "$home"; then return 0; fi
    done
    return 1
}

# Finds a JDK or stops the script, saying what to install.
require_jdk() {
    find_jdk && return 0
    echo "${0##*/}: Sluice needs a JDK of $SLUICE_JDK_MIN or newer, and none was found in JAVA_HOME, on the PATH" \
        "or in the usual folders. Install one (for example Eclipse Temurin $SLUICE_JDK_MIN, from adoptium.net)" \
        "and set JAVA_HOME to it." >&2
    exit 1
}
