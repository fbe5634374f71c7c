import { commitOf, type Given, type GitState } from './state.ts'
import type { Refs } from './refs.ts'

/** What lets the text below hold the shell's own braces. */
const $ = '$'

/**
 * Run inside by sh: brings repositories of the workspace in line with the project's, by their own git and with its
 * locks. Nothing that the agent did by itself is taken back: a ref moves only where it still is what was given last, or
 * where the new one holds it; HEAD only where it and its branch are as given; the index only where nothing was staged.
 *
 * On standard input, for each repository, words without spaces (`-` for none): `repository FOLDER COMMIT OLD-HEAD
 * NEW-HEAD SECONDS` (of its index), then `ref NAME OLD NEW` for each ref that changed, then `end`. A new index lies in
 * `drydock/index`.
 */
export const followScript = String.raw`
command -v git >/dev/null || exit 0
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
exec 3<&0 </dev/null
own() {
  git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.filesRefLockTimeout=2000 --git-dir="$folder" "$@"
}
object() { own rev-parse --quiet --verify "$1" || echo -; }
value() { if to=$(own symbolic-ref --quiet "$1"); then echo "ref:$to"; else object "$1"; fi; }
head() { own symbolic-ref --quiet HEAD || object HEAD; }
in_project() { object "refs/remotes/project/${$}{1#refs/heads/}"; }

set_ref() {
  case $3 in
  -) own update-ref --no-deref -d "$1" ;;
  ref:*) own symbolic-ref "$1" "${$}{3#ref:}" ;;
  *) own update-ref --no-deref "$1" "$3" ;;
  esac
}

follow_ref() {
  case $1 in refs/heads/*) set_ref "refs/remotes/project/${$}{1#refs/heads/}" "$2" "$3" ;; esac
  now=$(value "$1")
  [ "$now" != "$3" ] || return 0
  [ "$3$1" != "-$at" ] || [ "$at" = "$old_head" ] || return 0
  if [ "$now" != "$2" ]; then
    case $1 in refs/heads/*) ;; *) return 0 ;; esac
    case $now$3 in *-*) return 0 ;; esac
    own merge-base --is-ancestor "$now" "$3" || return 0
  fi
  set_ref "$1" "$now" "$3"
}

follow_head() {
  [ "$at" = "$old_head" ] && [ "$at" != "$new_head" ] || return 0
  case $at in refs/*) [ "$(object "$at")" = "$(in_project "$at")" ] || return 0 ;; esac
  case $new_head in
  refs/*) own symbolic-ref HEAD "$new_head" ;;
  *) own update-ref --no-deref HEAD "$new_head" ;;
  esac
}

staged() { GIT_INDEX_FILE=$1 own ls-files --stage | own hash-object --stdin; }
is_as_given() {
  [ -e "$folder/index" ] || return 0
  cmp -s "$folder/index" "$folder/drydock/given" && return 0
  [ "$before" = - ] || ! own diff-index --cached --quiet "$before" -- || return 0
  [ "$(staged "$folder/index")" = "$(staged "$folder/drydock/given")" ]
}
lock() {
  tries=0
  until (set -C && : >"$folder/index.lock") 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || return 1
    sleep 0.1
  done
}
follow_index() {
  after=$(object HEAD)
  [ "$after" = "$commit" ] || return 0
  lock || return 0
  if is_as_given; then
    if [ "$seconds" = - ]; then rm -f "$folder/index"
    elif [ -e "$folder/drydock/index" ]; then
      cp "$folder/drydock/index" "$folder/index.lock" && touch -d "@$seconds" "$folder/index.lock" &&
        mv -f "$folder/index.lock" "$folder/index" && mv -f "$folder/drydock/index" "$folder/drydock/given"
    fi
    rm -f "$folder/index.lock"
  else
    rm -f "$folder/index.lock"
    [ "$before" != "$after" ] && [ "$after" != - ] || return 0
    { [ "$before" != - ] && own read-tree -i -m "$before" "$after"; } || own read-tree "$after"
  fi
}

while read -r what name old new head seconds <&3; do
  case $what in
  repository)
    folder=$name commit=$old old_head=$new new_head=$head
    time=$seconds at=$(head) before=$(object HEAD)
    ;;
  ref) follow_ref "$name" "$old" "$new" ;;
  end)
    seconds=$time
    follow_head
    follow_index
    ;;
  esac
done
`

/** The script's input for one repository at `folder` inside. */
export function followLines(folder: string, given: Given, state: GitState): string {
  const seconds = state.indexStamp === '' ? '-' : String(Number(state.indexStamp.split(':')[0]) / 1e9)
  const changed = changedRefs(given.refs, state.refs).map((words) => ['ref', ...words])
  const lines = [['repository', folder, commitOf(state) ?? '-', given.head, state.head, seconds], ...changed, ['end']]
  return lines.map((words) => `${words.join(' ')}\n`).join('')
}

function changedRefs(before: Refs, after: Refs): [name: string, old: string, now: string][] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name): [string, string, string][] => {
    const [old, now] = [before[name] ?? '-', after[name] ?? '-']
    return old === now ? [] : [[name, old, now]]
  })
}
