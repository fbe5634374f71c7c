import { escaped, lendingSetup } from './shell-lent.ts'
import { events } from './usage.ts'

/** What lets the text below hold bash's own braces. */
const $ = '$'

/** What makes the shell give up the command at work, whatever that has made of SIGINT. */
export const cancelSignal = 'RTMAX'

/**
 * The line that makes a bash ours: no echo, no history, and the functions that print marks with the nonce (marks.ts). They
 * write to the terminal itself, whatever became of the shell's own output, and say nothing of themselves, whatever options
 * were set. Their names are their own: one that a command has made read-only would end them.
 */
export function shellSetup(nonce: string): string {
  const say = (mark: string) => `builtin printf '\\033]133;${nonce};${mark}\\007'`
  return [
    'stty -echo -onlcr',
    'set +o history +o histexpand',
    'enable -n suspend',
    'export -n PROMPT_COMMAND',
    '__drydock_id=0 __drydock_command= __drydock_terminal=',
    '__drydock_run() { local -; set +exuv; __drydock_id=$1 __drydock_terminal=$3; export DRYDOCK_TAG=$2',
    '__drydock_prompt; [[ -z $3 ]] || stty sane </dev/tty',
    `${say('C;%s')} "$1" >/dev/tty; }`,
    '__drydock_prompt() { unset PROMPT_COMMAND PS0 PS1 PS2',
    'builtin printf -v PROMPT_COMMAND %s "{ __drydock_mark; } &>/dev/null"; }',
    // Neither forks but where the terminal was handed over: they must work where no process is left.
    '__drydock_mark() { local - __drydock_status=$? __drydock_at=$PWD; set +exuvf; [[ $__drydock_id ]] || return 0',
    '__drydock_command=; [[ -z $__drydock_terminal ]] || stty sane -echo -onlcr </dev/tty',
    // A line given up between a fork and its wait leaves the group of that to the next; of what was killed nobody need hear.
    '[[ $1 ]] || { (:); builtin jobs; }',
    // What was typed and not taken would be the next command.
    'for _ in {1..64}; do builtin read -r -t 0 && builtin read -r -t 0.01 -n 4096 _ || break; done </dev/tty',
    ...escaped('__drydock_at'),
    `__drydock_trace; ${say('D;%s;%s;%s')} "$__drydock_id" "$__drydock_status" "$__drydock_at" >/dev/tty`,
    'unset DRYDOCK_TAG; __drydock_id= __drydock_terminal=; __drydock_prompt; }',
    // Bash gives up the whole line at a SIGINT that is not trapped. Once a command: what comes then is the mark.
    '__drydock_cancel() { [[ $__drydock_id && $__drydock_id != "$__drydock_cancelled" ]] || return 0',
    '__drydock_cancelled=$__drydock_id; builtin trap - INT; builtin kill -INT $$; }',
    `__drydock_cancelled=; trap '{ __drydock_cancel; } &>/dev/null' ${cancelSignal}`,
    // How many processes there are, and what the kernel counts, where it shows that inside.
    '__drydock_trace() { local IFS= __drydock_file __drydock_text; [[ -z $GLOBIGNORE ]] || local GLOBIGNORE=',
    'set -- /proc/[0-9]*; __drydock_at+=";$#"',
    `for __drydock_file in ${events.join(' ')}; do [[ -r /sys/fs/cgroup/$__drydock_file ]] || continue`,
    'builtin mapfile __drydock_text <"/sys/fs/cgroup/$__drydock_file"; __drydock_text=${__drydock_text[*]}',
    String.raw`__drydock_at+=";$__drydock_file ${$}{__drydock_text//$'\n'/%0A}"; done; }`,
    ...lendingSetup(nonce, say),
    '__drydock_prompt\n',
  ].join('; ')
}
