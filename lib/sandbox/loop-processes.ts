/** What lets the text below hold bash's own braces. */
const $ = '$'

/**
 * The part of the loop (loop.ts) that looks at processes and ends them. But for `room` it uses nothing but builtins: it has to work where
 * the limit of processes is reached and no fork succeeds. A tag is given by its beginning.
 */
export const processes = String.raw`
# tag session
# Ends every process that carries the tag or is in the session.
kill_tagged() {
  is_meant() { tagged "$1" "$tag_meant" || in_session "$1" "$session_meant"; }
  local tag_meant=$1 session_meant=$2
  kill_meant
}

# tag shell-tag "shell pid…"
# Ends what a command of the shell's has started: what carries the tag, and parts of the shell itself, which carry the shell's
# own until they start a program. Those of earlier commands are named, and left alone with what they have started.
kill_command() {
  local tag_meant=$1 shell_tag=$2 shell earlier
  read -r shell earlier <<<"$3"
  is_meant() { tagged "$1" "$tag_meant" || { tagged "$1" "$shell_tag" && ! is_earlier "$1"; }; }
  kill_meant
}

# pid; the shell itself is none of the command's either
is_earlier() {
  local at=$1
  [[ $at == "$shell" ]] && return
  while ((at > 1 && at != shell)); do
    [[ " $earlier " == *" $at "* ]] && return
    stat_of "$at" || break
    at=${$}{fields[1]}
  done
  return 1
}

# They are stopped first, until none is left that was not seen: what is stopped cannot start another one. What shows no
# environment may be about to start a program; it is looked at again, as long as that takes.
kill_meant() {
  local round pid more unsure=0
  local -A seen=()
  for round in {1..50}; do
    more= bare=
    for pid in /proc/[0-9]*; do
      pid=${$}{pid#/proc/}
      [[ -n ${$}{seen[$pid]} ]] && continue
      if is_meant "$pid"; then kill -STOP "$pid" && seen[$pid]=1 && more=1; fi
    done 2>/dev/null
    [[ -z $more && (-z $bare || $((++unsure)) -gt 3) ]] && break
  done
  for pid in "${$}{!seen[@]}"; do kill -KILL "$pid"; done 2>/dev/null
  # It takes a moment, in which it may show no environment any more and yet be there for its parent.
  for round in {1..200}; do
    for pid in "${$}{!seen[@]}"; do stat_of "$pid" && [[ ${$}{fields[0]} != [ZX] ]] || unset "seen[$pid]"; done 2>/dev/null
    ((${$}{#seen[@]})) || break
  done
  reply ok
}

# pid tag; the whole tag is then in $tag, and something in $bare where a process shows no environment though it has not ended
tagged() {
  local some=
  while IFS= read -r -d '' tag; do
    [[ $tag == "DRYDOCK_TAG=$2"* ]] && return
    some=1
  done <"/proc/$1/environ"
  [[ -z $some && -r /proc/$1/environ ]] && stat_of "$1" && [[ ${$}{fields[0]} != Z ]] && bare=1
  return 1
}

# pid; what follows the name in its stat is then in $fields: a name may hold anything
stat_of() {
  local stat
  fields=()
  IFS= read -r -d '' stat <"/proc/$1/stat"
  read -r -a fields <<<"${$}{stat##*) }"
  [[ -n $fields ]]
}

in_session() { [[ -n $2 ]] && stat_of "$1" && ((fields[3] == $2)); }

# pid "name…"
signal_process() {
  local name
  for name in $2; do kill -"$name" "$1"; done 2>/dev/null
  reply ok
}

# A process is "PID TAG PARENT" NUL, a space and its words, NUL; one more NUL ends the list.
list_tagged() {
  local pid tag word words
  for pid in /proc/[0-9]*; do
    pid=${$}{pid#/proc/}
    tagged "$pid" "$1" || continue
    words=
    while IFS= read -r -d '' word; do words+="$word "; done <"/proc/$pid/cmdline"
    stat_of "$pid"
    printf '%s %s %s\0 %s\0' "$pid" "${$}{tag#*=}" "${$}{fields[1]:-0}" "${$}{words:0:1000}"
  done 2>/dev/null
  printf '\0'
  reply ok
}

# The one that starts a program: it is asked when something has failed.
room() {
  stat --file-system --printf '%n %a %b %S\0' /tmp /var/tmp /dev/shm </dev/null 2>/dev/null
  printf '\0'
  reply ok
}

# Kilobytes, threads and ticks of all processes together.
sum_up() {
  local pid text memory=0 threads=0 ticks=0
  for pid in /proc/[0-9]*; do
    stat_of "${$}{pid#/proc/}" || continue
    ((ticks += fields[11] + fields[12], threads += fields[17]))
    IFS= read -r -d '' text <"$pid/status"
    [[ $text =~ VmRSS:[[:space:]]+([0-9]+) ]] && ((memory += BASH_REMATCH[1]))
  done 2>/dev/null
  printf '%s\0%s\0%s\0\0' "$memory" "$threads" "$ticks"
  reply ok
}

# Names of files in /sys/fs/cgroup. Those that are there are "NAME TEXT" NUL; "processes" has the number of processes.
look() {
  local name text
  for name in $1; do
    text=
    IFS= read -r -d '' text <"/sys/fs/cgroup/$name"
    [[ -z $text ]] || printf '%s %s\0' "$name" "$text"
  done 2>/dev/null
  set -- /proc/[0-9]*
  printf 'processes %s\0\0' $#
  reply ok
}
`
