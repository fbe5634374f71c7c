/** What lets the text below hold bash's own braces. */
const $ = '$'

/**
 * The functions that make a shell the person's and ours again, for shell-setup.ts: a prompt, line editing and a history, in
 * which lines that begin with a blank are not kept. `say` makes the command that prints a mark.
 */
export function lendingSetup(nonce: string, say: (mark: string) => string): string[] {
  const prompts = String.raw`PS1="\[\e[2m\]\w\[\e[m\] \\$ " PS2="\[\e]133;${nonce};M;$1\a\]> " PS0="\e]133;${nonce};B;$1\a"`
  return [
    '__drydock_lend() { PROMPT_COMMAND="{ __drydock_typed; } &>/dev/null" HISTFILE= HISTCONTROL=ignorespace IGNOREEOF=9',
    prompts,
    'set -o history; set -o emacs; }',
    '__drydock_typed() { local - __drydock_status=$? __drydock_at=$PWD __drydock_number= __drydock_line=; set +exuvf',
    '__drydock_line=$(HISTTIMEFORMAT= builtin history 1)',
    `builtin read -r __drydock_number __drydock_line <<<"${$}{__drydock_line:0:600}"`,
    ...escaped('__drydock_at'),
    ...escaped('__drydock_line'),
    `${say('P;%s;%s;%s;%s;%s')} "$__drydock_id" "$__drydock_status" "$__drydock_at" ` +
      `"${$}{__drydock_number%\\*}" "$__drydock_line" >/dev/tty; }`,
    '__drydock_return() { set +o emacs; set +o vi; set +o history; unset IGNOREEOF; __drydock_prompt; }',
  ]
}

/** Makes a variable's text fit for a field of a mark. */
export function escaped(name: string): string[] {
  return ['%/%25', ';/%3B', String.raw`$'\n'/%0A`, String.raw`$'\e'/%1B`, String.raw`$'\a'/%07`].map(
    (change) => `${name}=${$}{${name}//${change}}`,
  )
}
