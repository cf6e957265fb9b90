# Sourced by the other scripts: where things are, and mpirun.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
export NINJA=$venv/bin/ninja
cd "$root" || exit 1

say() {
    printf '\033[1m== %s\033[0m\n' "$*" >&2
}

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# installs PACKAGE...: Debian packages, as root or through sudo. Where that is impossible, or fails, it
# prints the line to run and returns 1. Nothing happens where all of them are there.
install_packages() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f '${Status}\n' "$name" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return 0

    local sudo=()
    if [ "$(id -u)" != 0 ]; then
        sudo=(sudo)
        [ -t 0 ] || sudo+=(-n)
    fi
    say "installing ${missing[*]}"
    command -v apt-get >/dev/null &&
        { [ ${#sudo[@]} -eq 0 ] || "${sudo[@]}" true; } 2>/dev/null &&
        "${sudo[@]}" apt-get update -q >&2 &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 </dev/null &&
        return 0
    printf 'These system packages are missing and cannot be installed from here. Please run:\n\n' >&2
    printf '    sudo apt-get install --no-install-recommends %s\n\n' "${missing[*]}" >&2
    return 1
}

# stamped NAME FILE...: succeeds where `stamp NAME FILE...` was called before, and neither the files nor the
# place of the checkout have changed since.
stamp_value() {
    { echo "$root"; cat "$@"; } | sha256sum
}
stamped() {
    local name=$1
    shift
    [ "$(cat "$venv/.stamp-$name" 2>/dev/null)" = "$(stamp_value "$@")" ]
}
stamp() {
    local name=$1
    shift
    stamp_value "$@" >"$venv/.stamp-$name"
}

# The MPIs that can be used here, by name.
mpis() {
    local name
    for name in openmpi mpich mpi-abi; do
        mpi_launcher "$name" >/dev/null && echo "$name"
    done
    return 0
}

# mpi_launcher NAME: the command that starts programs of that MPI.
mpi_launcher() {
    local command version
    case $1 in
    mpi-abi) # MPICH's, from PyPI, has the standard interface of MPI 5 as well (script/bootstrap)
        [ -f "$venv/mpi-abi/lib/libmpi_abi.so.1" ] && echo "$venv/mpi-abi/bin/mpiexec"
        return
        ;;
    openmpi) version='Open MPI|OpenRTE' ;;
    mpich) version='HYDRA|MPICH|Intel' ;;
    *) die "no such MPI: $1" ;;
    esac
    for command in "mpirun.$1" "mpiexec.$1" mpirun mpiexec; do
        if command -v "$command" >/dev/null && [[ $("$command" --version 2>&1) =~ $version ]]; then
            echo "$command"
            return 0
        fi
    done
    return 1
}

# cores: how many there are; nproc alone would say OMP_NUM_THREADS.
cores() {
    env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc
}

# run_mpi NAME RANKS SECONDS COMMAND...: a program under that MPI, ended after so many seconds.
run_mpi() {
    local yield=$root/build/tests/mpi/libmpich_yield.so # see its source
    local name=$1 ranks=$2 seconds=$3 launcher limit=(timeout --kill-after=10)
    shift 3
    [ -t 0 ] && limit+=(--foreground) # so that Ctrl-C ends it
    launcher=$(mpi_launcher "$name") || die "$name is not installed"
    (
        export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} MPI4PY_MPIABI=$name
        if [ "$name" = openmpi ]; then
            [ "$(id -u)" = 0 ] &&
                export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
            [ "$ranks" -gt "$(cores)" ] && export OMPI_MCA_rmaps_base_oversubscribe=1
        elif [ "$ranks" -gt "$(cores)" ] && [ -f "$yield" ]; then
            set -- -genv LD_PRELOAD "$yield${LD_PRELOAD:+:$LD_PRELOAD}" "$@"
        fi
        # mpi4py's wheel asks for libmpi.so.12, Debian's MPICH is called libmpich.so.12.
        [ "$name" = mpich ] && [ -d "$venv/lib/mpich" ] &&
            export LD_LIBRARY_PATH=$venv/lib/mpich${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
        [ "$name" = mpi-abi ] &&
            export PETIOLE_MPI=${PETIOLE_MPI:-$venv/mpi-abi/lib/libmpi_abi.so.1}
        exec "${limit[@]}" "$seconds" "$launcher" -n "$ranks" "$@"
    )
}

# configure FOLDER PREFIX OPTION...: sets up a build folder with the compiler CC (cc, where it is not set); again
# where its options or the set of files changed (the C tests are found by name).
configure() {
    local folder=$1 prefix=$2 site key before
    shift 2
    [ -d "$venv/mpi-abi/abi" ] && set -- "-Dmpi_headers=$venv/mpi-abi/abi" "$@"
    site=lib/$("$venv/bin/python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')/site-packages
    set -- --prefix "$root/$prefix" --libdir lib \
        -Dpython.purelibdir="$site" -Dpython.platlibdir="$site" "$@"
    key=$(printf '%s\n' "$root" ${CC:+"CC=$CC"} "$@"; ls tests/unit tests/mpi tests/faults 2>/dev/null)
    before=$(cat "$folder/.petiole-key" 2>/dev/null || true)
    [ "$before" = "$key" ] && return 0
    # Meson keeps the sources and the compiler that a folder was set up with. A folder that knows nothing of an
    # option yet cannot be set up again with it.
    [ -f "$folder/build.ninja" ] && [ "$(sources_and_compiler <<<"$before")" = "$(sources_and_compiler <<<"$key")" ] &&
        "$venv/bin/meson" setup --reconfigure "$folder" "$@" >&2 || {
        rm -rf "$folder"
        "$venv/bin/meson" setup "$folder" "$@" >&2
    }
    printf '%s\n' "$key" >"$folder/.petiole-key"
}
sources_and_compiler() {
    sed -n '1p; /^CC=/p'
}

compile() {
    "$venv/bin/ninja" -C "$1" --quiet >&2
}

# install_build FOLDER [ROOT]: installs what is compiled under its prefix (inside ROOT).
install_build() {
    "$venv/bin/meson" install -C "$1" --no-rebuild --quiet --only-changed ${2:+--destdir "$2"} >&2
}

# install_compat ENVIRONMENT: the package of pyGinkgo's names, where it has changed.
install_compat() {
    local folder=compat/pyGinkgo files
    mapfile -t files < <(find $folder -name '*.py' -o -name '*.toml' -o -name '*.md' | sort)
    stamped compat "${files[@]}" && return 0
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-index \
        --no-build-isolation --force-reinstall ./$folder >&2 &&
        stamp compat "${files[@]}"
}
