/** What runs commands outside the sandbox once it lies in the project: by whom, and how its paths look. */
const kinds: [RegExp, string][] = [
  [/(?:^|\/)\.gitattributes$/, 'git takes from it which programs to run on files'],
  [/(?:^|\/)\.gitmodules$/, 'git takes from it where to fetch from'],
  // A folder with these is a repository to git, also to one that is only asked how things stand, as by a shell's prompt.
  [/(?:^|\/)(?:head|config|config\.worktree|commondir)$/, 'git runs what it says where its folder looks like a repository'],
  [/(?:^|\/)[^/]+\.git\//, 'git runs what it says where its folder looks like a repository'],
  [/(?:^|\/)\.(?:hg|sl|bzr|svn|jj)(?:\/|$)/, 'a version control system runs what it says'],
  [/(?:^|\/)(?:\.husky|\.?githooks|\.?git-hooks|hooks)(?:\/|$)/, 'git may run it as a hook'],
  [/(?:^|\/)(?:\.?lefthook(?:-local)?\.(?:ya?ml|toml|json)|\.pre-commit-config\.yaml)$/, 'git runs what it names as hooks'],
  [/(?:^|\/)\.(?:github|gitea|forgejo)\/(?:workflows|actions)(?:\/|$)/, 'a CI service runs it'],
  [/(?:^|\/)\.(?:circleci|buildkite|woodpecker|teamcity|semaphore)(?:\/|$)/, 'a CI service runs it'],
  [/(?:^|\/)(?:\.gitlab-ci|\.travis|\.drone|\.cirrus|\.?appveyor|\.woodpecker|azure-pipelines|bitbucket-pipelines)\.ya?ml$/, 'a CI service runs it'],
  [/(?:^|\/)jenkinsfile$/, 'a CI service runs it'],
  [/(?:^|\/)(?:\.vscode|\.idea|\.run|\.fleet|\.zed)(?:\/|$)/, 'your editor may run what it says'],
  [/(?:^|\/)[^/]+\.code-workspace$/, 'your editor may run what it says'],
  [/(?:^|\/)(?:\.devcontainer(?:\/|$)|\.devcontainer\.json$)/, 'your editor may run what it says'],
  [/(?:^|\/)\.(?:exrc|g?vimrc|nvimrc|lvimrc|nvim\.lua|dir-locals(?:-2)?\.el)$/, 'your editor may run what it says'],
  [/(?:^|\/)(?:\.(?:claude|cursor|codex|gemini|windsurf|continue|opencode|roo|kiro)(?:\/|$)|\.mcp\.json$)/, 'another coding agent may run what it says'],
  [/(?:^|\/)\.envrc$/, 'your shell may run it when you enter the folder'],
] // prettier-ignore

/** Why a path wants a yes of its own before it is applied, as a sentence; undefined where it does not. */
export function sensitivity(path: string): string | undefined {
  const plain = path.normalize('NFC').toLowerCase()
  const kind = kinds.find(([pattern]) => pattern.test(plain))
  return kind && `It can run commands outside the sandbox: ${kind[1]}.`
}
