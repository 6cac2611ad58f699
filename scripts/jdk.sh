# Sourced by ./sluice and ./check: finds a JDK that is new enough. It is part of each start, so no other program is run
# where the shell will do.
# Sets JDK (its home), JDK_VERSION (as in 25.0.1) and JDK_BUILD (as in 25.0.1+8-LTS Eclipse Adoptium), or leaves JDK empty.

SLUICE_JDK_MIN=25

# try_jdk HOME: takes the JDK at HOME when it is new enough, which its release file says.
try_jdk() {
    local name value version='' build='' vendor=''
    [ -x "$1/bin/javac" ] && [ -f "$1/release" ] || return 1
    while IFS='=' read -r name value; do
        value=${value//\"/}
        case $name in
            JAVA_VERSION) version=$value ;;
            JAVA_RUNTIME_VERSION) build=$value ;;
            IMPLEMENTOR) vendor=$value ;;
        esac
    done <"$1/release"
    # 25.0.1 or 26-ea; what was before 9 called itself 1.8.
    [[ $version =~ ^[0-9]+ ]] && [ "${BASH_REMATCH[0]}" -ge "$SLUICE_JDK_MIN" ] || return 1
    JDK=$1
    JDK_VERSION=$version
    JDK_BUILD="${build:-$version} $vendor"
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
    JDK_BUILD=
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
