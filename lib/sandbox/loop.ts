/** What lets the text below hold bash's own braces. */
const $ = '$'

/**
 * The program at the inner end of a channel (lib/sandbox/channel.ts): a bash loop that reads one request a line and
 * does it. Numbers come as they are, names as octal for `printf %b`, so that a request is plain ASCII whatever a name
 * holds. What a request gives goes to standard output, and then one line to standard error:
 *
 *     STATUS BYTES TEXT      ok | fail | broken; bytes that went to standard output; the error in the C locale
 *
 * `kill` uses nothing but builtins: it has to work where the processes' limit is reached and no fork succeeds.
 */
export const loop = String.raw`
unset DRYDOCK_LOOP
export LC_ALL=C
umask 022
exec 3>&1

reply() { printf '%s %s %s\n' "$1" "$2" "${$}{3//$'\n'/ }" >&2; }
fail() { reply fail 0 "$1"; }
there() { [[ -e $1 || -L $1 ]]; }
folder() { [[ -d $1 ]] || text=$(mkdir -p -- "$1" 2>&1 </dev/null); }
program() { if text=$("$@" 2>&1 </dev/null); then reply ok 0; else fail "$text"; fi; }

# path offset length
read_file() {
  local report last
  if [[ -d $1 ]]; then fail 'Is a directory'; return; fi
  if [[ -e $1 && ! -f $1 ]]; then fail 'Not a regular file'; return; fi
  report=$(dd if="$1" bs=131072 iflag=skip_bytes,count_bytes,nonblock skip="$2" count="$3" 2>&1 >&3 </dev/null)
  local status=$?
  last=${$}{report##*$'\n'}
  [[ $last =~ ^([0-9]+)\ byte ]] && local bytes=${$}{BASH_REMATCH[1]}
  if ((status == 0)); then reply ok "${$}{bytes:-0}"; else reply fail "${$}{bytes:-0}" "${$}{report%%$'\n'*}"; fi
}

# A request that is refused still takes its payload, or the payload would be read as requests.
refuse() { dd of=/dev/null bs=131072 iflag=fullblock,count_bytes count="$2" 2>/dev/null; fail "$1"; }

# path mode size; the payload follows the line
write_file() {
  local path=$1 mode=$2 size=$3 text temporary report last
  if [[ -L $path ]]; then
    text=$(readlink -m -- "$path" </dev/null && printf x)
    path=${$}{text%$'\n'x}
  fi
  if [[ -d $path ]]; then refuse 'Is a directory' "$size"; return; fi
  if [[ -e $path && ! -f $path ]]; then refuse 'Not a regular file' "$size"; return; fi
  if [[ -e $path && ! -w $path ]]; then refuse 'Permission denied' "$size"; return; fi
  folder "${$}{path%/*}/" || { refuse "$text" "$size"; return; }
  temporary="${$}{path%/*}/.drydock-$BASHPID-$SRANDOM.tmp"
  set -C
  { : >"$temporary"; } 2>/dev/null || { set +C; why_not "${$}{path%/*}/"; refuse "$text" "$size"; return; }
  set +C
  report=$(dd of="$temporary" bs=131072 iflag=fullblock,count_bytes count="$size" 2>&1)
  last=${$}{report##*$'\n'}
  if [[ ! $last =~ ^$size\ byte ]]; then
    rm -f -- "$temporary" </dev/null
    reply broken 0 "${$}{report%%$'\n'*}"
    exit
  fi
  if [[ $mode != - ]]; then
    text=$(chmod "$mode" -- "$temporary" 2>&1 </dev/null)
  elif [[ -e $path ]]; then
    text=$(chmod --reference="$path" -- "$temporary" 2>&1 </dev/null)
  fi
  if text=$(mv -fT -- "$temporary" "$path" 2>&1 </dev/null); then
    reply ok 0
  else
    rm -f -- "$temporary" </dev/null
    fail "$text"
  fi
}
why_not() { text=$(mktemp -p "$1" 2>&1 </dev/null) && { rm -f -- "$text" </dev/null; text='Input/output error'; }; }

# path recursive(0|1)
remove_entry() {
  if ! there "$1"; then fail 'No such file or directory'; return; fi
  if [[ -d $1 && ! -L $1 ]]; then
    if (($2)); then program rm -rf -- "$1"; else fail 'Is a directory'; fi
  else
    program rm -f -- "$1"
  fi
}

# from to
move_entry() {
  local text
  if ! there "$1"; then fail 'No such file or directory'; return; fi
  if there "$2"; then fail 'File exists'; return; fi
  folder "${$}{2%/*}/" || { fail "$text"; return; }
  program mv -T -- "$1" "$2"
}

# path target
link_entry() {
  local text
  if [[ -d $1 && ! -L $1 ]]; then fail 'Is a directory'; return; fi
  folder "${$}{1%/*}/" || { fail "$text"; return; }
  program ln -sfT -- "$2" "$1"
}

# An entry is "TYPE SIZE MODE MTIME TARGET" NUL name NUL; one more NUL ends the list.
entries() { find "$@" -printf '%y %s %m %T@ %l\0%f\0' 2>&1 >&3 </dev/null; }

list_folder() {
  if ! there "$1"; then fail 'No such file or directory'; return; fi
  if [[ ! -d $1 ]]; then fail 'Not a directory'; return; fi
  if [[ ! -r $1 || ! -x $1 ]]; then fail 'Permission denied'; return; fi
  entries -H "$1" -mindepth 1 -maxdepth 1 >/dev/null
  printf '\0' >&3
  reply ok 0
}

stat_entry() {
  local text
  if text=$(entries "$1" -maxdepth 0); then printf '\0' >&3; reply ok 0; else fail "$text"; fi
}

# Stops every process that carries the tag until none is left that was not seen, then ends them all: what is stopped
# cannot start another one.
kill_tagged() {
  local round pid entry more
  local -A seen=()
  for round in {1..50}; do
    more=
    for pid in /proc/[0-9]*; do
      pid=${$}{pid#/proc/}
      [[ -n ${$}{seen[$pid]} ]] && continue
      while IFS= read -r -d '' entry; do
        if [[ $entry == "DRYDOCK_TAG=$1" ]]; then
          kill -STOP "$pid" && seen[$pid]=1 && more=1
          break
        fi
      done <"/proc/$pid/environ"
    done 2>/dev/null
    [[ -z $more ]] && break
  done
  for pid in "${$}{!seen[@]}"; do kill -KILL "$pid"; done 2>/dev/null
  reply ok 0 "${$}{#seen[@]}"
}

# Ends the foreground group of the terminal that the given process leads.
kill_foreground() {
  local stat fields
  if IFS= read -r stat <"/proc/$1/stat"; then
    read -r -a fields <<<"${$}{stat##*) }"
    if ((fields[5] > 1 && fields[5] != $1)); then kill -KILL -- "-${$}{fields[5]}"; fi
  fi 2>/dev/null
  reply ok 0
}

while read -r request first second third; do
  printf -v path %b "$first"
  case $request in
    read) read_file "$path" "$second" "$third" ;;
    write) write_file "$path" "$second" "$third" ;;
    remove) remove_entry "$path" "$second" ;;
    move) printf -v other %b "$second"; move_entry "$path" "$other" ;;
    link) printf -v other %b "$second"; link_entry "$path" "$other" ;;
    list) list_folder "$path" ;;
    stat) stat_entry "$path" ;;
    kill) kill_tagged "$first" ;;
    foreground) kill_foreground "$first" ;;
    *) fail 'Unknown request' ;;
  esac
done
`
