import { processes } from './loop-processes.ts'

/** What lets the text below hold bash's own braces. */
const $ = '$'

/**
 * The program at the inner end of a channel (lib/sandbox/channel.ts): a bash loop that reads one request a line,
 *
 *     ID REQUEST ARGUMENT…
 *
 * and does it. Numbers come as they are, names as octal for `printf %b`, so that a request is plain ASCII whatever a
 * name holds. What a request gives goes to standard output; standard error has what its programs say in the C locale,
 * and then, on a line of its own, how it ended:
 *
 *     =ID STATUS BYTES      ok | fail | broken; bytes on standard output besides those that dd reports
 */
export const loop = String.raw`
unset DRYDOCK_LOOP
export LC_ALL=C
umask 022
# What helps may end at any time, and must not take this with it.
trap '' PIPE

reply() { printf '\n=%s %s %s\n' "$id" "$1" "${$}{2:-0}" >&2; }
fail() { printf '%s' "$1" >&2; reply fail; }
there() { [[ -e $1 || -L $1 ]]; }
folder() {
  [[ -d $1 ]] && return
  if there "${$}{1%/}"; then printf 'Not a directory' >&2; return 1; fi
  mkdir -p -- "$1" </dev/null
}
program() { if "$@" </dev/null >/dev/null; then reply ok; else reply fail; fi; }

# path offset length
read_file() {
  if [[ -d $1 ]]; then fail 'Is a directory'; return; fi
  if [[ -e $1 && ! -f $1 ]]; then fail 'Not a regular file'; return; fi
  local got=0
  if (($2 == 0)) && [[ -r $1 ]]; then
    read_small "$3" <"$1" && { reply ok "$got"; return; }
  fi
  if dd if="$1" bs=131072 iflag=skip_bytes,count_bytes,nonblock skip="$(($2 + got))" count="$(($3 - got))" </dev/null; then
    reply ok "$got"
  else
    reply fail "$got"
  fi
}

# Copies what is small without starting a program. A NUL ends a piece; what has many of them is left to dd, as is the
# rest of what is large.
read_small() {
  local piece most round
  for round in {1..16}; do
    most=$(($1 - got < 65536 - got ? $1 - got : 65536 - got))
    ((most > 0)) || break
    if IFS= read -r -d '' -n "$most" piece; then
      printf %s "$piece"
      ((got += ${$}{#piece}))
      ((${$}{#piece} == most)) || { printf '\0'; ((got += 1)); }
    else
      printf %s "$piece"
      ((got += ${$}{#piece}))
      return 0
    fi
  done
  ((got == $1))
}

# A request that is refused still takes its payload, or the payload would be read as requests.
refuse() {
  dd of=/dev/null bs=131072 iflag=fullblock,count_bytes count="$size" status=none
  read -r
  if (($# > 0)); then fail "$1"; else reply fail; fi
}

# Gives a file its mode (-: it keeps what it has, =: that of what it takes the place of) and its name. To start a program
# is most of what a write costs: a perl does it that stays, where there is one.
settle() {
  local mark=$SRANDOM said
  if [[ ! $settling ]]; then
    settling=1
    coproc settler { exec perl -e "$settle_by_perl" 2>/dev/null; }
  fi
  if [[ ${$}{settler[1]-} ]] && printf '%s\0' "$mark" "$1" "$2" "$3" >&"${$}{settler[1]}" && IFS= read -r said <&"${$}{settler[0]}"; then
    # Somebody else speaks in its place.
    [[ $said == "$mark "* ]] || exit
    [[ $said == *' ok' ]] && return
    printf %s "${$}{said#* }" >&2
    return 1
  fi
  case $3 in
    -) ;;
    =) chmod --reference="$2" -- "$1" ;;
    *) chmod "$3" -- "$1" ;;
  esac </dev/null && mv -fT -- "$1" "$2" </dev/null
}
settling=
settle_by_perl='
  $/ = "\0"; $| = 1;
  while (defined($mark = <STDIN>)) {
    ($from, $to, $mode) = map { scalar <STDIN> } 1..3;
    chomp($mark, $from, $to, $mode);
    $mode = $mode eq "=" ? sprintf("%o", (stat $to)[2] & 07777) : $mode;
    $done = ($mode eq "-" || chmod(oct $mode, $from)) && rename($from, $to);
    print "$mark ", ($done ? "ok" : $!), "\n";
  }
'

# path mode size plain(0|1) replace(0|1); the payload follows the line, and a line after that tells that it was whole
write_file() {
  local path=$1 mode=$2 size=$3 plain=$4 replace=$5 written=1 temporary out payload whole
  if ((replace)); then
    if [[ -d $path && ! -L $path ]]; then rm -rf -- "$path" </dev/null; fi
  elif [[ -L $path ]]; then
    path=$(readlink -m -- "$path" </dev/null && printf x)
    path=${$}{path%$'\n'x}
  fi
  if [[ -d $path && ! -L $path ]]; then refuse 'Is a directory'; return; fi
  if ((! replace)) && [[ -e $path ]]; then
    if [[ ! -f $path ]]; then refuse 'Not a regular file'; return; fi
    if [[ ! -w $path ]]; then refuse 'Permission denied'; return; fi
  fi
  folder "${$}{path%/*}/" || { refuse; return; }
  temporary="${$}{path%/*}/.drydock-$BASHPID-$SRANDOM.tmp"
  set -C
  { exec {out}>"$temporary"; } || { set +C; refuse; return; }
  set +C
  [[ $mode == - && -e $path ]] && mode==
  if ((plain)); then
    IFS= read -r -N "$size" payload
    printf %s "$payload" >&"$out" || written=
  elif ! dd bs=131072 iflag=fullblock,count_bytes count="$size" status=none >&"$out"; then
    rm -f -- "$temporary" </dev/null
    reply broken
    exit
  fi
  exec {out}>&-
  read -r whole
  if [[ $whole != whole ]]; then
    rm -f -- "$temporary" </dev/null
    exit
  fi
  if [[ $written ]] && settle "$temporary" "$path" "$mode"; then
    reply ok
  else
    rm -f -- "$temporary" </dev/null
    reply fail
  fi
}

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
  if ! there "$1"; then fail 'No such file or directory'; return; fi
  if there "$2"; then fail 'File exists'; return; fi
  folder "${$}{2%/*}/" || { reply fail; return; }
  program mv -T -- "$1" "$2"
}

# path target
link_entry() {
  if [[ -d $1 && ! -L $1 ]]; then fail 'Is a directory'; return; fi
  folder "${$}{1%/*}/" || { reply fail; return; }
  program ln -sfT -- "$2" "$1"
}

# An entry is "TYPE SIZE MODE MTIME TARGET" NUL name NUL; one more NUL ends the list.
entries() { find "$@" -printf '%y %s %m %T@ %l\0%f\0' </dev/null; }

list_folder() {
  if ! there "$1"; then fail 'No such file or directory'; return; fi
  if [[ ! -d $1 ]]; then fail 'Not a directory'; return; fi
  if [[ ! -r $1 || ! -x $1 ]]; then fail 'Permission denied'; return; fi
  # An entry that goes while it is listed is said, and is no failure.
  entries -H "$1" -mindepth 1 -maxdepth 1
  printf '\0'
  reply ok
}

stat_entry() { if entries "$1" -maxdepth 0; then printf '\0'; reply ok; else reply fail; fi; }

${processes}
while read -r id request first second third; do
  printf -v path %b "$first"
  case $request in
    read) read_file "$path" "$second" "$third" ;;
    write) write_file "$path" "$second" $third ;;
    remove) remove_entry "$path" "$second" ;;
    move) printf -v other %b "$second"; move_entry "$path" "$other" ;;
    link) printf -v other %b "$second"; link_entry "$path" "$other" ;;
    list) list_folder "$path" ;;
    stat) stat_entry "$path" ;;
    kill) kill_tagged "$first" "$second" ;;
    command) kill_command "$first" "$second" "$third" ;;
    signal) signal_process "$first" "$second $third" ;;
    tagged) list_tagged "$first" ;;
    room) room ;;
    sum) sum_up ;;
    look) look "$first $second $third" ;;
    *) fail 'Unknown request' ;;
  esac
done
`
